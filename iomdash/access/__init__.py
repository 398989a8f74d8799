"""Who somebody is, what was done, and whether this machine may serve it: no page, no data."""
