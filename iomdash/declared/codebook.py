"""Themes, codes and stances: what an interview can be coded with, and what counts as yes.

A code is declared once, here. The contract on codings, the REFI-QDA codebook, the Methods page
and the measures all read CODES. `sensitive` codes touch offending, trauma, drug use or mental
health: their excerpts need consent and a review, and their breakdowns the strictest protection.
Source: findings, each with its origin; codes without a claim feed the exhibits beside one.
"""

from dataclasses import dataclass

from iomdash.declared.scheme import AGENCIES, PATHWAYS

# In the order in which one outweighs another where a code follows from several.
STANCES = ("yes", "mixed", "no")
# What a page calls yes, no and mixed, unless a code says otherwise.
STANCE_LABELS = ("Said so", "Said the opposite", "Mixed")


@dataclass(frozen=True)
class Theme:
    """First level of the codebook: a section of the study; `about` says what it asks."""

    id: str
    name: str
    about: str


@dataclass(frozen=True)
class Code:
    """One code; `yes` and `no` say what a coder counts as each, `labels` what a page prints."""

    id: str
    theme: str
    name: str
    definition: str
    yes: str
    no: str
    sensitive: bool = False
    labels: tuple[str, str, str] = STANCE_LABELS


@dataclass(frozen=True)
class AnyOf:
    """A code that is not coded but follows: yes when any of its parts is yes."""

    id: str
    name: str
    parts: tuple[str, ...]


THEMES: tuple[Theme, ...] = (
    Theme(
        "selection",
        "Selection and scheme",
        "Do people know why they were chosen, do they agree, and what does the scheme do for them?",
    ),
    Theme(
        "offending",
        "Offending and desistance",
        "Do people say that they have stopped, and what would make them change?",
    ),
    Theme(
        "roles",
        "Partners' roles",
        "Can people tell one partner from another, and who decides what?",
    ),
    Theme(
        "supervision", "Supervision", "What are probation officers like to those they supervise?"
    ),
    Theme(
        "substances",
        "Drugs and alcohol",
        "Who needs help with drugs or alcohol, and is the help what they need?",
    ),
    Theme("police", "Police", "Do people meet a police officer who helps, or one who controls?"),
    Theme(
        "meetings",
        "Joint meetings",
        "What comes of meeting several partners at once, and who sits there?",
    ),
    Theme(
        "pathways",
        "Pathways",
        "Which of the seven needs do people name, what were they offered, and did it help?",
    ),
    Theme(
        "offence_work",
        "Offence-focused work",
        "Does anybody work with people on their offending, where, and does it reach them?",
    ),
    Theme(
        "justice",
        "Restorative justice and victims",
        "Would people meet those whom they harmed, and do they know what they did to them?",
    ),
    Theme("trauma", "Trauma", "What lies behind, and does anybody help with it?"),
    Theme(
        "environment", "Environment", "What does the place where people report do to their coming?"
    ),
    Theme(
        "early_help",
        "Early help and peers",
        "Would help early on have changed things, and whom would people have listened to?",
    ),
    Theme("voice", "Voice", "Do people want to be asked, and how?"),
    Theme("rapport", "Rapport", "How did people come to the interview, and would they come again?"),
)


def _says(id: str, theme: str, name: str, yes: str, no: str, *, sensitive: bool = False) -> Code:
    return Code(
        id,
        theme,
        name,
        f"Whether the interviewee {yes}.",
        f"The interviewee {yes}.",
        f"The interviewee {no}.",
        sensitive,
    )


