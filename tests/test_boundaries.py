"""Who may import whom, what may be joined with what, and what may not stand in the repository."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from iomdash import measures, odcs, settings

ROOT = Path(__file__).parents[1]
REPORT = ROOT.parent / "shared" / "study" / "report.txt"
WORDS_IN_A_ROW = 8

# Where nothing may lead to microdata: what a page, a picture, a pack or the server imports.
FRONT = ("pages", "iomdash.charts", "iomdash.web", "iomdash.pack", "app")
BACK = (
    "iomdash.vault", "iomdash.measures", "iomdash.contracts", "iomdash.suite", "iomdash.gx_duckdb",
    "iomdash.staging", "iomdash.disclosure", "iomdash.judge", "iomdash.stats", "iomdash.settling",
    "iomdash.publish", "iomdash.demo", "scipy", "statsmodels", "great_expectations",
)  # fmt: skip


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the product by its dotted name."""
    paths = [ROOT / "app.py", *(p for f in ("iomdash", "pages") for p in (ROOT / f).rglob("*.py"))]
    return {_name(path): ast.parse(path.read_text("utf-8")) for path in paths}


def imported(tree: ast.Module, name: str, *, package: bool = False) -> set[str]:
    """Names that a module imports anywhere in it, functions included; `x.y` for `from x import y`.

    `importlib.import_module("x")` and `__import__("x")` count as well.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(node, name, package=package)
            found |= {start, *(f"{start}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            words = [part for arg in node.args for part in ast.walk(arg)]
            found |= {str(w.value).strip(".") for w in words if isinstance(w, ast.Constant)}
    return found


def _absolute(node: ast.ImportFrom, name: str, *, package: bool) -> str:
    if not node.level:
        return node.module or ""
    inside = name.split(".") if package else name.split(".")[:-1]
    above = inside[: len(inside) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


@cache
def direct(name: str) -> frozenset[str]:
    package = (ROOT / name.replace(".", "/") / "__init__.py").exists()
    return frozenset(imported(sources()[name], name, package=package))


def reached(name: str) -> dict[str, str]:
    """Everything that a module leads to, with the module that imports it."""
    found: dict[str, str] = {}
    todo = [name]
    while todo:
        here = todo.pop()
        # Importing a module runs the packages above it.
        above = {here.rsplit(".", i)[0] for i in range(1, here.count(".") + 1)}
        for other in {*direct(here), *(a for a in above if a in sources())} - {*found, name}:
            found[other] = here
            if other in sources():
                todo.append(other)
    return found


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize(
    ("text", "package", "names"),
    [
        ("import a.b", False, {"a.b"}),
        ("from a import b as c", False, {"a", "a.b"}),
        ("def f():\n    from iomdash.vault import Vault", False, {"iomdash.vault"}),
        ("from . import vault", False, {"iomdash.vault"}),
        ("from .vault import Vault", False, {"iomdash.vault"}),
        ("from ..vault import Vault", True, {"iomdash.vault"}),
        ("from .dots import dots", True, {"iomdash.x.dots"}),
        ("import importlib\nimportlib.import_module('a.b')", False, {"a.b"}),
        ("import_module(f'a.{part}' if part else 'a')", False, {"a"}),
        ("if 1:\n    try:\n        import a\n    except ImportError: ...", False, {"a"}),
    ],
)
def test_an_import_is_seen_wherever_it_stands(text: str, package: bool, names: set[str]) -> None:
    assert names <= imported(ast.parse(text), "iomdash.x", package=package)


def test_what_a_module_leads_to_is_followed_to_the_end() -> None:
    assert "iomdash.vault" in reached("iomdash.__main__")  # by way of functions in cli.py
    assert "great_expectations" in reached("iomdash.__main__")


@pytest.mark.parametrize("name", [n for n in sources() if within(n, FRONT)])
def test_nothing_that_a_page_imports_reaches_microdata_or_statistics(name: str) -> None:
    leads = {f"{by} imports {n}" for n, by in reached(name).items() if within(n, BACK)}
    assert leads == set()


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("streamlit", ("app", "pages", "iomdash.web")),
        ("great_expectations", ("iomdash.suite",)),
        ("sqlalchemy", ("iomdash.suite", "iomdash.gx_duckdb")),
        ("altair", ("iomdash.charts",)),
    ],
)
def test_a_library_is_imported_only_where_it_belongs(
    library: str, allowed: tuple[str, ...]
) -> None:
    users = {n for n in sources() if any(within(i, (library,)) for i in direct(n))}
    assert users
    assert {n for n in users if not within(n, allowed)} == set()


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


@pytest.mark.parametrize("name", [n for n in sources() if within(n, ("pages",))])
def test_a_page_defines_and_runs_nothing_when_imported(name: str) -> None:
    assert runs(sources()[name]) == []


def test_the_streamlit_script_does_not_stand_beside_the_pages() -> None:
    entry = (ROOT / "app.py").read_text("utf-8")
    assert "st.App(" in entry
    assert '"web" / "script.py"' in entry
    assert not {p.name for p in ROOT.glob("*.py")} - {"app.py"}


def interview_tables() -> set[str]:
    """Tables of the interview side, from their contracts, and the views made of them."""
    tables = {"interviews", "approaches"}
    for name in odcs.TABLES:
        if "interview_id" in {column.name for column in odcs.load(name).columns}:
            tables.add(name)
    return tables | set(measures.VIEWS)


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
    told = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    places = {p.name + "/" if p.is_dir() else p.name for p in (ROOT / "iomdash").iterdir()}
    here = {p for p in places if not p.startswith("__")}
    assert {p for p in here if not re.search(rf"[`/]{re.escape(p)}`", told)} == set()


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
    """Every file under version control that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a checkout: git lists no files here")
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
    found = {name: OF_A_MACHINE.findall(text) for name, text in tracked().items()
             if not name.endswith(here) and OF_A_MACHINE.search(text)}  # fmt: skip
    assert found == {}


def runs_of_words(text: str, length: int = WORDS_IN_A_ROW) -> set[str]:
    """Every run of that many words in a row, in lower case and without signs."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’‘]", "", text.lower()))
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_a_run_of_words_is_found_across_lines_and_signs() -> None:
    one = "He said: “I don’t know\n what they want of me”, twice."
    other = "i dont know what they want of me"
    assert runs_of_words(one) & runs_of_words(other) == {other}


def test_no_sentence_of_the_report_stands_in_the_repository() -> None:
    if not REPORT.is_file():
        pytest.skip("the 2017 report is not here, so the files cannot be held against it")
    report = runs_of_words(REPORT.read_text("utf-8", errors="replace"))
    shared = {name: sorted(runs_of_words(text) & report) for name, text in tracked().items()}
    assert {name: found for name, found in shared.items() if found} == {}
