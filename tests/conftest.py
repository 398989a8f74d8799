"""The demonstration, built once and shared by all workers."""

import fcntl
import gc
import multiprocessing
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from iomdash import demo
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of the tests' own, the same for all workers, as they share the demonstration: a test
    never makes one in the home of who runs it.
    """
    path = tmp_path_factory.mktemp("key") / "key"
    path.touch(mode=0o600)
    path.write_text("5a" * 32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOMDASH_KEY", str(path))
        yield path


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder with both waves loaded and published. Read it; never write to it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shared / "demo"
        if not (folder / "releases" / "current").exists():
            demo.build(folder)
    return folder


@pytest.fixture(scope="session")
def board(demo_dir: Path) -> Release:
    """The board's release of the demonstration."""
    return Release(path_of(demo_dir / "releases", "board"))


@pytest.fixture(scope="session")
def coordinator(demo_dir: Path) -> Release:
    """The coordinator's release of the demonstration."""
    return Release(path_of(demo_dir / "releases", "coordinator"))


@pytest.fixture(scope="module")
def processes() -> Iterator[multiprocessing.context.ForkServerContext]:
    """Real processes that start fast, as what is slow to import is imported once for all. A child
    runs its parent's main module first, and Streamlit's AppTest leaves the page that it ran as
    that: so here it is a module without a file.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["iomdash.publishing.publish", "iomdash.vault.writer", "great_expectations"]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
        yield context


def pytest_unconfigure() -> None:
    """Let go of what Hypothesis leaves behind: its callback keeps modules alive, and DuckDB's
    bindings report as leaked whatever is alive when Python ends.
    """
    gc.callbacks.clear()
