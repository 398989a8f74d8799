"""What was published stays published when a batch is undone or corrected, and small changes wait;
releases put back; nothing published where nothing would change.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from test_loads import codings, interviews, names, rows
from test_publish import hashes

from iomdash import cli, settings
from iomdash.declared.groups import Group
from iomdash.disclosure.policy import FILE
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.publishing import releases
from iomdash.publishing.publish import Published, attack_again, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.vault import ledger, reader, replace, undo
from iomdash.vault.connection import connected
from iomdash.vault.kept import OWED
from iomdash.vault.lock import lock_for
from iomdash.vault.writer import Vault

WAVE = Group("2030")
ALL = range(20)


def published(data: Path, *, anyway: bool = False) -> Published:
    return publish(data, data / "releases", anyway=anyway, user="ana")


def board(data: Path) -> Release:
    return Release(shelf.path_of(data / "releases", "board"))


def yes(data: Path) -> int | None:
    """How many of the whole wave said yes."""
    query = "select * from codes where code = 'scheme.positive' and cohort = 'All'"
    [row] = [r for r in board(data).rows(query) if r["provider"] == r["supervision"] == "All"]
    return row["yes"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with twenty interviews and their codings, published once."""
    folder = tmp_path_factory.mktemp("corrections")
    with Vault.open(folder / "data") as held:
        held.load("interviews", interviews(folder, "spring.csv", ALL))
        held.load("codings", codings(folder, "coded.csv", ALL))
    published(folder / "data")
    return folder / "data"


@pytest.fixture
def data(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "data")


def recoded(folder: Path, noes: int, people: range = ALL, name: str = "mended.csv") -> Path:
    """The codings anew, with the first few people saying no."""
    path = codings(folder, name, people)
    for n in range(noes):
        said = f"i{n},scheme.positive"
        path.write_text(path.read_text().replace(f"{said},yes", f"{said},no"))
    return path


def corrected(data: Path, old: str, file: Path) -> None:
    with Vault.open(data) as held:
        replace.replace(held, names(held)[old], file)


def kept(data: Path) -> list[str]:
    """The tables in which the vault keeps rows that were replaced."""
    with Vault.open(data) as held:
        return [name for name, found in rows(held.connection).items()
                if name.startswith("replaced_") and found]  # fmt: skip


# ---------------------------------------------------------------------- corrections, undone


def test_a_correction_of_few_waits_and_what_it_replaced_counts_until_then(
    data: Path, tmp_path: Path
) -> None:
    corrected(data, "coded.csv", recoded(tmp_path, 2))
    done = published(data, anyway=True)
    assert [(w.file, w.moves, w.missing) for w in done.waiting] == [("mended.csv", 2, 3)]
    assert (board(data).size(WAVE).n, yes(data), done.retired) == (20, 20, ())
    assert kept(data) == ["replaced_codings"]
    # A second correction, of the first, moves enough; the old rows are then gone.
    corrected(data, "mended.csv", recoded(tmp_path, 6, name="again.csv"))
    done = published(data)
    assert (done.waiting, done.retired) == ((), ())
    assert len(rows_of(data, done.number) - rows_of(data, 1)) == 6
    assert kept(data) == []


def test_a_corrected_interview_counts_as_the_same_one(data: Path, tmp_path: Path) -> None:
    before = rows_of(data, 1)
    corrected(data, "spring.csv", interviews(tmp_path, "moved.csv", ALL,
                                             **{f"i{n}": "HCCU" for n in range(6)}))  # fmt: skip
    done = published(data)
    assert (done.waiting, done.retired, board(data).size(WAVE).n) == ((), (), 20)
    assert {member for member, _ in rows_of(data, 2)} == {member for member, _ in before}
    assert len({*rows_of(data, 2)} - {*before}) == 6


def rows_of(data: Path, release: int) -> set[tuple[str, str]]:
    """Members and versions that a release counted."""
    with ledger.opened(data) as book:
        query = "select member, version from ledger.counted where release = ?"
        return {(str(a), str(b)) for a, b in book.connection.execute(query, [release]).fetchall()}


