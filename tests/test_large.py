"""Files that are larger than memory should be: read in pieces, and to the same end."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import kinds
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_feeds import SOUND, TODAY, sent

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import ContractBroken, EnvironmentFault, IomdashError, Unreadable, UsageError
from iomdash.intake import rows, staging
from iomdash.intake.contracts import lists
from iomdash.intake.sources import large
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.intake.staging import Staged
from iomdash.vault import connection, current
from iomdash.vault.writer import Vault

FILES = Path(__file__).parents[2] / "shared" / "trials" / "files"
# Bytes of text: one row of a table, and a few.
PIECES = (1, 90)
FEW = PIECES[-1]
OFFENCES = odcs.load("police_offences")
BEGIN = "Crime Ref,PNC,Offence Date,Offence Group,Outcome Date,Run Date\n"


# Feeds that name people in every way, translate codes, and become two tables.
WHOLE = ("iom_caseload", "police_offences", "drug_service_treatment", "employment_status")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def whole(staged: Staged) -> dict[str, Any]:
    """All that was read of a file, in an order that is no matter of pieces."""
    reading = staged.reading
    rows = [row[0] for row in staged.frame.iter_rows()]
    return {
        "rows": staged.frame.rows(),
        # A blank line counts among the cells of whichever piece it stands in.
        "reading": replace(reading, repairs=(), notes=(), cells=0),
        "notes": sorted((*reading.notes, *map(str, reading.repairs))),
        "missing": staged.missing,
        "identified": sorted(staged.identified, key=str),
        "faults": sorted(staged.faults, key=str),
        "totals": (staged.identified_counts, staged.fault_counts),
        "shown": [staged.shown(row, column) for row in rows for column in staged.frame.columns[1:]],
    }


def at_once(path: Path, contract: Contract, options: Options = AS_IT_IS) -> dict[str, Any] | str:
    try:
        return whole(staging.read(path, contract, options))
    except IomdashError as error:
        return str(error)


def in_pieces(
    path: Path, contract: Contract, size: int, con: duckdb.DuckDBPyConnection,
    options: Options = AS_IT_IS,
) -> dict[str, Any] | str:  # fmt: skip
    try:
        table = large.table_of(path, contract, options, text=size, rows=2)
        return whole(staging.in_pieces(table, contract, options, lists.declared, con))
    except IomdashError as error:
        return str(error)


def as_text(path: Path) -> bool:
    """Whether a file is a text that may be read in pieces: no workbook, and written as UTF-8."""
    data = path.read_bytes()
    try:
        data.decode()
    except UnicodeError:
        return False
    return not data.startswith(b"PK") and b"\0" not in data


@pytest.mark.parametrize(
    ("table", "content"),
    [pytest.param(table, content, id=name) for name, table, content, _ in kinds.KINDS],
)
def test_a_kind_of_file_gives_in_pieces_what_it_gives_at_once(
    table: str, content: bytes | str, tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    contract = odcs.load(table)
    if as_text(path) and "as a matrix" not in str(at_once(path, contract)):
        assert in_pieces(path, contract, FEW, con) == at_once(path, contract)


def test_every_file_beside_the_checkout_gives_in_pieces_what_it_gives_at_once(
    con: duckdb.DuckDBPyConnection, subtests: pytest.Subtests
) -> None:
    contracts = [odcs.load(name) for name in ("codings", "excerpts", "interviews", "housing_stays",
                                              "police_offences")]  # fmt: skip
    for path in sorted(FILES.glob("*.csv")):
        if not as_text(path) or path.name.startswith("base_"):
            continue
        ours = max(
            contracts,
            key=lambda contract: sum(
                column.header.lower() in path.read_text()[:2000].lower()
                for column in contract.columns
            ),
        )
        expected = at_once(path, ours)
        if "as a matrix" in str(expected):
            continue
        with subtests.test(path.name):
            assert in_pieces(path, ours, FEW, con) == expected


CELLS = st.one_of(
    st.sampled_from([
        "20/1-25", "01/123456X", "05/03/2025", "03/14/2025", "2025-03-05", "5 March 2025",
        "BURGLARY", "burglary ", "#REF!", "n/a", "", " ", '"a, b"', '"a\nb"', '"a\r\nb"', 'a "b" c',
        '"', 'a"', '"a""b"', "b12 3cd", "ÃŸ", "\u200bx", "Crime Ref", "a,b", "\r",
    ]),
    st.text('",\n\r aé', max_size=5),
)  # fmt: skip
LINES = st.one_of(
    st.lists(CELLS, min_size=6, max_size=6).map(",".join),
    st.sampled_from(["", ",,,,,", BEGIN.strip(),
                     "20/1-25,01/123456X,05/03/2025,BURGLARY,,31/03/2026"]),
)  # fmt: skip


@settings(max_examples=30)
@given(
    st.lists(LINES, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from([*PIECES, 40]),
)
@example([",".join(["20/1-25"] * 6), '20/1-25,20/1-25,20/1-25,20/1-25,","'], "\n", False, 1)
def test_any_file_gives_in_pieces_what_it_gives_at_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, ended: bool, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    text = end.join([BEGIN.strip(), *lines]) + (end if ended else "")
    path.write_bytes(text.encode())
    with duckdb.connect() as con:
        assert in_pieces(path, OFFENCES, size, con) == at_once(path, OFFENCES)


def test_a_parquet_file_gives_in_pieces_what_it_gives_at_once(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "offences.parquet"
    rows = [{**SOUND["police_offences"], "Crime Ref": f"20/{n}-25", "Extra": n} for n in range(7)]
    pl.DataFrame(rows).with_columns(pl.col("Run Date").str.to_date("%d/%m/%Y")).write_parquet(path)
    expected = at_once(path, OFFENCES)
    assert not isinstance(expected, str)
    assert len(expected["rows"]) == 7
    assert in_pieces(path, OFFENCES, 1, con) == expected


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "is_large", lambda _: True)
    read = large.table_of
    monkeypatch.setattr(
        large, "table_of", lambda *words: read(*words, text=200, rows=3)
    )  # as if 200 bytes filled memory


def loaded(data: Path, feed: str, file: Path) -> tuple[list[Any], ...] | str:
    """What a load leaves in a new vault: its tables of agencies and its log, or its errors."""
    with Vault.open(data) as vault:
        try:
            done = vault.load(feed, file, today=TODAY)
        except ContractBroken as broken:
            return f"{broken.total} {broken} {broken.sentences}"
        assert (
            vault.connection.execute(
                "select table_name from duckdb_tables() where temporary"
            ).fetchall()
            == []
        ), "nothing of the file is left"
        current.records(vault.connection)
        tables = odcs.AGENCY_TABLES
        rows = [vault.connection.execute(f"from {name} order by all").fetchall() for name in tables]
        log = vault.connection.execute("from load_checks order by all").fetchall()
        return (*rows, log, [done.rows, done.warnings, str(done.warned)])


@pytest.mark.parametrize("feed", WHOLE)
def test_a_large_file_of_a_feed_leaves_what_a_small_one_leaves(
    feed: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    key = next(iter(SOUND[feed]))
    file = sent(tmp_path, feed, *({key: f"{SOUND[feed][key]}{n}"} for n in range(8)))
    small = loaded(tmp_path / "small", feed, file)
    request.getfixturevalue("small_is_large")
    assert loaded(tmp_path / "large", feed, file) == small
    assert not isinstance(small, str), small


BROKEN = (
    {"Crime Ref": "20/2-25", "Offence Date": "soon", "PNC": "nobody"},
    {"Crime Ref": "20/3-25", "Offence Group": "burglry"},
    {"Crime Ref": "20/4-25", "Offence Date": "01/04/2026"},
    {"Crime Ref": "20/1-25", "Offence Date": "06/03/2025"},
    {"Crime Ref": "#REF!"},
    {"Crime Ref": "QQ123456C"},
)


def test_a_large_file_is_refused_in_the_words_in_which_a_small_one_is(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = sent(tmp_path, "police_offences", {}, *BROKEN, {"Crime Ref": "20/9-25"})
    small = loaded(tmp_path / "small", "police_offences", file)
    request.getfixturevalue("small_is_large")
    assert loaded(tmp_path / "large", "police_offences", file) == small
    assert isinstance(small, str)
    for word in ("soon", "burglry", "#REF!", "row 3", "row 6"):
        assert word in small


def test_a_large_file_in_another_encoding_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes((BEGIN + "Ä,,,,,\n").encode("cp1252"))
    with pytest.raises(Unreadable, match=r"not written as UTF-8.*Save it as UTF-8, or split it"):
        large.table_of(path, OFFENCES, AS_IT_IS)


def test_a_line_without_an_end_is_refused_before_it_fills_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iomdash.intake.sources.parts._LONGEST_LINE", 1000)
    path = tmp_path / "sent.csv"
    path.write_text(BEGIN + "a" * 5000)
    table = large.table_of(path, OFFENCES, AS_IT_IS, text=100)
    with pytest.raises(Unreadable, match="has a line that is longer than any row is"):
        list(table.frames())


def test_a_file_that_is_changed_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = sent(tmp_path, "police_offences", {})
    table = large.table_of(path, OFFENCES, AS_IT_IS)
    with path.open("a") as file:
        file.write("20/7-25,01/123456X,05/03/2025,BURGLARY,,31/03/2026\n")
    with pytest.raises(Unreadable, match=r"changed while it was read\. Load it again"):
        list(table.frames())


def test_a_disk_without_room_is_named(
    tmp_path: Path, small_is_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small_is_large is None

    def full(*_: object) -> None:
        raise duckdb.OutOfMemoryException("failed to offload data block")

    monkeypatch.setattr("iomdash.intake.rows.made", full)
    file = sent(tmp_path, "police_offences", {})
    with (
        Vault.open(tmp_path / "data") as vault,
        pytest.raises(EnvironmentFault, match=r"no room for what was read of .*; nothing"),
    ):
        vault.load("police_offences", file, today=TODAY)


@pytest.mark.parametrize("group", ["BURGLARY", "burglry"])
def test_a_vault_may_hold_as_much_after_a_large_file_as_before(
    tmp_path: Path, small_is_large: None, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    assert small_is_large is None
    file = sent(tmp_path, "police_offences", {"Offence Group": group})
    held: list[str] = []
    made = rows.made

    def noted(con: duckdb.DuckDBPyConnection, *words: Any) -> Any:
        held.append(limit(con))
        return made(con, *words)

    monkeypatch.setattr("iomdash.intake.rows.made", noted)
    with Vault.open(tmp_path / "data") as vault:
        vault.connection.execute("set memory_limit = '2.0 GiB'")
        with suppress(ContractBroken):
            vault.load("police_offences", file, today=TODAY)
        assert set(held) == {"900.0 MiB"}
        assert limit(vault.connection) == "2.0 GiB"


def limit(con: duckdb.DuckDBPyConnection) -> str:
    [(said,)] = con.execute("select current_setting('memory_limit')").fetchall()
    return said


def test_a_large_file_of_a_feed_is_no_export_of_coded_passages(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    file, names = sent(tmp_path, "police_offences", {}), Options(names=tmp_path / "names.toml")
    with pytest.raises(UsageError, match="leave out --names"):
        staging.read_large(file, OFFENCES, names, lists.declared, con)


def test_what_a_large_file_spills_is_encrypted(tmp_path: Path) -> None:
    with connection.connected(tmp_path / "vault.duckdb", read_only=False) as con:
        [(encrypted,)] = con.execute("select current_setting('temp_file_encryption')").fetchall()
    assert encrypted


@pytest.mark.parametrize("most", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("heights", [(7,), (3, 4), (1, 0, 6), (0,)])
def test_rows_that_are_kept_come_back_in_pieces_as_they_were(
    most: int, heights: tuple[int, ...]
) -> None:
    whole = pl.DataFrame({'a"b': [*"cabdbe", None], "A": [None] * 7}, {'a"b': str, "A": str})
    whole = whole.head(sum(heights)).with_row_index("row_number", offset=2)
    ends = [sum(heights[:n]) for n in range(len(heights) + 1)]
    with duckdb.connect() as con:
        frames = (whole[begin:end] for begin, end in pairwise(ends))
        kept = rows.stored(con, "kept", frames)
        assert kept is not None
        pieces = [*kept.pieces(most)]
        assert [piece.height for piece in pieces[:-1]] == [most] * (len(pieces) - 1)
        assert pl.concat([whole.head(0), *pieces]).equals(whole)