_SELECTION = (
    _says(
        "scheme.positive",
        "selection",
        "Positive about the scheme",
        "speaks well of being managed by the scheme",
        "speaks ill of it",
    ),
    _says(
        "scheme.keeps_focus",
        "selection",
        "Scheme keeps focus",
        "says the scheme keeps them focused or motivated",
        "says it does not",
    ),
    _says(
        "scheme.help_when_needed",
        "selection",
        "Help when needed",
        "says they get help when they need it",
        "says help does not come",
    ),
    _says(
        "selection.understands",
        "selection",
        "Understands selection",
        "can say why they were selected",
        "cannot say why",
    ),
    _says(
        "selection.agrees",
        "selection",
        "Agrees with selection",
        "agrees with being selected",
        "disagrees with being selected or with its conditions",
    ),
    _says(
        "selection.reason_offending",
        "selection",
        "Selected for offending",
        "names their offending as the reason",
        "says offending was not the reason",
        sensitive=True,
    ),
    _says(
        "selection.reason_drugs",
        "selection",
        "Selected for drugs",
        "names drugs as the reason",
        "says drugs were not the reason",
        sensitive=True,
    ),
    _says(
        "selection.reason_lifestyle",
        "selection",
        "Selected for lifestyle",
        "names concerns about their lifestyle as the reason",
        "says lifestyle was not the reason",
    ),
    _says(
        "selection.reason_help",
        "selection",
        "Selected for needing help",
        "names a need for help and support as the reason",
        "says help was not the reason",
    ),
    _says(
        "selection.reason_risk",
        "selection",
        "Selected to be watched",
        "says selection is there to watch and manage their risk",
        "says it is not about risk",
    ),
)

_OFFENDING = (
    _says(
        "offending.stopped",
        "offending",
        "No longer offending",
        "says they no longer offend",
        "says they still offend",
        sensitive=True,
    ),
    Code(
        "support.effect_on_stopping",
        "offending",
        "Effect of support on stopping",
        "What the interviewee says the support does to the likelihood that they stop offending.",
        "Less likely to stop, which is how the 2017 report words it; it may be a slip.",
        "More likely to stop.",
        labels=("Less likely to stop (as worded in 2017)", "More likely to stop", "No difference"),
    ),
    _says(
        "support.asks_for_help",
        "offending",
        "Asks for help",
        "says they now ask for help or would bring a problem up",
        "says they would not ask",
    ),
    _says(
        "change.self",
        "offending",
        "Change is one's own decision",
        "names themselves as what would change their behaviour",
        "says change depends on others",
    ),
    _says(
        "change.ready",
        "offending",
        "Ready to change",
        "says they are, or were at the time, ready to change",
        "says they were not ready",
    ),
    _says(
        "work.working",
        "offending",
        "Working",
        "gives their work as part of their present life",
        "says they have no work",
    ),
    _says(
        "family.motivates",
        "offending",
        "Family motivates",
        "names children or family as a reason to stop",
        "says family plays no part",
    ),
)

_ROLES = (
    _says(
        "roles.blurred",
        "roles",
        "Roles blurred",
        "takes police and probation, or all partners, for one",
        "tells their roles apart",
    ),
    _says(
        "roles.police_enforce",
        "roles",
        "Police enforce",
        "thinks that the police enforce licences and sentences",
        "says that they do not",
    ),
    _says(
        "roles.probation_enforce",
        "roles",
        "Probation enforces",
        "thinks that probation enforces licences and sentences",
        "says that it does not",
    ),
    _says(
        "roles.police_drive_appointments",
        "roles",
        "Police drive appointments",
        "sees the police behind their appointments or recalls",
        "says that they are not behind them",
    ),
)

_SUPERVISION = (
    _says(
        "supervision.officer_helps",
        "supervision",
        "Officer listens and helps",
        "says that their probation officer listens, is honest or helps",
        "says the opposite",
    ),
    _says(
        "supervision.flexible",
        "supervision",
        "Officer is flexible",
        "says that their probation officer is flexible",
        "says that the officer is rigid",
    ),
    _says(
        "supervision.laxer",
        "supervision",
        "Supervision has grown laxer",
        "says that supervision takes less time, or asks less, than it once did",
        "says that it asks as much as ever, or more",
    ),
)

_SUBSTANCES = (
    _says(
        "substance.need",
        "substances",
        "Drug or alcohol need",
        "names a need for drug or alcohol help",
        "says that they have no such need",
        sensitive=True,
    ),
    _says(
        "substance.in_treatment",
        "substances",
        "In treatment",
        "says that they are in drug or alcohol treatment",
        "says that they are not",
        sensitive=True,
    ),
    _says(
        "substance.satisfied",
        "substances",
        "Satisfied with drug or alcohol help",
        "is satisfied with the help for drugs or alcohol",
        "is dissatisfied",
        sensitive=True,
    ),
    _says(
        "substance.beyond_prescription",
        "substances",
        "More than a prescription",
        "values the drug service for more than its prescription",
        "sees a prescriber only",
        sensitive=True,
    ),
    _says(
        "substance.cut_down_first",
        "substances",
        "Cut down before stopping",
        "wants to cut down before stopping",
        "wants to stop at once",
        sensitive=True,
    ),
)

