"""Valid files, changed at random, through every reader: `python tests/fuzz.py [CASES] [SEED]`.

Each is read, or refused in words: no other exception, none over 10 s of CPU, and the whole run
under 1 GiB. Prints the seed of a case that fails; with it and 1 case the run repeats it.
"""

import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import kinds
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken
from iomdash.intake import shape, staging
from iomdash.intake.sources.raw import Options

SECONDS = 10
MOST = 2**30  # bytes
_SPLICES = (
    b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"=", b"\xff", b"\xef\xbb\xbf",
    b"\xe2\x80\x8b", b"\xc3\xa9", b"\x92", b"31/12/2025", b"12/31/2025", b"46093", b"#N/A", b"NaN",
    b"1e309", b"-", b"<", b">", b"&", b"]]>", b'hidden="1"', b't="e"', b't="b"', b"<f>1</f>",
    b's="9"', b"99999999999999999999", b"r=\"ZZZ9\"", b"sep=;\n",
)  # fmt: skip


def seeds() -> list[tuple[str, bytes]]:
    """Valid and nearly valid files of every kind, with the table of each."""
    files = [
        (table, content.encode() if isinstance(content, str) else content)
        for _, table, content, _ in kinds.KINDS
    ]
    stream = io.BytesIO()
    pl.read_csv(kinds.CODINGS.encode(), try_parse_dates=True).write_parquet(stream)
    files.append(("codings", stream.getvalue()))
    return files


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The file with a few changes, within a part of it where it is an archive."""
    if data.startswith(b"PK") and dice.random() < 0.8:
        return _repacked(data, dice)
    return _changed(data, dice)


def _repacked(data: bytes, dice: random.Random) -> bytes:
    book = zipfile.ZipFile(io.BytesIO(data))
    names = book.namelist()
    weights = [8 if "sheet1" in name else 1 for name in names]
    chosen = dice.choices(names, weights)[0]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in names:
            part = book.read(name)
            new.writestr(name, _changed(part, dice) if name == chosen else part)
    return stream.getvalue()


def _changed(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        if changed:
            _CHANGES[dice.randrange(len(_CHANGES))](changed, dice.randrange(len(changed)), dice)
    return bytes(changed)


def _flip(data: bytearray, at: int, dice: random.Random) -> None:
    data[at] = dice.randrange(256)


def _splice(data: bytearray, at: int, dice: random.Random) -> None:
    data[at:at] = dice.choice(_SPLICES)


def _cut(data: bytearray, at: int, dice: random.Random) -> None:
    del data[at : at + dice.choice((1, 2, 10, 200, len(data)))]


def _double(data: bytearray, at: int, dice: random.Random) -> None:
    piece = data[at : at + dice.choice((1, 20, 300))]
    data[at:at] = piece * dice.choice((1, 2, 50))


_CHANGES: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    _flip, _splice, _splice, _cut, _double,
)  # fmt: skip


def read(table: str, data: bytes, path: Path, options: Options) -> float:
    """The seconds of CPU that it takes to read the bytes, or to refuse them."""
    path.write_bytes(data)
    begun = time.process_time()
    contract = odcs.load(table)
    breaks = ()
    try:
        shape.refuse_another(staging.read(path, contract, options), contract)
    except ContractBroken as broken:
        breaks = broken.breaks
    assert all(item.rule and item.remedy for item in breaks)
    return time.process_time() - begun


def run(cases: int, seed: int, path: Path) -> Iterator[tuple[int, float]]:
    """Each case's seed and seconds; raises what a reader raises, with the seed as a note."""
    files = seeds()
    for number in range(seed, seed + cases):
        dice = random.Random(number)
        table, data = dice.choice(files)
        options = Options(order=dice.choice((None, None, "month-first")))
        try:
            yield number, read(table, mutated(data, dice), path, options)
        except BaseException as fault:
            fault.add_note(f"Repeat with: python tests/fuzz.py 1 {number}")
            raise


def main() -> int:
    """Run as many cases as the command line says, and print the slowest and the peak."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        slowest = max(run(cases, seed, Path(folder) / "file"), key=lambda pair: pair[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{cases:,} cases; the slowest, {slowest[0]}, took {slowest[1]:.2f} s of CPU; "
          f"peak memory {peak / MOST:.2f} GiB")  # fmt: skip
    return int(slowest[1] > SECONDS or peak > MOST)


if __name__ == "__main__":
    sys.exit(main())
