"""Pseudonyms: one for each person however they are written, and no way back without the key."""

import ast
import hashlib
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.counting.interviews import VIEWS
from iomdash.declared.contracts import odcs
from iomdash.errors import EnvironmentFault
from iomdash.intake import pseudonyms
from iomdash.vault import reader as vaults
from iomdash.vault.writer import Vault

KEY = b"k" * 32
ROOT = Path(__file__).parents[1]


def hashed(identifiers: Sequence[str | None], kind: str, key: bytes = KEY) -> dict[str, str | None]:
    """The pseudonym of each identifier, as a load makes them."""
    sent = pl.Series(identifiers, dtype=pl.String).drop_nulls()
    return dict(zip(sent, pseudonyms.of(sent, kind, key), strict=True))


def one(kind: str, *identifiers: str) -> set[str | None]:
    return set(hashed(identifiers, kind).values())


def test_a_pseudonym_is_the_keyed_hash_of_rfc_2104() -> None:
    # RFC 4231, test case 2, cut to 32 of its 64 characters.
    pseudonym = pseudonyms._digest(pseudonyms._begun(b"Jefe"), "what do ya want for nothing?")
    assert pseudonym == "p:5bdcc146bf60754e6a042426089575c7"


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        ("pnc", ("2001/0123456X", "01/123456X", "20010123456X", "2001/123456x", "01 / 0123456 X ")),
        ("pnc", ("1998/0000012A", "98/12A", "98/0000012a", "19980000012A")),
        ("nhs", ("943 476 5919", "9434765919", "943-476-5919", " 9434765919 ")),
        ("nino", ("QQ 12 34 56 C", "qq123456c")),
        ("crn", ("X123456", "x 123456")),
        ("caseload", ("IOM10234", "iom 10234", "IOM-10234")),
        (
            "name_and_birth",
            (
                "Corbán\x1fAnn\x1f1990-02-01", "CORBAN\x1fann Mary\x1f1990-02-01",
                "Cor-ban \x1f Ann\x1f1990-02-01",
            ),
        ),
    ],
)  # fmt: skip
def test_each_way_of_writing_an_identifier_gives_one_pseudonym(
    kind: str, ways: tuple[str, ...]
) -> None:
    assert len(one(kind, *ways)) == 1


@pytest.mark.parametrize(
    ("kind", "two"),
    [
        ("pnc", ("2001/0123456X", "1901/0123456X")),
        ("pnc", ("39/1234567X", "1939/1234567X")),
        ("pnc", ("2001/0123456X", "2001/0123456Y")),
        ("name_and_birth", ("Corban\x1fAnn\x1f1990-02-01", "Corban\x1fAnn\x1f1990-01-02")),
        ("name_and_birth", ("Анна\x1fКорбан\x1f1990-02-01", "Мария\x1fИва\x1f1990-02-01")),
        ("name_and_birth", ("Sørb\x1fAnn\x1f1990-02-01", "Srb\x1fAnn\x1f1990-02-01")),
        ("name_and_birth", ("Cor\x1fBanann\x1f1990-02-01", "Corban\x1fAnn\x1f1990-02-01")),
    ],
)
def test_two_people_have_two_pseudonyms(kind: str, two: tuple[str, str]) -> None:
    assert len(one(kind, *two)) == 2


def test_the_same_digits_of_two_kinds_and_of_two_keys_never_meet() -> None:
    result = {*one("nhs", "9434765919"), *one("crn", "9434765919")}
    other = hashed(["9434765919"], "nhs", b"l" * 32)
    assert len(result | set(other.values())) == 3


def test_a_name_without_a_letter_makes_no_pseudonym_of_a_day_of_birth() -> None:
    names = ["-\x1fAnn\x1f1990-02-01", "Corban\x1f3\x1f1990-02-01"]
    assert hashed(names, "name_and_birth") == dict.fromkeys(names)


def test_nobody_has_no_pseudonym() -> None:
    assert hashed([None, "x"], "crn").keys() == {"x"}


