"""A file on its way in: read as text, held against its contract, under pseudonyms."""
