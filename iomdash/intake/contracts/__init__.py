"""Rules asked of rows inside DuckDB: a file that keeps them all, or every cell that does not."""
