"""Agencies' files: a module for each agency, which says what its files look like."""