@given(
    st.lists(st.text(st.characters(codec="utf-8"))),
    st.sampled_from([*pseudonyms.KINDS]),
    st.binary(min_size=32, max_size=32),
)
def test_a_pseudonym_is_what_pythons_own_keyed_hash_gives(
    identifiers: list[str], kind: str, key: bytes
) -> None:
    normal = pl.DataFrame({"word": identifiers}, schema={"word": pl.String}).select(
        "word", normal=pseudonyms.KINDS[kind](pl.col("word"))
    )
    expected = {
        word: None if form is None else pseudonyms._digest(pseudonyms._begun(key), f"{kind}:{form}")
        for word, form in normal.iter_rows()
    }
    assert hashed(identifiers, kind, key) == expected


@pytest.mark.parametrize("many", [100, 30_000])  # in which values are asked once, too
def test_each_distinct_identifier_is_hashed_once_however_many_rows_name_it(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    of = pseudonyms.of

    def noted(identifiers: pl.Series, kind: str, key: bytes) -> pl.Series:
        asked.extend(identifiers)
        return of(identifiers, kind, key)

    monkeypatch.setattr(pseudonyms, "of", noted)
    rows = [f"B{number},X{number % 5:06d},05/03/2025,RECALL,31/03/2026" for number in range(many)]
    head = "Enforcement ID,CRN,Action Date,Action,Extract Date"
    (tmp_path / "sent.csv").write_text("\n".join([head, *rows]))
    with Vault.open(tmp_path / "data") as vault:
        vault.load("probation_enforcement", tmp_path / "sent.csv", today=date(2026, 4, 1))
        sql = "select distinct person_id from breaches_log order by 1"
        stored = [row[0] for row in vault.connection.execute(sql).fetchall()]
    key = bytes.fromhex(Path(os.environ["IOMDASH_KEY"]).read_text())
    assert sorted(asked) == [f"X{number:06d}" for number in range(5)]
    assert stored == sorted(str(name) for name in hashed(asked, "crn", key).values())


@given(st.text(min_size=1), st.sampled_from(["caseload", "pnc", "nhs", "crn", "nino"]))
def test_no_pseudonym_can_be_the_id_of_an_interview(text: str, kind: str) -> None:
    column = odcs.load("interviews").column("interview_id")
    pattern = next(r for r in odcs.load("interviews").rules
                   if r.id == "interviews.interview_id.pattern").kwargs["regex"]  # fmt: skip
    assert column.classification == "pseudonym"
    assert all(re.match(pattern, item) is None for item in one(kind, text) if item)
    assert all(re.match(r"^p:[0-9a-f]{32}$", item or "") for item in one(kind, text))


@pytest.mark.parametrize("path", sorted((ROOT / "iomdash").rglob("*.py")), ids=lambda p: p.stem)
def test_no_query_in_the_code_reads_an_interview_table_beside_an_agency_table(path: Path) -> None:
    interviews = {"interviews", "codings", "excerpts", "approaches", *VIEWS}
    agencies = {*odcs.AGENCY_TABLES, *(odcs.load(t).stored for t in odcs.AGENCY_TABLES)}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            read = set(re.findall(r"\b(?:from|join)\s+(\w+)", node.value.lower()))
            assert not (read & interviews and read & agencies), node.value


# ---------------------------------------------------------------------------------------- the key


def test_a_key_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "key"
    key = pseudonyms.key_of(path, tmp_path / "data")
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert pseudonyms.key_of(path, tmp_path / "data") == key


def test_all_who_begin_at_once_get_the_same_whole_key(tmp_path: Path) -> None:
    start = Barrier(8)

    def begin(path: Path) -> bytes:
        start.wait()
        return pseudonyms.key_of(path, tmp_path / "data")

    with ThreadPoolExecutor(8) as pool:
        for attempt in range(50):
            path = tmp_path / str(attempt) / "key"
            assert len({*pool.map(begin, [path] * 8)}) == 1
            assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(
    rights: int, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    pseudonyms.key_of(path, tmp_path / "data")
    os.chmod(path, rights)
    with pytest.raises(EnvironmentFault, match=f"rights {rights:o}.*Run: chmod 600 {path}"):
        pseudonyms.key_of(path, tmp_path / "data")


def test_a_key_in_the_data_folder_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deep" / "key"
    with pytest.raises(EnvironmentFault, match=r"lies in the data folder.*IOMDASH_KEY"):
        pseudonyms.key_of(path, tmp_path / "data")
    assert not path.exists()


def test_a_link_to_a_key_in_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "key").symlink_to(tmp_path / "data" / "key")
    with pytest.raises(EnvironmentFault, match="lies in the data folder"):
        pseudonyms.key_of(tmp_path / "key", tmp_path / "data")


@pytest.mark.parametrize("content", ["", "not a key", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_file_that_holds_no_key_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(EnvironmentFault, match=r"holds no key of iomdash\. Restore it"):
        pseudonyms.key_of(path, tmp_path / "data")


def test_a_key_that_cannot_be_made_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match=r"cannot be read or made.*Restore.*IOMDASH_KEY"):
        pseudonyms.key_of(tmp_path / "file" / "key", tmp_path / "data")


ARRESTS = "Custody Ref,PNC,Arrest Date,Run Date\nC1,2001/0123456X,01-Mar-26,31-Mar-26\n"


@pytest.mark.parametrize("lost", [True, False])
def test_a_vault_refuses_any_key_but_its_own(
    lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "arrests.csv"
    file.write_text(ARRESTS)
    monkeypatch.setenv("IOMDASH_KEY", str(tmp_path / "key"))
    with Vault.open(tmp_path / "data") as vault:
        vault.load("police_arrests", file)
    (tmp_path / "key").unlink()
    if not lost:
        pseudonyms.key_of(tmp_path / "key", tmp_path / "data")
    words = "cannot be read" if lost else "made with another key.*Restore that key"
    with pytest.raises(EnvironmentFault, match=words):
        Vault.open(tmp_path / "data")
    with pytest.raises(EnvironmentFault, match=words):
        vaults.read(tmp_path / "data")
    assert (tmp_path / "key").exists() is not lost


def test_the_hashes_of_interviews_are_keyed_apart_from_pseudonyms() -> None:
    def hashed(key: bytes, message: bytes) -> bytes:
        """RFC 2104 by hand: the inner hash, and the outer one over it."""
        inner, outer = (bytes(b ^ pad for b in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
        return hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).digest()

    with duckdb.connect() as con:
        pseudonyms.enable(con, b"Jefe")
        result = con.execute("select keyed_hash('what do ya want for nothing?')").fetchall()
    # RFC 4231, test case 2, is what the key itself would give.
    direct = hashed(b"Jefe", b"what do ya want for nothing?").hex()
    assert direct.startswith("5bdcc146bf60754e6a042426089575c7")
    derived = hashed(b"Jefe", b"interviews:iomdash")
    assert result == [(hashed(derived, b"what do ya want for nothing?").hex(),)]


@pytest.mark.parametrize("written", ["t1-000001", "T1_000001", "T1000001", "-t1-000-001"])
def test_an_interview_has_one_hash_however_its_id_is_written(written: str) -> None:
    query = "select keyed_interview(?), keyed_interview('T1-000001'), keyed_interview('T1-000002')"
    with duckdb.connect() as con:
        pseudonyms.enable(con, KEY)
        [(hashed_id, same, other)] = con.execute(query, [written]).fetchall()
    assert hashed_id == same != other


def test_the_vault_holds_neither_the_key_nor_an_identifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "treatment.csv"
    file.write_text(
        "Episode ID,NHS Number,Surname,First Name,Date of Birth,Main Substance,Referral Date,"
        "Treatment Start,Exit Date,Exit Reason,Report Date\n"
        "E1,943 476 5919,Zyxwvut,Qwertz,17/05/1987,Crack,01-Mar-26,,,,31-Mar-26\n"
    )
    monkeypatch.setenv("IOMDASH_KEY", str(tmp_path / "key"))
    with Vault.open(tmp_path / "data") as vault:
        vault.load("drug_service_treatment", file)
        vault.connection.execute("checkpoint")
        text = str(vault.connection.execute("from treatments_log").fetchall())
    held = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"p:" in held
    for secret in ("9434765919", "943 476 5919", "Zyxwvut", "zyxwvut", "Qwertz", "1987",
                   (tmp_path / "key").read_text().strip()):  # fmt: skip
        assert secret.encode() not in held, secret
        assert secret not in text


@pytest.mark.parametrize("kind", sorted(set(pseudonyms.KINDS) - pseudonyms.NOT_ALWAYS))
@given(text=st.text(min_size=1))
def test_a_cell_always_gives_a_pseudonym_unless_its_kind_says_that_it_may_not(
    kind: str, text: str
) -> None:
    (result,) = hashed([text], kind).values()
    assert re.fullmatch(pseudonyms.FORM, result or "")
