"""What processes of tests need that takes long to import: `processes` imports it once for all.

Nothing is run here that begins threads, of which a forked process has none.
"""

from iomdash.intake.contracts import suite
from iomdash.vault import writer as writer

suite._imported()
