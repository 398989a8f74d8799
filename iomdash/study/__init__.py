"""The built-in data: the 2017 study as the report lets it be rebuilt, and a synthetic wave.

The report gives quotations of 11 people and counts in words, but no table of who said what.
The codings of wave 2017 therefore follow one principle: *the smallest number of people that
makes the source's words true and contains every code that it reports of a person*. Most or a
majority of 11 is 6, a large majority 8, nearly all 9, and "some" are those shown, at least 2;
numbers and "all" are taken as they stand. People beyond that stay "not raised": no answer is
invented for them.

Every row says where it comes from. `reported`: a quotation, or a statement about everybody,
shows it of that very person, so the coder is the report. `reconstructed`: the source gives the
count, who makes it up is our choice. So is the cohort of every interviewee but one; the report
states only how many there were of each. The information sheets were published as pictures and
stay empty, the caseload is unknown and has no file, and consent that no source shows counts as
not given.
Excerpts are paraphrases in our own words of quotations that were published.
"""

from pathlib import Path

from iomdash.study.stated import STATED, Stated

__all__ = ["STATED", "STUDY_FILES", "Stated", "provenance", "range_of"]

_FOLDER = Path(__file__).parent / "wave_2017"

STUDY_FILES: dict[str, Path] = {
    table: _FOLDER / f"{table}.csv" for table in ("interviews", "codings", "excerpts", "approaches")
}


def provenance(code: str, among: str | None) -> str | None:
    """What the source leaves open of a claim's figure of 2017, in words; None if nothing."""
    stated = _stated(code, among)
    if stated is None:
        return "The source gives no count; the figure holds only those whose words it shows."
    chosen = f"The source says “{stated.words}”; the figure is the smallest that fits."
    return " ".join(filter(None, ("" if stated.exact else chosen, stated.note))) or None


def range_of(code: str, among: str | None) -> tuple[int, int] | None:
    """Least and most people of 2017 that the source's words allow; None where it counts nobody."""
    stated = _stated(code, among)
    return None if stated is None else (stated.least, stated.most)


def _stated(code: str, among: str | None) -> Stated | None:
    return next((s for s in STATED if (s.code, s.among) == (code, among)), None)
