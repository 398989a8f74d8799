"""Every kind of event that the audit log is declared to tell is written by what does it."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from signing import House, cookies, header, house
from test_doors import ADDRESS, client, coming_back
from test_loads import codings, interviews

from iomdash import cli, settings
from iomdash.access import audit_log, changed
from iomdash.access.audit_log import Line
from iomdash.access.visitor import Visitor
from iomdash.declared import access, events
from iomdash.errors import EnvironmentFault
from iomdash.site import administration, guard, identify, taken
from iomdash.site.identify import Reception

__all__ = ["house"]


def told(state: Path) -> list[tuple[str, str]]:
    """Event and how it ended, of every line."""
    return [(line.event, str(line.what.get("came_to", ""))) for line in audit_log.lines(state)]


# ------------------------------------------------------------------------------- what is done there


def excerpts(folder: Path) -> Path:
    file = folder / "excerpts.csv"
    file.write_text(
        "excerpt_id,interview_id,code,kind,text,cleared,reviewed_by\n"
        "e1,i0,scheme.positive,paraphrase,It did not help much.,yes,second reader\n"
        "e2,i1,scheme.positive,paraphrase,It was too short.,no,\n"
    )
    return file


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """The log of a data folder in which every command that changes something was given."""
    folder = tmp_path_factory.mktemp("done")
    data, more = folder / "data", folder / "again"
    broken = folder / "broken.csv"
    broken.write_text("no,such\n1,2\n")
    for code, *words in (
        (0, "load", "interviews", interviews(folder, "spring.csv", range(20))),
        (0, "load", "codings", codings(folder, "coded.csv", range(20))),
        (0, "load", "excerpts", excerpts(folder)),
        (2, "load", "codings", broken),
        (1, "unload", "no-such-batch"),
        (0, "publish"),
        (0, "publish", "--anyway"),
        (0, "rollback", "1"),
        (1, "rollback", "7"),
        (0, "export", folder / "out"),
        (0, "withdraw", "i3"),
        (0, "backup", folder / "b.tar", "--unencrypted"),
    ):
        assert cli.main([*map(str, words), "--data", str(data)]) == code, words
    [batch] = [line.what["batches"] for line in audit_log.lines(data / "state", of="load")
               if line.what["table"] == "excerpts" and line.what["came_to"] == "done"]  # fmt: skip
    assert cli.main(["unload", *batch, "--data", str(data)]) == 0
    for name in ("sign-out", "deny", "allow"):
        assert cli.main([name, "ana", "--data", str(data)]) == 0
    assert cli.main(["restore", str(folder / "b.tar"), "--data", str(more)]) == 0
    assert audit_log.faults(data / "state") == audit_log.faults(more / "state") == []
    again = [line for line in audit_log.lines(more / "state") if line.event == "restore"]
    return [*audit_log.lines(data / "state"), *again]


def has(event: str, came_to: str | None = None, **what: object) -> Callable[[list[Line]], bool]:
    wanted = {**what, **({"came_to": came_to} if came_to else {})}
    return lambda lines: any(
        line.event == event and wanted.items() <= line.what.items() for line in lines
    )


@pytest.mark.parametrize(
    "holds",
    [
        has("load", "done", table="codings"),
        has("load", "begun", table="codings"),
        has("load", "refused", table="codings"),
        has("approve", excerpts=1),
        has("unload", "done"),
        has("unload", "refused", batch="no-such-batch", why="UsageError"),
        has("publish", "done", release=1, made=True),
        has("publish", "done", release=2, made=True),
        has("rollback", "done", release=1),
        has("rollback", "refused", release=7),
        has("export", "done", release=1, audience="board", form="csv"),
        has("withdraw", "begun"),
        has("withdraw", "done"),
        has("backup", "done"),
        has("restore", "done"),
        has("sign out everywhere", whom="ana"),
        has("deny", whom="ana"),
        has("allow", whom="ana"),
        has("settings", of="commands"),
    ],
)
def test_a_command_is_told_as_it_begins_and_how_it_ended(
    done: list[Line], holds: Callable[[list[Line]], bool]
) -> None:
    assert holds(done)


def test_the_log_of_commands_names_no_interview_and_no_cell(done: list[Line]) -> None:
    written = json.dumps([line.what for line in done])
    assert '"i3"' not in written
    assert "second reader" not in written


def test_whatever_begins_ends(done: list[Line]) -> None:
    for name in {line.event for line in done if events.BY_NAME[line.event].act}:
        ends = [line.what["came_to"] for line in done if line.event == name]
        assert ends.count("begun") <= len(ends) - ends.count("begun"), name


# ------------------------------------------------------------------------------ what visitors do


def visited(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """The log after somebody did everything that a visitor can do."""
    reception = Reception()
    asked = client(reception)
    claims = house.claims("ana", "board")
    coming_back(reception, cookies(claims))
    coming_back(reception, cookies(house.claims("eve", roles=["Press"])))
    own = {**header(cookies(claims)), "origin": ADDRESS}
    assert reception.accepted(cookies(claims))
    assert asked.get("/media/x.csv", headers=own).status_code == 404
    admin = house.signed_in("max", "administrator")
    for _ in range(3):
        assert asked.get("/download/F01/page.csv", headers=header(admin)).status_code == 404
    seen = reception.who(cookies(claims))
    monkeypatch.setattr(guard.st, "session_state", state := dict[str, Any]())
    monkeypatch.setattr(guard.st, "error", lambda _: None)
    monkeypatch.setattr(identify, "_serving", [reception])
    state[guard.SEEN] = seen
    for address in ("F01", "overview", "upload", "F01"):
        guard.guarded(address, lambda: None)()
    monkeypatch.setattr(taken.guard, "release_of", lambda _: None)
    request: Any = type("Request", (), {"cookies": cookies(claims), "url": _Url()})()
    taken._release(request, access.page("F01").to)
    state[guard.SEEN] = reception.who(admin)
    administration._end("eve", False)
    administration._end("eve", True)
    changed.note(house.state, "test", "server")
    asked.post("/auth/logout", headers=own)
    return [*audit_log.lines(house.state)]


class _Url:
    path = "/download/F01/page.csv"


def test_what_a_visitor_does_is_told_once_and_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = visited(house, monkeypatch)
    assert [(line.event, line.who) for line in lines] == [
        ("sign-in", "ana"), ("sign-in refused", "eve"), ("terms accepted", "ana"),
        ("refused", "max"), ("view", "ana"), ("refused", "ana"), ("download", "ana"),
        ("sign out everywhere", "max"), ("deny", "max"), ("settings", "test"),
        ("sign-out", "ana"),
    ]  # fmt: skip


def test_what_is_told_once_of_a_session_is_told_once_whichever_process_and_tab_it_is_in(
    house: House,
) -> None:
    several = [Reception() for _ in range(3)]
    ana = several[0].who(house.signed_in("ana", "analyst"))
    again = several[0].who(house.signed_in("ana", "analyst", iat=int(time.time()) - 5))
    assert isinstance(ana, Visitor)
    assert isinstance(again, Visitor)
    with ThreadPoolExecutor(6) as together:
        for each in [together.submit(one.once, "view", ana, page="F01") for one in several * 2]:
            each.result()
    for seen, page in ((ana, "F02"), (again, "F01"), (ana, "F01")):
        several[1].once("view", seen, page=page)
    assert [line.what["page"] for line in audit_log.lines(house.state)] == ["F01", "F02", "F01"]


def test_what_the_log_could_not_tell_is_not_taken_for_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reception = Reception()
    ana = reception.who(house.signed_in("ana", "board"))
    assert isinstance(ana, Visitor)
    with monkeypatch.context() as patch:
        patch.setattr(reception, "log", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            reception.once("view", ana, page="F01")
    reception.once("view", ana, page="F01")
    assert told(house.state) == [("view", "")]


def test_no_kind_of_event_is_forgotten_and_none_is_undeclared(
    house: House, monkeypatch: pytest.MonkeyPatch, done: list[Line]
) -> None:
    written = {line.event for line in [*done, *visited(house, monkeypatch)]}
    assert written == {*events.BY_NAME}
    with pytest.raises(ValueError, match="'tea' is no event: declare it"):
        audit_log.record(house.state, "tea", "ana")


def test_every_command_that_is_logged_is_an_act(done: list[Line]) -> None:
    logged = {row.name for row in access.COMMANDS if row.logged}
    assert logged == {event.name for event in events.EVENTS if event.act}
    assert logged <= {line.event for line in done}


# ---------------------------------------------------------------------------------- an act itself


def test_an_act_that_is_stopped_has_begun_and_says_so(tmp_path: Path) -> None:
    audit_log.record(tmp_path, "settings", "ana")
    act = audit_log.act(tmp_path, "load", "ana")
    more = act.__enter__()
    more["batches"] = ["one"]
    assert not act.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told(tmp_path)[1:] == [("load", "begun"), ("load", "stopped")]
    assert [*audit_log.lines(tmp_path)][-1].what["batches"] == ["one"]


def test_nothing_is_done_that_the_log_cannot_tell(tmp_path: Path) -> None:
    audit_log.record(tmp_path, "settings", "ana")
    with audit_log.path_in(tmp_path).open("a") as file:
        file.write("{}\n")
    with pytest.raises(audit_log.EnvironmentFault), audit_log.act(tmp_path, "load", "ana"):
        pytest.fail("it was done")


def test_an_act_in_no_folder_makes_none_before_it_is_done(tmp_path: Path) -> None:
    with audit_log.act(tmp_path / "state", "restore", "ana"):
        assert not (tmp_path / "state").exists()
    assert told(tmp_path / "state") == [("restore", "done")]


# ---------------------------------------------------------------------------------------- settings


def test_settings_that_changed_are_told_by_name_and_no_value(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.note(house.state, "ana", "server")
    changed.note(house.state, "ana", "server")
    monkeypatch.setenv("IOMDASH_HOURS", "3")
    changed.note(house.state, "ana", "server")
    secret = house.folder / "cookie"
    secret.write_text("t" * 40)
    later = time.time() + 5
    os.utime(secret, (later, later))
    changed.note(house.state, "ana", "server")
    house.write(partnership="Another IOM")
    settings._parsed.cache_clear()
    changed.note(house.state, "ana", "server")
    first, *rest = audit_log.lines(house.state, of="settings")
    assert {"IOMDASH_ADDRESS", "IOMDASH_CLIENT_SECRET", "[roles]"} <= {*first.what["changed"]}
    names = [line.what["changed"] for line in rest]
    assert names[:2] == [["IOMDASH_HOURS"], ["IOMDASH_COOKIE_SECRET"]]
    assert "IOMDASH_PARTNERSHIP" in names[2]
    written = audit_log.path_in(house.state).read_text()
    for value in ("client-secret", "t" * 40, "s" * 40, "127.0.0.1", "Another IOM"):
        assert value not in written


def test_settings_of_the_server_and_of_commands_are_held_against_their_own(house: House) -> None:
    changed.note(house.state, "ana", "server")
    changed.note(house.state, "ana", "commands")
    changed.note(house.state, "ana", "server")
    assert [line.what["of"] for line in audit_log.lines(house.state)] == ["server", "commands"]


def marks(state: Path) -> dict[str, str]:
    """Each setting's mark, as the last line has it."""
    line = [*audit_log.lines(state, of="settings")][-1]
    return dict(mark.rsplit(" ", 1) for mark in line.what["marks"])


