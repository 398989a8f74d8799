"""The demonstration, built once, shared by all workers and kept for the next run."""

import atexit
import fcntl
import gc
import hashlib
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import distributions
from multiprocessing.context import ForkServerContext
from pathlib import Path

import hypothesis
import pytest
import served

from iomdash import demo
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of

ROOT = Path(__file__).parents[1]
KEY = "5a" * 32
# The file that begins with the demonstration, as it is over soon; then those that take longest, the
# longest first but for what needs the demonstration while it is built.
FIRST = (
    "test_access.py", "test_browser_workbench.py", "test_benchmarks.py", "test_browser.py",
    "test_feeds.py", "test_browser_address.py", "test_publish.py", "test_browser_publishing.py",
    "test_corrections.py", "test_agency_attack.py", "test_workers.py", "test_loads.py",
    "test_running.py", "test_pages.py", "test_agency_measures.py", "test_attack.py",
    "test_large.py", "test_guides.py", "test_comparison.py", "test_sign_in.py", "test_trials.py",
    "test_cli.py", "test_ties.py", "test_workbench_publishing.py", "test_workbench_upload.py",
)  # fmt: skip

# A promise is kept on a slow machine too: no example fails for the time that it took.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of the tests' own, the same for all workers, as they share the demonstration: a test
    never makes one in the home of who runs it.
    """
    path = tmp_path_factory.mktemp("key") / "key"
    path.touch(mode=0o600)
    path.write_text(KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOMDASH_KEY", str(path))
        # Vaults of tests hold rows that count as collected; pages of them are run on one machine.
        patch.setenv("IOMDASH_ALONE", "yes")
        yield path


def made_of() -> str:
    """A hash of everything that the demonstration is made of, the day included."""
    digest = hashlib.sha256()
    for folder in ("iomdash", "data_contracts"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    packages = sorted(f"{each.name} {each.version}" for each in distributions())
    digest.update(repr((KEY, sys.version, datetime.now(UTC).date(), packages)).encode())
    return digest.hexdigest()[:16]


def kept(cache: Path) -> Path:
    """The demonstration as this source makes it, from the last run or built now."""
    folder = cache / made_of()
    if not folder.exists():
        shutil.rmtree(cache)
        cache.mkdir()
        demo.build(cache / "building")
        (cache / "building").rename(folder)
    return folder


@pytest.fixture(scope="session")
def demo_dir(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, pytestconfig: pytest.Config
) -> Path:
    """A data folder with both waves loaded and published. Read it; never write to it.

    What is kept between runs is a copy, so that no test can spoil the next run's.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "demo"
    # Without pytest's cache, as of a fresh clone, it is kept for this run only.
    cache = getattr(pytestconfig, "cache", None)
    place = cache.mkdir("demonstration") if cache else shared / "demonstration"
    place.mkdir(exist_ok=True)
    with (place.parent / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.copytree(kept(place), shared / "copying")
            (shared / "copying").rename(folder)
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
def processes() -> Iterator[ForkServerContext]:
    """Real processes that start fast."""
    with served.processes() as context:
        yield context


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever runs the first file builds the demonstration, while others do what needs none. The
    longest come before the rest, so that no core is idle at the end.
    """
    place = {name: at for at, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(FIRST)))


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What collecting made stays to the end, so the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    """Let go of what Hypothesis leaves behind: its callback keeps modules alive, and DuckDB's
    bindings report as leaked whatever is alive when Python ends. Not before that is all looked at
    again, as pytest collects twice until then.
    """
    gc.callbacks.clear()
    atexit.register(gc.unfreeze)
