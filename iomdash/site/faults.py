"""What a reader is told where something is wrong that is not theirs to mend."""

import streamlit as st

OUT_OF_ORDER = (
    "No figures can be shown at present. This is no fault of yours, and nothing is lost. Whoever "
    "runs the site finds the reason in its log; please try again later."
)


def broken(_: Exception) -> bool:
    """A fault of the program as a sentence; the server has logged its kind and place."""
    st.error(OUT_OF_ORDER)
    return True
