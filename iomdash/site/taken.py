"""Downloads: answers of the server's own, made of the release when they are asked for.

Nothing is kept of a visitor: the address alone says which figure of which page, under which
filters. A link costs a page nothing until it is followed.
"""

from collections.abc import Callable, Collection, Mapping
from threading import Lock
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from iomdash.access.visitor import Refused
from iomdash.declared import access
from iomdash.declared.access import READERS
from iomdash.errors import IomdashError, UsageError
from iomdash.exports import books, drawn, package, tidy
from iomdash.exports.about import About, Cell
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.site import guard, identify
from iomdash.site.address import WITH, Asked
from iomdash.site.frame import day
from iomdash.site.takes import WHOLE_PAGE
from pages.figures import of_page, whose

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}
NOTHING = "There is no such download here. Open the page and take it from there."
# The first of a whole release is seconds of work, and is kept: whoever asks meanwhile waits for it.
MAKING = Lock()
Pictures = Mapping[str, Picture]
Table = list[dict[str, Cell]]
BOOKS: Mapping[str, Callable[[str, Mapping[str, Cell], Table], bytes]] = {
    "xlsx": books.xlsx,
    "ods": books.ods,
}
DRAWN: Mapping[str, Callable[[Picture, str], bytes]] = {"svg": drawn.svg, "png": drawn.png}


def of_figure(request: Request) -> Response:
    """One figure of a page, or all of them, as a file. 404 in words for anything else."""
    page, name = request.path_params["page"], request.path_params["name"]
    try:
        release = _release(request, access.page(page).to)
        asked = Asked.of(request.query_params.multi_items())
        choice = whose(page, release, asked)
        pictures = of_page(page, release, choice.group, choice.people, asked.get(WITH))
        about = About(release, choice.group, choice.people)
        content = _content(pictures, name, request.path_params["kind"], about)
    except (IomdashError, KeyError):
        return PlainTextResponse(NOTHING, 404)
    kind, whole = request.path_params["kind"], name == WHOLE_PAGE
    across = () if whole else [filter for filter, _ in pictures[name].across]
    return _file(content, about.name(page, "" if whole else name, kind, across), kind)


def _release(request: Request, to: Collection[str]) -> Release:
    """The release of whoever asks, where what they ask for is open `to` them, in the audit log.

    Raises UsageError where it is not, EnvironmentFault where there is none for them.
    """
    reception = identify.reception()
    seen = reception.who(request.cookies)
    if isinstance(seen, Refused) or not seen.may(to):
        raise UsageError(NOTHING)
    release = guard.release_of(seen)
    if seen.signed_in:
        what = request.url.path.rpartition("/download/")[2]
        reception.log("download", seen.subject, what=what, role=seen.role.name)
    return release


def _content(pictures: Pictures, name: str, kind: str, about: About) -> bytes:
    """Raises KeyError for a figure or a kind that is not there."""
    chosen = list(pictures.values()) if name == WHOLE_PAGE else [pictures[name]]
    if kind in DRAWN:
        if name == WHOLE_PAGE or chosen[0].spec is None:
            raise KeyError(kind)
        return DRAWN[kind](chosen[0], source(chosen[0], about))
    table = tidy.rows(chosen, about)
    if kind == "csv":
        return tidy.csv_file(table)
    title = f"Release {about.release.number}: figures"
    return BOOKS[kind](title, about.columns(chosen[0]), table)


def source(picture: Picture, about: About) -> str:
    """The line under a figure that has left its page."""
    manifest = about.release.manifest
    columns = about.columns(picture)
    of = "Agencies' records" if picture.measure else f"Interviews of wave {columns['wave']}"
    return (
        f"Source: {of} ({columns['origin']}), release {about.release.number} of "
        f"{day(manifest['published_at'])}. Small groups are protected."
    )


def of_release(request: Request) -> Response:
    """The whole release of whoever asks, tables as CSV or Parquet."""
    form = request.path_params["form"]
    try:
        if form not in package.FORMS:
            raise UsageError(NOTHING)
        release = _release(request, READERS)
        with MAKING:
            content = package.zipped(release, form)
    except IomdashError:
        return PlainTextResponse(NOTHING, 404)
    return _file(content, f"{package.folder(release)}_{form}.zip", "zip")


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{quote(name)}"',
        "cache-control": "private, no-cache",
    }
    return Response(content, media_type=KINDS[kind], headers=headers)


# Plain functions: Starlette runs them in threads, beside the pages.
ROUTES = [
    Route("/download/release.{form}.zip", of_release),
    Route("/download/{page}/{name}.{kind}", of_figure),
]
