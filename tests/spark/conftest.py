"""Spark as the tests start it: in this process, and a master with two workers beside it."""

import os
import re
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import SparkSession

HERE = "local[2]"
CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
# Seconds that a master and a worker may take to say that they are there.
PATIENCE = 90
# One thread clears what is small, and code that runs once is not compiled twice.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Little memory for many processes, and few tasks for few rows.
SMALL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "600m",
    # Not as DuckDB has it, so that what we pin is seen to hold.
    "spark.sql.caseSensitive": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "2",
    "spark.ui.showConsoleProgress": "false",
    # Compiling a query takes longer than running it once on so few rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": JAVA,
    "spark.executor.extraJavaOptions": JAVA,
}


@contextmanager
def daemon(logs: Path, name: str, kind: str, *words: str, says: str) -> Generator[str]:
    """A process of Spark; what it said when it was there, by a pattern."""
    log = logs / name
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(CLASS), f"org.apache.spark.deploy.{kind}", *words],
            stdout=out, stderr=out, cwd=logs, env=environment,
        )  # fmt: skip
    try:
        last = time.monotonic() + PATIENCE
        while not (said := re.search(says, log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < last, log.read_text()
            time.sleep(0.2)
        yield said[0]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def cluster(logs: Path) -> Generator[str]:
    """The address of a standalone master with two workers of one core."""
    with ExitStack() as stack:
        master = stack.enter_context(
            daemon(
                logs, "master", "master.Master", "--host", "127.0.0.1", "--port", "0",
                "--webui-port", "0", says=r"spark://127\.0\.0\.1:[1-9][0-9]*",
            )
        )  # fmt: skip
        for n in (1, 2):
            stack.enter_context(
                daemon(
                    logs, f"worker{n}", "worker.Worker", "--host", "127.0.0.1", "--cores", "1",
                    "--memory", "700m", "--webui-port", "0", "--work-dir", str(logs / f"work{n}"),
                    master, says="Successfully registered with master",
                )
            )  # fmt: skip
        yield master


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A session in this process, for all that a module asks."""
    with started(HERE) as here:
        yield here


@pytest.fixture(scope="module")
def on_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of a master with two workers."""
    with cluster(tmp_path_factory.mktemp("spark")) as master, started(master) as there:
        yield there


@contextmanager
def started(master: str) -> Generator[Any]:
    """A session that is stopped afterwards: a process has one at a time."""
    builder = SparkSession.builder.master(master)
    for name, value in SMALL.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
