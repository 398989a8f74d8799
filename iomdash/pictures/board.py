"""What the board says of itself: the last quarter that it answered for, and the one before."""

from collections.abc import Mapping

from iomdash.declared.conditions import ANSWERS, CONDITIONS, POSTS, Condition
from iomdash.pictures.wording import listed
from iomdash.release.file import Row
from iomdash.release.reader import Release

NOT_ANSWERED = "not answered"
IN_PLACE = ANSWERS[0].id
_WORDS = {choice.id: choice.name for choice in (*ANSWERS, *POSTS)}

Answers = Mapping[str, Row]


def last_quarter(release: Release) -> str | None:
    """The last quarter for which the board answered anything; None where it never did."""
    rows = release.board_answers()
    return str(rows[0]["quarter"]) if rows else None


def before(quarter: str) -> str:
    """The quarter before one: '2025 Q4' before '2026 Q1'."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year - 1} Q4" if number == 1 else f"{year} Q{number - 1}"


def of_quarter(release: Release, quarter: str) -> Answers:
    """The board's answers for a quarter, by condition."""
    return {r["condition"]: r for r in release.board_answers() if r["quarter"] == quarter}


def made_up(release: Release) -> bool:
    """Whether any answer was made up."""
    return any(row["origin"] == "synthetic" for row in release.board_answers())


def said(condition: Condition, answers: Answers) -> str:
    """Shape and words of an answer."""
    row = answers.get(condition.id)
    return NOT_ANSWERED if row is None else _WORDS[row["answer"]]


def by_whom(condition: Condition, answers: Answers) -> str:
    """The post that answered and the day; '' where nobody did."""
    row = answers.get(condition.id)
    return f"{_WORDS[row['answered_by']]}, {row['answered_on']:%-d %b %Y}" if row else ""


def summary(quarter: str, now: Answers, then: Answers) -> str:
    """How many conditions the board calls in place, and which answers differ from before."""
    holds, held = (
        sum(row["answer"] == IN_PLACE for row in answers.values()) for answers in (now, then)
    )
    first = f"For {quarter} the board calls {holds} of {len(CONDITIONS)} in place"
    if not then:
        return f"{first}. It did not answer for {before(quarter)}."
    changed = [c.name for c in CONDITIONS if said(c, now) != said(c, then)]
    moved = f"Other answers than then: {listed(changed)}" if changed else "No answer changed"
    return f"{first}, {held} for {before(quarter)}. {moved}."
