"""Runs of nine words of the 2017 report, as hashes, so that no clone needs it to notice one.

`python tests/report_hashes.py` writes them anew from the report, where that is at hand.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

REPORT = Path(__file__).parents[2] / "shared" / "study" / "report.txt"
FILE = Path(__file__).with_name("report_hashes.txt")
WORDS_IN_A_ROW = 9
# 48 bits: 12,000 runs against a repository of a million give a false alarm once in 20,000.
DIGITS = 12


def runs_of_words(text: str, length: int = WORDS_IN_A_ROW) -> set[str]:
    """Every run of that many words in a row, in lower case and without signs."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’‘]", "", text.lower()))
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def hashed(runs: Iterable[str]) -> dict[str, str]:
    """Runs of words by their hash."""
    return {hashlib.sha256(run.encode()).hexdigest()[:DIGITS]: run for run in runs}


def of_report() -> list[str]:
    """Hashes of the report's runs, sorted."""
    return sorted(hashed(runs_of_words(REPORT.read_text("utf-8", errors="replace"))))


def held() -> list[str]:
    """Hashes that the file holds, as they stand."""
    return FILE.read_text("ascii").split()


if __name__ == "__main__":
    FILE.write_text("\n".join(of_report()) + "\n", "ascii")
