"""The information sheet as pictures, field by field."""

from iomdash.declared.groups import Group
from iomdash.declared.information_sheet import FIELDS
from iomdash.declared.reasons import Reason
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.captions import base, hidden
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release


def field(id: str, release: Release, group: Group) -> Picture:
    """One field of the information sheet in a wave or cohort."""
    name, sensitive = next((f.name, f.sensitive) for f in FIELDS if f.id == id)
    rows = [r for r in release.profile(group) if r["field"] == id]
    if not rows:
        why = Reason.WHOLE_WAVE_ONLY if sensitive and group.filtered else Reason.NO_DATA
        return hidden(name, release.size(group).hidden or release.words(why))
    n = sum(r["n"] for r in rows)
    items = [Bar(_answer(r["answer"]), r["n"], n) for r in rows if r["n"] or not r["merged"]]
    stated = [bar for bar in items if bar.x and bar.label != "Not stated"]
    if not stated:
        return Picture(f"{name}: not stated in the source", base(release, group), "", None, [])
    merged = any(r["merged"] for r in rows)
    smallest = release.manifest["policy"]["smallest"]
    note = f"Answers of fewer than {smallest} people are joined." if merged else ""
    return bars(name, base(release, group), items, note=note)


def _answer(answer: str) -> str:
    words = answer.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}"
