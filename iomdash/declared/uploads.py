"""What may be uploaded: kinds of files by the ends of their names, and how large they may be."""

LARGEST = 200 * 2**20  # bytes: three million codings
# Tables as programs save them; .xls for the words on how to save it anew; .toml is a list of names.
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet", ".toml")
