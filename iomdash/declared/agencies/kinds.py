"""Everything that a measure may count, whether anybody has it or not: a kind that is missing from
a release would say that nobody has it, in any group.
"""

from collections.abc import Iterator
from itertools import product

from iomdash.declared import places, scheme
from iomdash.declared.agencies.measure import MONTH, Measure
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import EVERYONE

STEPS = ("referred", "started")
LEFT = "left"


def kinds(measure: Measure) -> Iterator[tuple[str, ...]]:
    """The values of the measure's own dimensions, then what, of all that it may publish.

    Left out is what depends on records alone: the months of a curve, and the years around adoption.
    """
    if MONTH in measure.dimensions:
        return
    whats = [w for w in measure.whats if w not in {*measure.unpublished, *measure.same}]
    for cut in measure.cuts:
        if all(_values(name) for name in cut):
            for chosen, what in product(product(*map(_values, cut)), whats):
                own = dict(zip(cut, chosen, strict=True))
                # Whoever has not left has no reason.
                if "reason" not in own or what == LEFT:
                    yield (*(own.get(name, EVERYONE) for name in measure.dimensions), what)


def _values(dimension: str) -> tuple[str, ...]:
    """What a dimension may be, as codebook, contracts and the partnership declare it; () where
    records alone say.
    """
    listed = {
        "reason": [reason.id for reason in scheme.LEAVING],
        "pathway": [pathway.id for pathway in scheme.PATHWAYS],
        "site": [site.name for site in places.declared().sites],
        "joint": _allowed("appointments", "joint"),
        "step": STEPS,
        "agency": [agency.key for agency in scheme.AGENCIES],
        "risk": _allowed("domestic_incidents", "risk"),
        "substance": _allowed("treatments", "substance"),
        "kind": _allowed("programmes", "kind"),
    }
    return tuple(listed.get(dimension, ()))


def _allowed(table: str, column: str) -> tuple[str, ...]:
    [found] = (c for c in odcs.load(table).columns if c.name == column)
    return found.allowed
