"""Raw counts of interviews to what may be shown of them."""
