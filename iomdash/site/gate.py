"""Pages before the site, which need no session: signing in, the handling terms, the choice of a
role, and how the server is.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.auth_util import encode_provider_token

from iomdash import settings
from iomdash.access import sign_in, terms
from iomdash.access.visitor import Refused, Visitor
from iomdash.errors import IomdashError
from iomdash.pictures.look import light
from iomdash.release import shelf
from iomdash.site.identify import ROLE, Reception

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SIGN_OUT = "auth/logout"
SHELL = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{title}: iomdash</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 1.05rem/1.5 sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem;
color: {ink}; }} a, button {{ font: inherit; }}
.go {{ display: inline-block; padding: .5rem 1.2rem; background: {first}; color: #fff; border: 0;
text-decoration: none; }}
:focus-visible {{ outline: 3px solid {ink}; outline-offset: 2px; }}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""


def routes(reception: Reception) -> list[Route]:
    """The routes that stand beside Streamlit's; the table of access says to whom each is open."""
    return [
        Route("/healthz", _health(reception)),
        Route("/role", _role(reception)),
        Route("/sign-in", _sign_in(reception)),
        Route("/sign-out", _sign_out(reception)),
        Route("/terms", _terms(reception), methods=["GET", "POST"]),
    ]


Answer = Callable[[Request], Response]


def _page(title: str, body: str, status: int = 200, **more: str) -> Response:
    headers = {
        **more,
        "content-security-policy": POLICY,
        "cache-control": "no-store",
        # Without it a browser would not say which site a form comes from.
        "referrer-policy": "same-origin",
    }
    return HTMLResponse(
        SHELL.format(title=escape(title), body=body, ink=light("ink"), first=light("first")),
        status,
        headers,
    )


def _health(_: Reception) -> Answer:
    def health(_: Request) -> Response:
        try:
            told, status = _standing(), 200
        except (IomdashError, OSError, ValueError):
            told, status = {"status": "no release can be read"}, 503
        return JSONResponse(told, status, {"cache-control": "no-store"})

    return health


def _standing() -> dict[str, object]:
    """The present release and its age in days."""
    releases = settings.releases_dir()
    number = shelf.latest(releases)
    if number is None:
        return {"status": "ok", "release": None, "age_days": None}
    manifests = shelf.manifests(releases, number)
    at = datetime.fromisoformat(str(next(iter(manifests.values()))["published_at"]))
    return {"status": "ok", "release": number, "age_days": (datetime.now(UTC) - at).days}


def _role(reception: Reception) -> Answer:
    def role(asked: Request) -> Response:
        visitor = reception.who(asked.cookies)
        picked = asked.query_params.get("as", "")
        answer = RedirectResponse("/", 303, {"cache-control": "no-store"})
        # What a browser does not say may be a link or a picture of another site.
        elsewhere = asked.headers.get("sec-fetch-site") not in ("same-origin", "none")
        if isinstance(visitor, Refused) or elsewhere or picked not in _choices(visitor):
            return answer
        secure = reception.signing is not None and reception.signing.is_secure
        answer.set_cookie(
            ROLE, picked, httponly=True, samesite="strict", secure=secure,
            max_age=reception.signing.seconds if reception.signing else None,
        )  # fmt: skip
        return answer

    return role


def _choices(visitor: Visitor) -> list[str]:
    return [role.name for role in visitor.choices]


def _sign_in(reception: Reception) -> Answer:
    def page(asked: Request) -> Response:
        visitor = reception.who(asked.cookies)
        if isinstance(visitor, Visitor):
            return RedirectResponse("/", 303)
        if visitor.terms:
            return RedirectResponse("/terms", 303)
        why = "Your account has no role here." if "no" in asked.query_params else visitor.why
        to = f"./auth/login?provider={quote(encode_provider_token(sign_in.NAME))}"
        return _page("Sign in", f'<p>{escape(why)}</p><p><a class="go" href="{to}">Sign in</a></p>')

    return page


def _sign_out(reception: Reception) -> Answer:
    def page(asked: Request) -> Response:
        if reception.claims(asked.cookies) is None:
            return RedirectResponse("/sign-in", 303)
        form = f'<form method="post" action="./{SIGN_OUT}"><button class="go">Sign out</button>'
        back = '<p><a href="./">Stay signed in</a></p>'
        return _page("Sign out", f"<p>This ends your session in every tab.</p>{form}</form>{back}")

    return page


def signed_out(provider: str) -> Response:
    """What whoever signed out here sees, on their way to sign out at the `provider`, if it has an
    address for that. A form may lead nowhere else, so the page goes on by itself.
    """
    back = '<p><a href="../sign-in">Sign in again</a></p>'
    if not provider.startswith(("https://", "http://")):
        return _page("You are signed out", back)
    go = f'<p><a class="go" href="{escape(provider)}">Sign out at the provider, too</a></p>'
    return _page("You are signed out", f"{go}{back}", refresh=f"0; url={provider}")


def _terms(reception: Reception) -> Answer:
    def page(asked: Request) -> Response:
        visitor = reception.who(asked.cookies)
        if not (isinstance(visitor, Refused) and visitor.terms):
            return RedirectResponse("/", 303)
        if asked.method == "POST":
            reception.accepted(asked.cookies)
            return RedirectResponse("/", 303)
        lines = "".join(f"<li>{escape(line)}</li>" for line in terms.TERMS)
        form = '<form method="post"><button class="go">I accept these terms</button></form>'
        out = '<p><a href="./sign-out">Sign out</a></p>'
        return _page("Handling terms", f"<ol>{lines}</ol>{form}{out}")

    return page
