"""The pictures beside a finding's claims, by kind of exhibit, from a release and a group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import STEPS, name_of
from iomdash.declared.findings import claiming, showing
from iomdash.declared.findings.claims import Exhibit
from iomdash.declared.groups import EVERYONE, Group, joined, named
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import PATHWAYS, PROVIDERS
from iomdash.pictures import agencies, information_sheet, recruitment
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.captions import base, hidden
from iomdash.pictures.claims import ALIKE, BANDS, UNRANKED, differing
from iomdash.pictures.heat import HeatCell, heat
from iomdash.pictures.stances import Stances, stances
from iomdash.pictures.theme import EVERY, GROUP, PART, Picture, spread
from iomdash.pictures.theme_codes import STEP_CODES, reported
from iomdash.pictures.wording import labels, listed, of
from iomdash.release.cells import CodeCell
from iomdash.release.reader import Release

# Kinds that draw other groups than the one that was chosen.
OF_OTHER_GROUPS = (
    "recorded", "recruitment", "reached", "needed", "cohorts", "providers", "heat", "test",
)  # fmt: skip
BY_COHORT = "by cohort, not tested"
OTHER_PEOPLE = "Other people than the interviewees, and never matched with them."


def picture(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    """The exhibit drawn for a group; where the group is hidden, the title says why."""
    size = release.size(group)
    if size.hidden and exhibit.kind not in OF_OTHER_GROUPS:
        return hidden(exhibit.topic, size.hidden)
    return KINDS[exhibit.kind](exhibit, release, group)


def _codes(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    if stated := as_stated(exhibit.topic, [(code, "") for code in exhibit.of], release, group):
        return stated
    cells = release.codes(group)
    seen = [(name_of(c), cells[c]) for c in exhibit.of if not cells[c].unasked]
    unasked = [name_of(c).lower() for c in exhibit.of if cells[c].unasked]
    items = [Bar(name, c.yes, c.n or 0) for name, c in seen if c.yes is not None]
    withheld = [f"{name}: {c.band or c.hidden}" for name, c in seen if c.yes is None]
    if not seen:
        return hidden_none(exhibit.topic, release, group)
    if not items:
        rows = [{"Code": name, "People": c.band or c.hidden} for name, c in seen]
        banded = any(c.band for _, c in seen)
        why = "in bands, as it is sensitive" if banded else "not shown in a group like this"
        title = f"{exhibit.topic}: {why}"
        return Picture(title, base(release, group), title, None, rows)
    note = f"Not counted here: {'; '.join(withheld)}." if withheld else ""
    note += f" Not asked, as nobody raised it: {listed(unasked)}." if unasked else ""
    subtitle = base(release, group, "Interviewees who said so")
    return bars(exhibit.topic, subtitle, items, note=note.strip())


def hidden_none(topic: str, release: Release, group: Group) -> Picture:
    """A picture of nothing: what nobody raised counts as not asked, which is no zero."""
    return Picture(f"{topic}: not asked, as nobody raised it", base(release, group), "", None, [])


def as_stated(
    topic: str, asked: Sequence[tuple[str, str]], release: Release, group: Group
) -> Picture | None:
    """What a printed source states of codes, as a table; None for a wave that was collected.

    What it does not state is not reported, which is no zero.
    """
    stated = {} if group.filtered else release.stated(group.wave)
    if not stated:
        return None
    cells = {among: release.codes(group, among) for _, among in asked}
    rows: list[dict[str, object]] = []
    for code, among in asked:
        told = reported(cells[among][code], stated.get((code, among)))
        rows.append({"Code": name_of(code), "People": told})
    title = f"{topic}, as far as the source states it"
    return Picture(title, base(release, group), title, None, rows)


def _cohorts(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    cells = release.by_cohort(group, exhibit.of)
    items = [_stances(named(cell.cohort), cell) for cell in cells]
    told = _apart(exhibit, release, group)
    compared = _compared(exhibit, items, base(release, group.of_cohort(EVERYONE)), told)
    return spread(compared, cohort=GROUP)


def _providers(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    groups = [replace(group, provider=provider.id) for provider in PROVIDERS]
    cells = release.in_groups(groups, exhibit.of)
    items = [_stances(p.name, cell) for p, cell in zip(PROVIDERS, cells, strict=True)]
    shown = [of(item.yes, item.n) for item in items if item.n]
    told = f"{listed(shown)} {labels(exhibit.of[0])[0].lower()}"
    compared = _compared(exhibit, items, base(release, replace(group, provider=EVERYONE)), told)
    return spread(compared, provider=GROUP)


def _apart(exhibit: Exhibit, release: Release, group: Group) -> str:
    """Which cohorts differ on the exhibit's code, as far as a test carries that."""
    finding = showing(exhibit)
    if finding is None or release.wave(group.wave).reconstructed:
        return UNRANKED if finding is not None else BY_COHORT
    if release.apart(group, finding.id, exhibit.of[0]) is None:
        return BY_COHORT
    return differing(release, group, finding.id, exhibit.of[0])


