"""The ASGI entry of the server with the workbench. `iomdash serve --workbench` runs it."""

import sys
from pathlib import Path

import streamlit as st

from iomdash import settings

sys.path.insert(0, str(settings.PROJECT))  # where pages/ lie, installed or not

from iomdash.intake.contracts import suite
from iomdash.site.served import around
from iomdash.site.taken import ROUTES
from iomdash.workbench import folder
from iomdash.workbench.navigation import titles

# Once for the server: what a first check would wait for, and what a killed server left.
suite.warm()
folder.sweep(settings.data_dir())

app = st.App(Path(__file__).with_name("script.py"), **around(titles(), ROUTES, workbench=True))
