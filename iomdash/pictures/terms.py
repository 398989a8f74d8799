"""Lines of the scheme in words, with where they come from."""

from iomdash.declared.scheme import Cohort
from iomdash.declared.sources import Line
from iomdash.declared.verdicts import Verdict

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

# Words of pages that a reader may not know, as the glossary of the documents has them.
GLOSSARY = {
    "Claim": "what a finding says of interviewees, with a word for how many",
    "Wave": "one round of interviews",
    "Base": "the people of whom a figure is a part",
    "Interval": "where the share of all such people lies with 95 % confidence, for chance alone",
    "Range": "from those who said so to those who may have, as they did not raise it or were mixed",
    "Band": "a range of shares in place of a count, where what was said is sensitive",
    "Synthetic": "made up by the project, about nobody",
    "Reconstructed": "chosen by the project where the report of 2017 leaves a figure open",
}


def sourced(*lines: Line) -> str:
    """Lines as one sentence with their sources in brackets: "Manage risk (study of 2017)."."""
    text = "; ".join(line.removesuffix(".") for line in lines)
    return f"{text} ({', '.join(dict.fromkeys(line.source.value for line in lines))})."


def of_reference(cohort: Cohort) -> dict[str, str]:
    """The Terms of Reference of a cohort in short, line by line, with their sources."""
    return {
        "Who": sourced(cohort.who),
        "Selected": sourced(*cohort.referral),
        "Purpose": sourced(*cohort.purpose),
        "Way out": sourced(cohort.way_out),
    }
