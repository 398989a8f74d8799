"""What is counted of agencies' records: each measure declared in words, as findings are."""

from iomdash.declared.agencies.measure import Measure
from iomdash.declared.agencies.measures import MEASURES, MONTH, WHOLE, WORKED_OUT

BY_ID = {measure.id: measure for measure in MEASURES}

__all__ = ["BY_ID", "MEASURES", "MONTH", "WHOLE", "WORKED_OUT", "Measure"]
