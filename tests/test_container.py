"""The Containerfile and the unit are safe to run; `make container` builds and runs the image."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import container
import pytest

ROOT = Path(__file__).parents[1]
STEPS = container.steps()
OF = [instruction for instruction, _ in STEPS]


def test_it_starts_from_one_base_of_a_named_version() -> None:
    assert OF.count("FROM") == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim", container.value("FROM"))


def test_what_runs_is_nobody_with_rights_and_no_step_after_that_has_any() -> None:
    assert OF.count("USER") == 1
    assert container.value("USER") not in ("root", "0")
    after = OF[OF.index("USER") + 1 :]
    assert after == ["EXPOSE", "HEALTHCHECK", "CMD"]


@pytest.mark.parametrize("source", [held.split()[0] for what, held in STEPS if what == "COPY"])
def test_what_is_copied_is_there_and_let_through(source: str) -> None:
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_nothing_is_copied_from_elsewhere_and_no_data_come_near() -> None:
    assert "ADD" not in OF
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    assert let_through == {held.split()[0] for what, held in STEPS if what == "COPY"}


def test_packages_come_with_their_sums_before_the_program() -> None:
    [install] = [held for what, held in STEPS if what == "RUN" and "pip" in held]
    assert "--require-hashes -r requirements.lock" in install
    copied = [held for what, held in STEPS if what == "COPY"]
    assert copied[0].startswith("requirements.lock")


def test_it_holds_no_secret_and_listens_only_where_somebody_signs_in() -> None:
    given = container.environment()
    assert given["IOMDASH_LISTEN"] == "0.0.0.0"
    assert not [name for name in given if "SECRET" in name or name == "IOMDASH_DATA"]


@pytest.mark.parametrize("of", ["CMD", "HEALTHCHECK"])
def test_commands_run_without_a_shell(of: str) -> None:
    assert json.loads(container.value(of).partition("CMD")[2] or container.value(of))[0] == "python"


UNIT = ROOT / "deploy" / "iomdash.service"
EXPOSED = 15  # tenths of what systemd-analyze calls exposure, of 100 at most
SYSTEMD = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not installed, so it read no unit.")
def test_systemd_takes_the_unit_and_finds_it_as_closed_as_the_document_says(tmp_path: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", str(UNIT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"gives it {EXPOSED / 10}." in (ROOT / "docs" / "running.md").read_text("utf-8")
    # Where it lies on a server there is neither its Python nor its user here.
    here = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace("/usr/share/iomdash/.venv/bin/python", sys.executable)
    here.write_text(re.sub(r"(?m)^(User|Group)=.*\n", "", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_container_and_unit_begin_the_server_in_the_one_way() -> None:
    unit = UNIT.read_text("utf-8")
    [started] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    python, *words = started.split()
    assert Path(python).name == "python"
    assert words == json.loads(container.value("CMD"))[1:] == ["-m", "iomdash", "serve"]
    named = dict(re.findall(r"^Environment=(\w+)=(.+)$", unit, re.MULTILINE))
    assert named.keys() == container.environment().keys() & named.keys()
    assert "IOMDASH_DATA" not in named
