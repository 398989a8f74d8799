"""What processes of tests need that takes long to import, imported once for all: see `served.py`.

Nothing is run here that begins threads, of which a forked process has none.
"""

import streamlit.web.cli as command

from iomdash import cli
from iomdash.intake.contracts import suite
from iomdash.publishing import publish
from iomdash.site import navigation, served, taken
from iomdash.vault import writer

ALL = (command, cli, publish, navigation, served, taken, writer)
suite._imported()
