"""Microdata, for analysts only: one writer at a time, one transaction a load."""