def test_a_correction_that_leaves_few_out_waits_as_well(data: Path, tmp_path: Path) -> None:
    corrected(data, "coded.csv", codings(tmp_path, "fewer.csv", range(18)))
    corrected(data, "spring.csv", interviews(tmp_path, "fewer-people.csv", range(18)))
    done = published(data)
    assert {(w.file, w.moves) for w in done.waiting} == {
        ("fewer-people.csv", 2), ("fewer.csv", 2),
    }  # fmt: skip
    assert not done.made


@pytest.mark.parametrize(("people", "noes"), [(range(18), 0), (ALL, 2)])
def test_a_batch_loaded_in_the_place_of_an_undone_one_counts_at_once(
    data: Path, tmp_path: Path, people: range, noes: int
) -> None:
    # Nothing is kept of what was undone, so were it to wait everybody's codings would go missing.
    with Vault.open(data) as held:
        undo.unload(held, names(held)["coded.csv"])
        held.load("codings", recoded(tmp_path, noes, people))
    done = publish(data, data / "releases", without_uncoded=True, user="ana")
    assert (done.waiting, done.retired) == ((), (1,))
    assert board(data).size(WAVE).n == len(people)
    assert yes(data) == len(people) - noes


def test_a_correction_waits_beside_one_that_was_already_waiting(data: Path, tmp_path: Path) -> None:
    corrected(data, "coded.csv", recoded(tmp_path, 1))
    assert published(data).made is False
    corrected(data, "mended.csv", recoded(tmp_path, 2, name="again.csv"))
    done = published(data)
    assert ([(w.file, w.moves) for w in done.waiting], done.made) == ([("again.csv", 2)], False)
    assert yes(data) == 20


