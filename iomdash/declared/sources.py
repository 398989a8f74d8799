"""Where a line of the scheme, of the study or of a condition comes from."""

from enum import Enum


class Source(Enum):
    """Where a line of the scheme comes from, in the words that pages print beside it."""

    STUDY = "study of 2017"
    PRINCIPLES = "Home Office and Ministry of Justice, principles of IOM, 2015"
    PLAN = "national plan to reduce re-offending, 2004, as the study of 2017 gives it"
    GUIDANCE = "guidance of the West Midlands, 2012, as the study of 2017 gives it"
    CRIME_GROUPS = "Home Office, groups of recorded crime"
    PARTNERSHIP = "set by the partnership"
    PROJECT = "set by iomdash"


class Line(str):
    """A line of the scheme as it is printed, with where it comes from."""

    source: Source

    def __new__(cls, text: str, source: Source) -> "Line":
        """The text, which is read as any other, and its source."""
        line = super().__new__(cls, text)
        line.source = source
        return line


STUDY, PARTNERSHIP = Source.STUDY, Source.PARTNERSHIP

# Origins of rows of which nothing is about anybody whom the partnership asked or recorded: where a
# release holds no others, it is a demonstration.
MADE_UP = frozenset({"synthetic", "reconstructed", "reported"})
