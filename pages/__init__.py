"""One module per kind of page. Each defines functions and runs nothing when imported."""
