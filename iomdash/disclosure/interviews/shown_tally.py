"""What is shown of one tally in its form: cells for the attacker, rows for the release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iomdash.declared.groups import Group
from iomdash.disclosure.figures import Cell, exact
from iomdash.disclosure.interviews.detail import Form
from iomdash.disclosure.interviews.tallies import Counted
from iomdash.disclosure.policy import Band, Bands
from iomdash.disclosure.population import Population

Row = Mapping[str, object]


@dataclass(frozen=True)
class ShownTally:
    """What is shown of one tally: its form, and the cells that a reader gets."""

    counted: Counted
    form: Form
    cells: tuple[Cell, ...]

    def count(self, group: Group, world: Population) -> dict[tuple[str, ...], int]:
        """People of a group by answers as they are shown."""
        mask = world.mask(group)
        return {answers: self.counted.count(mask, answers) for answers in self.counted.shown}


def band_of(bands: Bands, count: int, size: int) -> Band:
    """The band in which a count of so many people lies."""
    return next(band for band in bands if count in band.counts(size))


def cells_of(counted: Counted, form: Form, world: Population) -> Iterator[Cell]:
    """What a reader would get of a tally in a form."""
    for group in form.exact:
        mask = world.mask(group)
        for answers in counted.shown if group in form.full else counted.shown[:1]:
            yield exact(group, answers, counted.count(mask, answers))
        if counted.tally.among:
            everybody = counted.tally.answers
            yield exact(group, everybody, counted.count(mask, everybody))
    for group in form.banded:
        mask = world.mask(group)
        yes = counted.shown[0]
        numbers = band_of(form.bands, counted.count(mask, yes), world.size(mask)).counts(
            world.size(mask)
        )
        yield Cell(group, yes, numbers[0], numbers[-1])


def answer_rows(
    kept: ShownTally, world: Population, *, name: str = "answer", **more: object
) -> Iterator[Row]:
    """Rows wave, cohort, the answer by its name, parts, n and merged of groups that are shown."""
    for group in kept.form.exact:
        for answers, n in kept.count(group, world).items():
            yield {
                "wave": group.wave, "cohort": group.cohort, **more, name: " or ".join(answers),
                "parts": list(answers), "n": n, "merged": len(answers) > 1,
            }  # fmt: skip
