"""Who may import whom, what may be joined with what, and what may not stand in the repository."""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from report_hashes import DIGITS, REPORT, hashed, held, of_report, runs_of_words
from sqlglot import exp

from iomdash import settings
from iomdash.counting import interviews
from iomdash.declared.contracts import odcs

ROOT = Path(__file__).parents[1]

MOST_LINES = 300
LINTER = Path(sys.executable).with_name("lint-imports")
LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "contracts"
][0]["layers"]


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the product by its dotted name."""
    paths = [ROOT / "app.py", *(p for f in ("iomdash", "pages") for p in (ROOT / f).rglob("*.py"))]
    return {_name(path): ast.parse(path.read_text("utf-8")) for path in paths}


# Declarations are read as lists, and one that is split is no easier to read.
LONG = {"iomdash/declared/codebook.py"}


def test_a_module_is_short_enough_to_be_read_at_once() -> None:
    paths = [p for folder in ("iomdash", "pages") for p in (ROOT / folder).rglob("*.py")]
    lines = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in paths}
    over = {name for name, count in lines.items() if count > MOST_LINES}
    assert over == LONG


def test_every_room_has_its_place_in_the_layers() -> None:
    named = {name.strip() for line in LAYERS for name in line.split(":")}
    rooms = {f"iomdash.{p.stem}" for p in (ROOT / "iomdash").iterdir()
             if p.suffix == ".py" or (p / "__init__.py").exists()}  # fmt: skip
    assert named == {*rooms, "pages"} - {"iomdash.__init__"}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the linter reads."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for folder in ("iomdash", "pages"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("*.pyc"))
    return copy


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_layers_are_kept(copied: Path) -> None:
    done = linted(copied)
    assert (done.returncode, "0 broken" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("pages/overview.py", "from iomdash.vault.connection import connected"),
        ("pages/cohort.py", "from iomdash.vault import current"),
        ("pages/methods.py", "def f():\n    from iomdash.intake.feeds import FEEDS"),
        ("pages/outcomes.py", "from iomdash.cli import main"),
        ("iomdash/pictures/bars.py", "from iomdash.vault import reader"),
        ("iomdash/release/reader.py", "from iomdash.counting import agencies"),
        ("iomdash/site/frame.py", "if 1:\n    from iomdash import demo"),
        ("iomdash/new_room/__init__.py", "from iomdash.vault import reader"),
        ("pages/profile.py", "import duckdb"),
        ("pages/profile.py", "import scipy.stats"),
        ("iomdash/cli/reading.py", "import streamlit"),
        ("pages/profile.py", "import altair"),
    ],
)
def test_an_import_against_the_datas_way_breaks_the_check(
    file: str, line: str, copied: Path
) -> None:
    path = copied / file
    before = path.read_text("utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n", "utf-8")
    link = copied / "pages" / "recruitment.py"
    linked = link.read_text("utf-8")
    if before is None:
        # What nothing imports reaches nobody: a page imports the new room.
        link.write_text(f"{linked}\nfrom iomdash import new_room\n", "utf-8")
    try:
        done = linted(copied)
    finally:
        link.write_text(linked, "utf-8")
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before, "utf-8")
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize("name", sorted(sources()))
def test_no_module_is_imported_where_the_linter_cannot_see_it(name: str) -> None:
    called = {ast.unparse(node.func) for node in ast.walk(sources()[name])
              if isinstance(node, ast.Call)}  # fmt: skip
    late = {call for call in called if call.split(".")[-1] in ("import_module", "__import__",
            "exec", "eval", "run_path", "run_module")}  # fmt: skip
    assert late == ({"import_module"} if name == "iomdash.intake.contracts.suite" else set())


@pytest.mark.parametrize(("name", "imported"), [
    ("app", {
        "iomdash.site", "iomdash.site.navigation.titles", "iomdash.site.served.around",
        "iomdash.site.taken.ROUTES", "iomdash.site.warm.kept_warm",
    }),
    ("iomdash.site.served", {
        "iomdash.settings", "iomdash.site.acts.SCRIPT", "iomdash.site.style.CSS",
        "iomdash.access.audit_log", "iomdash.access.changed", "iomdash.access.visitor.Mode",
        "iomdash.access.sign_in.listening", "iomdash.site.begun.begun_as_set",
        "iomdash.site.files.STATIC", "iomdash.site.files.Compressed",
        "iomdash.site.files.files_alone", "iomdash.site.files.gathered",
        "iomdash.errors.IomdashError", "iomdash.site.gate", "iomdash.site.logs",
        "iomdash.site.doors.Doors", "iomdash.site.faults.broken", "iomdash.site.identify.Reception",
        "iomdash.site.identify.serve", "iomdash.site.headers.ALWAYS_TLS",
        "iomdash.site.headers.SecurityHeaders",
    }),
    # Neither pages nor a reader of releases; the gate looks at the shelf alone.
    ("iomdash.site.gate", {
        "iomdash.settings", "iomdash.access.sign_in", "iomdash.access.terms",
        "iomdash.access.visitor.Refused", "iomdash.access.visitor.Visitor",
        "iomdash.errors.IomdashError", "iomdash.pictures.look.light", "iomdash.release.shelf",
        "iomdash.site.identify.ROLE",
        "iomdash.site.identify.Reception",
    }),
])  # fmt: skip
def test_the_server_imports_nothing_but_the_look_the_doors_and_what_pages_there_are(
    name: str, imported: set[str]
) -> None:
    result = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(sources()[name])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {each for each in result if each.startswith(("iomdash", "pages"))} == imported


ONLY_DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def runs(tree: ast.Module) -> list[str]:
    """Statements at the top of a module that do more than define: calls of Streamlit above all."""
    return [ast.unparse(node) for node in tree.body if not _defines(node)]


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, ONLY_DEFINES):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    return node.value is None or not any(
        isinstance(part, ast.Call) and ast.unparse(part.func).startswith(("st.", "streamlit"))
        for part in ast.walk(node.value)
    )


@pytest.mark.parametrize(
    "text", ["st.write(1)", "page()", "if True:\n    page()", "x = st.title('a')", "for i in x: i"]
)
def test_a_statement_that_runs_is_told_from_one_that_defines(text: str) -> None:
    assert runs(ast.parse(text))
    assert not runs(ast.parse('"""Words."""\nimport a\nX = ("a",)\ndef page(): st.write(1)'))


@pytest.mark.parametrize("name", [n for n in sources() if n.split(".")[0] == "pages"])
def test_a_page_defines_and_runs_nothing_when_imported(name: str) -> None:
    assert runs(sources()[name]) == []


def test_the_streamlit_script_does_not_stand_beside_the_pages() -> None:
    entry = (ROOT / "app.py").read_text("utf-8")
    assert "st.App(" in entry
    assert 'Path(site.__path__[0]) / "script.py"' in entry
    assert (ROOT / "iomdash" / "site" / "script.py").is_file()
    assert not {p.name for p in ROOT.glob("*.py")} - {"app.py"}


def interview_tables() -> set[str]:
    """Tables of the interview side, from their contracts, and the views made of them."""
    tables = {"interviews", "approaches"}
    for name in odcs.TABLES:
        if "interview_id" in {column.name for column in odcs.load(name).columns}:
            tables.add(name)
    return tables | set(interviews.VIEWS)


def agency_tables() -> set[str]:
    """Tables that agencies' files fill, by the name of the contract and as they are stored."""
    return {*odcs.AGENCY_TABLES, *(odcs.load(name).stored for name in odcs.AGENCY_TABLES)}


