"""Reading a workbook of 100,000 codings: CPU against fastexcel reading the same sheet.

Both read in this process, in turn: iomdash to rows under the contract's names, every cell as the
spreadsheet shows it, fastexcel to a frame of texts.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import xlsxwriter

from benchmarks import load
from benchmarks.rows import Row, plain, ratio, step
from iomdash.declared.contracts import odcs
from iomdash.intake import staging


@dataclass(frozen=True)
class Sizes:
    """The codings of the file, and how often it is read."""

    codings: load.Sizes
    trials: int


FULL = Sizes(load.Sizes(20_000, 5, 0), 5)
SMOKE = Sizes(load.Sizes(10, 1, 0), 1)
MOST = 1.3


def run(sizes: Sizes) -> Iterator[Row]:
    """The ratio to fastexcel alone, and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        step(f"making a workbook of {sizes.codings.codings:,} codings")
        file = _workbook(Path(folder), sizes.codings)
        ours, theirs = list[float](), list[float]()
        for _ in range(sizes.trials):
            theirs.append(_cpu(lambda: _alone(file)))
            ours.append(_cpu(lambda: staging.read(file, odcs.load("codings"))))
    yield from [
        ratio("workbook, CPU time to fastexcel alone", ours, theirs, MOST),
        plain("workbook, CPU, s", ours),
        plain("fastexcel alone, CPU, s", theirs),
    ]


def _alone(file: Path) -> object:
    return fastexcel.read_excel(file).load_sheet(0, dtypes="string").to_polars()


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _workbook(folder: Path, sizes: load.Sizes) -> Path:
    lines = load.codings(folder / "codings.csv", sizes).read_text().splitlines()
    with xlsxwriter.Workbook(str(folder / "codings.xlsx")) as book:
        sheet = book.add_worksheet("codings")
        for row, line in enumerate(lines):
            for column, cell in enumerate(line.split(",")):
                sheet.write_string(row, column, cell)
    return folder / "codings.xlsx"
