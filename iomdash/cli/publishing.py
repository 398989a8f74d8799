"""What goes out: a release, an interview that is withdrawn, an attack on what was published."""

import argparse
import json

from iomdash import settings
from iomdash.cli.commands import Commands, answers_json
from iomdash.declared import audiences
from iomdash.progress import steps
from iomdash.release import shelf


def add(commands: Commands) -> None:
    """The commands publish, releases, rollback, withdraw and audit."""
    publish = commands.add(
        "publish", "publish a new release of the vault, where it would say anything new",
        "publish", _publish,
    )  # fmt: skip
    publish.add_argument(
        "--anyway", action="store_true", help="make a release even where nothing would change"
    )
    publish.add_argument(
        "--without-uncoded", action="store_true",
        help="publish although some interviews have no coding; they are counted nowhere",
    )  # fmt: skip
    publish.add_argument(
        "--engine", choices=settings.ENGINES,
        help="what counts agencies' records; the release is the same (default: IOMDASH_ENGINE, or "
        "duckdb)",
    )  # fmt: skip
    releases = commands.add(
        "releases", "list every release, and which of them readers see", "releases", _releases
    )
    answers_json(releases)
    rollback = commands.add(
        "rollback", "let readers see another release, an older or again a later one; what was seen "
        "meanwhile was seen, and the next release is held against it",
        "rollback 2", _rollback,
    )  # fmt: skip
    rollback.add_argument("release", metavar="RELEASE", type=int, help="its number")
    withdraw = commands.add(
        "withdraw", "delete for good an interview whose interviewee takes back their consent: no "
        "file brings it back (to correct an interview: load --replace)",
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
        published = publish(
            chosen.data, chosen.data / settings.RELEASES_FOLDER, step=progress,
            anyway=chosen.anyway, without_uncoded=chosen.without_uncoded, engine=chosen.engine,
        )  # fmt: skip
    chosen.noted.update(release=published.number, made=published.made)
    for sentence in published.sentences:
        print(sentence)


def _releases(chosen: argparse.Namespace) -> None:
    from iomdash.publishing import releases

    listed = releases.listed(chosen.data, chosen.data / settings.RELEASES_FOLDER)
    if chosen.json:
        print(json.dumps([release.as_json() for release in listed], indent=1))
        return
    for release in listed:
        print(release)
    if not listed:
        print("Nothing is published yet.")


def _rollback(chosen: argparse.Namespace) -> None:
    from iomdash.publishing import releases

    folder = chosen.data / settings.RELEASES_FOLDER
    before = shelf.latest(folder)
    now = releases.roll_back(chosen.data, folder, chosen.release)
    print(
        f"Readers see release {now.number} from their next click on. Release {before} is kept: "
        f"python -m iomdash rollback {before}"
    )


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
