"""`python -m benchmarks [TOPIC ...]`: every topic, or those named. Exit code 1 for a missed bar."""

import argparse
import os
import sys
import time
from importlib import import_module

from benchmarks.rows import table

TOPICS = ("load", "feeds", "pages", "start", "rerun", "cubes", "disclosure")


def main() -> int:
    """Run topics one after the other; each prints its table when it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    chosen = parser.parse_args().topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no topic {', '.join(sorted(unknown))}; choose from {', '.join(TOPICS)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    missed = 0
    for name in chosen:
        begun = time.perf_counter()
        topic = import_module(f"benchmarks.{name}")
        rows = topic.run()
        missed += sum(row.outcome == "MISSED" for row in rows)
        print(f"\n{name}: {topic.__doc__.splitlines()[0]}")
        print(f"{table(rows)}\n{time.perf_counter() - begun:.0f} s", flush=True)
    print(f"\n{missed} bars missed" if missed else "\nevery bar met")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
