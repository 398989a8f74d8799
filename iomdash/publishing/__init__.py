"""Vault to release: counted, protected, judged, written, attacked, pointed to."""
