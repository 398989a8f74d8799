"""What Streamlit runs for each visitor of the workbench."""

from iomdash.workbench.navigation import run

run()
