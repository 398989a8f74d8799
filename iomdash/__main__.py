"""`python -m iomdash`."""

import sys

from iomdash.cli import main

sys.exit(main())
