"""What the audit log tells: every kind of event. No other may be written, and a test has every one
of them happen.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A kind of event. One that is an `act` has a line as it begins and one that says how it ended,
    so that whoever was stopped midway is in the log too.
    """

    name: str
    about: str
    act: bool = False


EVENTS: tuple[Event, ...] = (
    Event("sign-in", "somebody came back from the provider and was let in"),
    Event("sign-in refused", "somebody came back from the provider and has no role, or is denied"),
    Event("sign-out", "somebody signed out"),
    Event("terms accepted", "somebody accepted the handling terms of a version"),
    Event("sign out everywhere", "an administrator ended all of somebody's sessions"),
    Event("deny", "an administrator lets somebody in no more"),
    Event("allow", "an administrator lets somebody in again"),
    Event("refused", "somebody who is signed in asked for what is not theirs"),
    Event("view", "somebody saw a page with people's own words or answers, or the log itself"),
    Event("download", "somebody took a figure, a page or a release away"),
    Event("export", "a release was written as tables", act=True),
    Event("load", "files went into the vault, or were refused", act=True),
    Event("approve", "excerpts came in that a second person has cleared for releases"),
    Event("unload", "a batch was taken out again", act=True),
    Event("withdraw", "an interview was deleted for good", act=True),
    Event("publish", "a release was let out to readers", act=True),
    Event("rollback", "readers were given another release", act=True),
    Event("backup", "vault, ledger, releases and log were written into a file", act=True),
    Event("restore", "a data folder was made of a backup", act=True),
    Event("settings", "something was set differently from the last time; values are not told"),
)
BY_NAME = {event.name: event for event in EVENTS}
