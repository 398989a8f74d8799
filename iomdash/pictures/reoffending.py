"""Pictures of who offended again: proven within 12 months, and the first recorded offence."""

from collections.abc import Mapping, Sequence

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import COHORTS
from iomdash.pictures.agency_figures import HIDDEN, absent, nothing, of_hundred, subtitle_of
from iomdash.pictures.claims import ALIKE
from iomdash.pictures.curve import Line, Step, curve
from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.theme import EVERY, GROUP, Picture, spread
from iomdash.pictures.wording import of
from iomdash.release.file import Row
from iomdash.release.reader import Release

YEAR = 12  # months
ALLOWS = "95 % interval, which allows for the noise in the counts"
ROUNDED = (
    "Counts behind the curve are rounded, which its band allows for; it ends where few are at risk"
)


def reoffending(release: Release, people: AgencyGroup) -> Picture:
    """Share of people who re-offended, in every cohort, with its interval."""
    topic = BY_ID["reoffending"].title
    if why := absent(release, "reoffending", people.where(cohort=COHORTS[0].id)):
        return nothing(topic, why)
    items = [_share(release, people.where(cohort=cohort.id)) for cohort in COHORTS]
    shown = [dot for dot in items if dot.n]
    subtitle = subtitle_of(release, people.where(cohort=EVERYONE), "reoffending")
    if not shown:
        return nothing(topic, HIDDEN)
    drawn = dots(f"{topic}: {_apart(shown)}", f"{subtitle}, with {ALLOWS}", items)
    return spread(drawn, cohort=GROUP)


def _apart(shown: Sequence[Dot]) -> str:
    """The cohorts with the largest and the smallest share, where their intervals lie apart."""
    order = sorted(shown, key=lambda dot: (dot.x or 0) / (dot.n or 1))
    least, most = order[0], order[-1]
    if (most.low or 0) <= (least.high or 0):
        return ALIKE
    ends = (f"{dot.label} ({of(dot.x or 0, dot.n or 0)})" for dot in (most, least))
    return f"most in {' and least in '.join(ends)}"


def _share(release: Release, people: AgencyGroup) -> Dot:
    row = release.reoffending(people)
    if row is None or row["n"] is None or row["x"] is None:
        return Dot(people.cohort, None, None, None, None, HIDDEN)
    return Dot(people.cohort, row["x"], row["n"], row["low"], row["high"])


def followed(release: Release, people: AgencyGroup) -> str:
    """Re-offenders and their offences, in words; why where not shown."""
    if why := absent(release, "reoffending", people):
        return f"{BY_ID['reoffending'].title}: {why}."
    row, late = release.reoffending(people), "Who joined in the last 18 months is left out."
    if row is None or row["n"] is None or row["x"] is None:
        return f"▨ {HIDDEN}. {late}"
    words = (
        f"{of(row['x'], row['n'])} people re-offended within 12 months, proven within 18. That is "
        f"{of_hundred(row['low'], row['high'])} of 100 ({ALLOWS})."
    )
    if row["offences"] and row["x"]:
        per_person, hundred = row["offences"] / row["x"], 100 * row["offences"] / row["n"]
        words += (
            f" {per_person:,.1f} offences each re-offender, {hundred:,.0f} for every 100 people."
        )
    return f"{words} People count once, from when they first joined. {late}"


def first_reoffence(release: Release, people: AgencyGroup) -> Picture:
    """The share with a recorded offence by month since joining, beside that of custody first."""
    everyone = people.where(quarter=EVERYONE)
    causes = {"events": "Recorded offence", "custody": "Custody first"}
    return _curve(release, everyone, "first_reoffence", causes, "had one")


def time_in_cohort(release: Release, people: AgencyGroup) -> Picture:
    """The share that has left by month since joining."""
    everyone = people.where(quarter=EVERYONE)
    return _curve(release, everyone, "time_in_cohort", {"left": "Left"}, "left")


def _curve(
    release: Release, everyone: AgencyGroup, measure: str, causes: Mapping[str, str], did: str
) -> Picture:
    topic = BY_ID[measure].title
    if why := absent(release, measure, everyone):
        return nothing(topic, why)
    rows = release.curve(measure, everyone)
    if not rows:
        return nothing(topic, HIDDEN)
    lines = [Line(label, _steps(rows, cause)) for cause, label in causes.items()]
    note = ROUNDED if release.manifest["policy"]["smallest_count"] > 1 else ""
    if measure == "first_reoffence":
        note = f"Proven offences are a part of these. {note}"
        if _contradicted(release.reoffending(everyone), lines[0].steps):
            words = "too uncertain to say, as more are proven"
            title, subtitle = f"{topic}: {words}", subtitle_of(release, everyone, measure)
            return spread(curve(title, subtitle, lines, note=note), quarter=EVERY)
    title = f"{topic}: {reached(lines[0].steps, did)}"
    drawn = curve(title, subtitle_of(release, everyone, measure), lines, note=note)
    return spread(drawn, quarter=EVERY)


def _steps(rows: Sequence[Row], cause: str) -> list[Step]:
    names = Step.__dataclass_fields__
    return [Step(*(row[name] for name in names)) for row in rows if row["cause"] == cause]


def reached(steps: Sequence[Step], did: str) -> str:
    """What the band bears: half by a month, fewer than half, or from how many to how many."""
    half = next((step.month for step in steps if step.low >= 0.5), None)
    if half:
        return f"at least half {did} within {_months(half)}"
    last = steps[-1]
    if last.high < 0.5:
        return f"fewer than half {did} within {_months(last.month)}"
    told = next((step for step in steps if step.month == YEAR), last)
    return f"{of_hundred(told.low, told.high)} of 100 {did} within {_months(told.month)}"


def _months(n: int) -> str:
    return "1 month" if n == 1 else f"{n} months"


def _contradicted(proven: Row | None, steps: Sequence[Step]) -> bool:
    """Whether more are proven within a year than the curve admits: proven offences are recorded."""
    at = next((step for step in steps if step.month == YEAR), None)
    if proven is None or at is None or not proven["n"] or proven["x"] is None:
        return False
    return proven["x"] / proven["n"] > at.high
