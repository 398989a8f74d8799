"""What is counted of agencies' records: each measure declared in words, as findings are."""

from iomdash.recorded.declared import MEASURES, MONTH, WHOLE
from iomdash.recorded.model import Measure

BY_ID = {measure.id: measure for measure in MEASURES}

__all__ = ["BY_ID", "MEASURES", "MONTH", "WHOLE", "Measure"]
