"""What goes out: a release, an interview that is withdrawn, an attack on what was published."""

import argparse
import json

from iomdash import settings
from iomdash.cli.commands import Commands, answers_json
from iomdash.declared import audiences
from iomdash.declared.groups import spoken
from iomdash.progress import steps
from iomdash.release import shelf


def add(commands: Commands) -> None:
    """The commands publish, withdraw and audit."""
    commands.add("publish", "publish a new release of the vault", "publish", _publish)
    withdraw = commands.add(
        "withdraw", "delete an interview whose interviewee withdraws",
        "withdraw S26-000017", _withdraw,
    )  # fmt: skip
    withdraw.add_argument("interview", metavar="INTERVIEW_ID", help="its pseudonym")
    audit = commands.add(
        "audit", "attack a release with all earlier ones, as a reader could",
        "audit --release 3 --json", _audit,
    )  # fmt: skip
    audit.add_argument("--release", type=int, help="its number (default: the newest)")
    audit.add_argument(
        "--audience", choices=audiences.names(), help="whose release (default: everybody's)"
    )
    answers_json(audit)


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


def _withdraw(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    with Vault.open(chosen.data) as vault:
        gone = vault.withdraw(chosen.interview)
    print(
        f"{chosen.interview} is withdrawn. Rows deleted: {gone:,}. Publish, so that releases "
        "that still count it give way."
    )


def _audit(chosen: argparse.Namespace) -> int:
    from iomdash.publishing.publish import attack_again

    folder = chosen.data / settings.RELEASES_FOLDER
    made_for = [a for a in shelf.audiences(folder, chosen.release) if a in audiences.names()]
    readers = [chosen.audience] if chosen.audience else made_for
    with steps("Attacking") as progress:
        reports = [
            attack_again(chosen.data, folder, audience, chosen.release, step=progress)
            for audience in readers
        ]
    if chosen.json:
        print(json.dumps([report.as_json() for report in reports], indent=1))
    else:
        print("\n".join(report.words for report in reports))
    return 1 if any(report.breaches or report.agencies.falls for report in reports) else 0
