"""What Streamlit runs for each visitor. Not beside pages/, which Streamlit would then serve."""

from iomdash.web.site import run

run()
