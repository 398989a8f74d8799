"""Places come from the partnership's own list, and no other word of a file reaches a release."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from made_up_agencies import counted, many, quarters
from test_feeds import sent

from iomdash.declared import places
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import AGENCIES, AREAS
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.policy import AgencyRules
from iomdash.errors import ContractBroken, EnvironmentFault
from iomdash.intake import templates
from iomdash.vault import current
from iomdash.vault.writer import Vault

TODAY = date(2026, 4, 1)
APPOINTMENTS = "probation_appointments"
OWN = """
sites:
  - {name: Corn Exchange, agencies: [probation]}
  - {name: St Mary's hall, agencies: [police, housing]}
local_names: [Nether Wallop]
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A partnership's own list, as its environment names it."""
    path = tmp_path / "ours.yaml"
    path.write_text(OWN)
    monkeypatch.setenv("IOMDASH_PLACES", str(path))
    return path


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.open(tmp_path / "data") as held:
        yield held


def refused(vault: Vault, path: Path) -> str:
    with pytest.raises(ContractBroken) as broken:
        vault.check(APPOINTMENTS, path, today=TODAY)
    assert broken.value.total == 1
    return str(broken.value.breaks[0])


def test_an_unknown_site_is_refused_with_row_column_cell_the_nearest_and_where_to_declare_it(
    vault: Vault, tmp_path: Path
) -> None:
    path = sent(tmp_path, APPOINTMENTS, {}, {"Contact ID": "A2", "Office": "Smethwik offce"})
    assert refused(vault, path) == (
        "sent.csv, row 3, column 'Office': 'Smethwik offce': Not among the known sites. Write one "
        "of: Smethwick office, West Bromwich office, Police building, Tipton hub, Drug service "
        "West Bromwich, Health centre Oldbury, Housing office; or declare it under sites in a copy "
        "of places.yaml that IOMDASH_PLACES names."
    )


@pytest.mark.parametrize(
    "site", ["Jo Corban 14 Union Street", "Jo Corban", "Tipton-hub", "Tipton hub 2", "not_declared"]
)
def test_a_site_that_is_typed_in_freely_is_refused_whatever_its_form(
    site: str, vault: Vault, tmp_path: Path
) -> None:
    told = refused(vault, sent(tmp_path, APPOINTMENTS, {"Office": site}))
    assert f"row 2, column 'Office': '{site}': Not among the known sites." in told


def test_case_and_blanks_of_a_declared_site_are_no_other_site(vault: Vault, tmp_path: Path) -> None:
    vault.load(APPOINTMENTS, sent(tmp_path, APPOINTMENTS, {"Office": " tipton  HUB"}), today=TODAY)
    assert vault.connection.execute("select site from appointments_log").fetchall() == [
        ("Tipton hub",)
    ]


@pytest.mark.usefixtures("own")
def test_a_partnership_declares_sites_in_a_file_of_its_own(tmp_path: Path) -> None:
    with Vault.open(tmp_path / "data") as vault:
        told = refused(vault, sent(tmp_path, APPOINTMENTS, {"Office": "Tipton hub"}))
        assert told.endswith(
            "Write one of: Corn Exchange, St Mary's hall; or declare it beside its agencies under "
            "sites in ours.yaml, which IOMDASH_PLACES names."
        )
        vault.load(APPOINTMENTS, sent(tmp_path, APPOINTMENTS, {"Office": "Corn Exchange"}))
    [office] = [
        each for each in templates.offered(templates.odcs.load(APPOINTMENTS))
        if each.column.name == "office"
    ]  # fmt: skip
    assert list(office.listed) == ["Corn Exchange", "St Mary's hall"]


def test_without_any_site_every_one_is_unknown(own: Path, tmp_path: Path) -> None:
    own.write_text("sites: []\nlocal_names: []\n")
    with Vault.open(tmp_path / "data") as vault:
        assert "Not among the known sites." in refused(vault, sent(tmp_path, APPOINTMENTS, {}))


def test_a_site_of_before_that_is_not_declared_is_counted_without_its_name(
    own: Path, tmp_path: Path
) -> None:
    with Vault.open(tmp_path / "data") as vault:
        two = ({"Office": "Corn Exchange"}, {"Office": "St Mary's hall", "Contact ID": "A2"})
        vault.load(APPOINTMENTS, sent(tmp_path, APPOINTMENTS, *two), today=TODAY)
    own.write_text(OWN.replace("Corn Exchange", "Town hall"))
    with Vault.open(tmp_path / "data") as vault:
        current.records(vault.connection)
        told = vault.connection.execute("select site from appointments order by 1").fetchall()
    assert told == [("St Mary's hall",), ("not_declared",)]


def test_an_agency_that_is_not_seen_at_a_site_is_a_warning_under_the_agencys_header(
    vault: Vault, tmp_path: Path
) -> None:
    path = sent(tmp_path, APPOINTMENTS, {}, {"Contact ID": "A2", "Office": "Housing office"})
    [warned] = vault.check(APPOINTMENTS, path, today=TODAY).every_warning
    assert (warned.rule, warned.count) == ("appointments.site_of_agency", 1)
    assert "row 3, column 'Office': 'Housing office': The partnership does not declare" in str(
        warned
    )


WRONG = [
    ("name: Corn", "nom: Corn", "line 3: 'name' is missing. Add it."),
    ("[probation]", "[parole]", "line 3: 'parole' is no agency. Use: police, probation, "),
    ("[probation]", "[]", "line 3: a site is that of an agency. Name one."),
    ("Corn Exchange", "'1, Corn Lane'", "line 3: '1, Corn Lane' is no name of a place. Give at"),
    ("St Mary's hall", "corn exchange", "line 4: 'corn exchange' stands here twice. Remove one."),
    ("[Nether Wallop]", "Wallop", "line 5: a list belongs here. Write one item a line behind '-'."),
    ("local_names", "local", "line 2: 'local_names' is missing. Add it."),
    ("sites:", "sites: {", "not YAML. Correct the line."),
    ("Wallop", "W\udce4llop", "line 5: not UTF-8. Save the file as UTF-8."),
]


@pytest.mark.parametrize(("right", "wrong", "words"), WRONG)
def test_what_is_wrong_in_the_file_of_places_is_told_with_its_line(
    right: str, wrong: str, words: str, own: Path
) -> None:
    own.write_bytes(OWN.replace(right, wrong, 1).encode("utf-8", "surrogateescape"))
    with pytest.raises(EnvironmentFault, match=r"^ours\.yaml, line \d+: ") as told:
        places.declared()
    assert words in str(told.value)


def test_a_file_of_places_that_is_not_there_is_told(own: Path) -> None:
    own.unlink()
    with pytest.raises(EnvironmentFault, match=r"ours\.yaml cannot be read .* IOMDASH_PLACES\."):
        places.declared()


def test_the_projects_own_places_name_each_area_and_each_agency_that_has_an_office() -> None:
    declared = places.declared()
    assert {area.name for area in AREAS} <= set(declared.names)
    assert {a for site in declared.sites for a in site.agencies} < {a.key for a in AGENCIES}
    assert {site.name for site in declared.sites} <= set(declared.names)


# ------------------------------------------------------------------------------- a site is a group


def at_a_site(people: int, key: int) -> dict[str, int]:
    """Appointments kept at one site by so many people, ten each, as a cube counts them."""
    return {"n": 10 * people, "people": people, "key": key, "top": 10, "two": 20}


@pytest.mark.parametrize("key", [0, 15, 255])
@pytest.mark.parametrize(("people", "may"), [(1, False), (4, False), (5, True)])
def test_of_a_site_nothing_is_shown_where_fewer_people_come_than_of_any_other_group(
    people: int, may: bool, key: int
) -> None:
    raw = counted(many(70, 1, quarters((2030,))), "2030 Q4")
    everybody = {**dict.fromkeys(AGENCY_FILTERS, EVERYONE), "quarter": "2030 Q2"}
    plain = {"agency": EVERYONE, "site": EVERYONE, "joint": EVERYONE, "what": "kept"}
    rows = [
        {**everybody, **plain, "n": 400, "people": 40, "key": 15, "top": 10, "two": 20},
        {**everybody, **plain, "site": "Tipton hub", **at_a_site(people, key)},
    ]
    raw.cubes["attendance"] = pl.DataFrame(rows)
    raw.until["attendance"] = "2030 Q4"
    told = protect_agencies(raw, AgencyRules()).cubes["attendance"]
    of_site = told.filter(site="Tipton hub", what="kept", quarter="2030 Q2", **dict.fromkeys(
        [name for name in AGENCY_FILTERS if name != "quarter"], EVERYONE))  # fmt: skip
    figures = of_site["n"].to_list()
    if not may:
        assert figures == [None]
    elif key == 15:
        assert figures != [None]