@pytest.mark.parametrize("by", ["publish", "open"])
def test_what_a_release_replaced_goes_later_where_somebody_reads_the_vault_just_then(
    by: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corrected(data, "coded.csv", recoded(tmp_path, 6))
    with connected(data / settings.VAULT_FILE, read_only=True) as con:
        assert cli.main(["publish", "--data", str(data)]) == 0
        told = capsys.readouterr().out
        assert "Release 2 is published" in told
        assert "The vault was being read, so it still holds rows that this release has" in told
        assert con.execute("select count(*) from replaced_codings").fetchall() == [(20,)]
    if by == "publish":
        assert published(data).settled
    else:
        Vault.open(data).close()
    with reader.read(data) as con:
        assert con.execute("select count(*) from replaced_codings").fetchall() == [(0,)]
    assert not (data / OWED).exists()


def test_undoing_a_correction_forgets_what_it_replaced(data: Path, tmp_path: Path) -> None:
    corrected(data, "coded.csv", recoded(tmp_path, 2))
    assert kept(data) == ["replaced_codings"]
    with Vault.open(data) as held:
        undo.unload(held, names(held)["mended.csv"])
    assert kept(data) == []


def test_whoever_withdraws_is_gone_from_what_was_replaced_too(data: Path, tmp_path: Path) -> None:
    corrected(data, "coded.csv", recoded(tmp_path, 2))
    with Vault.open(data) as held:
        held.withdraw("i7")
        left = "select count(*) from replaced_codings where interview_id = 'i7'"
        assert held.connection.execute(left).fetchall() == [(0,)]


def test_an_undone_batch_counts_no_more_and_retires_a_release_that_would_show_whose_it_was(
    data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as held:
        few = codings(tmp_path, "second.csv", range(2), stance="no")
        few.write_text(few.read_text().replace(",c1,", ",c2,"))
        second = held.load("codings", few).batch_id
    (data / "releases" / "current").unlink()
    shutil.rmtree(data / "releases")
    (data / "ledger.duckdb").unlink()
    published(data)
    with Vault.open(data) as held:
        undo.unload(held, second)
    done = published(data)
    assert (done.retired, done.waiting, yes(data)) == ((1,), (), 20)
    assert "would show who left, or whose batch was undone." in " ".join(done.sentences)


def test_undoing_many_retires_nothing(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        held.load("interviews", interviews(tmp_path, "autumn.csv", range(20, 40)))
        held.load("codings", codings(tmp_path, "autumn-coded.csv", range(20, 40)))
    published(data)
    with Vault.open(data) as held:
        undo.unload(held, names(held)["autumn-coded.csv"])
    done = publish(data, data / "releases", without_uncoded=True, user="ana")
    assert (done.retired, done.waiting, done.made) == ((), (), True)
    assert board(data).size(WAVE).n == 20


# ---------------------------------------------------------------------- nothing to publish


def test_the_same_data_make_no_second_release_and_the_ledger_stays_as_it_was(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes_of(data)
    assert cli.main(["publish", "--data", str(data)]) == 0
    assert capsys.readouterr().out == (
        "Nothing would change: no batch was loaded, undone or replaced since release 1. Release 1 "
        "stays; no other was made. To make one all the same: python -m iomdash publish --anyway\n"
    )
    assert hashes_of(data) == before
    assert shelf.numbers(data / "releases") == [1]
    assert cli.main(["publish", "--anyway", "--data", str(data)]) == 0
    assert "Release 2 is published in" in capsys.readouterr().out


def hashes_of(data: Path) -> list[dict[str, str]]:
    """Vault and ledger, and the present release."""
    stores = {name: digest for name, digest in hashes_in(data).items() if name.endswith("duckdb")}
    return [stores, hashes(data / "releases" / "0001")]


def hashes_in(folder: Path) -> dict[str, str]:
    import hashlib

    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in folder.iterdir() if p.is_file()}  # fmt: skip


def test_where_everything_waits_no_release_is_made_and_it_says_how_many_are_missing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Vault.open(data) as held:
        held.load("interviews", interviews(tmp_path, "few.csv", range(20, 22)))
        held.load("codings", codings(tmp_path, "few-coded.csv", range(20, 22)))
    before = hashes_of(data)
    assert cli.main(["publish", "--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "Waits: few-coded.csv (codings) would move" in told
    assert "by 2 people. 3 more are needed before it can be counted." in told
    assert (
        "Nothing would change: 1 batch is new or gone, and every figure is that of release 1. "
        in told
    )
    assert hashes_of(data) == before


def test_another_policy_is_published_though_every_figure_is_the_same(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(FILE.read_text("utf-8").replace("value: 4", "value: 3"))
    monkeypatch.setenv("IOMDASH_POLICY", str(path))
    assert published(data).made


def test_a_batch_that_changes_no_figure_makes_no_release(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        undo.unload(held, names(held)["coded.csv"])
        held.load("codings", codings(tmp_path, "again.csv", ALL))
    done = published(data)
    assert not done.made
    assert done.unchanged == (
        "Nothing would change: 2 batches are new or gone, and every figure is that of release 1."
    )


# ----------------------------------------------------------------------------------------- releases


@pytest.fixture(scope="module")
def thrice(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a second release, of ten more interviews, and a third like it."""
    folder = tmp_path_factory.mktemp("thrice")
    data = shutil.copytree(first, folder / "data")
    with Vault.open(data) as held:
        held.load("interviews", interviews(folder, "autumn.csv", range(20, 30)))
        held.load("codings", codings(folder, "autumn-coded.csv", range(20, 30)))
    published(data)
    published(data, anyway=True)
    return data


@pytest.fixture
def shown(thrice: Path, tmp_path: Path) -> Path:
    return shutil.copytree(thrice, tmp_path / "shown")


def test_releases_say_when_who_of_which_batches_and_which_is_present(
    shown: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = releases.listed(shown, shown / "releases")
    assert [(each.number, each.state, len(each.batches)) for each in found] == [
        (1, "kept", 2), (2, "kept", 4), (3, "present", 4),
    ]  # fmt: skip
    assert {each.published_by for each in found} == {"ana"}
    assert cli.main(["releases", "--data", str(shown)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"Release 3 of \d{4}-\d\d-\d\dT.* by ana: present; batches: codings-\S+, codings-\S+, "
        r"interviews-\S+, interviews-\S+",
        lines[2],
    )
    assert cli.main(["releases", "--json", "--data", str(shown)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["present"] for each in told] == [False, False, True]
    assert told[0]["audiences"] == ["board", "coordinator"]
    assert not any("ana" in path.read_text("utf-8", "ignore") for path in
                   (shown / "releases").rglob("*.json"))  # fmt: skip


def test_nothing_published_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Vault.open(tmp_path).close()
    assert cli.main(["releases", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Nothing is published yet.\n"


def test_a_release_is_put_back_and_forward_again_and_forgets_nothing(
    shown: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["rollback", "1", "--data", str(shown)]) == 0
    assert capsys.readouterr().out == (
        "Readers see release 1 from their next click on. Release 3 is kept: "
        "python -m iomdash rollback 3\n"
    )
    assert board(shown).size(WAVE).n == 20
    assert shelf.kept(shown / "releases", "board") == [1, 2, 3]
    assert [each.state for each in releases.listed(shown, shown / "releases")] == [
        "present", "kept", "kept",
    ]  # fmt: skip
    # What was seen of releases 2 and 3 was seen: the newest is attacked, and the next follows it.
    assert attack_again(shown, shown / "releases", "board").breaches == ()
    done = published(shown)
    assert (done.number, done.made) == (4, True)
    assert board(shown).manifest["previous"] == 3
    assert cli.main(["rollback", "3", "--data", str(shown)]) == 0
    assert board(shown).size(WAVE).n == 30


def test_a_small_change_waits_also_while_an_older_release_is_shown(
    shown: Path, tmp_path: Path
) -> None:
    releases.roll_back(shown, shown / "releases", 1)
    with Vault.open(shown) as held:
        held.load("interviews", interviews(tmp_path, "few.csv", range(30, 32)))
        held.load("codings", codings(tmp_path, "few-coded.csv", range(30, 32)))
    done = published(shown)
    assert [(w.file, w.moves) for w in done.waiting] == [("few-coded.csv", 2)]
    assert board(shown).size(WAVE).n == 30


def test_a_release_that_counts_somebody_who_withdrew_is_not_shown_again(shown: Path) -> None:
    with Vault.open(shown) as held:
        held.withdraw("i3")
    with pytest.raises(EnvironmentFault) as told:
        releases.roll_back(shown, shown / "releases", 1)
    assert str(told.value) == (
        "Release 1 counts somebody who has withdrawn since, so it is not shown again; nothing was "
        "changed. Choose a later one, or publish a new one."
    )
    assert shelf.latest(shown / "releases") == 3
    assert published(shown).retired == (2, 3)
    with pytest.raises(EnvironmentFault, match=r"There is no release 2 in .* any more: it was"):
        releases.roll_back(shown, shown / "releases", 2)
    states = [each.state for each in releases.listed(shown, shown / "releases")]
    assert states == ["kept", "retired", "retired", "present"]


def test_the_present_release_and_one_that_is_not_there_are_refused(shown: Path) -> None:
    with pytest.raises(UsageError, match=r"Release 3 is the present one already; nothing was"):
        releases.roll_back(shown, shown / "releases", 3)
    with pytest.raises(EnvironmentFault, match="There is no release 9 for the board"):
        releases.roll_back(shown, shown / "releases", 9)


def test_who_puts_a_release_back_is_kept(shown: Path) -> None:
    now = releases.roll_back(shown, shown / "releases", 2, user="ben")
    assert (now.number, now.present, now.pointed_by) == (2, True, "ben")
    assert ", put on by ben, " in str(now)


def test_of_two_who_move_the_pointer_at_once_one_is_told_to_wait(shown: Path) -> None:
    lock = lock_for(shown)
    try:
        with pytest.raises(EnvironmentFault, match="is being written by"):
            releases.roll_back(shown, shown / "releases", 1)
        assert shelf.latest(shown / "releases") == 3
    finally:
        lock.close()
