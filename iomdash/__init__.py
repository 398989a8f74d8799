"""What service users say and what agencies record, held against data in every release."""

import os

__version__ = "0.1.0"

# Great Expectations reads this once, when it is first imported.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