_POLICE = (
    _says(
        "police.supportive",
        "police",
        "Police support",
        "values help or care from the police",
        "says that the police do not help",
    ),
    _says(
        "police.controlling",
        "police",
        "Police control",
        "speaks of the police as controlling or out to arrest",
        "says that they do not control",
    ),
)

_MEETINGS = (
    _says(
        "meetings.experienced",
        "meetings",
        "Has been at a joint meeting",
        "has been at a meeting with more than one agency",
        "has been at none",
    ),
    _says(
        "meetings.positive",
        "meetings",
        "Joint meeting positive",
        "found a joint meeting good or useful",
        "found it bad or useless",
    ),
    _says(
        "meetings.said_once",
        "meetings",
        "Saying it once",
        "likes that a joint meeting spares them from saying the same thing to everyone",
        "says that it spares them nothing",
    ),
    _says(
        "meetings.progress_heard",
        "meetings",
        "Progress is heard",
        "likes that partners hear there of how well they are doing",
        "says that nobody hears of it there",
    ),
    *(
        _says(
            f"meetings.with_{agency.key}",
            "meetings",
            f"With {agency.name.lower()}",
            f"says that a joint meeting included {agency.name.lower()}",
            "says that it did not",
        )
        for agency in AGENCIES[:5]
    ),
)

_PATHWAY_STEPS = (
    ("need", "need", "names a need on this pathway", "says that they have none"),
    ("offered", "offered", "says that support on it was offered", "says that none was offered"),
    ("relevant", "relevant", "finds support on it relevant to them", "finds it irrelevant"),
    ("helped", "helped", "says that support on it helped them", "says that it did not help"),
)

STEPS = tuple(step for step, *_ in _PATHWAY_STEPS)

_PATHWAYS = (
    _says(
        "pathways.relevant",
        "pathways",
        "Pathways relevant",
        "finds the pathways relevant to them",
        "finds them irrelevant",
    ),
    _says(
        "pathways.helped",
        "pathways",
        "Pathways helped towards change",
        "says that pathway support helped them to think about change",
        "says that it did not",
    ),
    _says(
        "pathways.quicker_access",
        "pathways",
        "Quicker access through the cohort",
        "says that being in the cohort got them to a service sooner",
        "says that it got them there no sooner",
    ),
    *(
        _says(
            f"pathways.{pathway.id}.{step}",
            "pathways",
            f"{pathway.name}: {word}",
            yes,
            no,
            sensitive=pathway.id in ("health", "substances"),
        )
        for pathway in PATHWAYS
        for step, word, yes, no in _PATHWAY_STEPS
    ),
)

_OFFENCE_WORK = (
    _says(
        "offence_work.lacking",
        "offence_work",
        "Offence-focused work lacking",
        "has no offence-focused work now, in the community",
        "has such work now",
    ),
    _says(
        "programmes.done",
        "offence_work",
        "Has done a programme",
        "has done an offending behaviour programme",
        "has done none",
    ),
    _says(
        "programmes.not_helpful",
        "offence_work",
        "Programme did not help",
        "says that a programme did not help or was not done properly",
        "says that it helped",
    ),
    _says(
        "programmes.in_custody",
        "offence_work",
        "Programme in custody",
        "did a programme in custody",
        "did none in custody",
    ),
    _says(
        "programmes.in_community",
        "offence_work",
        "Programme in the community",
        "did a programme in the community",
        "did none in the community",
    ),
    _says(
        "programmes.long_ago",
        "offence_work",
        "Programme years ago",
        "did a programme years ago",
        "did one lately",
    ),
    _says(
        "offence_work.not_for_me",
        "offence_work",
        "Offence-focused work is for others",
        "sees the good of offence-focused work and says that they have no need of it",
        "says that they need it themselves",
    ),
)

