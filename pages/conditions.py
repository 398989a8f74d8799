"""The conditions under which a scheme succeeds, as the board answers for each, and the evidence."""

from html import escape

from iomdash.declared.conditions import CONDITIONS, Condition
from iomdash.declared.findings import find
from iomdash.declared.groups import Group
from iomdash.pictures import board
from iomdash.pictures.wording import headline
from iomdash.release.reader import Release
from iomdash.site.frame import choose
from iomdash.site.parts import whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import bullets, link, quiet

ABOUT = (
    "The board answers for itself, once a quarter; nobody else is asked. The evidence beside an "
    "answer is what interviewees said, under the filters above. Neither follows from the other."
)
SOURCE = (
    "Eight are conditions of change in an organisation that the study of 2017 cites, the ninth is "
    "the study's own. The words are ours."
)
HOW = (
    "The board has not answered yet. Take the template board_answers, fill in a row for each "
    "condition, load it and publish."
)
MADE_UP = "<p><strong>The board's answers are synthetic: made up, by no board.</strong></p>"


def page(sheet: Sheet) -> None:
    """How many are in place, then each condition with its answer, the one before and evidence."""
    release, group = sheet.release, choose(sheet).group
    quarter = board.last_quarter(release)
    head = f"<p>{escape(_summary(release, quarter))}</p>{quiet(ABOUT)}"
    made_up = MADE_UP if board.made_up(release) else ""
    parts = "".join(_condition(c, quarter, release, group) for c in CONDITIONS)
    sheet.html(
        f"<h1>Nine conditions of success, as the board sees them</h1>"
        f"{whole_page(sheet, figures=False)}{made_up}{head}{parts}{quiet(SOURCE)}"
    )


def _summary(release: Release, quarter: str | None) -> str:
    if quarter is None:
        return HOW
    now, then = (board.of_quarter(release, q) for q in (quarter, board.before(quarter)))
    return board.summary(quarter, now, then)


def _condition(
    condition: Condition, quarter: str | None, release: Release, group: Group
) -> str:  # fmt: skip
    answers = (
        [_answer(condition, q, release) for q in (quarter, board.before(quarter))]
        if quarter
        else []
    )
    evidence = [_evidence(id, release, group) for id in condition.findings]
    return (
        f"<h2>{escape(condition.name)}</h2><p>{escape(condition.asks)}</p>{bullets(answers)}"
        f"{quiet('Evidence that bears on it:')}{bullets(evidence)}"
    )


def _answer(condition: Condition, quarter: str, release: Release) -> str:
    answers = board.of_quarter(release, quarter)
    who = board.by_whom(condition, answers)
    return (
        f"{quarter}: <strong>{board.said(condition, answers)}</strong>{f' ({who})' if who else ''}"
    )


def _evidence(id: str, release: Release, group: Group) -> str:
    """A finding's link and the sentence that holds of its first claim."""
    finding = find(id)
    return f"{link(finding)}: {escape(headline(release.claims(group, finding)[0]))}"