def read_by(text: str) -> set[str]:
    """Tables that a query reads."""
    return {t.name for tree in sqlglot.parse(text, read="duckdb") if tree
            for t in tree.find_all(exp.Table)}  # fmt: skip


def queries() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "iomdash").rglob("*.sql")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


@pytest.mark.parametrize(("path", "text"), list(queries()), ids=lambda value: value[:40])
def test_no_query_reads_an_interview_table_beside_an_agency_table(path: str, text: str) -> None:
    tables = read_by(text)
    assert not (tables & interview_tables() and tables & agency_tables()), path


def test_the_interview_tables_are_those_that_the_contracts_say() -> None:
    assert interview_tables() >= {"interviews", "codings", "excerpts", "approaches", "stances"}
    assert "caseloads" not in interview_tables()
    assert read_by("select 1 from a join (select * from b) on true") == {"a", "b"}


def test_the_architecture_names_every_module_and_folder() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    places = {p.name + "/" if p.is_dir() else p.name for p in (ROOT / "iomdash").iterdir()}
    here = {p for p in places if not p.startswith("__")}
    assert {p for p in here if not re.search(rf"[`/]{re.escape(p)}`", text)} == set()


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda s: s.variable)
def test_every_setting_is_documented(setting: settings.Setting) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(setting.variable in page.read_text("utf-8") for page in pages)


