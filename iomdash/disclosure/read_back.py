"""A release read back as the attacker reads it: every figure in it as a cell."""

from collections.abc import Iterator, Mapping, Sequence

from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import EVERYONE, KEY, Group
from iomdash.disclosure.attacker.linked import Key
from iomdash.disclosure.figures import Cell, exact
from iomdash.disclosure.interviews.tallies import CODE, CROSSED, PAIR, PROFILE, RECRUITMENT, SILENT
from iomdash.release.file import Row
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.vault.ledger import APPROACH, INTERVIEW

CellsByWave = Mapping[tuple[str, Key], tuple[Cell, ...]]

KIND = {CODE: INTERVIEW, PROFILE: INTERVIEW, PAIR: INTERVIEW, RECRUITMENT: APPROACH}


@remembered(1)
def cells(release: Release) -> CellsByWave:
    """Cells by wave and tally; each says the release's number."""
    by_tally: dict[tuple[str, Key], list[Cell]] = {}
    for key, cell in _all(release, str(release.number)):
        by_tally.setdefault((cell.group.wave, key), []).append(cell)
    return {where: tuple(some) for where, some in by_tally.items()}


def together(all_cells: Sequence[CellsByWave]) -> CellsByWave:
    """Cells of several releases as one."""
    by_tally: dict[tuple[str, Key], tuple[Cell, ...]] = {}
    for cells in all_cells:
        for where, some in cells.items():
            by_tally[where] = (*by_tally.get(where, ()), *some)
    return by_tally


def groups(release: Release) -> Mapping[str, tuple[Group, ...]]:
    """Groups of which any figure is shown, by kind of people."""
    interviews = [group for group, size in release.sizes.items() if size.n is not None]
    rows = release.rows("select distinct wave, cohort from recruitment order by all")
    approaches = [Group(row["wave"], row["cohort"]) for row in rows]
    return {INTERVIEW: tuple(interviews), APPROACH: tuple(approaches)}


def _all(release: Release, number: str) -> Iterator[tuple[Key, Cell]]:
    for row in release.rows("select * from codes where hidden is null"):
        for cell in _code(row, number):
            yield (CODE, row["code"], row["among"]), cell
    for row in release.rows("select * from pairs"):
        key = (PAIR, f"{row['one']} x {row['other']}", "")
        for part in CROSSED:
            yield key, exact(_group(row), [part], row[part], number)
    for row in release.rows("select * from profile"):
        yield (PROFILE, row["field"], ""), _answer(row, number)
    for row in release.rows("select * from recruitment"):
        yield (RECRUITMENT, "outcomes", ""), _answer(row, number)


def _code(row: Row, number: str) -> Iterator[Cell]:
    group = _group(row)
    if row["band"] is not None:
        yield Cell(group, STANCES[:1], row["least"], row["most"], number)
        return
    shown = [stance for stance in STANCES if row[stance] is not None]
    for stance in shown:
        yield exact(group, [stance], row[stance], number)
    if row["among"]:
        every = (*STANCES, SILENT)
        yield exact(group, every, row["n"], number)
        if len(shown) == len(STANCES):
            yield exact(group, [SILENT], row["n"] - sum(row[s] for s in STANCES), number)


def _group(row: Row) -> Group:
    return Group(*(row[name] for name in KEY))


def _answer(row: Row, number: str) -> Cell:
    group = Group(row["wave"], row["cohort"], EVERYONE, EVERYONE)
    return exact(group, row["parts"], row["n"], number)