def _compared(exhibit: Exhibit, items: list[Stances], subtitle: str, told: str) -> Picture:
    """Stances on one code in groups side by side, with what is told of their difference."""
    shown = [item for item in items if item.n]
    words = labels(exhibit.of[0])
    if not shown and any(item.band for item in items):
        return stances(f"{exhibit.topic}, {BANDS}", subtitle, items, words)
    if not shown:
        return hidden(exhibit.topic, items[0].hidden or "" if items else "no cohort")
    return stances(f"{exhibit.topic}: {told}", subtitle, items, words)


def _stances(label: str, cell: CodeCell) -> Stances:
    """A code's counts as parts of a bar; where only yes is shown, the rest is one part."""
    n = None if cell.yes is None else cell.n
    return Stances(label, cell.yes or 0, cell.no, cell.mixed, n, cell.hidden, cell.band)


def _heat(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    counted = release.by_cohort(group, exhibit.of)
    cells = [
        HeatCell(name_of(c.code), named(c.cohort), c.yes, c.n, c.hidden, c.band)
        for code in exhibit.of
        for c in counted
        if c.code == code
    ]
    if not cells:
        return hidden(exhibit.topic, "no cohort")
    banded = any(cell.band for cell in cells)
    told = BANDS if banded else _clearest(exhibit, release, group)
    title = f"{exhibit.topic}: {told}"
    subtitle = base(release, group.of_cohort(EVERYONE), "Interviewees who said so, by cohort")
    return spread(heat(title, subtitle, cells, rows_are="Code"), cohort=PART)


def _clearest(exhibit: Exhibit, release: Release, group: Group) -> str:
    """On which code cohorts differ most clearly, as far as a test carries that."""
    finding = showing(exhibit)
    found = {} if finding is None else {
        code: test for code in exhibit.of if (test := release.apart(group, finding.id, code))
    }  # fmt: skip
    clear = {code: test["adjusted"] for code, test in found.items() if test["highest"]}
    if finding is None or not clear:
        wave = release.wave(group.wave)
        return UNRANKED if wave.reconstructed else ALIKE
    code = min(clear, key=lambda code: clear[code])
    told = differing(release, group, finding.id, code)
    return f"clearest on '{name_of(code).lower()}', {told}"


def _test(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    rows = release.tests(group.of_cohort(EVERYONE), *claiming(exhibit.of))
    if not rows:
        return hidden(exhibit.topic, release.words(Reason.FEW_COHORTS))
    differ = [name_of(r["code"]).lower() for r in rows if r["differs"]]
    words = f"cohorts differ on {listed(differ)}" if differ else "no difference beyond chance"
    table = [
        {
            "Code": name_of(r["code"]),
            "p, Fisher's exact test": _p(r["p"]),
            "p, adjusted for several tests (Holm)": _p(r["adjusted"]),
            "In plain words": "differs" if r["differs"] else "could be chance",
        }
        for r in rows
    ]
    title = f"More than chance? {words[0].upper()}{words[1:]}"
    subtitle = "If cohorts felt alike, a difference this large would come up with probability p"
    return spread(Picture(title, subtitle, title, None, table), cohort=EVERY)


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def _funnel(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    first, *rest = exhibit.of
    asked = [(first, ""), *((code, first) for code in rest)]
    if stated := as_stated(exhibit.topic, asked, release, group):
        return stated
    start = release.codes(group)[first]
    among = release.codes(group, first)
    withheld = [
        c.band or c.hidden or "" for c in (start, *(among[r] for r in rest)) if c.yes is None
    ]
    if withheld:
        return hidden(exhibit.topic, withheld[0])
    if not start.yes:
        return hidden_none(exhibit.topic, release, group)
    items = [Bar(name_of(first), start.yes, start.n or 0)]
    items += [Bar(name_of(code), among[code].yes or 0, start.yes) for code in rest]
    words = f"{of(items[-1].x, items[-1].n)} in need are satisfied"
    return bars(
        exhibit.topic, base(release, group), items, message=f"{exhibit.topic}: {words}",
        note="The first bar is of everybody, the others of those who named a need.",
    )  # fmt: skip


def _pair(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    if stated := as_stated(exhibit.topic, [(code, "") for code in exhibit.of], release, group):
        return stated
    row = release.pair(group, *exhibit.of)
    if row is None:
        return hidden(exhibit.topic, release.words(Reason.NO_DATA))
    n = row["size"]
    neither = n - row["only_one"] - row["only_other"] - row["both_codes"]
    items = [
        Bar("Supportive only", row["only_one"], n),
        Bar("Controlling only", row["only_other"], n),
        Bar("Both", row["both_codes"], n),
        Bar("Neither", neither, n),
    ]
    return bars(exhibit.topic, base(release, group), items)


def _profile(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    picture = information_sheet.field(exhibit.of[0], release, Group(group.wave, group.cohort))
    return spread(picture, provider=EVERY, supervision=EVERY)


def _matrix(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    counted = release.codes(group)
    cells = [
        HeatCell(pathway.name, step.capitalize(), cell.yes, cell.n, cell.hidden, cell.band)
        for pathway in PATHWAYS
        for step in STEPS
        for cell in [counted[f"pathways.{pathway.id}.{step}"]]
    ]
    if stated := as_stated(exhibit.topic, [(code, "") for code in STEP_CODES], release, group):
        return stated
    named = [c for c in cells if c.column == "Need" and c.x]
    if not named:
        return hidden_none(exhibit.topic, release, group)
    most = max(named, key=lambda c: c.x or 0)
    title = f"Need is named most for {most.row.lower()}, by {of(most.x or 0, most.n or 0)}"
    return heat(title, base(release, group, "Interviewees who said so"), cells, rows_are="Pathway")


Draw = Callable[[Exhibit, Release, Group], Picture]


def _under(draw: Callable[[Release, Group, str], Picture]) -> Draw:
    """A picture that needs nothing of its exhibit but the topic."""
    return lambda exhibit, release, group: draw(release, group, exhibit.topic)


def _recorded(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    """Agencies' figures of the same filters; they count each cohort by itself."""
    alone = len(joined(group.cohort)) == 1
    people = AgencyGroup(group.cohort if alone else EVERYONE, group.provider, group.supervision)
    picture = agencies.PICTURES[exhibit.of[0]](release, people)
    note = f"{picture.note} {OTHER_PEOPLE}".strip()
    return replace(picture, note=note, measure=agencies.MEASURED[exhibit.of[0]])


KINDS: Mapping[str, Draw] = {
    "codes": _codes,
    "cohorts": _cohorts,
    "providers": _providers,
    "heat": _heat,
    "test": _test,
    "funnel": _funnel,
    "pair": _pair,
    "profile": _profile,
    "matrix": _matrix,
    "recruitment": _under(recruitment.flow),
    "reached": _under(recruitment.by_cohort),
    "needed": _under(recruitment.needed),
    "recorded": _recorded,
}
