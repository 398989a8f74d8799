"""What every picture of interviewees says: whose it is and of when, or why it is not drawn."""

from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import period, withheld
from iomdash.release.reader import Release

GUESSED = (
    "Which interviewee belonged to which cohort is reconstructed for this wave, so nothing can be "
    "said of a difference."
)


def hidden(topic: str, reason: str) -> Picture:
    """The place of a picture that may not be drawn."""
    return Picture(f"{topic}: {withheld(reason)}", "", "", None, [])


def base(release: Release, group: Group, measure: str = "Interviewees") -> str:
    """Measure, group, place and period, as each picture's subtitle says them."""
    wave = release.wave(group.wave)
    who = [part for part in group.key[1:] if part != EVERYONE]
    return f"{measure}{', ' + ', '.join(who) if who else ''}. {period(wave)}"
