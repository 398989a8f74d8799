"""Records that a later extract no longer holds: kept, ended or withdrawn, and told."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_feeds import SOUND

from iomdash import cli
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.absence import TREATMENTS
from iomdash.errors import EnvironmentFault, Unconfirmed
from iomdash.intake.feeds import FEEDS
from iomdash.intake.sources.raw import Options
from iomdash.vault import current, log, replace
from iomdash.vault.writer import Loaded, Vault

TODAY = date(2026, 11, 1)
JUNE, SEPTEMBER = "2026-06-30", "2026-09-30"
TAKEN = {"iom_caseload": "Extract Date", "police_arrests": "Run Date",
         "programme_places": "Extract Date", "probation_custody": "Extract Date"}  # fmt: skip


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.open(tmp_path / "data") as held:
        yield held


def written(folder: Path, feed: str, references: list[str], taken: str, **cells: str) -> Path:
    """A file of one agency: a row for each reference, all about one person."""
    row = SOUND[feed] | cells
    columns = [*row]
    first, day = columns[0], columns[-1]
    style = next(c.style for c in odcs.load(feed).columns if c.header == day)
    told = date.fromisoformat(taken).strftime("%d-%b-%y") if style == "dd-MMM-yy" else taken
    lines = [",".join((row | {first: each, day: told}).values()) for each in references]
    path = folder / f"{feed}-{taken}.csv"
    path.write_text("\n".join([",".join(columns), *lines]))
    return path


def sent(vault: Vault, folder: Path, feed: str, references: list[str], taken: str) -> Loaded:
    return vault.load(feed, written(folder, feed, references, taken), today=TODAY)


def rows(vault: Vault, query: str) -> list[tuple[Any, ...]]:
    current.records(vault.connection)
    return vault.connection.execute(query).fetchall()


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_says_what_becomes_of_rows_that_are_no_longer_sent_and_why(feed: str) -> None:
    absence = odcs.load(feed).absence
    assert absence is not None
    assert absence.treatment in TREATMENTS
    assert len(absence.reason) > 40
    if absence.treatment == "ended":
        assert absence.table in {each.name for each in FEEDS[feed].tables}
        assert odcs.load(absence.table).column(absence.ends).kind == "date"
    if absence.because:
        column, value = absence.because
        listed = odcs.load(absence.table).column(column).refers_to
        assert listed == "leaving_reasons.id"
        assert value == "other"


def test_an_event_that_is_no_longer_sent_is_kept(vault: Vault, tmp_path: Path) -> None:
    assert sent(vault, tmp_path, "police_arrests", ["C1", "C2", "C3"], JUNE).absent == ()
    later = sent(vault, tmp_path, "police_arrests", ["C2"], SEPTEMBER)
    words = (
        "2 of 3 rows of arrests in the extract before, of 30/06/2026, are no longer there: kept."
    )
    assert [str(each) for each in later.absent] == [words]
    assert vault.loads()[-1].warnings == (words,)
    found = rows(vault, "select arrest_id from arrests order by all")
    assert found == [("C1",), ("C2",), ("C3",)]


def test_a_stay_that_is_no_longer_sent_ends_with_the_first_extract_without_it(
    vault: Vault, tmp_path: Path
) -> None:
    sent(vault, tmp_path, "probation_custody", ["P1", "P2"], JUNE)
    later = sent(vault, tmp_path, "probation_custody", ["P2"], SEPTEMBER)
    assert [str(each) for each in later.absent] == [
        "1 of 2 rows of custody_spells in the extract before, of 30/06/2026, is no longer there: "
        "ended, where they were open."
    ]
    sent(vault, tmp_path, "probation_custody", ["P2"], "2026-10-31")
    found = rows(vault, "select custody_id, to_on from custody_spells order by all")
    assert found == [("P1", date(2026, 9, 30)), ("P2", None)]


def test_a_stay_that_was_over_keeps_its_end(vault: Vault, tmp_path: Path) -> None:
    over = written(tmp_path, "probation_custody", ["P1"], JUNE, Released="2025-04-01")
    vault.load("probation_custody", over, today=TODAY)
    sent(vault, tmp_path, "probation_custody", ["P2"], SEPTEMBER)
    found = rows(vault, "select to_on from custody_spells where custody_id = 'P1'")
    assert found == [(date(2025, 4, 1),)]


def test_a_case_that_is_taken_off_the_list_is_over_and_its_person_still_known(
    vault: Vault, tmp_path: Path
) -> None:
    sent(vault, tmp_path, "iom_caseload", ["IC-1", "IC-2"], JUNE)
    sent(vault, tmp_path, "iom_caseload", ["IC-1"], SEPTEMBER)
    found = rows(vault, "select adoption_id, left_on, left_reason from adoptions order by all")
    assert found == [("IC-1", None, None), ("IC-2", date(2026, 9, 30), "other")]
    assert rows(vault, "select count(*) > 0 from person_links") == [(True,)]


def test_a_place_that_is_taken_off_the_list_counts_no_more_until_it_is_sent_again(
    vault: Vault, tmp_path: Path
) -> None:
    [key] = [name for name in odcs.load("programmes").key if name != odcs.EXTRACT]
    query = f"select {key} from programmes order by all"
    sent(vault, tmp_path, "programme_places", ["G1", "G2"], JUNE)
    later = sent(vault, tmp_path, "programme_places", ["G1"], SEPTEMBER)
    assert "is no longer there: withdrawn, as they count no more." in str(later.absent[0])
    assert rows(vault, query) == [("G1",)]
    sent(vault, tmp_path, "programme_places", ["G1", "G2"], "2026-10-31")
    assert rows(vault, query) == [("G1",), ("G2",)]


def test_the_order_in_which_extracts_are_loaded_does_not_matter(
    vault: Vault, tmp_path: Path
) -> None:
    assert sent(vault, tmp_path, "probation_custody", ["P2"], SEPTEMBER).absent == ()
    assert sent(vault, tmp_path, "probation_custody", ["P1", "P2"], JUNE).absent == ()
    found = rows(vault, "select custody_id, to_on from custody_spells order by all")
    assert found == [("P1", date(2026, 9, 30)), ("P2", None)]


def test_an_extract_may_come_in_two_files(vault: Vault, tmp_path: Path) -> None:
    sent(vault, tmp_path, "police_arrests", ["C1", "C2"], JUNE)
    assert [each.rows for each in sent(vault, tmp_path, "police_arrests", ["C1"], SEPTEMBER).absent]
    assert sent(vault, tmp_path, "police_arrests", ["C2"], SEPTEMBER).absent == ()


def test_the_extract_of_one_agency_says_nothing_about_the_rows_of_another(
    vault: Vault, tmp_path: Path
) -> None:
    sent(vault, tmp_path, "probation_custody", ["P1"], JUNE)
    # As if another agency had sent stays of its own later.
    vault.connection.execute("update loads set table_name = 'prison_stays'")
    assert sent(vault, tmp_path, "probation_custody", ["P2"], SEPTEMBER).absent == ()
    found = rows(vault, "select custody_id, to_on from custody_spells order by all")
    assert found == [("P1", None), ("P2", None)]


def test_load_and_check_tell_the_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(tmp_path / "data")
    with Vault.open(data) as held:
        sent(held, tmp_path, "police_arrests", ["C1", "C2", "C3"], JUNE)
    later = str(written(tmp_path, "police_arrests", ["C2"], SEPTEMBER))
    for command in ("check", "load"):
        assert cli.main([command, "police_arrests", later, "--data", data]) == 0
        assert "2 of 3 rows of arrests in the extract before" in capsys.readouterr().err


# ----------------------------------------------------------------- many that go are confirmed first


@pytest.mark.parametrize(
    ("feed", "held", "stay", "refused"),
    [
        ("probation_custody", 15, 10, False),  # five of fifteen: a third, and not more
        ("probation_custody", 14, 9, True),  # five of fourteen
        ("probation_custody", 4, 1, False),  # three: fewer than anybody asks about
        ("probation_custody", 6, 1, True),
        ("programme_places", 14, 9, True),  # withdrawn, as mistakes are
        ("police_arrests", 14, 1, False),  # kept, so that nothing goes
    ],
)
def test_a_load_that_would_end_more_than_a_third_is_refused_until_it_is_confirmed(
    feed: str, held: int, stay: int, refused: bool, vault: Vault, tmp_path: Path
) -> None:
    names = [f"R{n}" for n in range(held)]
    sent(vault, tmp_path, feed, names, JUNE)
    later = written(tmp_path, feed, names[:stay], SEPTEMBER)
    if not refused:
        assert vault.load(feed, later, today=TODAY).rows == stay
        return
    gone = held - stay
    for said in (None, gone - 1, gone + 1):
        with pytest.raises(Unconfirmed) as told:
            vault.load(feed, later, today=TODAY, options=Options(absent=said))
        assert told.value.rows == gone
    assert len(vault.loads()) == 1
    assert vault.load(feed, later, today=TODAY, options=Options(absent=gone)).rows == stay


def test_the_refusal_says_how_many_would_end_and_what_to_do(vault: Vault, tmp_path: Path) -> None:
    sent(vault, tmp_path, "probation_custody", [f"R{n}" for n in range(9)], JUNE)
    with pytest.raises(Unconfirmed) as told:
        sent(vault, tmp_path, "probation_custody", ["R0"], SEPTEMBER)
    assert str(told.value).splitlines()[1] == (
        "probation_custody-2026-09-30.csv: It would end 8 of 9 current rows of custody_spells, as "
        "it does not hold them: more than a third. If it is a part of the extract, load the whole "
        "one. If the 8 rows are over, or come in another file of that day, confirm it: "
        "--yes-absent 8, or the tick in Upload."
    )


def test_what_was_over_already_is_none_of_those_that_would_end(
    vault: Vault, tmp_path: Path
) -> None:
    over = written(
        tmp_path, "probation_custody", [f"R{n}" for n in range(20)], JUNE, Released="2025-04-01"
    )
    vault.load("probation_custody", over, today=TODAY)
    later = sent(vault, tmp_path, "probation_custody", ["R0"], SEPTEMBER)
    assert [(one.rows, one.gone, one.current) for one in later.absent] == [(19, 0, 0)]


def test_the_second_file_of_an_extract_ends_what_neither_holds(
    vault: Vault, tmp_path: Path
) -> None:
    names = [f"R{n}" for n in range(12)]
    sent(vault, tmp_path, "probation_custody", names, JUNE)
    first = written(tmp_path, "probation_custody", names[:6], SEPTEMBER)
    vault.load("probation_custody", first, today=TODAY, options=Options(absent=6))
    rest = sent(vault, tmp_path, "probation_custody", names[6:11], SEPTEMBER)
    assert [(one.rows, one.gone, one.current) for one in rest.absent] == [(1, 1, 12)]


def test_a_correction_of_an_extract_is_asked_about_as_a_load_is(
    vault: Vault, tmp_path: Path
) -> None:
    names = [f"R{n}" for n in range(9)]
    sent(vault, tmp_path, "probation_custody", names, JUNE)
    batch = sent(vault, tmp_path, "probation_custody", names[1:], SEPTEMBER).batch_id
    part = written(tmp_path, "probation_custody", names[:3], SEPTEMBER)
    with pytest.raises(Unconfirmed):
        replace.replace(vault, batch, part, today=TODAY)
    assert log.held(vault.connection, batch)
    replace.replace(vault, batch, part, today=TODAY, options=Options(absent=6))


def test_the_command_line_takes_the_number_that_is_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    names = [f"R{n}" for n in range(9)]
    with Vault.open(data) as held:
        sent(held, tmp_path, "probation_custody", names, JUNE)
    later = str(written(tmp_path, "probation_custody", names[:1], SEPTEMBER))
    words = ["probation_custody", later, "--data", str(data)]
    for command in ("check", "load"):
        assert cli.main([command, *words]) == 2
        assert "--yes-absent 8, or the tick in Upload." in capsys.readouterr().err
    assert cli.main(["load", *words, "--yes-absent", "7"]) == 2
    assert cli.main(["load", *words, "--yes-absent", "8"]) == 0
    assert "8 of 9 rows of custody_spells" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="1"):
        cli.main(["load", *words, "--yes-absent", "all"])
    assert "'all' is no number; give that of the message" in capsys.readouterr().err


# ------------------------------------------------------------------------------- the contract's key


def stated(tmp_path: Path, feed: str, change: dict[str, dict[str, str] | None]) -> Path:
    """A contract with some custom properties changed, or taken away."""
    text = (odcs.FOLDER / "feeds" / f"{feed}.odcs.yaml").read_text("utf-8")
    document = yaml.safe_load(text)
    schema = document["schema"][0]
    known = {each["property"]: each for each in schema["customProperties"]}
    for name, value in change.items():
        known.pop(name, None)
        if value is not None:
            known[name] = {"property": name, **value}
    schema["customProperties"] = [*known.values()]
    path = tmp_path / "odd.odcs.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize(("feed", "change", "words"), [
    ("police_arrests", {"absent": None},
     "key 'customProperties.absent': it is missing. Give one of: ended, kept, withdrawn."),
    ("police_arrests", {"absent": {"value": "deleted", "description": "Why."}},
     "key 'customProperties.absent': 'deleted' is not known. Give one of: ended, kept, withdrawn."),
    ("police_arrests", {"absent": {"value": "kept"}},
     "key 'customProperties.absent': it has no reason. Give one as its description."),
    ("police_arrests", {"ends": {"value": "arrests.arrested_on"}},
     "key 'customProperties.ends': it goes with absent: ended, and only with that."),
    ("probation_custody", {"ends": None},
     "key 'customProperties.ends': it goes with absent: ended, and only with that."),
    ("probation_custody", {"ends": {"value": "to_on"}},
     "key 'customProperties.ends': 'to_on' is not of that form. Give it as table.column."),
    ("iom_caseload", {"endsBecause": {"value": "other"}},
     "key 'customProperties.endsBecause': 'other' is not of that form. Give it as column=value."),
    ("police_arrests", {"endsBecause": {"value": "a=b"}},
     "key 'customProperties.ends': it goes with absent: ended, and only with that."),
])  # fmt: skip
def test_a_wrong_word_on_absent_rows_is_refused(
    tmp_path: Path, feed: str, change: dict[str, dict[str, str] | None], words: str
) -> None:
    with pytest.raises(EnvironmentFault) as told:
        odcs.read(stated(tmp_path, feed, change))
    assert f"The contract odd.odcs.yaml is wrong, {words}" in str(told.value)


def test_a_table_that_is_no_file_of_an_agency_has_no_absent_rows(tmp_path: Path) -> None:
    text = (odcs.FOLDER / "interviews.odcs.yaml").read_text("utf-8")
    document = yaml.safe_load(text)
    document["schema"][0]["customProperties"].append({"property": "absent", "value": "kept"})
    path = tmp_path / "odd.odcs.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(EnvironmentFault, match=r"only an agency's file has extracts\. Remove it\."):
        odcs.read(path)
