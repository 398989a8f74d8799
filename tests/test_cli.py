"""The command line: its help, its codes, its JSON, and its words for whatever goes wrong."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from iomdash import cli, progress, settings
from iomdash.declared import refi
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.verdicts import Verdict
from iomdash.study import STUDY_FILES
from iomdash.vault.lock import lock_for

ROOT = Path(__file__).parents[1]
COMMANDS = ("demo", "check", "load", "publish", "findings", "codebook", "serve")
PYTHON = [sys.executable, "-m", "iomdash"]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


class Run:
    """Runs a command in this process, with its exit code and its words."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> Answer:
        self._capsys.readouterr()
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as left:
            code = int(left.code or 0)
        return Answer(code, *self._capsys.readouterr())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def apart(
    words: Sequence[str | bytes | Path], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own."""
    return subprocess.run(
        [*PYTHON, *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, **environment}, errors="backslashreplace",
    )  # fmt: skip


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A file of approaches in which the second row breaks two rules."""
    path = tmp_path / "broken.csv"
    path.write_text(
        "approach_id,wave,cohort,outcome,approached_on,origin\n"
        "A1,2030,PPO,interviewed,,synthetic\n"
        "A2,2030,XYZ,vanished,,synthetic\n"
    )
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A file of approaches without a fault, and with a column that nobody asked for."""
    path = tmp_path / "sound.csv"
    path.write_text(
        "approach_id,wave,cohort,outcome,approached_on,origin,weather\n"
        "A1,2030,PPO,declined,,synthetic,fair\n"
    )
    return path


# --------------------------------------------------------------------------------- help and usage


def commands_of(help: str) -> set[str]:
    return set(re.findall(r"^    ([a-z][a-z-]*)(?: |$)", help, re.M))


def test_the_help_names_every_command_and_gives_examples(run: Run) -> None:
    told = run("--help")
    assert told.code == 0
    assert set(COMMANDS) <= commands_of(told.out)
    for command in commands_of(told.out):
        assert f"python -m iomdash {command}" in told.out


def test_every_command_has_help_with_an_example_and_takes_a_data_folder(run: Run) -> None:
    for command in commands_of(run("--help").out):
        told = run(command, "--help")
        assert told.code == 0
        assert f"example: python -m iomdash {command}" in told.out
        assert "--data DIR" in told.out
        assert "IOMDASH_DATA" in told.out


def test_examples_of_the_help_and_the_readme_are_commands_that_exist(run: Run) -> None:
    known = commands_of(run("--help").out)
    text = cli.EXAMPLES + (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"python -m iomdash ([a-z][a-z-]*)", text)) <= known


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["wrong"], "invalid choice: 'wrong'"),
        (["check", "nothing", "a.csv"], "invalid choice: 'nothing'"),
        (["load", "codings"], "the following arguments are required: FILE"),
        (["findings", "--audience", "press"], "invalid choice: 'press'"),
        (["codebook", "import", "a.qdc"], "invalid choice: 'import'"),
        (["serve", "--port", "many"], "'many' is no port; give a number from 1 to 65535"),
        (["serve", "--port", "0"], "'0' is no port"),
        (["serve", "--port", "65536"], "'65536' is no port"),
        (["serve", "--port", "-1"], "port"),
        (["serve", "--base-path", "/a b"], "'/a b' is no path; give letters, digits"),
        (["serve", "--base-path", "/../iom"], "'/../iom' is no path"),
        (["publish", "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_a_wrong_word_is_a_usage_error_with_the_way_to_help(
    run: Run, words: list[str], told: str
) -> None:
    found = run(*words)
    assert found.code == 1
    assert told in found.err
    assert "--help" in found.err
    assert found.out == ""


def test_an_unknown_table_is_told_which_there_are(run: Run) -> None:
    for table in TABLES:
        assert table in run("check", "nothing", "a.csv").err


# --------------------------------------------------------------------------------- check and load


def test_a_sound_file_is_said_to_keep_its_contract(run: Run, tmp_path: Path, sound: Path) -> None:
    told = run("check", "approaches", sound, "--data", tmp_path / "data")
    assert told.code == 0
    assert told.out == f"{sound} keeps the contract of approaches. Rows: 1.\n"
    assert "weather" in told.err
    assert not (tmp_path / "data").exists()


def test_check_as_json_says_that_nothing_is_broken(run: Run, tmp_path: Path, sound: Path) -> None:
    told = run("check", "approaches", sound, "--json", "--data", tmp_path / "data")
    assert told.code == 0
    found = json.loads(told.out)
    reading = found.pop("reading")
    assert found == {
        "table": "approaches", "total": 0, "kinds": [], "breaks": [], "warnings": [],
        "absent": [],
    }  # fmt: skip
    assert (reading["kind"], reading["left_out"]) == ("CSV", ["weather"])
    assert reading["sentences"] == ["Left out, as the contract does not know them: weather."]


@pytest.fixture
def unstated(tmp_path: Path) -> Path:
    """A sound file of one interview that states nothing of its interviewee."""
    columns = [column.name for column in odcs.load("interviews").columns]
    consents = [name for name in columns if name.startswith("consent_")]
    header = ["interview_id", "wave", "cohort", "provider", "supervision", "setting", "origin"]
    path = tmp_path / "unstated.csv"
    cells = ["i1", "2030", "PPO", "CRC", "statutory", "community", "synthetic"]
    path.write_text("\n".join([",".join([*header, *consents]), ",".join([*cells, *["yes"] * 7])]))
    return path


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_warning_lets_a_file_in_and_is_told_in_words(
    run: Run, tmp_path: Path, unstated: Path, command: str
) -> None:
    told = run(command, "interviews", unstated, "--data", tmp_path / "data")
    assert told.code == 0
    assert (
        "Warning of interviews.age_stated, 1 cell. The first: unstated.csv, row 2, column 'age': "
        "More than a fifth of the interviews do not state age: shares of those who do may not "
        "hold for all. Fill in what the information sheets answer; leave empty what was not said."
    ) in told.err.splitlines()


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_warning_as_json_has_the_documented_form(
    run: Run, tmp_path: Path, unstated: Path, command: str
) -> None:
    told = json.loads(
        run(command, "interviews", unstated, "--json", "--data", tmp_path / "data").out
    )
    warnings = (told[0] if command == "load" else told)["warnings"]
    assert [list(each) for each in warnings] == [["rule", "count", "breaks"]] * len(warnings)
    [age] = [each for each in warnings if each["rule"] == "interviews.age_stated"]
    assert age["count"] == 1
    [broken] = age["breaks"]
    assert list(broken) == ["file", "row", "column", "value", "rule", "remedy", "sheet"]
    assert (broken["file"], broken["row"], broken["column"]) == ("unstated.csv", 2, "age")


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_broken_file_exits_with_2_and_names_each_cell(
    run: Run, tmp_path: Path, broken: Path, command: str
) -> None:
    told = run(command, "approaches", broken, "--data", tmp_path / "data")
    assert told.code == 2
    assert told.out == ""
    assert "Refused, nothing was loaded: approaches has 2 broken cells." in told.err
    assert "broken.csv, row 3, column 'cohort': 'XYZ'" in told.err
    assert "broken.csv, row 3, column 'outcome': 'vanished'" in told.err


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_broken_file_as_json_has_the_documented_form(
    run: Run, tmp_path: Path, broken: Path, command: str
) -> None:
    told = run(command, "approaches", broken, "--json", "--data", tmp_path / "data")
    assert told.code == 2
    found = json.loads(told.out)
    assert list(found) == ["table", "total", "kinds", "breaks", "reading"]
    assert (found["table"], found["total"]) == ("approaches", 2)
    assert [(kind["column"], kind["rule"], kind["cells"]) for kind in found["kinds"]] == [
        (each["column"], each["rule"], 1) for each in found["breaks"]
    ]
    for each in found["breaks"]:
        assert list(each) == ["file", "row", "column", "value", "rule", "remedy", "sheet"]
        assert (each["file"], each["row"]) == ("broken.csv", 3)
    assert {(b["column"], b["value"]) for b in found["breaks"]} == {
        ("cohort", "XYZ"), ("outcome", "vanished"),
    }  # fmt: skip


def test_load_says_what_went_in_and_what_was_left_out(
    run: Run, tmp_path: Path, sound: Path
) -> None:
    told = run("load", "approaches", sound, "--data", tmp_path / "data")
    assert told.code == 0
    assert re.fullmatch(
        r"sound\.csv is loaded into approaches as approaches-[0-9a-f]{16}\. Rows: 1\.\n", told.out
    )
    assert "weather" in told.err


def test_load_as_json_has_the_documented_form(run: Run, tmp_path: Path, sound: Path) -> None:
    told = run("load", "approaches", sound, "--json", "--data", tmp_path / "data")
    [batch] = json.loads(told.out)
    assert batch.pop("batch").startswith("approaches-")
    assert batch.pop("reading")["left_out"] == ["weather"]
    assert batch == {"file": "sound.csv", "rows": 1, "warnings": [], "absent": []}


def test_the_same_file_twice_is_refused_with_2(run: Run, tmp_path: Path, sound: Path) -> None:
    assert run("load", "approaches", sound, "--data", tmp_path / "data").code == 0
    told = run("load", "approaches", sound, "--data", tmp_path / "data")
    assert told.code == 2
    assert "The same content was loaded on" in told.err


# ---------------------------------------------------------------------------------------- findings


def test_findings_as_json_have_the_documented_form(run: Run, demo_dir: Path) -> None:
    told = run("findings", "--json", "--data", demo_dir)
    assert told.code == 0
    found = json.loads(told.out)
    assert [f["id"] for f in found] == [f.id for f in FINDINGS]
    claims = [claim for f in found for claim in f["claims"]]
    for each in found:
        assert list(each) == ["id", "title", "claims"]
    for claim in claims:
        assert list(claim) == ["statement", "code", "x", "n", "quantifier", "range",
                               "verdict", "sure", "interval", "hidden", "reason"]  # fmt: skip
        assert claim["verdict"] in {v.words for v in Verdict}
        if claim["interval"] is not None:
            low, high = claim["interval"]
            assert 0 <= low <= high <= 1
    assert len(claims) == sum(len(f.claims) for f in FINDINGS)


def test_the_documents_name_every_key_of_the_json(run: Run, demo_dir: Path) -> None:
    text = (ROOT / "docs" / "findings-json.md").read_text("utf-8")
    found = json.loads(run("findings", "--json", "--data", demo_dir).out)
    keys = {*found[0], *found[0]["claims"][0], "table", "total", "breaks", "file", "row", "column",
            "value", "rule", "remedy", "batch", "rows", "warnings", "count", "absent"}  # fmt: skip
    assert {key for key in keys if f'"{key}"' not in text} == set()


def test_the_2017_wave_reads_as_its_report_counts(run: Run, demo_dir: Path) -> None:
    found = json.loads(run("findings", "--json", "--wave", "2017", "--data", demo_dir).out)
    first = found[0]["claims"][0]
    assert first == {
        "statement": "All spoke well of the scheme", "code": "scheme.positive", "x": 11, "n": 11,
        "quantifier": "all", "range": [11, 11], "verdict": "As claimed", "sure": "could be chance",
        "interval": [pytest.approx(0.7412, abs=1e-4), 1.0], "hidden": None, "reason": None,
    }  # fmt: skip


REASONS = {
    "too_few": "fewer than 5",
    "cohort_unknown": "not every approach states its cohort, or the cohort is too small",
}


def test_what_is_hidden_has_a_reason_and_no_figure(run: Run, demo_dir: Path) -> None:
    words = ("--wave", "2017", "--cohort", "HCCU", "--data", demo_dir)
    claims = [c for f in json.loads(run("findings", "--json", *words).out) for c in f["claims"]]
    assert claims
    for claim in claims:
        assert claim["hidden"] == REASONS[claim["reason"]]
        assert claim["verdict"] == "Cannot be told"
        assert (claim["x"], claim["n"], claim["interval"]) == (None, None, None)


def test_findings_in_words_name_release_wave_cohort_and_every_claim(
    run: Run, demo_dir: Path
) -> None:
    told = run("findings", "--wave", "2017", "--data", demo_dir)
    assert told.out.startswith("Release 1, wave 2017 study (partly reconstructed), cohort All\n")
    assert "F01 Valued and understood, not always agreed with" in told.out
    assert "● All spoke well of the scheme: 11 of 11. As claimed, could be chance." in told.out


def test_a_cohort_may_be_written_in_any_case(run: Run, demo_dir: Path) -> None:
    upper = run("findings", "--cohort", "PPO", "--json", "--data", demo_dir)
    lower = run("findings", "--cohort", "ppo", "--json", "--data", demo_dir)
    assert upper.code == lower.code == 0
    assert upper.out == lower.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--wave", "1999"], "There is no wave '1999'. Choose one of: 2026, 2017."),
        (["--cohort", "XYZ"], "There is no cohort 'XYZ'. Choose one of: PPO, HCCU, SPOS, DV&A"),
        (["--cohort", "U18"], "Nobody of cohort U18 was interviewed in wave 2026."),
    ],
)
def test_a_group_that_does_not_exist_is_told_which_there_are(
    run: Run, demo_dir: Path, words: list[str], told: str
) -> None:
    found = run("findings", *words, "--data", demo_dir)
    assert found.code == 1
    assert told in found.err
    assert found.out == ""


# ----------------------------------------------------------------------------- where the data lie


def test_the_data_folder_is_taken_from_the_variable_and_the_option_goes_before_it(
    run: Run, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_DATA", str(demo_dir))
    assert run("findings").code == 0
    told = run("findings", "--data", tmp_path)
    assert told.code == 1
    assert str(tmp_path) in told.err


def test_without_option_and_variable_the_folder_is_data(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IOMDASH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert "Nothing is published in data/releases yet." in run("findings").err


def test_the_demonstration_refuses_a_folder_with_data(run: Run, demo_dir: Path) -> None:
    before = sorted(path.name for path in demo_dir.rglob("*"))
    told = run("demo", "--data", demo_dir)
    assert told.code == 1
    assert f"{demo_dir} already holds data, and the demonstration would mix with them." in told.err
    assert "Give an empty folder with --data" in told.err
    assert sorted(path.name for path in demo_dir.rglob("*")) == before


def test_serve_refuses_an_audience_without_a_release(
    run: Run, demo_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_dir / "releases", tmp_path / "releases")
    (tmp_path / "releases" / "0001" / "coordinator.duckdb").unlink()
    told = run("serve", "--audience", "coordinator", "--data", tmp_path)
    assert told.code == 1
    assert "There is no release 1 for the coordinator" in told.err


def test_serve_without_the_server_says_where_to_run_it(
    run: Run, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    refused = run("serve", "--data", demo_dir)
    assert refused.code == 1
    assert f"{tmp_path / 'app.py'} is missing. Run from a whole checkout" in refused.err


def test_the_server_is_told_where_releases_lie_and_not_where_the_vault_does(
    run: Run, demo_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, words, env: started.append((words, env)))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setenv("IOMDASH_DATA", str(demo_dir))
    told = run("serve", "--port", "8600", "--audience", "coordinator")
    [(words, environment)] = started
    assert "Open http://127.0.0.1:8600 in a browser." in told.out
    assert words[-2:] == ["--server.port", "8600"]
    assert "IOMDASH_DATA" not in environment
    assert environment["IOMDASH_RELEASES"] == str((demo_dir / "releases").resolve())
    assert environment["IOMDASH_AUDIENCE"] == "coordinator"


def test_a_path_of_a_setting_is_that_of_the_folder_where_the_command_was_given(
    run: Run, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, __, env: started.append((os.getcwd(), env)))
    monkeypatch.chdir(tmp_path)
    relative = {"IOMDASH_POLICY": "own.yaml", "IOMDASH_KEY": "~/key", "IOMDASH_RELEASES": ""}
    for name, value in relative.items():
        monkeypatch.setenv(name, value)
    assert settings.POLICY.read() == str(tmp_path / "own.yaml")
    run("serve", "--data", demo_dir)
    [(folder, environment)] = started
    assert folder == str(settings.PROJECT)
    assert environment["IOMDASH_POLICY"] == str(tmp_path / "own.yaml")
    assert environment["IOMDASH_KEY"] == str(Path.home() / "key")
    assert environment["IOMDASH_RELEASES"] == str((demo_dir / "releases").resolve())


# ------------------------------------------------------------------- whatever a user can run into


def codings(folder: Path) -> Path:
    return shutil.copy(STUDY_FILES["codings"], folder / "codings.csv")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["check", "codings", "none.csv"], 2, "none.csv: "),
        (["load", "codings", "none.csv"], 2, "none.csv: "),
        (["check", "codings", "folder"], 2, "folder: "),
        (["load", "codings", "folder"], 2, "folder: "),
        (["check", "codings", "empty.csv"], 2, "empty.csv: "),
        (["load", "codings", "a" * 300], 2, "File name too long"),
        (["publish"], 1, "There is no vault in"),
        (["findings"], 1, "Nothing is published in"),
        (["codebook", "export", "none/codes.qdc"], 1, "Choose a file in a folder that exists"),
        (["codebook", "export", "folder"], 1, "Choose a file in a folder that exists"),
    ],
)
def test_what_is_missing_or_of_the_wrong_kind_is_told_in_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: list[str], code: int, told: str,
) -> None:  # fmt: skip
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    monkeypatch.chdir(tmp_path)
    found = run(*words, "--data", "data")
    assert found.code == code
    assert told in found.err


WITH_DATA = [
    ["check", "codings", "codings.csv"],
    ["load", "codings", "codings.csv"],
    ["publish"],
    ["findings"],
    ["demo"],
]


@pytest.mark.parametrize("words", WITH_DATA, ids=lambda words: words[0])
def test_a_data_folder_that_is_a_file_is_told_in_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    codings(tmp_path)
    (tmp_path / "file").write_text("not a folder")
    found = run(*words, "--data", "file")
    assert found.code in (1, 2)  # without its interviews, the file of codings breaks its contract
    assert found.err.strip()
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.parametrize("words", WITH_DATA[:3], ids=lambda words: words[0])
def test_an_unreadable_vault_is_told_in_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    codings(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / settings.VAULT_FILE).write_bytes(b"no database" * 1000)
    found = run(*words, "--data", "data")
    assert found.code == 1
    assert "cannot be read: it is damaged or no DuckDB file. Restore it" in found.err


def test_a_locked_vault_is_told_with_who_holds_it(run: Run, tmp_path: Path, sound: Path) -> None:
    (tmp_path / "data").mkdir()
    with lock_for(tmp_path / "data"):
        found = run("load", "approaches", sound, "--data", tmp_path / "data")
    assert found.code == 1
    assert "is being written by" in found.err
    assert f"(process {os.getpid()}). Wait until it is done, then try again." in found.err


def test_a_damaged_release_is_told_in_words(run: Run, demo_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_dir / "releases", tmp_path / "releases")
    board = tmp_path / "releases" / "0001" / "board.duckdb"
    board.chmod(0o644)
    board.write_bytes(b"no database")
    found = run("findings", "--data", tmp_path)
    assert found.code == 1
    assert "board.duckdb cannot be read: it is damaged" in found.err


def test_a_stop_by_the_keyboard_is_told_and_exits_with_1(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refi, "export_codebook", stopped)
    found = run("codebook", "export", tmp_path / "codes.qdc")
    assert found.code == 1
    assert found.err == "Stopped. Nothing that was under way has been kept.\n"


def test_ctrl_c_while_the_demonstration_is_built_leaves_no_trace(tmp_path: Path) -> None:
    build = subprocess.Popen(
        [*PYTHON, "demo", "--data", str(tmp_path / "data")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (tmp_path / "data" / settings.VAULT_FILE).exists() and build.poll() is None:
        time.sleep(0.01)
    build.send_signal(signal.SIGINT)
    out, err = build.communicate()
    assert build.returncode == 1
    assert err.endswith("Stopped. Nothing that was under way has been kept.\n")
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    "words", [["findings"], ["findings", "--json"], ["codebook", "export", os.devnull]]
)
def test_a_reader_who_leaves_early_gets_no_trace(demo_dir: Path, words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        left = subprocess.run(
            [*PYTHON, *words, "--data", str(demo_dir)], cwd=ROOT, check=False,
            stdout=write, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    finally:
        os.close(write)
    assert left.returncode == 1
    assert left.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        [b"check", b"approaches", b"\xff.csv"],
        [b"codebook", b"export", b"\xff.qdc"],
        [b"findings", b"--wave", b"\xff"],
        [b"findings", b"--data", b"\xff"],
        [b"\xff"],
    ],
)
def test_an_argument_that_is_no_utf_8_gets_an_answer_and_no_trace(
    words: list[bytes], demo_dir: Path, tmp_path: Path
) -> None:
    inside = [w if w != b"\xff.qdc" else os.fsencode(tmp_path) + b"/\xff.qdc" for w in words]
    found = apart(inside, IOMDASH_DATA=str(demo_dir))
    assert "Traceback" not in found.stderr
    assert (found.stdout + found.stderr).strip()
    assert found.returncode == (0 if b"export" in words else 2 if b"check" in words else 1)


def test_a_terminal_of_few_letters_still_gets_the_findings(demo_dir: Path) -> None:
    for words in (["findings"], ["findings", "--json"]):
        found = apart([*words, "--data", demo_dir], PYTHONIOENCODING="ascii")
        assert found.returncode == 0, found.stderr
        assert found.stderr == ""
        if "--json" in words:
            assert len(json.loads(found.stdout)) == len(FINDINGS)


def test_an_audience_that_does_not_exist_in_the_environment_is_told_in_words(
    demo_dir: Path,
) -> None:
    assert apart(["findings", "--data", demo_dir], IOMDASH_AUDIENCE="press").returncode == 0
    found = apart(["serve", "--data", demo_dir], IOMDASH_AUDIENCE="press")
    assert found.returncode == 1
    assert "IOMDASH_AUDIENCE is 'press', which is no audience. Set it to one of" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_name_too_long_for_the_disk_is_told_in_words(run: Run, sound: Path) -> None:
    for words in (["check", "approaches", sound], ["publish"], ["findings"], ["demo"]):
        found = run(*words, "--data", "d" * 300)
        assert found.code == 1
        assert "File name too long" in found.err


def test_files_before_a_broken_one_stay_loaded_and_are_named(
    run: Run, tmp_path: Path, sound: Path, broken: Path
) -> None:
    found = run("load", "approaches", sound, broken, "--data", tmp_path / "data")
    assert found.code == 2
    assert found.out.startswith("sound.csv is loaded into approaches")
    assert "broken.csv, row 3, column 'cohort'" in found.err


# ---------------------------------------------------------------------------------------- progress


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "seconds", "shown"), [(True, 2, True), (True, 0.5, False), (False, 2, False)]
)
def test_a_bar_shows_on_a_terminal_only_and_after_a_second(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float, shown: bool
) -> None:
    screen, now = Screen(terminal), [0.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    with progress.steps("Publishing") as step:
        step("count")
        now[0] = seconds
        step("protect")
    assert ("Publishing" in screen.getvalue() and "protect" in screen.getvalue()) is shown
