"""Kill whoever loads, undoes, publishes, puts back or backs up, at random moments, again and again:
nothing is torn, nothing that was said to be done is lost, and the next command works.

    python tests/soak.py 1000
"""

import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from test_loads import codings, interviews

from iomdash import cli, settings
from iomdash.access import audit_log
from iomdash.declared import audiences
from iomdash.publishing.publish import publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.vault import ledger, log, reader
from iomdash.vault.writer import Vault

PRELOAD = ["iomdash.publishing.publish", "iomdash.vault.writer", "great_expectations", "soak"]
ACTS = ("load", "unload", "publish", "rollback", "backup")
# Of so many rounds one is let through, and has to do what it was asked to; no multiple of ACTS.
LET_THROUGH = 6
# After so many rounds the folder begins anew: each release is attacked with all before it.
ANEW = 25


def begin(folder: Path) -> Path:
    """A data folder with twenty interviews, published twice."""
    data = folder / "data"
    with Vault.open(data) as vault:
        vault.load("interviews", interviews(folder, "spring.csv", range(20)))
        vault.load("codings", codings(folder, "coded.csv", range(20)))
    publish(data, data / "releases", anyway=True, user="ana")
    assert cli.main(["publish", "--anyway", "--data", str(data)]) == 0  # the log begins here
    return data


def act(words: list[str], done: str) -> None:
    """One command in a process of its own; the file `done` says that it said so."""
    code = cli.main(words)
    if code == 0:
        Path(done).touch()
    sys.stdout.flush()
    os._exit(code)  # what Python takes down as it ends is none of the command's


@dataclass(frozen=True)
class There:
    """What a command may change: files in the vault by batch, and the releases."""

    files: dict[str, str]
    present: int | None
    numbers: list[int]


@dataclass
class Soak:
    """Rounds on one data folder."""

    data: Path
    context: Any
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    usual: dict[str, float] = field(default_factory=dict)
    before: "There | None" = None
    read: set[tuple[Path, int, int, int]] = field(default_factory=set)

    def round(self, number: int) -> None:
        """Begin a command, kill it or not, and look at what is there."""
        name = ACTS[number % len(ACTS)]
        # Between two rounds nobody touches the folder.
        before, told = self.before or self.there(), self.told(name)
        words, expected = self.words(name, number, before)
        done = self.data.parent / f"done-{number}"
        process = self.context.Process(target=act, args=(words, str(done)))
        began = time.monotonic()
        process.start()
        through = number % LET_THROUGH == LET_THROUGH // 2
        process.join(None if through else self.chance.uniform(0, self.usual.get(name, 2.0)))
        if process.is_alive():
            process.kill()
            process.join()
            self.killed[name] += 1
        else:
            self.usual[name] = time.monotonic() - began
            assert process.exitcode == 0, (name, process.exitcode)
        self.before = now = self.there()
        self.look(name, now, expected if done.exists() else None)
        self.look_at_log(name, changed=before != now, before=told, done=done.exists())
        self.done[name] += done.exists()

    def words(self, name: str, number: int, there: There) -> tuple[list[str], str]:
        """A command, and what is there once it said that it is done."""
        folder, data = self.data.parent, ["--data", str(self.data)]
        if name == "load":
            first = 100 + 20 * number
            file = interviews(folder, f"more-{number}.csv", range(first, first + 20))
            return ["load", "interviews", str(file), *data], file.name
        if name == "unload":
            more = [batch for batch, file in there.files.items() if file.startswith("more-")]
            batch = self.chance.choice(more or [""])
            return (["unload", batch, *data], batch) if batch else (["releases", *data], "")
        if name == "rollback":
            kept = shelf.kept(self.releases, "board")
            to = self.chance.choice([n for n in kept if n != there.present] or [0])
            return (["rollback", str(to), *data], str(to)) if to else (["releases", *data], "")
        if name == "backup":
            file = folder / f"backup-{number}.tar"
            return ["backup", str(file), "--unencrypted", *data], str(file)
        return ["publish", "--anyway", "--without-uncoded", *data], ""

    def there(self) -> There:
        """What is there now."""
        with reader.read(self.data) as con:
            files = {b.batch_id: b.file for b in log.batches(con) if b.state == "loaded"}
        return There(files, shelf.latest(self.releases), shelf.numbers(self.releases))

    def told(self, name: str) -> Counter[object]:
        """How often the audit log says that a command began, and that it was done."""
        lines = audit_log.lines(self.data / "state", of=name)
        return Counter(line.what["came_to"] for line in lines)

    def look_at_log(self, name: str, *, changed: bool, before: Counter[object], done: bool) -> None:
        """Nothing is done in silence: what changed was told to begin, what was done to be done."""
        now = self.told(name)
        if changed:
            assert now["begun"] > before["begun"], name
        if done and now["begun"] > before["begun"]:
            assert now["done"] > before["done"], name

    @property
    def releases(self) -> Path:
        return self.data / settings.RELEASES_FOLDER

    def read_whole(self, path: Path) -> None:
        """Read a release, unless its file is the one that was read before."""
        about = path.stat()
        file = path, about.st_ino, about.st_size, about.st_mtime_ns
        if file not in self.read:
            Release(path).readable()
            self.read.add(file)

    def look(self, name: str, there: There, expected: str | None) -> None:
        """Nothing is torn; and what was said to be done is there."""
        assert there.present is not None
        for audience in audiences.names():
            for number in shelf.kept(self.releases, audience):
                self.read_whole(shelf.path_of(self.releases, audience, number))
        with ledger.opened(self.data) as book:
            book.require([there.present])
        assert audit_log.faults(self.data / "state") == []
        if expected is None or not expected:
            return
        if name == "load":
            assert expected in there.files.values()
        elif name == "unload":
            assert expected not in there.files
        elif name == "rollback":
            assert there.present == int(expected)
        elif name == "backup":
            again = Path(expected).with_suffix(".again")
            words = ["restore", expected, "--data", str(again)]
            assert cli.main(words) == 0
            Path(expected).unlink()
            shutil.rmtree(again)


def run(kills: int, data: Path, context: Any, seed: int) -> Soak:
    """Rounds until so many were killed. Raises AssertionError once anything is torn or lost."""
    first = data.with_name("first")
    shutil.copytree(data, first)
    soak = Soak(data, context, random.Random(seed))
    for number in count():
        if number and number % ANEW == 0:
            shutil.rmtree(data)
            shutil.copytree(first, data)
            soak.before = None
            print(f"{number:,} rounds, {soak.killed.total():,} killed", flush=True)
        soak.round(number)
        if soak.killed.total() >= kills:
            break
    return soak


def main(kills: int) -> None:
    """Kills in a folder that is removed afterwards, and what came of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    seed = random.randrange(2**32)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        soak = run(kills, begin(Path(folder)), context, seed)
    print(f"{soak.killed.total():,} killed ({dict(soak.killed)}), {soak.done.total():,} done: "
          "0 torn, 0 lost, 0 in silence")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
