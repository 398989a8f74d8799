"""What the next release would take up: batches that came or went since, and batches that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iomdash.declared import audiences
from iomdash.disclosure import history
from iomdash.disclosure.policy import for_audience
from iomdash.release import shelf
from iomdash.vault import ledger, log
from iomdash.vault.ledger import Waiting
from iomdash.vault.log import Batch


@dataclass(frozen=True)
class Planned:
    """What is new since the newest release, `since`, None where nothing is published yet.

    `new` are batches that it does not count, those that would wait among them; `gone` are batches
    that it counts and the vault holds no more; `retire` are releases that would be retired;
    `uncoded` are interviews without any coding, which no release counts.
    """

    since: int | None
    new: tuple[Batch, ...]
    gone: tuple[Batch, ...]
    waiting: tuple[Waiting, ...]
    retire: tuple[int, ...]
    uncoded: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether no batch came or went, so that the next release would say the same."""
        return not (self.new or self.gone or self.retire)


def planned(data_dir: Path, releases: Path) -> Planned:
    """What publishing would take up now; nothing is changed. Raises EnvironmentFault."""
    smallest = max(for_audience(audience).smallest for audience in audiences.names())
    with ledger.opened(data_dir) as book:
        before = history.read(releases)
        book.require(history.numbers(before))
        plan = book.plan(history.groups(before), smallest)
        batches = log.batches(book.connection)
        since = max(shelf.numbers(releases), default=None)
        uncoded = ledger.uncoded(book.connection)
        counted: Sequence[str] = () if since is None else book.of(since)[1]
    return Planned(
        since,
        tuple(b for b in batches if b.state == "loaded" and b.batch_id not in counted),
        tuple(b for b in batches if b.state != "loaded" and b.batch_id in counted),
        plan.waiting,
        plan.retire,
        uncoded,
    )
