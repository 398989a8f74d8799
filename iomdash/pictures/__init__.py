"""Charts, a module per family; each takes protected figures and gives a `Picture`."""
