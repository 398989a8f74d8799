"""How the figures come about, generated from the declarations that compute them."""

from html import escape

from iomdash.declared.agencies import MEASURES
from iomdash.declared.agencies.groups import MERGING
from iomdash.declared.codebook import CODES, DERIVED, THEMES
from iomdash.declared.contracts import odcs
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.declared.quantifiers import QUANTIFIERS
from iomdash.declared.scheme import AGENCIES, ORIGINS, PATHWAYS
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.terms import MEANING, sourced
from iomdash.pictures.wording import listed
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.filters import OF_NOTHING
from iomdash.site.frame import choose, day
from iomdash.site.parts import Topic, folded, html_table, topics, whole_page
from iomdash.site.sheet import Sheet

YES_NO = {True: "yes", False: "no"}
MORE = {True: "is against the claim", False: "is stronger than claimed"}
# The complement of the intervals' 95 %.
SHARE_WRONG = 0.05
SURE = {
    Sureness.BEYOND_CHANCE: (
        "Everywhere within the 95 % interval the verdict would be the same. This speaks of chance "
        "alone: interviewees are volunteers, and volunteers may differ from the caseload in ways "
        "that no interval shows."
    ),
    Sureness.COULD_BE_CHANCE: "Somewhere within the 95 % interval the verdict would be another.",
    Sureness.COUNTED: "Everybody whom the claim is about was counted, so chance plays no part.",
}
RANGE = (
    "A verdict is on a range: from those who said so to those who may have. Whoever did not raise "
    "it is unknown, and whoever was of two minds said both, so both are counted either way, and "
    "only what is true at both ends is said. Where the codebook gives being mixed a meaning of its "
    "own, such as 'no difference', it is an answer and is not yes. A wave known from print alone "
    "has the range that the words in print allow. What nobody raised counts as not asked."
)


def page(sheet: Sheet) -> None:
    """Verdicts, quantifiers, findings, codebook, contracts, protection: a topic at a time."""
    choose(sheet, OF_NOTHING)
    sheet.html(
        f"<h1>Methods: how to read and check every figure</h1>"
        f"{whole_page(sheet, figures=False)}{_topics(sheet.release)}"
    )


@remembered(1)
def _topics(release: Release) -> str:
    return topics((
        Topic("verdicts", "Verdicts", "what each word means, and how sure it is",
              _verdicts(release)),
        Topic("findings", "Findings", "who made each, where and when", _findings()),
        Topic("protection", "Protection of small groups", "what is hidden from whom, and why",
              _protection(release)),
        Topic("records", "Agencies' records", "what is counted, by whose definition",
              _recorded(release)),
        Topic("codebook", "Codebook", "what counts as yes and as no", _codebook()),
        Topic("contracts", "Contracts", "what may enter each table", _contracts()),
        Topic("scheme", "Origins, pathways, agencies", "the lists that figures rest on", _lists()),
    ))  # fmt: skip


def _verdicts(release: Release) -> str:
    verdicts = [{"Verdict": f"{v.shape} {v.words}", "When": MEANING[v]} for v in Verdict]
    promises = [
        {"Word": q.word, "Holds at": q.bounds, "More than that": MORE[q.limits]}
        for q in QUANTIFIERS
    ]
    how_sure = [{"Words": s.value, "Meaning": SURE[s]} for s in Sureness]
    return (
        f"{html_table(verdicts, 'Verdicts')}{_words(RANGE)}{_table('How sure', how_sure)}"
        f"{_words(_by_chance(release))}{_table('Words and the shares they promise', promises)}"
    )


def _findings() -> str:
    rows = [{"Finding": f"{f.id} {f.title}", "Made by": f.origin.words} for f in FINDINGS]
    return html_table(rows, "Findings")


def _codebook() -> str:
    derived = [
        {"Code": d.id, "Yes when any of these is": ", ".join(d.parts)} for d in DERIVED.values()
    ]
    themes = "".join(
        folded(theme.name, html_table(_codes(theme.id), f"Codes: {theme.name}")) for theme in THEMES
    )
    return f"{themes}{_table('Codes that follow from others', derived)}"


def _contracts() -> str:
    return "".join(folded(f"What may enter {name}", _contract(name)) for name in odcs.TABLES)


def _contract(name: str) -> str:
    contract = odcs.load(name)
    kept = contract.retention.replace("_", " ")
    return (
        _words(f"{contract.row} {contract.purpose} Kept: {kept}.")
        + html_table(_columns(contract), f"Columns of {name}")
        + html_table(_rules(name), f"Rules of {name}")
    )


def _lists() -> str:
    kinds = [{"Kind": o.id, "Meaning": o.name} for o in ORIGINS]
    pathways = [{"Pathway": p.name, "Aim": sourced(p.aim)} for p in PATHWAYS]
    agencies = [{"Agency": a.name, "Role": sourced(a.role)} for a in AGENCIES]
    return (
        _table("Kinds of rows", kinds) + _table("Pathways", pathways) + _table("Agencies", agencies)
    )


