"""What to do first, and where the data stand."""

import streamlit as st

from iomdash import settings


def page() -> None:
    """The page Start."""
    st.title("Workbench")
    st.write(f"Data folder: {settings.data_dir()}")
