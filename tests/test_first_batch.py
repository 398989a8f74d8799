"""The transcript in docs/first-batch.md is played again: it shows what the commands print today.

`python tests/test_first_batch.py` writes it anew, after a change of words; read what differs.
"""

import csv
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from shlex import split

import pytest

from iomdash import cli
from iomdash.settings import DATA, KEY

DOCUMENT = Path(__file__).parents[1] / "docs" / "first-batch.md"
IOMDASH = "python -m iomdash "
# What differs from machine to machine, and from day to day.
VARY = (
    (re.compile(r"\d\d/\d\d/\d{4} at \d\d:\d\d UTC"), "27/11/2026 at 09:00 UTC"),
    (re.compile(r"in \d+\.\d s"), "in 0.3 s"),
)


def played(document: str) -> str:
    """The document with what its commands print, run in the present folder."""
    return "\n".join(_lines(document))


def _lines(document: str) -> Iterator[str]:
    block: list[str] | None = None
    kind = ""
    for line in document.split("\n"):
        if block is None:
            yield line
            if line.startswith("```"):
                block, kind = [], line.removeprefix("```")
        elif line == "```":
            yield from _block(kind, block)
            yield line
            block = None
        else:
            block.append(line)


def _block(kind: str, lines: list[str]) -> Iterator[str]:
    """A file is written, with the columns of its template; commands are run."""
    if kind == "console":
        for command in (line.removeprefix("$ ") for line in lines if line.startswith("$ ")):
            yield f"$ {command}"
            yield from _normal(_run(command)).splitlines()
        return
    path = Path(kind.removeprefix("csv "))
    if path.exists():
        template = next(csv.reader(path.read_text("utf-8-sig").splitlines()))
        assert {*lines[0].split(",")} <= {*template}, f"{path} is not filled in from its template"
    path.write_text("\n".join([*lines, ""]))
    yield from lines


def _run(command: str) -> str:
    if not command.startswith(IOMDASH):
        return _shell(command, "")
    mine, _, then = command.removeprefix(IOMDASH).partition(" | ")
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        cli.main(split(mine))
    return _shell(then, out.getvalue()) if then else out.getvalue()


def _shell(command: str, given: str) -> str:
    return subprocess.run(
        command, shell=True, input=given, capture_output=True, text=True, check=True
    ).stdout


def _normal(printed: str) -> str:
    for pattern, words in VARY:
        printed = pattern.sub(words, printed)
    return printed


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, a key of its own, and the analyst of the document."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(DATA.variable, raising=False)
    monkeypatch.setenv(KEY.variable, str(tmp_path / "key"))
    monkeypatch.setenv("LOGNAME", "ana")


@pytest.mark.usefixtures("empty")
def test_the_first_batch_goes_as_its_document_shows() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert played(document) == document


def test_the_document_can_be_read_at_one_sitting() -> None:
    assert len(DOCUMENT.read_text("utf-8").splitlines()) <= 150


if __name__ == "__main__":
    text = DOCUMENT.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        os.environ |= {KEY.variable: f"{folder}/key", "LOGNAME": "ana"}
        os.environ.pop(DATA.variable, None)
        DOCUMENT.write_text(played(text), encoding="utf-8")
