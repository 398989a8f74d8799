"""Contract to passed, or every broken cell by file, row and column.

The rules run inside DuckDB over the loader's own connection: first for a yes or no per rule, then,
for the rules that failed only, for the rows that broke them. Warnings are asked of a file that no
error refuses.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb

from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.contracts.rules import Rule
from iomdash.errors import MOST_BREAKS, Break, ContractBroken, Kind
from iomdash.intake import identifiers
from iomdash.intake.contracts import in_sql, suite
from iomdash.intake.contracts.checked import Check, Checked, Warned
from iomdash.intake.sources.matrix import OF_A_CODE, counted, heading
from iomdash.intake.sources.raw import MATRIX
from iomdash.intake.staging import Staged

# Characters of a broken cell that a message repeats: enough to find it.
_LONGEST = 60

# Rows that a warning names; it may be broken by every row of a file that is let in.
_MOST_WARNED = 10

_FIRST = (
    Check("columns", "Every required column is there."),
    Check("identifiers", "No cell and no column identifies a person directly."),
)


@dataclass(frozen=True)
class Claim:
    """A staged file and the contract that it is to keep.

    `implied` are ids of rules that a check of the cells from which these are made keeps, with what
    keeps them; they are not run.
    """

    contract: Contract
    staged: Staged
    implied: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def stage(self) -> str:
        """Named by its content: what is promoted is what was checked."""
        return f"stage_{self.staged.table}_{self.staged.part}_{self.staged.sha256[:16]}"

    def rules(self, today: date | None) -> list[Rule]:
        """The rules to be asked, as of a day."""
        return [
            _bound(rule, today or date.today())  # noqa: DTZ011
            for rule in self.contract.rules
            if rule.id not in self.implied and not _is_about_missing(rule, self.staged)
        ]

    def checked(self, asked: suite.Suite) -> Checked:
        """What no error refuses."""
        warned = tuple(_warned(asked, self.staged, self.contract))
        ran = _ran(self.contract.rules, self.implied, warned)
        return Checked(self.contract, self.staged, self.stage, (*_FIRST, *ran), warned)


def check(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    *,
    today: date | None = None,
    implied: Mapping[str, str] | None = None,
) -> Checked:
    """The staged file, checked. Raises ContractBroken with the first 1,000 broken cells.

    `implied` are as a claim has them. `con` must see the tables to which the contract refers. Call
    it outside a transaction: one SQL error inside it would abort the rest. Raises EnvironmentFault
    where a rule cannot be run.
    """
    claim = Claim(contract, staged, implied or {})
    stage = claim.stage
    staged.rows.show(con, stage)
    try:
        with (
            staged.rows.aside(con, stage, contract.key) as aside,
            suite.over(con, stage, claim.rules(today), aside) as asked,
        ):
            _demand(asked, staged, contract)
            return claim.checked(asked)
    except BaseException:
        staged.rows.hide(con, stage)
        raise


def together(
    con: duckdb.DuckDBPyConnection, claims: Sequence[Claim], *, today: date | None = None
) -> list[Checked] | None:
    """The files, checked, where all are sound, for which they are asked in one statement; None
    where any is not, and is to be asked by itself. Call it as `check`.
    """
    if any(one.staged.faults or one.staged.missing or one.staged.identified for one in claims):
        return None
    with ExitStack() as shown, ExitStack() as beside:
        asked: list[in_sql.Asked] = []
        for claim in claims:
            rows, stage = claim.staged.rows, claim.stage
            rows.show(con, stage)
            shown.callback(rows.hide, con, stage)
            aside = beside.enter_context(rows.aside(con, stage, claim.contract.key))
            asked.append(in_sql.Asked(stage, claim.rules(today), aside))
        if not suite.none_broken(con, asked):
            return None
        checked: list[Checked] = []
        for claim, its in zip(claims, asked, strict=True):
            with suite.over(con, its.stage, its.rules, its.aside) as warnings:
                checked.append(claim.checked(warnings))
        shown.pop_all()
    return checked


def _demand(asked: suite.Suite, staged: Staged, contract: Contract) -> None:
    personal = [*_personal(staged, contract)]
    absent = [*_absent(staged, contract)]
    breaks = [*staged.faults, *absent, *personal]
    counts = Counter(staged.fault_counts) + counted(absent, staged.codes)
    for (column, what), n in staged.identified_counts.items():
        counts[_identifies(column, what, contract)] += n
    # A cell that is wrong already need not be on its list too.
    known = {(fault.row, fault.column) for fault in (*staged.faults, *personal)}
    # Of a matrix, a cell beside the codes stands in a row for every code.
    most = MOST_BREAKS * max(1, len(staged.codes))
    for rule in asked.refused():
        rows, count = asked.broken(rule, most)
        new = [_break(staged, contract, rule, row, value) for row, value in rows]
        kept = [fault for fault in new if not _places(fault) & known]
        breaks += kept
        counts += counted(kept, staged.codes)
        if count > len(new):
            counts += _unlisted(asked, rule, new, count, staged, contract)
    once = _once(breaks, staged)
    if once:
        counts -= counted(breaks, staged.codes) - counted(once, staged.codes)
        raise ContractBroken(contract.table, sorted(once, key=_place), counts)


def _unlisted(
    asked: suite.Suite, rule: Rule, listed: Sequence[Break], count: int, staged: Staged,
    contract: Contract,
) -> Counter[Kind]:  # fmt: skip
    """How many of each kind broke a rule beyond those that are listed, of `count` rows."""
    header, reason = _kind(rule, contract)
    if not staged.codes or not in_sql.known(rule):
        return Counter({(header, reason): count - len(listed)})
    rows = asked.numbers(rule)
    if header in OF_A_CODE:
        each = (rows // MATRIX).value_counts().iter_rows()
        every = Counter({(heading(header, code, staged.codes), reason): n for code, n in each})
        return every - counted(listed, staged.codes)
    # A cell beside the codes stands in a row for every code, and is one.
    told = len({(one.row or 0) % MATRIX for one in listed})
    return Counter({(header, reason): (rows % MATRIX).n_unique() - told})


def _once(breaks: Sequence[Break], staged: Staged) -> list[Break]:
    """Every broken cell of the file once, though a matrix makes a row of it for every code."""
    if not staged.codes:
        return [*breaks]
    firsts: dict[tuple[object, ...], Break] = {}
    for each in breaks:
        own = each.row is None or each.column in (None, *OF_A_CODE)
        place = each.row if own else (each.row or 0) % MATRIX
        firsts.setdefault((place, each.column, each.value, each.rule), each)
    return [*firsts.values()]


def _warned(asked: suite.Suite, staged: Staged, contract: Contract) -> Iterator[Warned]:
    for rule in asked.warned():
        rows, count = asked.broken(rule, _MOST_WARNED * max(1, len(staged.codes)))
        breaks = [_break(staged, contract, rule, row, value) for row, value in rows]
        once = _once(breaks, staged)
        yield Warned(rule.id, count - len(breaks) + len(once), tuple(once[:_MOST_WARNED]))


def _ran(
    rules: Iterable[Rule], implied: Mapping[str, str], warned: Iterable[Warned]
) -> Iterator[Check]:
    broken = {warning.rule: warning.count for warning in warned}
    for rule in rules:
        check = Check(rule.id, rule.reason, severity=rule.severity)
        if rule.id in implied:
            yield replace(check, result="implied", implied_by=implied[rule.id])
        elif rule.id in broken:
            yield replace(check, result="failed", broken=broken[rule.id])
        else:
            yield check


def _places(broken: Break) -> set[tuple[int | None, str | None]]:
    """Where a fault that was found in reading says already what is wrong with the cell."""
    return {(broken.row, broken.column), (broken.row, None), (None, broken.column)} - {(None, None)}


def _is_about_missing(rule: Rule, staged: Staged) -> bool:
    return rule.column in staged.missing and rule.id.endswith(".required")


def _absent(staged: Staged, contract: Contract) -> Iterator[Break]:
    for column in staged.missing:
        header = contract.column(column).header
        # What no column takes may be the missing one under another name.
        beside = staged.reading.words_on_left_out
        remedy = f"Add it; its header is {header}.{' ' if beside else ''}{beside}"
        yield Break(staged.file, None, header, None, "The column is missing.", remedy)


def _personal(staged: Staged, contract: Contract) -> Iterator[Break]:
    expected = [column.header for column in contract.columns if column.identifies]
    taken = f"takes them under {', '.join(expected)} only" if expected else "takes pseudonyms only"
    for hit in staged.identified:
        header, rule = _identifies(hit.column, hit.what, contract)
        remedy = f"Remove it from the file; iomdash {taken}."
        yield Break(staged.file, hit.row, header, identifiers.HIDDEN, rule, remedy)


def _identifies(column: str, what: str, contract: Contract) -> Kind:
    header = next((own.header for own in contract.columns if own.name == column), column)
    return header, f"Holds {what}, which identifies a person directly."


def _kind(rule: Rule, contract: Contract) -> Kind:
    return rule.column and contract.column(rule.column).header, rule.reason


def _bound(rule: Rule, today: date) -> Rule:
    if rule.query is None:
        return rule
    query = rule.query.replace("{today}", f"date '{today.isoformat()}'")
    return replace(rule, kwargs={**rule.kwargs, "unexpected_rows_query": query})


def _break(
    staged: Staged, contract: Contract, rule: Rule, row: int | None, value: str | None
) -> Break:
    header, reason = _kind(rule, contract)
    hidden = rule.column is not None and contract.column(rule.column).identifies
    shown = identifiers.HIDDEN if hidden and value is not None else _shown(value)
    return Break(staged.file, row, header, shown, reason, rule.remedy)


def _shown(value: str | None) -> str | None:
    if value is not None and identifiers.in_text(value):
        return identifiers.HIDDEN
    return value if value is None or len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _place(broken: Break) -> tuple[int, str]:
    return broken.row or 0, broken.column or ""
