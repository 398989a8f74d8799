"""Whom figures count, as data: the columns that every file carries, and its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release

Cell = str | int | float | None


@dataclass(frozen=True)
class About:
    """The release and the choice of filters behind figures, of interviewees and of people in
    agencies' records.
    """

    release: Release
    group: Group
    people: AgencyGroup

    def columns(self, picture: Picture) -> dict[str, Cell]:
        """Release, wave, filters, period and origin of a picture's figures, by column."""
        manifest = self.release.manifest
        who = self._recorded(picture.measure) if picture.measure else self._interviewed()
        return {
            "release": self.release.number,
            "published": str(manifest["published_at"])[:10],
            "audience": str(manifest["audience"]["name"]),
            **who,
        }

    def _interviewed(self) -> dict[str, Cell]:
        wave, group = self.release.wave(self.group.wave), self.group
        days = [str(day) for day in (wave.first_on, wave.last_on) if day]
        return {
            "source": "interviews", "wave": wave.id, "cohort": group.cohort,
            "provider": group.provider, "supervision": group.supervision, "area": EVERYONE,
            "quarter": EVERYONE, "period": "/".join(days) or "not stated",
            "origin": ", ".join(wave.origins),
        }  # fmt: skip

    def _recorded(self, measure: str) -> dict[str, Cell]:
        dated, people = self.release.recorded_dates.get(measure), self.people
        return {
            "source": "agencies' records", "wave": "", "cohort": people.cohort,
            "provider": people.provider, "supervision": people.supervision, "area": people.area,
            "quarter": people.quarter, "period": f"to {dated['data_to']}" if dated else "not sent",
            "origin": str(dated["origin"]) if dated else "not sent",
        }  # fmt: skip

    def name(self, page: str, figure: str, ending: str, across: Sequence[str] = ()) -> str:
        """A file's name: what it holds, whom it counts, of which release and whether made up.

        Filters that it shows `across` are not named, as it does not follow them.
        """
        shown = {**vars(self.people), **vars(self.group)}
        chosen = [str(v) for k, v in shown.items() if v != EVERYONE and k not in ("wave", *across)]
        made_up = self.release.wave(self.group.wave).synthetic or any(
            dated["origin"] == "synthetic" for dated in self.release.recorded_dates.values()
        )
        parts = [
            "iomdash", page, figure, "" if "wave" in across else f"wave-{self.group.wave}",
            *dict.fromkeys(chosen),
            f"data-to-{self.release.manifest['data_to'] or 'unknown'}",
            f"release-{self.release.number}", "SYNTHETIC" if made_up else "",
        ]  # fmt: skip
        return f"{'_'.join(_plain(part) for part in parts if part)}.{ending}"


def _plain(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", word).strip("-")
