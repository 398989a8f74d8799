"""The package as pip installs it, into an empty folder, used outside the checkout."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 120  # seconds until a server must answer, on a busy machine
APPROACH = "approach_id,wave,cohort,outcome,approached_on,origin\nA1,2030,{},declined,,synthetic\n"

# The server's own file puts its pages within reach; then the script runs as for a visitor.
RENDER = """
import importlib.util, sys
from iomdash import settings, site
from streamlit.testing.v1 import AppTest
spec = importlib.util.spec_from_file_location("app", settings.PROJECT / "app.py")
spec.loader.exec_module(importlib.util.module_from_spec(spec))
app = AppTest.from_file(site.__path__[0] + "/script.py", default_timeout=120).run()
assert not app.exception, app.exception
print("\\n".join(str(getattr(element, "value", "")) for element in app.main))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package alone is installed, without the network."""
    folder = tmp_path_factory.mktemp("installed")
    run = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", str(folder), str(ROOT)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return folder


def outside(folder: Path, **more: str) -> Mapping[str, str]:
    """An environment in which iomdash is what was installed."""
    return {**os.environ, "PYTHONPATH": str(folder), **more}


def run(
    installed: Path, where: Path, *words: object, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [installed / "bin" / "iomdash", *map(str, words)],
        cwd=where, env=outside(installed, **more), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_package_brings_one_module_and_every_file_of_the_project(installed: Path) -> None:
    top = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert top == {"bin", "iomdash"}
    package, project = installed / "iomdash", installed / "iomdash" / "_project"
    places = {"iomdash": package, "pages": project / "pages", ".streamlit": project / ".streamlit",
              "data_contracts": project / "data_contracts"}  # fmt: skip
    for name, place in places.items():
        ours = [p for p in (ROOT / name).rglob("*") if p.is_file() and p.suffix != ".pyc"]
        assert ours
        assert [p for p in ours if not (place / p.relative_to(ROOT / name)).is_file()] == []
    assert (project / "app.py").is_file()


def test_the_package_requires_what_the_app_runs_on_and_no_tool_of_tests(installed: Path) -> None:
    (package,) = distributions(path=[str(installed)])
    asked: dict[bool, set[str]] = {True: set(), False: set()}
    for line in package.requires or ():
        extra = re.search("""extra == ['"]spark['"]""", line)
        asked[bool(extra)].add(re.split(r"[=;\s]", line)[0].lower())
    for optional, file in ((False, "requirements.txt"), (True, "requirements-spark.txt")):
        written = re.findall(r"^([\w-]+)==", (ROOT / file).read_text(), re.MULTILINE)
        assert asked[optional] == {name.lower() for name in written}


def test_the_command_answers_and_is_the_one_that_was_installed(
    installed: Path, tmp_path: Path
) -> None:
    assert "examples:" in run(installed, tmp_path, "--help").stdout
    where = "import iomdash.settings as s; print(s.PROJECT)"
    told = subprocess.run([sys.executable, "-c", where], cwd=tmp_path, env=outside(installed),
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert Path(told.stdout.strip()) == installed / "iomdash" / "_project"


@pytest.mark.parametrize(("cohort", "code", "total"), [("PPO", 0, 0), ("XYZ", 2, 1)])
def test_a_file_is_held_against_its_contract(
    cohort: str, code: int, total: int, installed: Path, tmp_path: Path
) -> None:
    file = tmp_path / "approaches.csv"
    file.write_text(APPROACH.format(cohort))
    done = run(installed, tmp_path, "check", "approaches", file, "--json")
    assert (done.returncode, json.loads(done.stdout)["total"]) == (code, total), done.stderr


def answer(server: subprocess.Popen[str], address: str) -> int:
    """The status of a server's first answer; 0 where it ended or was too slow to give one."""
    until = time.monotonic() + LONGEST
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), urlopen(address, timeout=LONGEST) as page:
            return page.status
        time.sleep(0.1)
    return 0


def test_the_page_is_served_outside_the_checkout(
    installed: Path, demo_dir: Path, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--data", str(demo_dir), "--port", str(port)]
    server = subprocess.Popen(
        [installed / "bin" / "iomdash", *words], cwd=tmp_path, env=outside(installed),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        status = answer(server, f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        _, said = server.communicate()
    assert status == 200, said


def test_the_overview_is_drawn_outside_the_checkout(
    installed: Path, demo_dir: Path, tmp_path: Path
) -> None:
    releases = outside(installed, IOMDASH_RELEASES=str(demo_dir / "releases"))
    drawn = subprocess.run([sys.executable, "-c", RENDER], cwd=tmp_path, env=releases,
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert drawn.returncode == 0, drawn.stderr
    assert "F18" in drawn.stdout
