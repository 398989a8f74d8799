"""Which agencies' figures stand beside which finding, never matched and never subtracted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """A finding and what agencies record of the same matter: `whats` of a measure, the later ones
    of the first. `own` names the measure's own rows that are meant; `care` how they differ.
    """

    finding: str
    measure: str
    whats: tuple[str, ...]
    care: str
    own: tuple[tuple[str, str], ...] = ()


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "F06",
        "reoffending",
        ("people", "reoffenders"),
        "Proven offences only, by people whose 18 months have passed.",
    ),
    Comparison(
        "F08",
        "programmes_done",
        ("needed", "offered", "started", "completed"),
        "Programmes that an agency recorded; work in custody may be missing.",
        (("kind", "offence_focused"),),
    ),
    Comparison(
        "F09",
        "treatment",
        ("referred", "started", "stayed", "completed"),
        "Treatments, not people; whether they satisfied is not recorded.",
        (("substance", "All"),),
    ),
    Comparison(
        "F10",
        "attendance",
        ("kept", "missed", "rearranged"),
        "Why an appointment was missed is not recorded.",
        (("agency", "All"), ("site", "All"), ("joint", "All")),
    ),
    Comparison(
        "F11",
        "pathways",
        ("need", "referred", "started", "completed"),
        "Assessed needs on drugs and alcohol; the other six stand on the page of pathways.",
        (("pathway", "substances"),),
    ),
    Comparison(
        "F12",
        "programmes_done",
        ("needed", "offered", "started", "completed"),
        "Restorative justice needs a victim who agrees to it.",
        (("kind", "restorative_justice"),),
    ),
    Comparison(
        "F13",
        "attendance",
        ("kept", "missed", "rearranged"),
        "Joint meetings only; they are chosen for people for whom they may work.",
        (("agency", "All"), ("site", "All"), ("joint", "yes")),
    ),
    Comparison(
        "F14",
        "programmes_done",
        ("needed", "offered", "started", "completed"),
        "Peer mentoring only, whenever it was offered.",
        (("kind", "peer_mentoring"),),
    ),
    Comparison(
        "F16",
        "pathways",
        ("need", "referred", "started", "completed"),
        "Assessed needs on attitudes, thinking and behaviour.",
        (("pathway", "attitudes"),),
    ),
)
