"""`python -m benchmarks [TOPIC ...]`: every topic, or those named. Exit code 1 for a missed bar."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from benchmarks.rows import HEAD, Row
from iomdash.settings import KEY

TOPICS = (
    "load", "feeds", "workbook", "upload", "preview", "pages", "start", "rerun", "first",
    "clicks", "sessions", "cubes", "publishing", "disclosure", "intervals", "verdicts",
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Run topics one after the other; each prints a line as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, and no bar is judged")
    asked = parser.parse_args(words)
    chosen = asked.topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no topic {', '.join(sorted(unknown))}; choose from {', '.join(TOPICS)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault(KEY.variable, str(Path(folder) / "key"))
        rows = [row for name in chosen for row in _topic(name, smoke=asked.smoke)]
    if asked.smoke:
        print("\nevery topic ran; sizes are tiny, so no bar was judged")
        return 0
    missed = sum(row.outcome == "MISSED" for row in rows)
    print(f"\n{missed} bars missed" if missed else "\nevery bar met")
    return int(missed > 0)


def _topic(name: str, *, smoke: bool) -> list[Row]:
    begun = time.perf_counter()
    topic = import_module(f"benchmarks.{name}")
    print(f"\n{name}: {topic.__doc__.splitlines()[0]}\n{HEAD}", flush=True)
    rows: list[Row] = []
    for row in topic.run(topic.SMOKE if smoke else topic.FULL):
        rows.append(replace(row, most=None) if smoke else row)
        print(rows[-1], flush=True)
    print(f"{time.perf_counter() - begun:.0f} s", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
