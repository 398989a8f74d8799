"""What a spreadsheet shows for a number under a number format.

Only formats that can be followed with certainty: figures, literal text, a thousands sign.
Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (built-in formats).
"""

import re
from functools import cache

GENERAL = "General"
_BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
DATE = "date"

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[[^\]]*\]|([#0?][#0?,]*(?:\.[0#?]+)?)|(.)')
# Signs that a format may hold without a mark before them, and that stand for themselves.
_PLAIN = " $-+/():!^&'~{}<>=£€"


def code_of(id: int, own: dict[int, str]) -> str:
    """The code of a format by its number: DATE for days and times, of whatever form."""
    if id in own:
        return DATE if _is_date(own[id]) else own[id]
    return DATE if id in _DATES else _BUILT_IN.get(id, GENERAL)


@cache
def _is_date(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]hms]*\]', "", code)
    return bool(re.search("[ymdhs]", bare, re.IGNORECASE)) and bare.lower() != "general"


def is_plain(code: str) -> bool:
    """Whether the number is shown as it is kept."""
    return code in (GENERAL, "@", DATE) or code.lower() == "general"


@cache
def shown(code: str, number: str) -> str | None:
    """The number as the spreadsheet shows it; None where that is not certain."""
    try:
        value = float(number)
    except ValueError:
        return number
    sections = code.split(";")
    if value < 0 or '"' in "".join(sections[1:]) or "," in code.rstrip('"').rpartition("0")[2]:
        return None
    before, figures, after = _parts(sections[0])
    if figures is None:
        return None
    whole, _, places = figures.partition(".")
    text = f"{value:.{len(places)}f}"
    if "?" in figures or "#" in places:
        return None
    integer, _, fraction = text.partition(".")
    integer = integer.zfill(whole.replace(",", "").count("0"))
    if "," in whole:
        integer = f"{int(integer):,}"
    return f"{before}{integer}{'.' if fraction else ''}{fraction}{after}"


@cache
def _parts(section: str) -> tuple[str, str | None, str]:
    """Literal text before the figures, the figures, and text after; None without certainty."""
    sides, figures = ["", ""], None
    for quoted, escaped, _, fill, run, other in _TOKEN.findall(section):
        if run:
            if figures is not None:
                return "", None, ""
            figures = run
        elif fill or (other and other not in _PLAIN):
            return "", None, ""
        else:
            sides[figures is not None] += quoted or escaped or other
    return sides[0], figures, sides[1]
