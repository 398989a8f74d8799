"""Whose a file of Streamlit's is, which it would hand to anybody who knows its address.

Streamlit keeps files by session, and of every session the cookies that its tab came with; it says
so in no documented way, so the names used here are held by a test to the version that is pinned.
"""

from collections.abc import Iterator
from typing import Any

from starlette.requests import HTTPConnection
from streamlit.runtime import Runtime

from iomdash.access.visitor import Mode, Visitor
from iomdash.site.identify import Reception


def is_theirs(asked: HTTPConnection, visitor: Visitor, reception: Reception) -> bool:
    """Whether what a path names belongs to a tab that this visitor has open now, in the role in
    which they ask: a file that was made for it, or the uploads of its session.
    """
    if not Runtime.exists():
        return False
    # One person, in one role; and of a file that is made on a click Streamlit keeps no session.
    if reception.mode is Mode.WORKBENCH:
        return True
    runtime: Any = Runtime.instance()
    media, _, name = asked.scope["path"].lstrip("/").partition("/")
    sessions = _with_file(runtime, name) if media == "media" else iter([_session(name)])
    return any(_is_of(runtime, session, visitor, reception) for session in sessions)


def _with_file(runtime: Any, name: str) -> Iterator[str]:
    """Sessions for which a file was made, by its name with its ending."""
    kept = runtime.media_file_mgr._files_by_session_and_coord
    for session, files in list(kept.items()):
        if name.split(".")[0] in list(files.values()):
            yield session


def _session(name: str) -> str:
    """The session of an upload: upload_file/SESSION/FILE."""
    return [*name.split("/"), ""][1]


def _is_of(runtime: Any, session: str, visitor: Visitor, reception: Reception) -> bool:
    info = runtime._session_mgr.get_active_session_info(session)
    if info is None:
        return False
    owner = reception.who(info.client.client_context.cookies)
    return isinstance(owner, Visitor) and owner.key == visitor.key