def test_nobody_can_try_values_until_one_has_the_mark_that_the_log_shows(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of two folders of state the same settings have other marks; so a mark is not of the value."""
    monkeypatch.setenv("IOMDASH_PARTNERSHIP", "hunter2")
    changed.note(house.state, "ana", "server")
    other = tmp_path / "elsewhere"
    changed.note(other, "ana", "server")
    here, there = marks(house.state), marks(other)
    assert here.keys() == there.keys()
    assert not [name for name in here if here[name] == there[name]]
    for sums in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        for told in ("hunter2", "hunter2 ", "IOMDASH_PARTNERSHIP hunter2 "):
            tried = hashlib.new(sums, told.encode()).hexdigest()
            assert here["IOMDASH_PARTNERSHIP"] not in tried
    key = house.state / changed.KEY
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes() not in audit_log.path_in(house.state).read_bytes()


def test_a_key_of_marks_that_was_lost_or_torn_is_made_anew(house: House) -> None:
    changed.note(house.state, "ana", "server")
    (house.state / changed.KEY).write_bytes(b"torn")
    changed.note(house.state, "ana", "server")
    changed.note(house.state, "ana", "server")
    assert told(house.state) == [("settings", "")] * 2


def test_a_folder_in_which_no_key_can_be_kept_is_said_with_its_cure(house: House) -> None:
    (house.state / changed.KEY).mkdir(parents=True)
    with pytest.raises(EnvironmentFault, match="Give the folder and what is in it to the server"):
        changed.note(house.state, "ana", "server")


def test_of_several_that_start_together_one_tells_what_changed(house: House) -> None:
    with ThreadPoolExecutor(8) as together:
        for _ in range(5):
            shutil.rmtree(house.state, ignore_errors=True)
            started = [together.submit(changed.note, house.state, "a", "server") for _ in range(8)]
            for each in started:
                each.result()
            assert told(house.state) == [("settings", "")]