def _words(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _recorded(release: Release) -> str:
    """What is counted of agencies' records, by whose definition, and to which day."""
    return html_table([
        {
            "Measure": m.title, "Definition": f"{m.definition} {m.warning}".strip(),
            "Source": m.source, "Data to": _data_to(release, m.id),
        }
        for m in MEASURES if m.shown
    ], "What is counted of agencies' records")  # fmt: skip


def _of_agencies(release: Release) -> str:
    """How agencies' figures are protected for this audience."""
    policy = release.manifest["policy"]
    return (
        f"Agencies' figures are of groups of at least {policy['smallest_count']} people, with at "
        f"most {policy['filters_at_once']} of the filters and a period; a group is shown only if "
        "no smaller one can be added up or taken from others. That follows from sizes alone. "
        f"A choice of {' or '.join(MERGING)} that fewer people are of in every quarter of a year "
        "is counted with others in it, under a name that names them all. "
        f"{blurring(release)} All periods together add up what is shown of each year and of "
        "the quarters since, a figure of few as the middle of what it may be."
    )


def _data_to(release: Release, measure: str) -> str:
    dated = release.recorded_dates.get(measure)
    if dated is None:
        return "not sent yet"
    made_up = " (synthetic)" if dated["origin"] == "synthetic" else ""
    return f"{day(dated['data_to'])}{made_up}"


def _by_chance(release: Release) -> str:
    """How many of the verdicts on show chance alone may have turned, in a sentence."""
    claims = [c for wave in release.waves for c in release.claims(Group(wave.id))]
    sure = sum(cell.sure is Sureness.BEYOND_CHANCE for cell in claims)
    return (
        f"Verdicts on whole waves that are called beyond chance: {sure:,}. As each may be so by "
        f"chance in 1 of 20 cases, {sure * SHARE_WRONG:.1f} of them may be wrong. Comparisons of "
        "cohorts and of waves are corrected for how many there are (Holm). Volunteers are another "
        "matter: where 60 of 100 who would say so take part and 40 of 100 of the others, a "
        "caseload of whom just half would say so is called a majority, beyond chance, in two of "
        "three cases (docs/volunteers.md of the program)."
    )


def _protection(release: Release) -> str:
    """What is hidden from whom and why, as the release's own policy says, and its last attack."""
    policy, attacked = release.manifest["policy"], release.attacked
    words = [
        f"This release is for {release.manifest['audience']['who']}. A group is shown only if it "
        f"has at least {policy['smallest']} interviews and no smaller one can be worked out from "
        "it, from other groups or from earlier releases. Cohorts that are too small are shown "
        "together. A figure from which one could be worked out is shown for fewer groups. "
        "Sensitive codes are broken down by cohort only, in bands.",
        _of_agencies(release),
    ]
    if attacked:
        words.append(
            f"Before release {release.number} was published it was attacked, with releases "
            f"{listed([str(n) for n in attacked['releases']])} at hand: {attacked['groups']} "
            f"groups, {attacked['cells']:,} figures, {attacked['sets']:,} sets of few people. "
            f"{len(attacked['breaches']) or 'None'} could be worked out. {attacked['allowed']:,} "
            "figures follow from a group of whom all or none said so, which is allowed where the "
            "code is not sensitive."
        )
    figures = [
        {
            "What": f"{f['kind'].capitalize()}: {f['name'].replace('_', ' ')}",
            "Figure": str(f["value"]), "Why": f["reason"], "Source": f["source"],
        }
        for f in policy["figures"]
    ]  # fmt: skip
    first = "Bands of sensitive codes, the first that is safe"
    bands = [{first: listed(band)} for band in policy["bands"]]
    public = [
        {"Wave": f["wave"], "In print already": f["what"], "Why shown": f["reason"]}
        for f in policy["public"]
    ]
    return (
        "".join(_words(text) for text in words)
        + html_table(figures, "Figures of the policy")
        + html_table(bands, "Bands of sensitive codes")
        + html_table(public, "Published facts")
    )


def _table(heading: str, rows: list[dict[str, str]]) -> str:
    return f"<h3>{heading}</h3>{html_table(rows, heading)}"


def _codes(theme: str) -> list[dict[str, str]]:
    return [
        {
            "Code": code.id,
            "Name": code.name,
            "Counts as yes": code.yes,
            "Counts as no": code.no,
            "Sensitive": YES_NO[code.sensitive],
        }
        for code in CODES.values()
        if code.theme == theme
    ]


def _columns(contract: odcs.Contract) -> list[dict[str, str]]:
    return [
        {
            "Column": column.name,
            "Meaning": column.description,
            "Required": YES_NO[column.required],
            "Privacy": column.classification,
        }
        for column in contract.columns
    ]


def _rules(name: str) -> list[dict[str, str]]:
    return [{"Rule": rule.id, "Why": rule.reason} for rule in odcs.load(name).rules]
