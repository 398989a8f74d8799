"""The built-in data: the 2017 study as the report lets it be rebuilt, and a synthetic wave.

The report gives quotations of 11 people and counts in words, but no table of who said what.
The codings of wave 2017 therefore follow one principle: *the smallest number of people that
makes the source's words true and contains every code that it reports of a person*. Most or a
majority of 11 is 6, a large majority 8, nearly all 9, and "some" are those shown, at least 2;
numbers and "all" are taken as they stand. People beyond that stay "not raised": no answer is
invented for them. These codings serve breakdowns only, which rank nothing: what is said of the wave
as a whole is `stated`, with the range of counts that the source's words allow.

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

__all__ = ["STATED", "STUDY_FILES", "Stated"]

_FOLDER = Path(__file__).parent / "wave_2017"

STUDY_FILES: dict[str, Path] = {
    table: _FOLDER / f"{table}.csv" for table in ("interviews", "codings", "excerpts", "approaches")
}
