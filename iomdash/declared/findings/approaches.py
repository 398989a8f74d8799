"""Findings on restorative justice, earlier help, peers and a programme for the scheme."""

from iomdash.declared.findings.claims import STUDY, Claim, Exhibit, Finding
from iomdash.declared.quantifiers import MAJORITY

FINDINGS = (
    Finding(
        "F12",
        "Victims and restorative justice",
        "justice",
        STUDY,
        (
            Claim(
                "felt open to restorative justice",
                "rj.open",
                MAJORITY,
                among="rj.asked",
                base="who were asked",
            ),
            Claim("stood to gain from work on victims", "victims.needs_work", MAJORITY),
        ),
        (
            Exhibit("cohorts", "Open to restorative justice", ("rj.open",)),
            Exhibit("cohorts", "Ready to change", ("change.ready",)),
            Exhibit("codes", "Readiness", ("change.ready", "victims.needs_work", "rj.open")),
        ),
        caveat="Restorative justice was introduced in some interviews only.",
        contradiction=(
            "The 2017 report says a majority without saying of whom; it is read as of those who "
            "were asked."
        ),
        ask="Who is trained to prepare a restorative meeting, and when is one offered?",
    ),
    Finding(
        "F14",
        "Earlier help and peers",
        "early_help",
        STUDY,
        (
            Claim(
                "said that help early in their offending might have kept them out",
                "early_help.would_have_helped",
                MAJORITY,
            ),
            Claim("said that they would listen to a peer", "peers.would_listen", MAJORITY),
        ),
        (
            Exhibit("profile", "Age at first offence", ("age_first_offence",)),
            Exhibit(
                "codes", "Peers: offered, and listened to", ("peers.offered", "peers.would_listen")
            ),
            Exhibit("recorded", "Peer mentoring in agencies' records", ("peer mentoring",)),
        ),
        caveat="Looking back is easier than it was at the time.",
        ask="How many people were offered a peer mentor this year?",
    ),
    Finding(
        "F16",
        "A programme for IOM is needed",
        "offence_work",
        STUDY,
        (
            Claim(
                "lacked work on behaviour, or had a programme that did not help",
                "behaviour_work.lacking",
                MAJORITY,
            ),
        ),
        (
            Exhibit(
                "codes",
                "What is lacking, and what did not help",
                ("offence_work.lacking", "programmes.not_helpful"),
            ),
            Exhibit("cohorts", "Work on behaviour lacking", ("behaviour_work.lacking",)),
            Exhibit("recorded", "Attitudes, thinking and behaviour by cohort", ("attitudes",)),
        ),
        caveat="A recommendation of the 2017 study: this is evidence for it, not a count of it.",
        ask="What would a programme for these cohorts have to do that existing ones do not?",
    ),
)
