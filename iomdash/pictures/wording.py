"""Figures as words, the same on pages, in packs and on the command line."""

from collections.abc import Sequence

from iomdash.declared.codebook import CODES, STANCE_LABELS
from iomdash.declared.findings import find
from iomdash.declared.findings.claims import NOT_INTERVIEWED, Claim
from iomdash.declared.groups import Group, spoken
from iomdash.declared.quantifiers import AT_LEAST_ONE, strongest
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import PLACE
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.release.cells import ClaimCell, Reach, Stated, Wave

TOO_FEW = "too few to show"


def of(x: int, n: int) -> str:
    """A natural frequency: "9 of 11"."""
    return f"{x:,} of {n:,}"


def percent(share: float) -> str:
    """A share from 0 to 1 as whole per cent."""
    return f"{round(share * 100)} %"


def typical(cell: ClaimCell) -> str:
    """What the interval means in people, if those interviewed are typical; or why there is none."""
    if cell.sure is Sureness.COUNTED:
        return "Everybody who was approached is counted, so no interval is needed."
    if cell.low is None or cell.high is None:
        return ""
    low, high = round(cell.low * 100), round(cell.high * 100)
    about = f"If those interviewed are typical of {caseload(cell)}, "
    so = "what the claim says" if cell.verdict is Verdict.AGAINST else "so"
    who = f"any 100 people{base_of(cell)} would say {so}"
    if high == 100:
        return f"{about}at least {low} of {who}."
    return f"{about}between {low} and {high} of {who}."


def caseload(cell: ClaimCell) -> str:
    """Whom a claim's group stands for: "the caseload of PPO"."""
    group = Group(cell.wave, cell.cohort, cell.provider, cell.supervision)
    return f"the caseload of {spoken(group)}" if group.filtered else "the caseload"


def base_of(cell: ClaimCell) -> str:
    """Whose share a claim is of: " who named a need"; empty for everybody."""
    claim = find(cell.finding).claims[cell.claim]
    return f" {claim.base}" if isinstance(claim, Claim) and claim.base else ""


def standing(cell: ClaimCell) -> str:
    """Frequency of a claim with its base, its band, or the reason why there is none."""
    if cell.band is not None:
        return f"{cell.band} of {cell.n:,}"
    if cell.hidden is not None:
        return unseen(cell.hidden, cell.instead)
    if cell.reason is Reason.NOT_ASKED:
        return "not asked"
    if cell.ranged and cell.n is not None:
        return f"{cell.least:,} to {cell.most:,} of {cell.n:,}"
    if cell.p is not None:
        return "p < 0.001" if cell.p < 0.001 else f"p = {cell.p:.3f}"
    if cell.x is None or cell.n is None:
        return "number not reported"
    return of(cell.x, cell.n)


def of_stated(stated: Stated) -> str:
    """A source's figure: "3 of 11", "2 to 5 of 11", or its own words where it counts no base."""
    if stated.base is None:
        return stated.words
    if stated.least == stated.most:
        return of(stated.least, stated.base)
    return f"{stated.least:,} to {stated.most:,} of {stated.base:,}"


def sure(cell: ClaimCell) -> str:
    """How sure the verdict is, or why there is none, in a few words."""
    return cell.sure.value if cell.sure else cell.untold or ""


def relation(cell: ClaimCell) -> str:
    """How what holds now stands to the claim: "The claim is of all; now it is nearly all"."""
    if cell.verdict not in (Verdict.WEAKER, Verdict.STRONGER, Verdict.AGAINST):
        return ""
    word = None
    if cell.least is not None and cell.most is not None and cell.n:
        word = strongest(cell.least, cell.most, cell.n)
    now = standing(cell) if word in (None, AT_LEAST_ONE.word) else word
    return f"claimed: {cell.quantifier}; now: {now}"


def together(cells: Sequence[ClaimCell]) -> str:
    """How many of a finding's claims stand as claimed, where it has several and they differ."""
    as_claimed = sum(cell.verdict is Verdict.AS_CLAIMED for cell in cells)
    if len({cell.verdict for cell in cells}) < 2:
        return ""
    return f"{as_claimed} of {len(cells)} claims as claimed"


def unreached(reach: Reach, cell: ClaimCell) -> str:
    """What the people not reached could change, as one sentence with both extremes."""
    others = reach.people - (cell.n or 0)
    group = caseload(cell)
    whom = {"approached": "those approached", "managed": group}[reach.whom]
    extremes = (
        f"{percent(reach.worst)} if none of the {others:,} not interviewed said so, "
        f"{percent(reach.best)} if all did"
    )
    return f"Of all {reach.people:,} of {whom} it would be {extremes}; {_tips(reach)}."


def _tips(reach: Reach) -> str:
    word = f"“{reach.word}”"
    if reach.fewer is None and reach.more is None:
        return f"{word} would hold whatever they said"
    if reach.fewer == 1:
        return f"{word} would fail if any of them did not"
    if reach.fewer == 0:
        return f"{word} would fail if none of them did"
    if reach.more == 1 and reach.fewer is None:
        return f"{word} would fail if all of them did"
    sides = [
        f"{side} than {share * 10:.0f} in 10"
        for side, share in (("fewer", reach.fewer), ("more", reach.more))
        if share is not None
    ]
    return f"{word} would fail if {' or '.join(sides)} of them did"


def unshown(hidden: str) -> str:
    """Why a figure has no place in a chart, in a few words: the kind of its reason."""
    if hidden.startswith("sensitive"):
        return "sensitive"
    if "worked out" in hidden or "earlier release" in hidden:
        return "could be worked out"
    return TOO_FEW if hidden.startswith(("fewer", "too few", "the others")) else "not shown"


def withheld(hidden: str | None) -> str:
    """A withheld figure in a table: the kind of its reason, and the reason where it says more."""
    kind = unshown(hidden or "")
    return f"{'not shown' if kind == 'sensitive' else kind} ({hidden})"


def unseen(hidden: str, instead: str | None) -> str:
    """Why a figure is not shown, and where it is."""
    return f"hidden: {hidden}" + (f"; shown for {instead}" if instead else "")


def headline(cell: ClaimCell) -> str:
    """The sentence that the data support, or the claim that they leave open where hidden."""
    claim = cell.statement
    why = "Not asked here" if cell.reason is Reason.NOT_ASKED else "Cannot be told here"
    return cell.sentence or f"{why}: {claim[:1].lower()}{claim[1:]}"


def answered(cell: ClaimCell) -> str:
    """Stances in words: "9 said so, 1 mixed, 1 did not raise it"."""
    if cell.ranged:
        return f"{standing(cell)}, as the source words it; it does not say what the others said"
    if cell.x is None or cell.n is None:
        return ""
    yes, no, mixed = (label.lower() for label in labels(cell.code))
    if cell.not_raised is None or cell.mixed is None or cell.no is None:
        # Most is everybody where the others may have said so, for all that is shown.
        silent = cell.most == cell.x < cell.n
        others = "the source does not say what the others said"
        return f"{cell.x:,} {yes}; {others}" if silent else f"{cell.x:,} {yes} of {cell.n:,}"
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
    if f"{first:%Y%m}" == f"{last:%Y%m}":
        return f"{PLACE}, {last:%B %Y}{' (synthetic)' if wave.synthetic else ''}"
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
