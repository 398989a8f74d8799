"""What changed between two releases."""

import argparse
import json
from pathlib import Path

from iomdash import settings
from iomdash.cli.commands import Commands, answers_json, reads_one_audience
from iomdash.release import shelf
from iomdash.release.reader import Release


def add(commands: Commands) -> None:
    """The command compare."""
    command = commands.add(
        "compare", "say what changed between two releases; the exit code is 0 whatever it was",
        "compare 1 2 --json", _compare,
    )  # fmt: skip
    help = "a release's number in the data folder, its folder or its .duckdb file"
    command.add_argument("before", metavar="A", help=help)
    command.add_argument("after", metavar="B", help="the same of the other release")
    reads_one_audience(command)
    answers_json(command)


def _compare(chosen: argparse.Namespace) -> None:
    # Here, as every other command would wait for them.
    from iomdash.pictures import changes, changes_json
    from iomdash.release.comparison import compare

    before, after = (_opened(word, chosen) for word in (chosen.before, chosen.after))
    compared = compare(before, after)
    if chosen.json:
        print(json.dumps(changes_json.as_json(compared), indent=1, default=str))
    else:
        print("\n".join(changes.words(compared)))


def _opened(word: str, chosen: argparse.Namespace) -> Release:
    if word.isdecimal():
        releases = chosen.data / settings.RELEASES_FOLDER
        return Release(shelf.path_of(releases, chosen.audience, int(word)))
    return Release(shelf.path_in(Path(word), chosen.audience))