_JUSTICE = (
    _says(
        "rj.asked",
        "justice",
        "Asked about restorative justice",
        "was asked about restorative justice in the interview",
        "was not asked",
    ),
    _says(
        "rj.open",
        "justice",
        "Open to restorative justice",
        "would value, or would have valued, restorative justice",
        "rejects it",
    ),
    _says(
        "victims.needs_work",
        "justice",
        "Would gain from victim work",
        "would gain from work on the effect of their offences on victims",
        "needs no such work",
    ),
)

_TRAUMA = (
    _says(
        "trauma.unresolved",
        "trauma",
        "Unresolved trauma",
        "speaks of trauma in childhood or early adulthood that is not resolved",
        "says that there was none, or that it is resolved",
        sensitive=True,
    ),
    _says(
        "trauma.help_offered",
        "trauma",
        "Help with mental health",
        "says that they get help for their mental health",
        "says that they get none",
        sensitive=True,
    ),
)

_ENVIRONMENT = (
    _says(
        "environment.deters",
        "environment",
        "Place of reporting deters",
        "says that the place where they report deters them",
        "says that it does not",
    ),
    _says(
        "environment.police_building",
        "environment",
        "Setting: police building",
        "names a police building",
        "says that it is not the problem",
    ),
    _says(
        "environment.probation_office",
        "environment",
        "Setting: probation office",
        "names a probation office",
        "says that it is not the problem",
    ),
    _says(
        "environment.drug_service",
        "environment",
        "Setting: drug service",
        "names the drug service",
        "says that it is not the problem",
    ),
    _says(
        "environment.old_company",
        "environment",
        "Old company where one reports",
        "expects to meet people there who offend or use drugs",
        "says that there is nobody there to fear",
    ),
)

_EARLY_HELP = (
    _says(
        "early_help.would_have_helped",
        "early_help",
        "Earlier help would have helped",
        "says that help earlier in life might have kept them out",
        "says that it would not have",
    ),
    _says(
        "peers.would_listen",
        "early_help",
        "Would listen to a peer",
        "would listen to somebody who has been through it",
        "would not listen",
    ),
    _says(
        "peers.offered",
        "early_help",
        "Peer mentoring offered",
        "has been offered a peer mentor",
        "has not been offered one",
    ),
)

_VOICE = (
    _says(
        "voice.appreciates",
        "voice",
        "Appreciates being heard",
        "is glad to be asked for their view",
        "is not glad to be asked",
    ),
    _says(
        "voice.forums",
        "voice",
        "Favours forums or interviews",
        "thinks forums or interviews of service users a good idea",
        "thinks them a bad idea",
    ),
)

_RAPPORT = (
    _says(
        "rapport.apprehensive",
        "rapport",
        "Apprehensive at first",
        "was apprehensive at the start of the interview",
        "was at ease from the start",
    ),
    _says(
        "rapport.again",
        "rapport",
        "Would be interviewed again",
        "would be interviewed again",
        "would not be interviewed again",
    ),
)

CODES: dict[str, Code] = {
    code.id: code
    for group in (
        _SELECTION,
        _OFFENDING,
        _ROLES,
        _SUPERVISION,
        _SUBSTANCES,
        _POLICE,
        _MEETINGS,
        _PATHWAYS,
        _OFFENCE_WORK,
        _JUSTICE,
        _TRAUMA,
        _ENVIRONMENT,
        _EARLY_HELP,
        _VOICE,
        _RAPPORT,
    )
    for code in group
}

DERIVED: dict[str, AnyOf] = {
    derived.id: derived
    for derived in (
        AnyOf(
            "behaviour_work.lacking",
            "Work on behaviour lacking",
            ("offence_work.lacking", "programmes.not_helpful"),
        ),
    )
}


def is_sensitive(code: str) -> bool:
    """Whether the code, or any part of a derived one, is sensitive. Raises KeyError if unknown."""
    if code in DERIVED:
        return any(CODES[part].sensitive for part in DERIVED[code].parts)
    return CODES[code].sensitive


def name_of(code: str) -> str:
    """The words that a page prints for a code. Raises KeyError if unknown."""
    return DERIVED[code].name if code in DERIVED else CODES[code].name
