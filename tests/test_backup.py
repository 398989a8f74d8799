"""Backups: all of a data folder but the key, of one moment, and the same release from it again."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pyrage
import pytest
from test_corrections import data, first, published

from iomdash import cli
from iomdash.access import audit_log
from iomdash.vault import backup as kept

__all__ = ["data", "first"]


def sums(folder: Path) -> Mapping[str, str]:
    """SHA-256 of every file that a backup has to hold."""
    held = [folder / "vault.duckdb", folder / "ledger.duckdb"]
    held += [path for path in (folder / "releases").rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in held
    }


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, Path]:
    """A public key of age, and the file of its private key as age-keygen writes it."""
    made = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# created: 2030\n# public key: {made.to_public()}\n{made}\n")
    return str(made.to_public()), path


def run(*words: object) -> int:
    return cli.main([str(word) for word in words])


def test_a_backup_for_a_public_key_gives_the_same_release_again(
    data: Path, tmp_path: Path, pair: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    audit_log.record(data / "state", "publish", "ana", release=1)
    before, file, again = sums(data), tmp_path / "b.age", tmp_path / "again"
    assert run("backup", file, "--to", pair[0], "--data", data) == 0
    assert file.read_bytes().startswith(b"age-encryption.org/v1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("restore", file, "--identity", pair[1], "--data", again) == 0
    assert sums(again) == before
    assert audit_log.faults(again / "state") == []
    assert [line.event for line in audit_log.lines(again / "state")] == [
        "publish", "settings", "backup", "restore",
    ]  # fmt: skip
    assert again.stat().st_mode & 0o777 == 0o700
    told = published(again)
    assert (told.made, told.number) == (False, 1)
    assert sums(again)["releases/0001/board.duckdb"] == before["releases/0001/board.duckdb"]
    assert "every sum as it was" in capsys.readouterr().out


def test_a_backup_holds_no_key_and_no_upload(data: Path, tmp_path: Path, key_file: Path) -> None:
    (data / ".uploads" / "1").mkdir(parents=True)
    (data / ".uploads" / "1" / "spring.csv").write_text("words of a file")
    file = tmp_path / "b.tar"
    assert run("backup", file, "--unencrypted", "--data", data) == 0
    held = file.read_bytes()
    assert key_file.read_bytes() not in held
    assert b"words of a file" not in held
    assert not [p for p in data.iterdir() if p.name.startswith(".rewriting")]


@pytest.mark.parametrize("options", [[], ["--to", "age1x", "--unencrypted"]])
def test_somebody_has_to_say_how_a_backup_is_kept(
    options: list[str], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("backup", tmp_path / "b", *options, "--data", data) == 1
    assert "A backup holds microdata." in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "age1nonsense"], "is no public key of age"),
        (["--to", "ssh-ed25519 AAAA"], "is no public key of age"),
    ],
)
def test_a_key_that_is_none_is_refused(
    words: list[str], told: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("backup", tmp_path / "b", *words, "--data", data) == 1
    assert told in capsys.readouterr().err


def test_nothing_is_overwritten_and_nothing_is_restored_over_data(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar"
    assert run("backup", file, "--unencrypted", "--data", data) == 0
    assert run("backup", file, "--unencrypted", "--data", data) == 1
    assert run("restore", file, "--data", data) == 1
    assert run("backup", tmp_path / "c", "--unencrypted", "--data", tmp_path / "none") == 1
    told = capsys.readouterr().err
    for words in (f"{file} exists.", f"{data} is not empty.", "There are no data in"):
        assert words in told


def test_without_its_key_a_backup_gives_nothing(
    data: Path, tmp_path: Path, pair: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file, again = tmp_path / "b.age", tmp_path / "again"
    assert run("backup", file, "--to", pair[0], "--data", data) == 0
    other = tmp_path / "other"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    assert run("restore", file, "--data", again) == 1
    assert run("restore", file, "--identity", other, "--data", again) == 1
    assert run("restore", file, "--identity", data / "vault.duckdb", "--data", again) == 1
    changed = bytearray(file.read_bytes())
    changed[-100] ^= 1
    file.write_bytes(changed)
    assert run("restore", file, "--identity", pair[1], "--data", again) == 1
    told = capsys.readouterr().err
    for words in ("is encrypted.", "cannot be decrypted", "holds no private key of age"):
        assert words in told
    assert not again.exists()
    assert not [*tmp_path.glob(".restoring-*")]


def archive(files: Mapping[str, bytes], listed: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    about = {"format": kept.FORMAT, "made_at": "2030", "version": "1", "files": listed}
    with tarfile.open(fileobj=held, mode="w") as made:
        for name, content in {kept.LIST: json.dumps(about).encode(), **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return held.getvalue()


SUM = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no archive", "cannot be restored"),
        (archive({}, {"vault.duckdb": SUM}), "lacks vault.duckdb"),
        (archive({"vault.duckdb": b"y"}, {"vault.duckdb": SUM}), "is damaged: vault.duckdb"),
        (archive({"other": b"x"}, {}), "'other', which is no part of one"),
        (archive({"../out": b"x"}, {"../out": SUM}), "'../out', which is no part of one"),
        (archive({"/tmp/out": b"x"}, {"/tmp/out": SUM}), "'/tmp/out', which is no part of one"),
        (b"", "cannot be restored"),
    ],
)  # fmt: skip
def test_what_is_no_whole_backup_leaves_nothing(
    content: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, again = tmp_path / "b.tar", tmp_path / "a" / "again"
    file.write_bytes(content)
    assert run("restore", file, "--data", again) == 1
    assert told in capsys.readouterr().err
    assert [*(tmp_path / "a").iterdir()] == []
    assert not (tmp_path / "a" / "out").exists()
