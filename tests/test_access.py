"""One table says who may see and do what, and what has no row in it is open to nobody."""

import time
from unittest.mock import MagicMock

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from iomdash import cli
from iomdash.access.visitor import Mode, Refused, Visitor, known, roles_of, somebody
from iomdash.declared import access, audiences
from iomdash.declared.access import ANYBODY, EVERY_ROLE, NOBODY, READERS, ROLES, SIGNING_IN
from iomdash.errors import UsageError
from iomdash.site import administration, gate, guard, navigation
from iomdash.site.identify import Reception
from iomdash.workbench.navigation import LISTED as WORKBENCH

SITE = [*navigation.pages()]
OWN = [address for _, address, _ in administration.LISTED]
BENCH = [address for _, address, _ in WORKBENCH]


@pytest.mark.parametrize("address", [*SITE, *OWN, *BENCH])
def test_every_page_has_a_row(address: str) -> None:
    assert access.page(address).to


def test_no_row_of_a_page_is_left_over() -> None:
    rows = {id(access.page(address)) for address in [*SITE, *OWN, *BENCH]}
    assert [row.address for row in access.PAGES if id(row) not in rows] == []


def streamlit_paths() -> list[str]:
    routes = create_streamlit_routes(MagicMock())
    return sorted({getattr(route, "path", "") for route in routes} - {""})


@pytest.mark.parametrize("path", [*streamlit_paths(), *(r.path for r in gate.routes(MagicMock()))])
def test_every_route_has_a_row_of_its_own(path: str) -> None:
    row = access.route(path.split("{")[0] + "x" if "{" in path else path)
    assert row.path != "/*" or path in ("/", "")


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    parser = cli._parser()
    [commands] = [a for a in parser._actions if hasattr(a, "choices") and a.choices]
    assert commands.choices is not None
    assert {*commands.choices} == {row.name for row in access.COMMANDS}


@pytest.mark.parametrize(
    "row", [access.page("new"), access.route("new"), access.command("new")], ids=str
)
def test_what_has_no_row_is_open_to_nobody(row: access.Page | access.Route) -> None:
    assert row.to == NOBODY


def test_every_row_names_roles_that_there_are() -> None:
    for row in (*access.PAGES, *access.ROUTES, *access.COMMANDS):
        assert row.to <= EVERY_ROLE or row.to in (ANYBODY, SIGNING_IN), row
    assert {a for role in ROLES for a in role.audiences} == {*audiences.names()}
    assert {v for role in ROLES for v in role.views} <= EVERY_ROLE


@pytest.mark.parametrize(
    ("own", "asked", "role", "audience"),
    [
        (["board"], "", "board", "board"),
        (["board"], "coordinator", "board", "board"),
        (["board"], "administrator", "board", "board"),
        (["coordinator"], "", "coordinator", "coordinator"),
        (["coordinator"], "board", "coordinator", "coordinator"),
        (["analyst"], "", "analyst", "coordinator"),
        (["analyst"], "board", "board", "board"),
        (["analyst"], "administrator", "analyst", "coordinator"),
        (["approver"], "board", "board", "board"),
        (["administrator"], "", "administrator", None),
        (["administrator"], "analyst", "administrator", None),
        (["board", "administrator"], "board", "board", "board"),
        (["board", "administrator"], "", "administrator", None),
    ],
)
def test_a_role_is_only_ones_own_or_one_that_may_be_looked_as(
    own: list[str], asked: str, role: str, audience: str | None
) -> None:
    seen = known("ana", 1, own, asked)
    assert isinstance(seen, Visitor)
    assert (seen.role.name, seen.audience) == (role, audience)


def test_nobody_without_a_role_sees_anything() -> None:
    assert isinstance(known("ana", 1, [], "board"), Refused)


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (["A"], {"board"}), ("A", {"board"}), (["A", "B"], {"board", "analyst"}), ([], set()),
        (None, set()), ("", set()), (["a"], set()), ([["A"]], set()), ({"A": 1}, set()), (1, set()),
        ("A B", set()), ("board", set()),
    ],
)  # fmt: skip
def test_roles_come_from_the_values_that_are_mapped_alone(claim: object, roles: set[str]) -> None:
    assert roles_of(claim, {"A": "board", "B": "analyst"}) == roles


@pytest.mark.parametrize("role", [*access.BY_NAME])
def test_a_role_reads_its_own_audiences_release_and_no_other(
    role: str, demo_dir: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", f"{demo_dir}/releases")
    monkeypatch.setenv("IOMDASH_AUDIENCE", "")
    opened: list[str] = []
    really = guard.opened
    monkeypatch.setattr(guard, "opened", lambda path: opened.append(path.stem) or really(path))
    monkeypatch.setattr(guard, "_asking", lambda: known("ana", int(time.time()), [role], ""))
    audience = access.BY_NAME[role].audiences[:1]
    for address in ("overview", "F01", "profile", "data-quality", "cohorts"):
        app = AppTest.from_function(_page, default_timeout=100, args=(address,)).run()
        assert not app.exception
        assert bool(app.error) == (not audience)
    assert {*opened} == {*audience}


def _page(address: str) -> None:
    import streamlit as st

    from iomdash.site.navigation import pages

    every = pages()
    st.session_state["pages"] = every
    st.navigation(list(every.values()), position="top")
    every[address]._page()


def test_a_page_that_is_not_theirs_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    said: list[str] = []
    monkeypatch.setattr(guard.st, "error", said.append)
    monkeypatch.setattr(guard, "seen_by", lambda: known("ana", 1, ["board"], ""))
    for address in (*OWN, *BENCH, "no-such-page"):
        guard.guarded(address, lambda: drawn.append(1))()
    assert (drawn, {*said}) == ([], {"This page is not for you as the board."})


def test_without_a_provider_everybody_is_the_board_until_they_pick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IOMDASH_ALONE", "")
    monkeypatch.setenv("IOMDASH_AUDIENCE", "")
    reception = Reception()
    assert reception.mode is Mode.OPEN
    asked = [reception.who({"iomdash_role": w}) for w in ("", "coordinator", "king")]
    roles = [seen.role.name for seen in asked if isinstance(seen, Visitor)]
    assert roles == ["board", "coordinator", "board"]


def test_the_workbench_is_the_analysts_and_shows_the_audience_that_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IOMDASH_AUDIENCE", "coordinator")
    seen = somebody("administrator", Mode.WORKBENCH)
    assert (seen.role.name, seen.audience) == ("analyst", "coordinator")


def test_an_audience_without_a_role_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "chosen", lambda: "press")
    with pytest.raises(UsageError, match="No role reads the releases of the press"):
        somebody("", Mode.OPEN)


def test_readers_alone_read() -> None:
    assert {role.name for role in ROLES if role.audiences} == READERS
