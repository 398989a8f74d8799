"""Questions to the vault, an SQL file each, answered in whole numbers. Nothing here divides."""
