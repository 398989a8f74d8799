"""The guides in docs/, followed as they stand in a copy of the tree."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = ("add-a-finding.md", "add-a-cohort.md", "add-a-feed.md")
HALF_WAY = re.compile(r"^Half way: `make quick` now fails in `(test_\w+)`\.$", re.MULTILINE)
# A fenced block, and the file that is named above it.
BLOCK = re.compile(r"^(?:`([^`\n]+)`:\n\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = (".git", ".venv", "data", "__pycache__", "*_cache", ".hypothesis", ".test-output")


def follow(guide: str, tree: Path) -> None:
    """Do what the blocks say: run `sh`, edit a file by a `diff`, write any other file whole."""
    for file, kind, text in BLOCK.findall(guide):
        if kind == "sh":
            subprocess.run(["sh", "-euc", text], cwd=tree, check=True)
        elif kind == "diff":
            edit(tree / file, text)
        else:
            (tree / file).write_text(text, "utf-8")


def edit(path: Path, diff: str) -> None:
    """Change a file by hunks without line numbers, each of which fits in one place."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(s[1:] for s in lines if s[0] != sign) for sign in "+-")
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{path.name} has these lines {text.count(old)} times:\n{old}"
        path.write_text(text.replace(old, new), "utf-8")


def quick(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The quick part of the tests, run in a tree."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--tb=short",
         "@tests/quick.txt", *words],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_guides_followed_to_the_end_pass_and_half_followed_fail_as_they_say(tmp_path: Path) -> None:
    """All at once, so that however many guides there are, the tests run twice."""
    tree = tmp_path / "project"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
    halves = [HALF_WAY.split((ROOT / "docs" / name).read_text("utf-8")) for name in GUIDES]
    for first, _, _ in halves:
        follow(first, tree)
    tests = [test for _, test, _ in halves]
    said = quick(tree, "-k", " or ".join(tests)).stdout
    assert [t for t in tests if not re.search(rf"^FAILED \S+::{t}\b", said, re.MULTILINE)] == []
    for _, _, second in halves:
        follow(second, tree)
    done = quick(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_names_only_files_that_there_are(name: str) -> None:
    text = BLOCK.sub("", (ROOT / "docs" / name).read_text("utf-8"))
    named = re.findall(r"`((?:iomdash|tests|data_contracts)/[\w./-]+)`", text)
    assert [path for path in named if not re.search("NAME|TABLE", path)
            and not (ROOT / path).exists()] == []  # fmt: skip


DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def links(page: Path) -> set[Path]:
    """The files that a document links to."""
    return {(page.parent / to).resolve() for to in LINK.findall(page.read_text("utf-8"))}


def test_every_document_is_linked_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    assert {p for p in (ROOT / "docs").rglob("*") if p.is_file()} - links(index) == {index}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_link_of_a_document_leads_somewhere(page: Path) -> None:
    assert [to for to in links(page) if not to.exists()] == []
