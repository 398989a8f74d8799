"""What the board says of itself: entered as anything is, published as it is; the study's page."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import opened, words

from iomdash import cli
from iomdash.declared.conditions import ANSWERS, CONDITIONS, POSTS
from iomdash.declared.contracts import odcs
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import PRINCIPLES
from iomdash.declared.study import PARTS
from iomdash.errors import ContractBroken, UsageError
from iomdash.pictures import board as said_by_board
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.study import synthetic
from iomdash.vault.writer import Vault
from iomdash.workbench import answers as form
from iomdash.workbench.answers import Given

HEADER = "quarter,condition,answer,answered_by,answered_on,origin"
Visit = Callable[..., AppTest]


@pytest.fixture
def visit(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Visit:
    monkeypatch.setenv("IOMDASH_RELEASES", str(demo_dir / "releases"))
    monkeypatch.delenv("IOMDASH_AUDIENCE", raising=False)
    return lambda address, **query: opened(address, query)


def test_the_nine_conditions_have_a_question_and_evidence_that_there_is() -> None:
    assert len(CONDITIONS) == len({c.id for c in CONDITIONS}) == 9
    known = {finding.id for finding in FINDINGS}
    for condition in CONDITIONS:
        assert condition.asks.endswith("?")
        assert condition.findings
        assert set(condition.findings) <= known
    assert CONDITIONS[-1].id == "voice"


def test_the_contract_has_no_room_for_words_of_ones_own_or_for_a_name() -> None:
    columns = {c.name: c for c in odcs.load("board_answers").columns}
    lists = {c.name: c.refers_to for c in columns.values() if c.refers_to}
    assert lists == {
        "condition": "success_conditions.id", "answer": "condition_answers.id",
        "answered_by": "posts.id", "origin": "origins.id",
    }  # fmt: skip
    assert columns.keys() - lists.keys() == {"quarter", "answered_on"}
    assert columns["quarter"].pattern == "^[0-9]{4} Q[1-4]$"
    assert all(c.required for c in columns.values())


def file_of(folder: Path, *rows: str) -> Path:
    path = folder / "answers.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def test_a_persons_name_in_the_place_of_a_post_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "2026 Q3,voice,in_place,A Person,2026-10-01,collected")
    with (
        Vault.open(tmp_path / "data") as vault,
        pytest.raises(ContractBroken, match="answered_by") as broken,
    ):
        vault.load("board_answers", path)
    assert "chair" in str(broken.value)


@pytest.mark.parametrize(
    ("quarter", "earlier"),
    [("2026 Q3", "2026 Q2"), ("2026 Q2", "2026 Q1"), ("2026 Q1", "2025 Q4")],
)
def test_the_quarter_before_one_is_the_calendars(quarter: str, earlier: str) -> None:
    assert said_by_board.before(quarter) == earlier


def row(answer: str, day: date = date(2026, 10, 8)) -> dict[str, object]:
    return {"answer": answer, "answered_by": "chair", "answered_on": day}


def test_the_summary_counts_what_is_in_place_and_names_what_changed() -> None:
    then = {"voice": row("partly"), "vision": row("in_place")}
    now = {**then, "voice": row("in_place")}
    assert said_by_board.summary("2026 Q1", now, then) == (
        "For 2026 Q1 the board calls 2 of 9 in place, 1 for 2025 Q4. Other answers than then: "
        "Service users have a voice."
    )
    assert said_by_board.summary("2026 Q1", then, then).endswith("No answer changed.")
    assert said_by_board.summary("2026 Q1", now, {}) == (
        "For 2026 Q1 the board calls 2 of 9 in place. It did not answer for 2025 Q4."
    )


def test_a_condition_without_an_answer_is_not_answered_and_never_not_in_place() -> None:
    voice = CONDITIONS[-1]
    assert said_by_board.said(voice, {}) == "not answered"
    assert said_by_board.by_whom(voice, {}) == ""
    assert said_by_board.said(voice, {"voice": row("partly")}) == "◐ Partly in place"
    assert (
        said_by_board.by_whom(voice, {"voice": row("partly")}) == "Chair of the board, 8 Oct 2026"
    )


def test_every_answer_has_a_shape_of_its_own_beside_its_words() -> None:
    shapes = [choice.name.split(" ", 1)[0] for choice in ANSWERS]
    assert len({*shapes}) == len(ANSWERS)
    assert all(choice.name.split(" ", 1)[1] for choice in ANSWERS)
    assert len({choice.id for choice in (*ANSWERS, *POSTS)}) == len(ANSWERS) + len(POSTS)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small vault: answers for two quarters, published; one put right and published again."""
    folder = tmp_path_factory.mktemp("board")
    data = str(folder / "data")
    files = synthetic.write(folder, interviews=12, seed=3)
    for table in ("interviews", "codings"):
        assert cli.main(["load", table, str(files[table]), "--data", data]) == 0
    path = file_of(
        folder,
        "2026 Q2,voice,not_in_place,chair,2026-07-09,collected",
        "2026 Q3,voice,partly,chair,2026-10-08,collected",
    )
    assert cli.main(["load", "board_answers", str(path), "--data", data]) == 0
    assert cli.main(["publish", "--data", data]) == 0
    path = file_of(
        folder,
        "2026 Q2,voice,not_in_place,chair,2026-07-09,collected",
        "2026 Q3,voice,in_place,coordinator,2026-10-09,collected",
    )
    (batch,) = [b for b in batches(Path(data)) if b.startswith("board_answers")]
    words = ["load", "board_answers", str(path), "--replace", batch, "--data", data]
    assert cli.main(words) == 0
    assert cli.main(["publish", "--data", data]) == 0
    return Path(data)


