"""What Streamlit runs for each visitor. Not beside pages/, which Streamlit would then serve."""

from iomdash.site.navigation import run

run()
