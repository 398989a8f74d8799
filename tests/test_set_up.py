"""What is installed, and the habits around a commit and a version."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import FIRST

import iomdash

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    """Package and version of every line of a file; a package may have one version a Python."""
    text = (ROOT / name).read_text("utf-8")
    return {(package.lower().replace("_", "-"), v) for package, v in PIN.findall(text)}


def test_every_file_that_is_begun_before_the_rest_is_there() -> None:
    assert [name for name in FIRST if not (ROOT / "tests" / name).exists()] == []
    assert len(FIRST) == len({*FIRST})


def test_the_locks_hold_what_the_requirements_say() -> None:
    assert len(pins("requirements.txt")) > 10
    assert pins("requirements.txt") <= pins("requirements.lock")
    assert pins("requirements-dev.txt") <= pins("requirements-dev.lock")


def test_tests_and_checks_run_with_what_a_partnership_runs_and_never_the_other_way_round() -> None:
    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    tools = {package for package, _ in pins("requirements-dev.txt")}
    assert not tools & {package for package, _ in pins("requirements.lock")}


def test_spark_is_pinned_apart_and_agrees_with_what_the_tests_run_with() -> None:
    spark, tests = pins("requirements-spark.lock"), pins("requirements-dev.lock")
    assert pins("requirements-spark.txt") <= spark
    assert "pyspark" not in dict(tests)
    assert {(name, v) for name, v in spark if name in dict(tests)} <= tests
    [version] = [v for name, v in spark if name == "pyspark"]
    assert tuple(map(int, version.split(".")[:2])) < (4, 2), "the cap of Great Expectations"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_hashes_and_no_place_that_it_comes_from(name: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [e.split()[0] for e in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", e)] == []
    assert {option for e in entries for option in re.findall(r"(?<!\w)--?[a-z-]{2,}", e)} == {
        "--hash"
    }
    assert not any("://" in e for e in entries)


def test_make_installs_from_locks_only() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    installs = re.findall(r"pip install.*", text)
    assert installs
    assert all("--require-hashes -r $<" in line for line in installs)
    made = re.findall(r"^\.venv/\.ready\S*: (.*)\n\t\$\(INSTALL\)$", text, re.MULTILINE)
    assert made == list(LOCKS)


def test_the_newest_version_of_the_changelog_is_the_programs() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    versions = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", h) for h in headings[1:]]
    assert all(versions), headings
    assert versions[0][1] == iomdash.__version__


def test_the_version_stands_in_one_place() -> None:
    assert f'"{iomdash.__version__}"' not in (ROOT / "pyproject.toml").read_text("utf-8")


CHECK = ".venv/.ready-dev:\n\t@true\ncheck: .venv/.ready-dev\n\t@! grep bad words.txt\n"


@pytest.mark.parametrize(
    ("staged", "lies_about", "taken"),
    [("good", "good", True), ("bad", "bad", False), ("bad", "good", False), ("good", "bad", True)],
)
def test_a_commit_is_taken_only_if_what_is_staged_passes_the_check(
    staged: str, lies_about: str, taken: bool, tmp_path: Path
) -> None:
    kept = {name: word for name, word in os.environ.items() if not name.startswith("GIT_")}
    settings = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.invalid",
        "-c",
        "core.hooksPath=.githooks",
    ]

    def git(*words: str) -> int:
        run = subprocess.run(["git", *settings, *words], cwd=tmp_path, env=kept,
                             capture_output=True, text=True, check=False)  # fmt: skip
        return run.returncode

    git("init")
    shutil.copytree(ROOT / ".githooks", tmp_path / ".githooks")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".gitignore").write_text(".venv\n")
    (tmp_path / "Makefile").write_text(CHECK)
    (tmp_path / "words.txt").write_text(staged)
    assert git("add", ".") == 0
    (tmp_path / "words.txt").write_text(lies_about)
    assert (git("commit", "-m", "a") == 0) is taken
    assert (git("rev-parse", "HEAD") == 0) is taken