def test_every_environment_variable_that_is_read_is_a_setting() -> None:
    known = {setting.variable for setting in settings.SETTINGS}
    named = {word for path in (ROOT / "iomdash").rglob("*.py")
             for word in re.findall(r"IOMDASH_[A-Z_]+", path.read_text("utf-8"))}  # fmt: skip
    assert named <= known


@cache
def tracked() -> dict[str, str]:
    """Every file that is text and not ignored, in a checkout or a copy of one: for a repository
    without anything in it, each is a file to be added.
    """
    with tempfile.TemporaryDirectory() as empty:
        git = ["git", f"--git-dir={empty}", f"--work-tree={ROOT}"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        listed = subprocess.run(
            [*git, "ls-files", "-z", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    texts: dict[str, str] = {}
    for name in filter(None, listed.stdout.split("\0")):
        try:
            texts[name] = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return texts


OF_A_MACHINE = re.compile(
    r"(?<![\w.<{$])/(?:home|Users|root|workspace|work|mnt|opt|srv)/[\w.-]+"
    r"|[A-Z]:\\Users\\"
    r"|(?:--index-url|--extra-index-url|index-url\s*=|--trusted-host|GOPROXY\s*=)"
    r"|\b(?:artifactory|nexus|devpi|jfrog)\b",
)


@pytest.mark.parametrize(
    "text", ["/home/ana/iomdash", "/Users/ana/x", "pip install --index-url x", "artifactory"]
)
def test_a_path_of_a_machine_or_the_host_of_a_registry_is_recognised(text: str) -> None:
    assert OF_A_MACHINE.search(text)


def test_no_file_holds_a_path_of_a_machine_or_the_host_of_a_registry() -> None:
    here = Path(__file__).name
    result = {name: OF_A_MACHINE.findall(text) for name, text in tracked().items()
             if not name.endswith(here) and OF_A_MACHINE.search(text)}  # fmt: skip
    assert result == {}


def test_a_run_of_words_is_found_across_lines_and_signs() -> None:
    one = "He said: “I don’t know\n what they want of me here”, twice."
    other = "i dont know what they want of me here"
    assert runs_of_words(one) & runs_of_words(other) == {other}


def shared(text: str, hashes: Collection[str]) -> list[str]:
    """Runs of words of a text whose hashes are among these."""
    return sorted(run for name, run in hashed(runs_of_words(text)).items() if name in hashes)


def test_no_sentence_of_the_report_stands_in_the_repository() -> None:
    report = {*held()}
    result = {name: shared(text, report) for name, text in tracked().items()}
    assert {name: runs for name, runs in result.items() if runs} == {}


def test_a_sentence_is_recognised_by_its_hashes_from_nine_words_on() -> None:
    report = hashed(runs_of_words("One of them said: we walk to work; it isn't so far, he says."))
    for words, runs in [("one of them said we walk to work", 0),
                        ("(One of them\nsaid ‘we’ walk to work, it)", 1),
                        ("to work it isnt so far he says", 0),
                        ("we walk to work it isn’t so far he says", 2)]:  # fmt: skip
        assert len(shared(words, report)) == runs, words


def test_the_hashes_are_those_of_the_whole_report() -> None:
    hashes = held()
    assert hashes == sorted({*hashes})
    assert len(hashes) > 11_000
    assert {len(item) for item in hashes} == {DIGITS}
    # Where the report is at hand, the file is held against it.
    for _ in filter(Path.is_file, [REPORT]):
        assert hashes == of_report()
