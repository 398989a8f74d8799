"""Whether a cell says who did something, and whether two cells say the same person."""

# Words in which nobody is named, folded as names are; what stands for nothing in any column, such
# as n/a or TBC, is refused before (cells.py).
_NOBODY = (
    "nobody", "noone", "none", "x", "anon", "anonymous", "someone", "somebody", "someoneelse",
    "somebodyelse", "anyone", "anybody", "other", "another", "person", "secondperson", "self",
    "myself", "me", "same", "sameperson", "assame", "asabove", "ditto", "coder", "reviewer",
    "thereviewer", "name", "initials", "staff", "user", "admin", "test", "yes", "no", "done", "ok",
    "reviewed", "checked", "cleared", "notyet", "notreviewed", "notneeded", "later", "unknown",
    "na", "nk", "tbc", "tba", "tbd", "nan", "null", "nil",
)  # fmt: skip

# Case, accents, blanks, dots and hyphens tell nobody apart.
FOLDED = (
    "create or replace temp macro folded_name(told) as "
    "regexp_replace(lower(strip_accents(told)), '[^\\p{L}\\p{N}]', '', 'g')"
)
_LISTED = ", ".join(f"'{word}'" for word in _NOBODY)
# A single letter, or one again and again, is nobody's initials; figures alone are nobody.
NOBODY = (
    "create or replace temp macro stands_for_nobody(told) as "
    f"folded_name(told) in ({_LISTED}) or length(folded_name(told)) < 2 "
    "or regexp_matches(folded_name(told), '^\\p{N}+$') "
    "or replace(folded_name(told), folded_name(told)[1], '') = ''"
)
