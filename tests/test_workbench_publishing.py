"""The analyst's pages Publish, Batches and Releases, run without a browser."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import tables_of
from test_publish import WAVE, add, people, said
from workbench_pages import labels, opened, press, settled, words

from iomdash import settings
from iomdash.declared import audiences
from iomdash.declared.reasons import Reason
from iomdash.errors import UsageError
from iomdash.publishing.planned import planned
from iomdash.publishing.publish import publish
from iomdash.publishing.published import Published
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.release.withheld import withheld
from iomdash.vault import log, reader
from iomdash.vault.writer import Vault
from iomdash.workbench import acting, batches, changing, jobs, navigation, run, upload
from iomdash.workbench.parts import STEPS


def rows_of(app: AppTest, column: str) -> list[dict[str, str]]:
    """The rows of the first table that has a column of that name."""
    table = next(table for table in tables_of(app) if column in table)
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 30 interviews, published, and as many loaded since that say no."""
    folder = tmp_path_factory.mktemp("once") / "data"
    add(folder, 0, 30, "yes")
    publish(folder, folder / "releases", user="ana")
    add(folder, 30, 30, "no")
    return folder


@pytest.fixture(scope="module")
def twice(once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with all of it published by a job."""
    folder = shutil.copytree(once, tmp_path_factory.mktemp("twice") / "data")
    run.main(job(folder, before=1))
    return folder


@pytest.fixture
def data(once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return served(once, tmp_path, monkeypatch)


@pytest.fixture
def two(twice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return served(twice, tmp_path, monkeypatch)


def served(filled: Path, to: Path, patch: pytest.MonkeyPatch) -> Path:
    folder = shutil.copytree(filled, to / "data")
    patch.setenv("IOMDASH_DATA", str(folder))
    patch.setenv("IOMDASH_RELEASES", str(folder / "releases"))
    return folder


def job(data: Path, *, before: int | None, result: object = None) -> Path:
    """The folder of a job whose process is gone, with or without a result."""
    folder = data / jobs.FOLDER / f"{len([*data.glob('.jobs/*')]):06d}-job"
    folder.mkdir(parents=True)
    began = datetime(2026, 5, 4, 9, 30, tzinfo=UTC).isoformat()
    about = {"kind": "publish", "who": "ana", "began": began, "before": before, "anyway": False,
             "without_uncoded": False, "data": str(data)}  # fmt: skip
    (folder / jobs.ABOUT).write_text(json.dumps(about))
    (folder / jobs.RUNNING).touch()
    if result is not None:
        (folder / jobs.RESULT).write_text(json.dumps(result))
    return folder


# ------------------------------------------------------------------------------------------ publish


def test_what_would_be_published_is_every_batch_that_came_or_went_since(data: Path) -> None:
    found = planned(data, data / "releases")
    assert (found.since, found.nothing, found.waiting) == (1, False, ())
    assert [each.file for each in found.new] == ["interviews_30.csv", "codings_30.csv"]
    with Vault.open(data) as vault:
        old = next(each for each in log.batches(vault.connection) if each.file == "codings_0.csv")
    changing.undone(data, old.batch_id, ())
    assert [each.file for each in planned(data, data / "releases").gone] == ["codings_0.csv"]


@pytest.mark.usefixtures("data")
def test_the_page_names_what_is_new_before_it_is_published() -> None:
    app = opened("publish")
    said_here = words(app)
    assert "Since release 1:" in said_here
    assert "interviews_30.csv (interviews), 30 rows, by " in said_here
    assert labels(app) == ["Publish"]


def test_the_page_says_which_batch_waits_and_how_many_are_missing(two: Path) -> None:
    add(two, 90, 2, "yes")
    app = opened("publish")
    assert (
        "Waits: codings_90.csv (codings) would move everybody in wave 2030 by 2 people. "
        "3 more are needed before it can be counted."
    ) in words(app)


def test_interviews_that_nobody_coded_are_left_out_only_by_a_tick(two: Path) -> None:
    with Vault.open(two) as vault:
        vault.load("interviews", people(two.parent, 90, 6))
    app = opened("publish")
    assert "6 interviews have no coding (i90, i91, i92, i93, i94, ...)" in words(app)
    button = next(each for each in app.button if each.label == "Publish")
    assert button.disabled
    app.checkbox[0].check().run()
    assert not next(each for each in app.button if each.label == "Publish").disabled


def test_of_a_release_the_page_tells_what_changed_and_what_was_withheld(two: Path) -> None:
    app = opened("publish")
    told = words(app)
    assert "Release 2 is published" in told
    assert "By ana, 04/05/2026 at 09:30 UTC. Readers see it from their next click on." in told
    assert "For the board: release 1 of" in told
    assert "F01 " in told
    assert "No batch was loaded, undone or replaced since release 2." in told
    release = Release(shelf.path_of(two / "releases", "board", 2))
    changed, hidden = app.dataframe[0].value.to_dict("records"), rows_of(app, "Reason")
    assert changed[0] == {
        "What": "F01 All spoke well of the scheme", "Who": f"everybody in wave {WAVE}",
        "Before": "As claimed (30 of 30; 89 to 100 of 100; could be chance)",
        "After": "Weaker than claimed (30 of 60; 38 to 62 of 100; could be chance)",
    }  # fmt: skip
    shown = {str(row["Reason"]): row for row in hidden}
    for reason, tables in withheld(release).items():
        said_of = release.words(reason)
        row = shown[said_of[0].upper() + said_of[1:]]
        assert row["Claims"] == f"{tables.get('claims', 0):,}"
        assert row["Codes"] == f"{tables.get('codes', 0):,}"


@pytest.mark.parametrize("audience", audiences.names())
def test_withheld_figures_are_counted_as_any_reader_could(two: Path, audience: str) -> None:
    release = Release(shelf.path_of(two / "releases", audience, 2))
    found = withheld(release)
    hidden = release.rows("select count(*) as n from claims where hidden is not null")[0]["n"]
    assert sum(tables.get("claims", 0) for tables in found.values()) == hidden > 0
    assert found[Reason.BASE_TOO_FEW]["claims"] > 0
    totals = [sum(tables.values()) for tables in found.values()]
    assert totals == sorted(totals, reverse=True)


def test_a_publishing_that_was_stopped_says_what_readers_see_and_what_to_do(data: Path) -> None:
    job(data, before=1)
    app = opened("publish")
    told = words(app)
    assert "The last publishing was stopped" in told
    assert "Nothing is half made: readers see release 1. Publish again." in told
    assert labels(app) == ["Publish"]


def test_a_publishing_that_was_refused_says_why(data: Path) -> None:
    job(data, before=1, result={"refused": "The vault is being written by bo."})
    told = words(opened("publish"))
    assert "The last publishing was refused" in told
    assert "Begun by ana, 04/05/2026 at 09:30 UTC. The vault is being written by bo." in told


def test_what_came_of_a_publishing_stands_first_until_the_vault_is_written_again(two: Path) -> None:
    ended, new = "Release 2 is published", "What would be published now"
    assert [each.value for each in opened("publish").header] == [ended, new]
    with Vault.open(two) as vault:
        vault.load("interviews", people(two.parent, 90, 2))
    assert [each.value for each in opened("publish").header] == [new, ended]


def test_where_nothing_would_change_the_page_says_so_and_offers_it_anyway(two: Path) -> None:
    unchanged = Published(2, two / "releases" / "0002", {}, (), (), (), made=False)
    job(two, before=2, result=run._told(unchanged))
    app = opened("publish")
    told = words(app)
    assert "Nothing new to publish" in told
    assert (
        "Nothing would change: no batch was loaded, undone or replaced since release 2. "
        "Release 2 stays; no other was made."
    ) in told
    assert labels(app) == ["Publish anyway", "Publish"]


def test_a_button_begins_a_job_and_a_job_that_runs_leaves_no_button(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(jobs, "start", lambda place, **how: asked.append((place, how)))
    press(opened("publish"), "Publish")
    assert asked == [(data, {"before": 1, "anyway": False, "without_uncoded": False})]
    folder = job(data, before=1)
    jobs.step(folder, "count")
    jobs.step(folder, "protect")
    monkeypatch.setattr(jobs, "_is_running", lambda _: True)
    app = opened("publish")
    assert labels(app) == []
    told = words(app)
    assert "ana publishes since 04/05/2026 at 09:30 UTC. It goes on where this page" in told
    for line in ("Count who said what: done", "Protect small groups: under way",
                 "Judge the findings: to come"):  # fmt: skip
        assert line in told


def test_the_page_has_words_for_every_step_of_publishing_in_their_order(two: Path) -> None:
    ended = jobs.newest(two)
    assert ended
    assert ended.steps == tuple(STEPS)


@pytest.mark.usefixtures("data")
def test_two_who_press_at_once_are_told_of_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise UsageError("bo publishes since 09:30 UTC. One publishes at a time: wait.")

    app = opened("publish")
    monkeypatch.setattr(jobs, "start", busy)
    press(app, "Publish")
    assert "bo publishes since 09:30 UTC" in words(app)


def test_the_boards_page_shows_a_new_release_at_its_next_click(two: Path) -> None:
    shelf.point(two / "releases", 1)
    app = opened("F01")
    assert "30 of 30" in words(app)
    shelf.point(two / "releases", 2)
    assert "30 of 60" in words(app.run())


# ------------------------------------------------------------------------------------------ batches


def states(data: Path) -> dict[str, str]:
    with reader.read(data) as con:
        return {each.file: each.state for each in log.batches(con)}


def choose(app: AppTest, data: Path, file: str) -> AppTest:
    with reader.read(data) as con:
        chosen = next(each for each in log.batches(con) if each.file == file)
    app.selectbox[0].set_value(chosen.batch_id).run()
    assert not app.exception
    return app


@pytest.mark.usefixtures("data")
def test_every_batch_is_listed_with_who_when_file_rows_checks_and_state() -> None:
    app = opened("batches")
    rows = rows_of(app, "SHA-256")
    assert [row["File"] for row in rows] == [
        "codings_30.csv", "interviews_30.csv", "codings_0.csv", "interviews_0.csv",
    ]  # fmt: skip
    assert rows[0]["Rows"] == "30"
    assert re.fullmatch(r"\d+ passed, \d+ warned", rows[0]["Checks"])
    assert re.fullmatch(r"[0-9a-f]{12}", rows[0]["SHA-256"])
    assert rows[0]["State"] == "loaded"


def test_undoing_names_what_depends_on_a_batch_and_asks_before_it_does(data: Path) -> None:
    app = choose(opened("batches"), data, "interviews_30.csv")
    assert "1 batch depends on interviews-" in words(app)
    assert "(codings_30.csv): 30 of its 30 rows. They would go with it." in words(app)
    press(app, "Undo this batch")
    assert "Yes, undo all 2 batches" in labels(app)
    press(app, "No, keep it")
    assert set(states(data).values()) == {"loaded"}
    press(app, "Undo this batch")
    press(app, "Yes, undo all 2 batches")
    assert states(data) == {"interviews_0.csv": "loaded", "codings_0.csv": "loaded",
                            "interviews_30.csv": "undone", "codings_30.csv": "undone"}  # fmt: skip
    assert "interviews_30.csv is undone: its rows are out of interviews." in words(app)
    assert "What was published stays published" in words(app)
    assert "Undo this batch" not in labels(app)


def test_what_came_to_depend_on_a_batch_meanwhile_does_not_go_unnamed(data: Path) -> None:
    app = press(choose(opened("batches"), data, "codings_0.csv"), "Undo this batch")
    with reader.read(data) as con:
        known = {each.file: each.batch_id for each in log.batches(con)}
    with pytest.raises(UsageError, match="has changed meanwhile, so nothing was undone"):
        changing.undone(data, known["interviews_30.csv"], ())
    changing.undone(data, known["codings_0.csv"], ())
    press(app, "Yes, undo it")
    assert "was undone on" in words(app)
    assert "nothing was changed" in words(app)


def corrected(data: Path, content: bytes) -> AppTest:
    """Upload as Batches leads there to correct a batch, with a file sent and checked."""
    with reader.read(data) as con:
        old = next(each for each in log.batches(con) if each.file == "codings_30.csv")
    app = opened("upload", **{upload.REPLACES: old.batch_id})
    assert "The next file of codings takes the place of codings_30.csv, 30 rows" in words(app)
    app.file_uploader[0].upload("mended.csv", content, "text/csv").run()
    assert "takes the place of codings_30.csv" not in words(app)
    return settled(press(app, "Check the file"))


def test_a_batch_is_replaced_after_its_difference_was_shown(data: Path, tmp_path: Path) -> None:
    app = corrected(data, said(tmp_path, 30, 30, "mixed").read_bytes())
    assert "It takes the place of batch codings-" in words(app)
    assert "codings: 0 rows added, 0 gone, 30 changed, 0 the same." in words(app)
    assert states(data)["codings_30.csv"] == "loaded"
    settled(press(app, "Load"))
    assert states(data)["codings_30.csv"] == "replaced"
    assert states(data)["mended.csv"] == "loaded"
    assert "mended.csv is loaded into codings as codings-" in words(app)
    assert not [*data.glob(".rewriting-*")]


def test_a_broken_file_replaces_nothing_and_says_which_cells(data: Path, tmp_path: Path) -> None:
    app = corrected(data, said(tmp_path, 30, 30, "yess").read_bytes())
    [first, *_] = app.dataframe[0].value.to_dict("records")
    assert (first["Row"], first["Column"], first["Value"]) == (2, "stance", "yess")
    assert first["What is wrong"].startswith("Not")
    assert "Load" not in labels(app)
    assert set(states(data).values()) == {"loaded"}


def test_whoever_corrects_a_batch_that_is_gone_is_told(data: Path) -> None:
    app = opened("upload", **{upload.REPLACES: "codings-none"})
    assert "There is no batch 'codings-none'; nothing was changed." in words(app)
    assert set(states(data).values()) == {"loaded"}


def test_whoever_changes_a_vault_that_is_written_is_told_and_nothing_is_lost(data: Path) -> None:
    app = press(choose(opened("batches"), data, "codings_30.csv"), "Undo this batch")
    with Vault.open(data):
        press(app, "Yes, undo it")
        told = words(app)
    assert "is being written by" in told or "is in use" in told
    assert set(states(data).values()) == {"loaded"}


def test_a_fault_of_the_program_is_told_in_one_neutral_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("Carban, Stephen")

    app = press(choose(opened("batches"), data, "codings_30.csv"), "Undo this batch")
    monkeypatch.setattr(batches.changing, "undone", broken)
    press(app, "Yes, undo it")
    assert acting.FAULT.format(acting.SERVER) in words(app)
    assert "Carban" not in words(app)


# ----------------------------------------------------------------------------------------- releases


def test_releases_are_listed_compared_and_put_back_and_forward(two: Path) -> None:
    app = opened("releases")
    rows = rows_of(app, "Release")
    assert [(row["Release"], row["By"], row["State"]) for row in rows] == [
        ("2", "ana", "readers see it"), ("1", "ana", "kept"),
    ]  # fmt: skip
    assert "For the board: release 1 of" in words(app)
    assert "Findings that changed:" in words(app)
    press(app, "Show release 1")
    assert shelf.latest(two / "releases") == 1
    assert "Readers see release 1 from their next click on. Release 2 is kept." in words(app)
    press(app, "Show release 2")
    assert shelf.latest(two / "releases") == 2


def test_a_release_that_may_not_be_shown_again_says_why(two: Path) -> None:
    with Vault.open(two) as vault:
        vault.withdraw("i3")
    app = press(opened("releases"), "Show release 1")
    assert "Release 1 counts somebody who has withdrawn since" in words(app)
    assert shelf.latest(two / "releases") == 2


def test_without_any_release_the_page_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("IOMDASH_DATA", str(tmp_path))
    assert "Nothing is published yet." in words(opened("releases"))
    assert "There is no vault in" in words(opened("batches"))


@pytest.mark.parametrize("address", [address for _, address, _ in navigation.LISTED])
def test_a_fault_of_the_program_is_one_neutral_line_on_every_page(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Path:
        raise ValueError("Carban, Stephen")

    monkeypatch.setattr(settings, "data_dir", broken)
    [error] = opened(address).error
    assert error.value.startswith("This went wrong through a fault of the program.")
