"""Spark as the engine that counts agencies' records: SQLGlot turns the same SQL into its own.

Spark reads the vault's logs as Parquet from a folder for its owner alone, and holds what is made
of them itself, encrypted where it spills. PySpark and SQLGlot are in requirements-spark.txt, Java
17 is needed besides, and none of it is imported before somebody asks for Spark.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import duckdb
import polars as pl

from iomdash import settings
from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import EnvironmentFault
from iomdash.intake import rows
from iomdash.intake.sources import large, parquet
from iomdash.intake.sources.raw import Reading, Table
from iomdash.vault.connection import left, scratch, sweep
from iomdash.vault.engine import TWO_LARGEST
from iomdash.vault.lock import BETWEEN, PATIENCE

if TYPE_CHECKING:
    from sqlglot import Expr

# What both engines must take alike: days in UTC, an error where a number does not fit, and a name
# whatever its case.
_PINNED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}
# A lake's rows as they were handed over.
_HANDED_OVER = "handed_over"
_INSTALL = "pip install -r requirements-spark.lock (of a checkout), or pip install 'iomdash[spark]'"


_UNCOUNTED = (
    "Spark could not count, and nothing was published ({kind}). See that its master and workers "
    "run, reach the data folder under the same path as its owner, and have memory left; or publish "
    "with --engine duckdb."
)
_UNREAD = (
    "Spark could not read {source}, and nothing was loaded ({{kind}}). See that there are Parquet "
    "files under that name, and that Spark may read them."
)


class Spark:
    """The engine that a session of Spark is; what is kept is forgotten when it is closed."""

    # Each measure by itself: the plan of many takes longer to make than their rows to count, and
    # more memory than a driver has.
    together = 0

    def __init__(self, session: Any) -> None:
        self._session = session
        self._names: set[str] = set()

    def keep(self, name: str, query: str) -> None:
        """Made at once, as a plan that stands in itself twice can break Spark's analyser."""
        self._name(name, self._session.sql(in_spark(query)).localCheckpoint())

    def name(self, name: str, query: str) -> None:
        """A view, which may stand once in a plan."""
        self._name(name, self._session.sql(in_spark(query)))

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """By way of Arrow."""
        self._name(name, self._session.createDataFrame(frame.to_arrow()))

    def read(self, name: str, file: Path) -> None:
        """Make a Parquet file, which every worker must reach, the table of that name."""
        self._name(name, self._session.read.parquet(str(file)))

    def frame(self, query: str) -> pl.DataFrame:
        """By way of Arrow."""
        return pl.DataFrame(self._session.sql(in_spark(query)).toArrow())

    def close(self) -> None:
        """Forget every table."""
        for name in self._names:
            self._session.catalog.dropTempView(name)

    def _name(self, name: str, rows: Any) -> None:
        rows.createOrReplaceTempView(name)
        self._names.add(name)


def in_spark(query: str) -> str:
    """A query in the words of Spark. Raises an error of SQLGlot for what Spark has none for."""
    from sqlglot import ErrorLevel, parse_one

    tree = parse_one(query, read="duckdb").transform(_meant)
    return tree.sql("spark", unsupported_level=ErrorLevel.RAISE)


def _meant(node: "Expr") -> "Expr":
    from sqlglot import exp, parse_one

    if not (isinstance(node, exp.Anonymous) and node.name.lower() == TWO_LARGEST):
        return node
    [of] = node.expressions
    return parse_one(
        f"aggregate(slice(sort_array(collect_list({of.sql('spark')}), false), 1, 2), "
        "cast(0 as bigint), (x, y) -> x + y)",
        read="spark",
    )


@runtime_checkable
class _Conditioned(Protocol):
    def getCondition(self) -> str | None: ...  # noqa: N802 Spark's own name


@contextmanager
def opened(con: duckdb.DuckDBPyConnection, folder: Path, logs: Sequence[str]) -> Generator[Spark]:
    """Spark with these tables of an open vault, for whoever holds the lock of its folder.

    The session that is active is used; where there is none, one is started at the master that
    IOMDASH_SPARK names and stopped afterwards. Raises EnvironmentFault where Spark, or what it
    needs, is not there, or it fails.
    """
    with _started_in(folder, _UNCOUNTED) as (session, place):
        engine = Spark(session)
        for log in logs:
            engine.read(log, _written(con, log, place))
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def extract(
    con: duckdb.DuckDBPyConnection, folder: Path, source: str, contract: Contract
) -> Generator[Table]:
    """An agency's extract that lies as Parquet, a file or a folder of them, wherever Spark reads:
    the files by name, their rows numbered through.

    Spark hands each file over once, to a table of `con`, and is let go. `folder` is that of a
    vault whose lock the caller holds. Raises EnvironmentFault and Unreadable.
    """
    name = source.rstrip("/").rpartition("/")[2]
    try:
        with _started_in(folder, _UNREAD.format(source=source)) as (session, _):
            reading, frames = _handed_over(session, source, name, contract)
            digest = hashlib.sha256(repr(reading).encode())
            kept = rows.stored(con, _HANDED_OVER, _hashed(frames(), digest.update))
        again = partial(kept.pieces, large.ROWS) if kept else partial(iter, ())
        yield Table(name, digest.hexdigest(), reading, again)
    finally:
        rows.Stored(con, _HANDED_OVER, 0).drop()


