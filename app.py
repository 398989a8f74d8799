"""The ASGI entry: doors around the Streamlit script. `python -m iomdash serve` runs it."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parent))  # where pages/ lie, installed or not

from iomdash import site
from iomdash.site.navigation import titles
from iomdash.site.served import around
from iomdash.site.taken import ROUTES
from iomdash.site.warm import kept_warm

app = st.App(Path(site.__path__[0]) / "script.py", lifespan=kept_warm, **around(titles(), ROUTES))
