"""Exports of coded passages become codings under our codes, by names that a file states."""

from pathlib import Path

import pytest

from iomdash.declared.contracts import odcs
from iomdash.errors import Unreadable, UsageError
from iomdash.intake import staging
from iomdash.intake.sources.raw import Options
from iomdash.intake.staging import Staged

CODINGS = odcs.load("codings")
EXPORT = """document,tag,content
First.docx,Likes it,They help me.
First.docx,Likes it,Again: they help me.
First.docx,memo,Ask about this.
S26-002,Dislikes it,They do not.
S26-002,selection.agrees,It was fair.
S26-002,no such tag,Something.
"""
NAMES = """coder = "ab"
coded_on = "12/03/2026"
[documents]
"First.docx" = "S26-001"
[codes]
"Likes it" = "scheme.positive"
"Dislikes it" = "scheme.positive:no"
"memo" = ""
"""


def read(folder: Path, names: str | bytes, export: str = EXPORT) -> Staged:
    (folder / "export.csv").write_text(export)
    stated = folder / "names.toml"
    stated.write_bytes(names.encode() if isinstance(names, str) else names)
    return staging.read(folder / "export.csv", CODINGS, Options(names=stated))


def test_passages_become_one_coding_of_each_document_and_code(tmp_path: Path) -> None:
    staged = read(tmp_path, NAMES)
    columns = ("row_number", "interview_id", "code", "stance", "coder", "coded_on")
    assert staged.frame.select(columns).rows() == [
        (2, "S26-001", "scheme.positive", "yes", "ab", "2026-03-12"),
        (5, "S26-002", "scheme.positive", "no", "ab", "2026-03-12"),
        (6, "S26-002", "selection.agrees", "yes", "ab", "2026-03-12"),
        # What no name stands for is left as it is, for the contract to name.
        (7, "S26-002", "no such tag", "yes", "ab", "2026-03-12"),
    ]
    assert "5 coded passages became 4 codings; the passages are not kept." in staged.warnings


def test_headers_may_be_named_and_a_column_may_say_who_coded(tmp_path: Path) -> None:
    names = '[columns]\ndocument = "File"\ntag = "Code"\ncoder = "Who"\n'
    staged = read(tmp_path, names, "File,Code,Who\nS26-001,scheme.positive,cd\n")
    assert staged.frame.select("interview_id", "code", "coder").rows() == [
        ("S26-001", "scheme.positive", "cd")
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("coder =", "are no TOML"),
        (b"coder = '\xff'", "cannot be read (it is no text in UTF-8). Check the file."),
        ("x = " + "[" * 100_000, "are nested too deeply. Write them flat."),
        ('coder = "ab"\nday = "today"', "hold 'day', which means nothing here. They may hold: co"),
        ("coder = 7", "give a coder or day that is no text. Quote it."),
        ('coder = "ab"\n[codes]\nx = 7', 'need lines as "theirs" = "ours" under [codes].'),
        ('coder = "ab"\ncodes = 7', 'need lines as "theirs" = "ours" under [codes].'),
        ('coder = "ab"\n[codes]\nx = "y"', "say that 'x' is 'y', which the codebook does not kn"),
        ('coder = "ab"\n[codes]\nx = "scheme.positive:maybe"', "a code with its stance, as scheme"),
        ('coded_on = "12/03/2026"', 'do not say who coded. Add a line as coder = "ab".'),
        ('[columns]\ncoder = "who"', "The export has no column 'who' for the coder. Name it under"),
        ('coder = "ab"\n[columns]\ntag = "code"', "no column 'code' for the tag. Name it under"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_followed_are_refused_in_words(
    names: str | bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, names)
    assert words in str(refused.value)


def test_names_that_are_no_file_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(EXPORT)
    with pytest.raises(UsageError, match=r"cannot be read \(No such file or directory\)"):
        staging.read(tmp_path / "export.csv", CODINGS, Options(names=tmp_path / "none.toml"))


def test_only_codings_come_as_passages(tmp_path: Path) -> None:
    (tmp_path / "names.toml").write_text(NAMES)
    (tmp_path / "a.csv").write_text(EXPORT)
    with pytest.raises(UsageError, match="Only codings come as an export of coded passages"):
        staging.read(
            tmp_path / "a.csv", odcs.load("interviews"), Options(names=tmp_path / "names.toml")
        )


def test_an_export_of_memos_alone_has_no_rows(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="It has a header but no rows"):
        read(tmp_path, NAMES, "document,tag\nFirst.docx,memo\n")
