"""The command line. Exit codes: 0 done, 1 usage or environment, 2 a file broke its contract."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from iomdash import settings
from iomdash.access import audit_log, changed
from iomdash.cli import (
    batches,
    compare,
    doctor,
    intake,
    keeping,
    publishing,
    reading,
    serving,
    watching,
)  # fmt: skip
from iomdash.cli.commands import Commands, Parser
from iomdash.declared import access
from iomdash.errors import ContractBroken, IomdashError
from iomdash.vault.lock import signed_in

EXAMPLES = """examples:
  python -m iomdash demo
  python -m iomdash check codings new_batch.xlsx --json
  python -m iomdash template interviews spring.xlsx
  python -m iomdash load interviews spring.csv autumn.csv
  python -m iomdash load police_offences october.csv
  python -m iomdash check codings spring.csv --effect
  python -m iomdash loads
  python -m iomdash load --replace codings-3faa849aa55a9cc8 corrected.csv
  python -m iomdash unload codings-3faa849aa55a9cc8
  python -m iomdash publish
  python -m iomdash releases
  python -m iomdash rollback 2
  python -m iomdash audit
  python -m iomdash withdraw S26-000017
  python -m iomdash findings --wave 2017 --json
  python -m iomdash export release_tables --form parquet
  python -m iomdash codebook export codes.qdc
  python -m iomdash compare 1 2
  python -m iomdash serve --port 8501
  python -m iomdash backup 2026-11-27.age --to age1...
  python -m iomdash restore 2026-11-27.age --identity key.txt
  python -m iomdash audit-log verify
  python -m iomdash signed-in
  python -m iomdash sign-out NAME
  python -m iomdash deny NAME
  python -m iomdash allow NAME
  python -m iomdash settings
  python -m iomdash doctor"""

# In the order of the data's way, which is that of the help.
GROUPS = (intake, batches, publishing, reading, compare, serving, keeping, watching, doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    _write_any_letter()
    try:
        code = _run(_parser().parse_args(arguments))
        sys.stdout.flush()  # a reader who has left is noticed here, not as Python ends
        return code
    except IomdashError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped. Nothing that was under way has been kept.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as fault:
        where = fault.filename or "The machine"
        print(f"{where}: {fault.strerror}. Check the name, the disk and its rights, then try "
              "again.", file=sys.stderr)  # fmt: skip
        return 1


def _write_any_letter() -> None:
    """A terminal may lack a letter, and a file's name may be no text: show both as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(chosen: argparse.Namespace) -> int:
    try:
        with _logged(chosen) as chosen.noted:
            return int(chosen.run(chosen) or 0)
    except ContractBroken as broken:
        answer = json.dumps(broken.as_json(), indent=1) if _json(chosen) else broken
        print(answer, file=_out(chosen))
        if not _json(chosen):
            for sentence in broken.sentences:
                print(sentence, file=sys.stderr)
        return broken.exit_code


# What of a command the audit log has: numbers and names of batches, which are about nobody.
OF_INTEREST = ("table", "release", "batch", "replace", "audience", "form")


def _logged(chosen: argparse.Namespace) -> AbstractContextManager[dict[str, object]]:
    if not access.command(chosen.command).logged:
        return nullcontext({})
    given = {name: getattr(chosen, name, None) for name in OF_INTEREST}
    what = {name: value for name, value in given.items() if value is not None}
    state, who = settings.state_dir(chosen.data), signed_in()
    if audit_log.path_in(state).exists():
        changed.note(state, who, "commands")
    return audit_log.act(state, chosen.command, who, **what)


def _json(chosen: argparse.Namespace) -> bool:
    return bool(getattr(chosen, "json", False))


def _out(chosen: argparse.Namespace) -> TextIO:
    return sys.stdout if _json(chosen) else sys.stderr


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data",
        type=Path,
        default=settings.data_dir(),
        metavar="DIR",
        help=f"{settings.DATA.help} (default: {settings.DATA.variable}, else data/)",
    )
    parser = Parser(
        prog="python -m iomdash",
        description="What service users say, held against data in every release.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = Commands(parser.add_subparsers(required=True, metavar="COMMAND"), shared)
    for group in GROUPS:
        group.add(commands)
    return parser