def _handed_over(
    session: Any, source: str, name: str, contract: Contract
) -> tuple[Reading, Callable[[], Iterator[pl.DataFrame]]]:
    extract = session.read.parquet(source)
    files = sorted(extract.inputFiles())

    def read(columns: list[str]) -> Iterator[pl.DataFrame]:
        for file in files:
            some = session.read.schema(extract.schema).parquet(file)
            quoted = (f"`{column.replace('`', '``')}`" for column in columns)
            yield pl.DataFrame(some.select(*quoted).toArrow())

    schema = pl.DataFrame(extract.limit(0).toArrow()).schema
    return parquet.as_text(name, schema, read, contract)


def _hashed(
    frames: Iterator[pl.DataFrame], note: Callable[[bytes], object]
) -> Iterator[pl.DataFrame]:
    """The frames; their cells as text are noted, whatever way the files are cut."""
    for frame in frames:
        note(frame.drop("row_number").write_csv(include_header=False).encode())
        yield frame


@contextmanager
def _started_in(folder: Path, words: str) -> Generator[tuple[Any, Path]]:
    """A session and a folder for what it is given; `words` say what it could not do."""
    faults = _faults()
    # PySpark logs a fault with its stack, and with the cells that it quotes.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    with scratch(folder) as place:
        try:
            with _session(place) as session:
                for name, value in _PINNED.items():
                    session.conf.set(name, value)
                yield session, place
        except faults as fault:
            # Its words may quote a cell, so that the kind of fault is all that is told of it.
            kind = fault.getCondition() if isinstance(fault, _Conditioned) else None
            raise EnvironmentFault(words.format(kind=kind or type(fault).__name__)) from None
        finally:
            _cleared(folder)


def _cleared(folder: Path) -> None:
    """Remove what Spark was given as far as it lets it be removed, which clears its own part
    meanwhile; what is left holds no rows and goes at the next sweep.

    Its process makes the folder of its first session again for a later one, so all of them go.
    """
    last = time.monotonic() + PATIENCE
    while left(folder) and time.monotonic() < last:
        sweep(folder)
        time.sleep(BETWEEN)


def _faults() -> tuple[type[Exception], ...]:
    """The errors of Spark. Raises EnvironmentFault where what it needs is not installed."""
    try:
        import sqlglot  # noqa: F401  # pyright: ignore[reportUnusedImport]
        from py4j.protocol import Py4JError  # pyright: ignore
        from pyspark.errors import PySparkException  # pyright: ignore
    except ImportError as fault:
        raise EnvironmentFault(
            f"Counting on Spark needs PySpark and SQLGlot ({fault.name} is missing). "
            f"Install them: {_INSTALL}."
        ) from None
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise EnvironmentFault(
            "Counting on Spark needs Java 17 or newer, and there is no `java`. "
            "Install it, on Debian: apt-get install default-jre-headless."
        )
    return (Py4JError, PySparkException, ConnectionError)  # pyright: ignore


@contextmanager
def _session(place: Path) -> Generator[Any]:
    """A session of our own; another one's settings and tables stay as they are."""
    sessions = _sessions()
    builder, active = sessions.builder, sessions.getActiveSession()
    if active is not None:
        try:
            yield active.newSession()
        finally:
            # Whichever made a frame last is the active one.
            active.createDataFrame([], "nothing int")
        return
    for name, value in _started(settings.SPARK.read(), place).items():
        builder = builder.config(name, value)
    # What Spark writes is for its owner alone.
    mask = os.umask(0o077)
    try:
        session = builder.getOrCreate()
    finally:
        os.umask(mask)
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def _sessions() -> Any:
    from pyspark.sql import SparkSession  # pyright: ignore

    return SparkSession  # pyright: ignore


def _started(master: str, place: Path) -> dict[str, str]:
    """How a session is started; a setting of spark-defaults.conf that is not here stays."""
    here = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Spark's own number, 200, is for clusters: on one machine a shuffle of it takes a second.
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
    }
    return {
        "spark.master": master,
        "spark.app.name": "iomdash",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.io.encryption.enabled": "true",
        "spark.local.dir": str(place),
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        **(here if master.startswith("local") else {}),
    }


def _written(con: duckdb.DuckDBPyConnection, log: str, place: Path) -> Path:
    file = place / f"{log}.parquet"
    file.touch(mode=0o600)
    named = str(file).replace("'", "''")
    con.execute(f"copy {log} to '{named}' (format parquet)")
    file.chmod(0o600)
    return file
