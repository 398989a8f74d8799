"""What every picture of interviewees says: whose it is and of when, or why it is not drawn."""

from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import period
from iomdash.release.reader import Release


def hidden(topic: str, reason: str) -> Picture:
    """The place of a picture that may not be drawn."""
    return Picture(f"{topic}: too few to show ({reason})", "", "", None, [])


def base(release: Release, group: Group, measure: str = "Interviewees") -> str:
    """Measure, group, place and period, as each picture's subtitle says them."""
    wave = next(w for w in release.waves if w.id == group.wave)
    who = [part for part in group.key[1:] if part != EVERYONE]
    return f"{measure}{', ' + ', '.join(who) if who else ''}. {period(wave)}"
