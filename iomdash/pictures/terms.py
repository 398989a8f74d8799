"""Lines of the scheme in words, with where they come from."""

from iomdash.declared.scheme import Cohort
from iomdash.declared.sources import Line


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
