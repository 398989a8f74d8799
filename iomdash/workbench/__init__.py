"""The analyst's pages: files in, what they would change, publishing, and the way back.

They read the vault, so they are an application of their own, which the board's server never runs.
"""
