"""How the figures come about, generated from the declarations that compute them."""

import streamlit as st

from iomdash.declared.agencies import MEASURES
from iomdash.declared.codebook import CODES, DERIVED, THEMES
from iomdash.declared.contracts import odcs
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.declared.quantifiers import QUANTIFIERS
from iomdash.declared.scheme import AGENCIES, ORIGINS, PATHWAYS
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.terms import sourced
from iomdash.pictures.wording import listed
from iomdash.release.reader import Release
from iomdash.site.frame import choose, current, day
from iomdash.site.show import table

YES_NO = {True: "yes", False: "no"}
MORE = {True: "is against the claim", False: "is stronger than claimed"}
MEANING = {
    Verdict.AS_CLAIMED: "The claim's word is true of what was found.",
    Verdict.STRONGER: "More people say so than the claim's word promises.",
    Verdict.WEAKER: "Fewer people say so than the claim's word promises, and yet not against it.",
    Verdict.AGAINST: "The opposite of the claim is true of what was found.",
    Verdict.UNTOLD: (
        "Too few, sensitive, could be worked out, not asked, or it hangs on those who did not "
        "raise it: the reason stands beside it."
    ),
}
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


def page() -> None:
    """Verdicts, quantifiers, findings, codebook, contracts, protection."""
    release = current()
    st.title("Methods: how to read and check every figure")
    choose(release, uses=(), wave=False)
    _table("Verdicts", [{"Verdict": f"{v.shape} {v.words}", "When": MEANING[v]} for v in Verdict])
    st.write(RANGE)
    _table("How sure", [{"Words": s.value, "Meaning": SURE[s]} for s in Sureness])
    st.write(_by_chance(release))
    _table("Words and the shares they promise", [
        {"Word": q.word, "Holds at": q.bounds, "More than that": MORE[q.limits]}
        for q in QUANTIFIERS
    ])  # fmt: skip
    _table("Findings", [
        {"Finding": f"{f.id} {f.title}", "Made by": f.origin.words} for f in FINDINGS
    ])  # fmt: skip
    _protection(release)
    _table("Kinds of rows", [{"Kind": o.id, "Meaning": o.name} for o in ORIGINS])
    _table("Pathways", [{"Pathway": p.name, "Aim": sourced(p.aim)} for p in PATHWAYS])
    _table("Agencies", [{"Agency": a.name, "Role": sourced(a.role)} for a in AGENCIES])
    st.subheader("Codebook")
    for theme in THEMES:
        with st.expander(theme.name):
            table(_codes(theme.id), f"Codes: {theme.name}")
    _recorded(release)
    derived = [
        {"Code": d.id, "Yes when any of these is": ", ".join(d.parts)} for d in DERIVED.values()
    ]
    _table("Codes that follow from others", derived)
    st.subheader("Contracts")
    for name in odcs.TABLES:
        with st.expander(f"What may enter {name}"):
            contract = odcs.load(name)
            st.write(
                f"{contract.row} {contract.purpose} Kept: {contract.retention.replace('_', ' ')}."
            )
            table(_columns(contract), f"Columns of {name}")
            table(_rules(name), f"Rules of {name}")


def _recorded(release: Release) -> None:
    """What is counted of agencies' records, by whose definition, and to which day."""
    _table("What is counted of agencies' records", [
        {
            "Measure": m.title, "Definition": f"{m.definition} {m.warning}".strip(),
            "Source": m.source, "Data to": _data_to(release, m.id),
        }
        for m in MEASURES if m.shown
    ])  # fmt: skip


def _of_agencies(release: Release) -> str:
    """How agencies' figures are protected for this audience."""
    policy = release.manifest["policy"]
    return (
        f"Agencies' figures are of groups of at least {policy['smallest_count']} people, with at "
        f"most {policy['filters_at_once']} of the filters and a period; a group is shown only if "
        "no smaller one can be added up or taken from others. That follows from sizes alone. "
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


def _protection(release: Release) -> None:
    """What is hidden from whom and why, as the release's own policy says, and its last attack."""
    policy, attacked = release.manifest["policy"], release.attacked
    st.subheader("Protection of small groups")
    st.write(
        f"This release is for {release.manifest['audience']['who']}. A group is shown only if it "
        f"has at least {policy['smallest']} interviews and no smaller one can be worked out from "
        "it, from other groups or from earlier releases. Cohorts that are too small are shown "
        "together. A figure from which one could be worked out is shown for fewer groups. "
        "Sensitive codes are broken down by cohort only, in bands."
    )
    st.write(_of_agencies(release))
    if attacked:
        st.write(
            f"Before release {release.number} was published it was attacked, with releases "
            f"{listed([str(n) for n in attacked['releases']])} at hand: {attacked['groups']} "
            f"groups, {attacked['cells']:,} figures, {attacked['sets']:,} sets of few people. "
            f"{len(attacked['breaches']) or 'None'} could be worked out. {attacked['allowed']:,} "
            "figures follow from a group of whom all or none said so, which is allowed where the "
            "code is not sensitive."
        )
    table(
        [
            {
                "What": f"{f['kind'].capitalize()}: {f['name'].replace('_', ' ')}",
                "Figure": str(f["value"]), "Why": f["reason"], "Source": f["source"],
            }
            for f in policy["figures"]
        ],
        "Figures of the policy",
    )  # fmt: skip
    table(
        [{"Bands of sensitive codes, the first that is safe": listed(b)} for b in policy["bands"]],
        "Bands of sensitive codes",
    )
    public = [
        {"Wave": f["wave"], "In print already": f["what"], "Why shown": f["reason"]}
        for f in policy["public"]
    ]
    table(public, "Published facts")


def _table(heading: str, rows: list[dict[str, str]]) -> None:
    st.subheader(heading)
    table(rows, heading)


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
