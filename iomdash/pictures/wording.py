"""Figures as words, the same on pages, in packs and on the command line."""

from iomdash.declared.codebook import CODES, STANCE_LABELS
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.scheme import PLACE
from iomdash.release.cells import ClaimCell, Wave

FEWEST_FOR_PERCENT = 20


def of(x: int, n: int) -> str:
    """A natural frequency: "9 of 11"."""
    return f"{x:,} of {n:,}"


def percent(share: float) -> str:
    """A share from 0 to 1 as whole per cent."""
    return f"{round(share * 100)} %"


def typical(cell: ClaimCell) -> str:
    """What the interval means in people, or why there is none."""
    if cell.low is None or cell.high is None:
        return ""
    low, high = round(cell.low * 100), round(cell.high * 100)
    if cell.quantifier == "all" and cell.x == cell.n and low < 100:
        return (
            f"Everybody here says so. In all of the caseload it would be at least {low} of any "
            "100 people, with 95 % confidence."
        )
    who = "people approached" if cell.among == "approached" else "people in the cohorts"
    if low == high:
        return f"Everybody was asked, so {low} of 100 is exact."
    return f"If these were typical, between {low} and {high} of any 100 {who} would say so."


def standing(cell: ClaimCell) -> str:
    """Frequency of a claim with its base, its band, or the reason why it is hidden."""
    if cell.band is not None:
        return f"{cell.band} of {cell.n:,}"
    if cell.hidden is not None:
        return unseen(cell.hidden, cell.instead)
    if cell.x is None or cell.n is None:
        return "p < 0.001" if cell.p is not None and cell.p < 0.001 else f"p = {cell.p or 0:.3f}"
    return of(cell.x, cell.n)


def unseen(hidden: str, instead: str | None) -> str:
    """Why a figure is not shown, and where it is."""
    return f"hidden: {hidden}" + (f"; shown for {instead}" if instead else "")


def headline(cell: ClaimCell) -> str:
    """The sentence that the data support, or the claim that they leave open where hidden."""
    claim = cell.statement
    return cell.sentence or f"Cannot be told here: {claim[:1].lower()}{claim[1:]}"


def answered(cell: ClaimCell) -> str:
    """Stances in words: "9 said so, 1 mixed, 1 did not raise it"."""
    if cell.x is None or cell.n is None:
        return ""
    yes, no, mixed = (label.lower() for label in labels(cell.code))
    if cell.not_raised is None or cell.mixed is None or cell.no is None:
        return f"{cell.x:,} {yes}, {cell.n - cell.x:,} did not"
    parts = [(cell.x, yes), (cell.mixed, mixed), (cell.no, no), (cell.not_raised, "not raised")]
    return ", ".join(f"{n:,} {word}" for n, word in parts if n)


def labels(code: str) -> tuple[str, str, str]:
    """What a page calls yes, no and mixed of a code."""
    if code == NOT_INTERVIEWED:
        return "Not interviewed", "Interviewed", "Other"
    return CODES[code].labels if code in CODES else STANCE_LABELS


def period(wave: Wave) -> str:
    """Measure's place and period of a wave: "Sandwell, January to September 2026 (synthetic)"."""
    first, last = wave.first_on, wave.last_on
    if first is None or last is None:
        return f"{PLACE}, {wave.label}"
    span = (
        f"{first:%B} to {last:%B %Y}"
        if f"{first:%Y}" == f"{last:%Y}"
        else f"{first:%B %Y} to {last:%B %Y}"
    )
    return f"{PLACE}, {span}{' (synthetic)' if wave.synthetic else ''}"


def listed(words: list[str]) -> str:
    """Words as an English list: "a, b and c"."""
    return (
        words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
    )
