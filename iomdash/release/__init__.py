"""Releases as readers open them: pages, packs and commands read nothing else."""
