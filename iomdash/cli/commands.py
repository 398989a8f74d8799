"""How a command is declared: its help, its example, and the data folder that every one takes."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from iomdash.declared import audiences
from iomdash.declared.contracts.odcs import TABLES
from iomdash.intake.feeds import FEEDS

Run = Callable[[argparse.Namespace], int | None]

ENTRIES_HELP = f"{', '.join(TABLES)}; or an agency's file: {', '.join(FEEDS)}"
FILES_HELP = "CSV, XLSX or Parquet"


class Parser(argparse.ArgumentParser):
    """Usage errors exit with 1, because 2 says that a contract is broken."""

    def error(self, message: str) -> NoReturn:
        """Print how it is used and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}. See: {self.prog} --help\n")


@dataclass(frozen=True)
class Commands:
    """Where commands are added, and the options that all of them share."""

    added: Any  # argparse keeps the name of its type to itself
    shared: argparse.ArgumentParser

    def add(self, name: str, help: str, example: str, run: Run) -> argparse.ArgumentParser:
        """A command that calls `run` with its arguments; its exit code is 0 where that is None."""
        parser: argparse.ArgumentParser = self.added.add_parser(
            name, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[self.shared],
            epilog=f"example: python -m iomdash {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.set_defaults(run=run, command=name)
        return parser


def answers_json(command: argparse.ArgumentParser) -> None:
    """Let a command answer as JSON."""
    command.add_argument("--json", action="store_true", help="answer as JSON")


def reads_one_audience(command: argparse.ArgumentParser) -> None:
    """Let a command choose whose release it reads; the board's by default."""
    command.add_argument(
        "--audience", choices=audiences.names(), default=audiences.names()[0],
        help=f"whose release is read (default: {audiences.names()[0]})",
    )  # fmt: skip
