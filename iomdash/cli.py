"""The command line. Exit codes: 0 done, 1 usage or environment, 2 a file broke its contract."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from iomdash import settings
from iomdash.declared import refi
from iomdash.declared.contracts.odcs import TABLES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import EVERYONE, Group, spoken
from iomdash.declared.scheme import COHORTS
from iomdash.errors import ContractBroken, EnvironmentFault, IomdashError, UsageError
from iomdash.intake.feeds import FEEDS
from iomdash.pictures.wording import standing
from iomdash.progress import steps
from iomdash.release import shelf
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    from iomdash.vault.writer import Loaded

_ENTRIES = f"{', '.join(TABLES)}; or an agency's file: {', '.join(FEEDS)}"

EXAMPLES = """examples:
  python -m iomdash demo
  python -m iomdash check codings new_batch.xlsx --json
  python -m iomdash load interviews spring.csv autumn.csv
  python -m iomdash load police_offences october.csv
  python -m iomdash publish
  python -m iomdash audit
  python -m iomdash withdraw S26-000017
  python -m iomdash findings --wave 2017 --json
  python -m iomdash codebook export codes.qdc
  python -m iomdash serve --port 8501"""


class _Parser(argparse.ArgumentParser):
    """Usage errors exit with 1, because 2 says that a contract is broken."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}. See: {self.prog} --help\n")


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
        return int(chosen.run(chosen) or 0)
    except ContractBroken as broken:
        told = json.dumps(broken.as_json(), indent=1) if _json(chosen) else broken
        print(told, file=_out(chosen))
        return broken.exit_code


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
    parser = _Parser(
        prog="python -m iomdash",
        description="What service users say, held against data in every release.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_entry(commands, shared)
    _add_reading(commands, shared)
    return parser


def _command(
    commands: Any, name: str, help: str, example: str,
    shared: argparse.ArgumentParser,
) -> argparse.ArgumentParser:  # fmt: skip
    return commands.add_parser(
        name, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[shared],
        epilog=f"example: python -m iomdash {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _add_entry(commands: Any, shared: argparse.ArgumentParser) -> None:
    build = _command(
        commands, "demo", "build the demonstration data and publish them", "demo", shared
    )
    build.set_defaults(run=_demo)
    check = _command(
        commands, "check", "check a file against its contract and load nothing",
        "check codings batch.csv", shared,
    )  # fmt: skip
    check.add_argument("table", metavar="TABLE", choices=(*TABLES, *FEEDS), help=_ENTRIES)
    check.add_argument("file", metavar="FILE", type=Path, help="CSV, XLSX or Parquet")
    check.add_argument("--json", action="store_true", help="answer as JSON")
    check.set_defaults(run=_check)
    load = _command(
        commands, "load", "load files into the vault, each whole or not at all",
        "load codings a.csv b.xlsx", shared,
    )  # fmt: skip
    load.add_argument("table", metavar="TABLE", choices=(*TABLES, *FEEDS), help=_ENTRIES)
    load.add_argument("files", metavar="FILE", type=Path, nargs="+", help="CSV, XLSX or Parquet")
    load.add_argument("--json", action="store_true", help="answer as JSON")
    load.set_defaults(run=_load)
    publish = _command(commands, "publish", "publish a new release of the vault", "publish", shared)
    publish.set_defaults(run=_publish)
    withdraw = _command(
        commands, "withdraw", "delete an interview whose interviewee withdraws",
        "withdraw S26-000017", shared,
    )  # fmt: skip
    withdraw.add_argument("interview", metavar="INTERVIEW_ID", help="its pseudonym")
    withdraw.set_defaults(run=_withdraw)
    audit = _command(
        commands, "audit", "attack a release with all earlier ones, as a reader could",
        "audit --release 3 --json", shared,
    )  # fmt: skip
    audit.add_argument("--release", type=int, help="its number (default: the newest)")
    audit.add_argument(
        "--audience", choices=settings.AUDIENCES, help="whose release (default: every audience)"
    )
    audit.add_argument("--json", action="store_true", help="answer as JSON")
    audit.set_defaults(run=_audit)


def _add_reading(commands: Any, shared: argparse.ArgumentParser) -> None:
    findings = _command(
        commands, "findings", "print the 18 findings of the newest release",
        "findings --wave 2017 --json", shared,
    )  # fmt: skip
    findings.add_argument("--wave", help="a wave of the release (default: the newest)")
    findings.add_argument("--cohort", default=EVERYONE, help="a cohort (default: all)")
    findings.add_argument(
        "--audience", choices=settings.AUDIENCES, default=settings.AUDIENCES[0],
        help="whose release is read (default: board)",
    )  # fmt: skip
    findings.add_argument("--json", action="store_true", help="answer as JSON")
    findings.set_defaults(run=_findings)
    codebook = _command(
        commands, "codebook", "export the codebook for programs of qualitative analysis",
        "codebook export codes.qdc", shared,
    )  # fmt: skip
    codebook.add_argument("action", choices=["export"])
    codebook.add_argument("file", metavar="FILE.qdc", type=Path)
    codebook.set_defaults(run=_codebook)
    serve = _command(commands, "serve", "serve the pages on this machine", "serve", shared)
    serve.add_argument("--port", type=_port, default=8501, help="default: 8501")
    serve.add_argument("--audience", choices=settings.AUDIENCES, help=settings.AUDIENCE.help)
    serve.set_defaults(run=_serve)


def _port(word: str) -> int:
    if not (word.isdigit() and 0 < int(word) < 65536):
        raise argparse.ArgumentTypeError(f"'{word}' is no port; give a number from 1 to 65535")
    return int(word)


def _demo(chosen: argparse.Namespace) -> None:
    from iomdash import demo

    published = demo.build(chosen.data)
    print(f"Release {published.number} is published in {published.folder}.")


def _check(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    with ExitStack() as stack:
        folder = chosen.data
        if not (folder / settings.VAULT_FILE).exists():
            folder = Path(stack.enter_context(TemporaryDirectory()))
        vault = stack.enter_context(Vault.open(folder))
        progress = stack.enter_context(steps(f"Checking {chosen.file}"))
        staged = vault.check(chosen.table, chosen.file, progress=progress).staged
    if chosen.json:
        print(json.dumps({"table": chosen.table, "total": 0, "breaks": []}))
    else:
        print(f"{chosen.file} keeps the contract of {chosen.table}. Rows: {staged.frame.height:,}.")
        for warning in staged.warnings:
            print(warning, file=sys.stderr)


def _load(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    loaded: list[Loaded] = []
    with Vault.open(chosen.data) as vault:
        for file in chosen.files:
            with steps(f"Loading {file}") as progress:
                batch = vault.load(chosen.table, file, progress=progress)
            loaded.append(batch)
            if not chosen.json:
                _told(batch)  # at once: a later file that is broken leaves this one loaded
    if chosen.json:
        print(json.dumps([{"batch": b.batch_id, "file": b.file, "rows": b.rows} for b in loaded]))


def _told(batch: "Loaded") -> None:
    print(f"{batch.file} is loaded into {batch.table} as {batch.batch_id}. Rows: {batch.rows:,}.")
    for warning in batch.warnings:
        print(warning, file=sys.stderr)


def _withdraw(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    with Vault.open(chosen.data) as vault:
        gone = vault.withdraw(chosen.interview)
    print(
        f"{chosen.interview} is withdrawn. Rows deleted: {gone:,}. Publish, so that releases "
        "that still count it give way."
    )


def _publish(chosen: argparse.Namespace) -> None:
    from iomdash.publishing.publish import publish

    with steps("Publishing") as progress:
        published = publish(chosen.data, chosen.data / settings.RELEASES_FOLDER, step=progress)
    for report in published.reports:
        print(report.words)
    for batch in published.waiting:
        print(
            f"Waits: {batch.file} ({batch.table}) would move {spoken(batch.group)} by "
            f"{_people(batch.moves)}. {batch.missing} more are needed before it can be counted."
        )
    for number in published.retired:
        print(f"Release {number} is retired: its difference from this one would show who left.")
    print(f"Release {published.number} is published in {published.folder}.")


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def _audit(chosen: argparse.Namespace) -> int:
    from iomdash.publishing.publish import attack_again

    folder = chosen.data / settings.RELEASES_FOLDER
    audiences = settings.AUDIENCES if chosen.audience is None else (chosen.audience,)
    with steps("Attacking") as progress:
        reports = [
            attack_again(chosen.data, folder, audience, chosen.release, step=progress)
            for audience in audiences
        ]
    if chosen.json:
        print(json.dumps([report.as_json() for report in reports], indent=1))
    else:
        print("\n".join(report.words for report in reports))
    return 1 if any(report.breaches or report.agencies.falls for report in reports) else 0


def _findings(chosen: argparse.Namespace) -> None:
    folder = chosen.data / settings.RELEASES_FOLDER
    opened = Release(shelf.path_of(folder, chosen.audience))
    group = _group(opened, chosen.wave, chosen.cohort)
    found = [(f, opened.claims(group, f)) for f in FINDINGS]
    if chosen.json:
        told = [
            {"id": f.id, "title": f.title, "claims": [_claim(c) for c in cells]}
            for f, cells in found
        ]
        print(json.dumps(told, indent=1))
        return
    wave = next(w for w in opened.waves if w.id == group.wave)
    print(f"Release {opened.number}, wave {wave.label}, cohort {group.cohort}")
    for finding, cells in found:
        print(f"\n{finding.id} {finding.title}")
        for cell in cells:
            print(
                f"  {cell.verdict.shape} {cell.statement}: {standing(cell)}. {cell.verdict.words}."
            )


def _group(opened: Release, wave: str | None, cohort: str) -> Group:
    waves = [w.id for w in opened.waves]
    if wave is not None and wave not in waves:
        raise UsageError(f"There is no wave '{wave}'. Choose one of: {', '.join(waves)}.")
    names = [c.id for c in COHORTS]
    known = {name.upper(): name for name in (EVERYONE, *names)}
    if cohort.upper() not in known:
        raise UsageError(f"There is no cohort '{cohort}'. Choose one of: {', '.join(names)}.")
    group = Group(wave or waves[0], known[cohort.upper()])
    if group not in opened.sizes:
        raise UsageError(
            f"Nobody of cohort {group.cohort} was interviewed in wave {group.wave}. "
            f"Choose one of: {', '.join(g.cohort for g in opened.cohorts(Group(group.wave)))}."
        )
    return group


def _claim(cell: ClaimCell) -> dict[str, object]:
    bounds = None if cell.low is None or cell.high is None else [cell.low, cell.high]
    return {
        "statement": cell.statement,
        "code": cell.code,
        "x": cell.x,
        "n": cell.n,
        "quantifier": cell.quantifier,
        "verdict": cell.verdict.words,
        "interval": bounds,
        "hidden": cell.hidden,
    }


def _codebook(chosen: argparse.Namespace) -> None:
    refi.export_codebook(chosen.file)
    print(f"The codebook is written to {chosen.file}.")


def _serve(chosen: argparse.Namespace) -> None:
    if not settings.has_data(chosen.data):
        _demo(chosen)
    audience = chosen.audience or settings.audience()
    shelf.path_of(chosen.data / settings.RELEASES_FOLDER, audience)
    app = settings.PROJECT / "app.py"
    if not app.is_file():
        raise EnvironmentFault(f"{app} is missing. Run from a whole checkout of the project.")
    # The server is told where releases lie and not where the vault does.
    told = {
        settings.RELEASES.variable: str((chosen.data / settings.RELEASES_FOLDER).resolve()),
        settings.AUDIENCE.variable: audience,
    }
    inherited = {k: v for k, v in os.environ.items() if k != settings.DATA.variable}
    print(f"Open http://127.0.0.1:{chosen.port} in a browser. Stop with Ctrl-C.", flush=True)
    os.chdir(app.parent)
    words = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(chosen.port)]
    os.execve(sys.executable, words, {**inherited, **told})
