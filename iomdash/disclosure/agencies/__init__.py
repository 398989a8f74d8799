"""Raw counts of agencies' records to what may be shown of them."""