def batches(data: Path) -> list[str]:
    from iomdash.vault import log, reader

    with reader.read(data) as con:
        return [batch.batch_id for batch in log.batches(con)]


@pytest.mark.parametrize("audience", ["board", "coordinator"])
def test_answers_are_published_as_they_are_and_an_answer_put_right_makes_a_new_release(
    corrected: Path, audience: str
) -> None:
    first, second = (
        Release(path_of(corrected / "releases", audience, n)).board_answers() for n in (1, 2)
    )
    assert [(r["quarter"], r["answer"]) for r in first] == [
        ("2026 Q3", "partly"), ("2026 Q2", "not_in_place"),
    ]  # fmt: skip
    assert [(r["quarter"], r["answer"], r["answered_by"]) for r in second] == [
        ("2026 Q3", "in_place", "coordinator"), ("2026 Q2", "not_in_place", "chair"),
    ]  # fmt: skip


def test_the_page_shows_an_answer_with_who_when_the_one_before_and_what_is_open(
    corrected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", str(corrected / "releases"))
    told = words(opened("conditions", {}))
    assert "For 2026 Q3 the board calls 1 of 9 in place, 0 for 2026 Q2." in told
    assert "2026 Q3: ● In place (Coordinator of the scheme, 9 Oct 2026)" in told
    assert "2026 Q2: ○ Not in place (Chair of the board, 9 Jul 2026)" in told
    assert told.count("2026 Q3: not answered") == 8
    assert "synthetic: made up, by no board" not in told


def test_a_board_that_never_answered_is_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = synthetic.write(tmp_path, interviews=12, seed=3)
    data = str(tmp_path / "data")
    for table in ("interviews", "codings"):
        assert cli.main(["load", table, str(files[table]), "--data", data]) == 0
    assert cli.main(["publish", "--data", data]) == 0
    monkeypatch.setenv("IOMDASH_RELEASES", f"{data}/releases")
    told = words(opened("conditions", {}))
    assert "The board has not answered yet. Take the template board_answers" in told
    assert "2026 Q" not in told
    assert all(condition.name in told for condition in CONDITIONS)


def test_the_demonstrations_answers_are_labelled_and_stand_beside_the_evidence(
    visit: Visit,
) -> None:
    told = words(visit("conditions", wave="2026"))
    assert "The board's answers are synthetic: made up, by no board." in told
    for condition in CONDITIONS:
        assert condition.name in told
        assert condition.asks in told
    assert "F15 Being heard counts : Nearly all appreciated being heard" in told


def test_a_hidden_group_has_no_evidence_beside_the_answers(visit: Visit) -> None:
    told = words(visit("conditions", wave="2017", cohort="SPOS"))
    assert told.count("Cannot be told here") == sum(len(c.findings) for c in CONDITIONS)


def test_the_page_on_the_study_tells_principles_cohorts_promises_and_the_duty_to_disclose(
    visit: Visit,
) -> None:
    told = words(visit("about"))
    for principle in PRINCIPLES:
        assert principle.name in told
    for part in PARTS:
        assert part.heading in told
        assert all(line in told for line in part.lines)
    for fact in (
        "22 people were asked and 11 were interviewed", "five years", "six to nine months",
        "danger to others", "thoughts of suicide", "45 to 90 minutes",
        "Way out: De-selected after six months without offending (set by the partnership).",
        "Way out: De-selected after six months without offending (study of 2017).",
    ):  # fmt: skip
        assert fact in told, fact
    consents = [c for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
    assert len(consents) == 7
    assert all(c.description in told for c in consents)


# --------------------------------------------------------------------------------------- the form


def given(quarter: str, **answers: str) -> Given:
    return Given(quarter, "coordinator", date(2026, 10, 9), answers)


def held(data: Path) -> list[tuple[str, str, str, str]]:
    from iomdash.vault import reader

    with reader.read(data) as con:
        return con.execute(
            "select quarter, condition, answer, origin from board_answers order by all"
        ).fetchall()


def test_answers_of_the_form_enter_by_the_contract_and_a_quarter_given_again_is_put_right(
    tmp_path: Path,
) -> None:
    assert form.entered(tmp_path, given("2026 Q2", voice="partly")).rows == 1
    assert form.entered(tmp_path, given("2026 Q3", voice="partly", vision="in_place")).rows == 2
    form.entered(tmp_path, given("2026 Q3", voice="in_place"))
    assert held(tmp_path) == [
        ("2026 Q2", "voice", "partly", "collected"), ("2026 Q3", "voice", "in_place", "collected"),
    ]  # fmt: skip


def test_the_form_refuses_no_answer_an_unknown_one_and_a_quarter_that_came_with_others(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="Answer at least one condition"):
        form.entered(tmp_path, given("2026 Q3"))
    with pytest.raises(ContractBroken, match="perhaps"):
        form.entered(tmp_path, given("2026 Q3", voice="perhaps"))
    path = file_of(
        tmp_path,
        "2026 Q2,voice,partly,chair,2026-07-09,collected",
        "2026 Q3,voice,partly,chair,2026-10-08,collected",
    )
    with Vault.open(tmp_path) as vault:
        vault.load("board_answers", path)
    with pytest.raises(UsageError, match="replace its batch on the page Batches"):
        form.entered(tmp_path, given("2026 Q3", voice="in_place"))
    assert len(held(tmp_path)) == 2


@pytest.mark.parametrize(
    ("day", "quarters"),
    [
        (date(2026, 3, 31), ["2026 Q1", "2025 Q4", "2025 Q3", "2025 Q2"]),
        (date(2026, 10, 1), ["2026 Q4", "2026 Q3", "2026 Q2", "2026 Q1"]),
    ],
)
def test_the_form_offers_the_quarter_of_the_day_and_three_before(
    day: date, quarters: list[str]
) -> None:
    assert form.quarters(day) == quarters


def test_the_page_of_the_form_loads_what_is_chosen_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_DATA", str(tmp_path))

    def script() -> None:
        from iomdash.workbench import answers

        answers.page()

    app = AppTest.from_function(script, default_timeout=300).run()
    chosen = {box.label.split(":")[0]: box for box in app.selectbox}
    assert {c.name for c in CONDITIONS} <= set(chosen)
    chosen["Service users have a voice"].set_value("in_place")
    app.button[0].click().run()
    assert not app.exception
    assert "1 answers" not in app.success[0].value
    assert "1 answer for " in app.success[0].value
    [(quarter, *rest)] = held(tmp_path)
    assert rest == ["voice", "in_place", "collected"]
    assert quarter in form.quarters(date.today())  # noqa: DTZ011
