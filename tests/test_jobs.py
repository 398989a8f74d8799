"""Work that outlives its page: a job tells of itself by its folder, whoever began it."""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iomdash.errors import EnvironmentFault, UsageError
from iomdash.workbench import acting, jobs, run
from iomdash.workbench.jobs import Job

LONGEST = 60  # seconds until a process must have done what is waited for
# A publisher that is quick: two steps, then a result, or none as it waits for long.
QUICK = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / "steps").write_text("count\\nprotect\\n")
(folder / "result.json").write_text(json.dumps({"refused": None, "number": 7}))
"""
SLOW = """
import pathlib, sys, time
(pathlib.Path(sys.argv[1]) / "steps").write_text("count\\n")
time.sleep(600)
"""


def begun(data: Path, script: str, **more: object) -> Job:
    return jobs.start(data, before=3, user="ana", command=(sys.executable, "-c", script), **more)


def until(holds: Callable[[], bool]) -> None:
    last = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.02)


def now(data: Path) -> Job:
    """The job as somebody reads it who knows nothing but the folder."""
    found = jobs.newest(data)
    assert found
    return found


def kill(job: Job) -> None:
    os.kill(int((job.folder / jobs.PID).read_text()), signal.SIGKILL)
    until(lambda: not jobs.read(job.folder).running)


def test_a_job_tells_who_began_it_its_steps_and_its_result(tmp_path: Path) -> None:
    job = begun(tmp_path, QUICK)
    assert (job.who, job.before, job.kind) == ("ana", 3, jobs.PUBLISH)
    until(lambda: now(tmp_path).result is not None)
    ended = now(tmp_path)
    assert ended.steps == ("count", "protect")
    assert ended.result == {"refused": None, "number": 7}
    assert not ended.stopped
    assert not ended.running


def test_a_job_is_for_its_owner_alone(tmp_path: Path) -> None:
    job = begun(tmp_path, QUICK)
    for folder in (job.folder, job.folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    until(lambda: not now(tmp_path).running)


def test_who_publishes_while_another_does_is_told_who_and_since_when(tmp_path: Path) -> None:
    job = begun(tmp_path, SLOW)
    try:
        with pytest.raises(UsageError) as told:
            begun(tmp_path, QUICK)
        assert str(told.value) == (
            f"ana publishes since {job.began:%d/%m/%Y at %H:%M} UTC. "
            "One publishes at a time: wait until it is done."
        )
        assert now(tmp_path).folder == job.folder
    finally:
        kill(job)


def test_of_four_who_publish_at_once_one_does(tmp_path: Path) -> None:
    together, came = threading.Barrier(4), list[object]()

    def ask() -> None:
        together.wait()
        try:
            came.append(begun(tmp_path, SLOW))
        except UsageError as told:
            came.append(told)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    started = [each for each in came if isinstance(each, Job)]
    for job in started:
        kill(job)
    assert len(started) == 1
    assert len(came) == 4


def test_a_job_that_was_killed_is_stopped_and_another_may_begin(tmp_path: Path) -> None:
    job = begun(tmp_path, SLOW)
    until(lambda: now(tmp_path).steps == ("count",))
    assert now(tmp_path).running
    kill(job)
    assert now(tmp_path).stopped
    assert begun(tmp_path, QUICK).folder != job.folder
    until(lambda: now(tmp_path).result is not None)


def test_a_job_goes_on_where_the_server_that_began_it_is_killed(tmp_path: Path) -> None:
    server = (
        "import os, signal, sys; from pathlib import Path; from iomdash.workbench import jobs\n"
        f"jobs.start(Path(sys.argv[1]), before=None, command=(sys.executable, '-c', {SLOW!r}))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", server, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    job = now(tmp_path)
    until(lambda: now(tmp_path).steps == ("count",))
    assert job.running
    with pytest.raises(UsageError, match="One publishes at a time"):
        begun(tmp_path, QUICK)
    kill(job)


def test_two_who_look_at_a_stopped_job_do_not_take_each_other_for_it(tmp_path: Path) -> None:
    job = begun(tmp_path, SLOW)
    kill(job)
    seen: list[bool] = []

    def look() -> None:
        seen.extend(jobs.read(job.folder).running for _ in range(200))

    looking = [threading.Thread(target=look) for _ in range(4)]
    for each in looking:
        each.start()
    for each in looking:
        each.join()
    assert seen == [False] * 800


def test_folders_of_old_jobs_do_not_pile_up(tmp_path: Path) -> None:
    for _ in range(jobs.MOST_KEPT + 2):
        begun(tmp_path, "")
        until(lambda: not now(tmp_path).running)
    assert len([*(tmp_path / jobs.FOLDER).glob("*-*")]) == jobs.MOST_KEPT


# ------------------------------------------------------------------------- what the process runs


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """The folder of a job that nobody runs yet, over an empty data folder."""
    folder = tmp_path / "data" / jobs.FOLDER / "job-1"
    folder.mkdir(parents=True)
    about = {"kind": "publish", "who": "ana", "began": "2026-01-01T09:00:00+00:00", "before": None,
             "anyway": False, "without_uncoded": False, "data": str(tmp_path / "data")}  # fmt: skip
    (folder / jobs.ABOUT).write_text(json.dumps(about))
    (folder / jobs.RUNNING).touch()
    return folder


def test_what_publishing_refuses_is_the_result_in_its_own_words(asked: Path) -> None:
    run.main(asked)
    result = jobs.read(asked).result
    assert result
    assert "There is no vault in" in result["refused"]


def test_a_fault_of_the_program_is_neutral_on_the_page_and_without_a_cell_in_the_log(
    asked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("Carban, Stephen")

    monkeypatch.setattr(run, "publish", broken)
    run.main(asked)
    assert jobs.read(asked).result == {"refused": acting.FAULT.format(asked / jobs.LOG)}
    log = capsys.readouterr().out
    assert "ValueError" in log
    assert "in broken" in log
    assert "Carban" not in log.replace('raise ValueError("Carban, Stephen")', "")


def test_an_act_gives_what_came_of_it_or_why_not(caplog: pytest.LogCaptureFixture) -> None:
    def refuses() -> None:
        raise EnvironmentFault("The vault is in use.")

    def fails() -> None:
        cell = "Carban"
        raise ValueError(cell)

    assert acting.tried(lambda: 7) == (7, ())
    assert acting.tried(refuses) == (None, ("The vault is in use.",))
    with caplog.at_level(logging.ERROR):
        assert acting.tried(fails) == (None, (acting.FAULT.format(acting.SERVER),))
    assert "ValueError" in caplog.text
    assert "raise ValueError(cell)" in caplog.text
    assert "Carban" not in caplog.text.replace('cell = "Carban"', "")
