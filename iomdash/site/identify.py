"""Who asks: from the cookies of a request or of a tab to a visitor, by one way for both.

Streamlit itself lets a token run out unnoticed and a copied cookie live on, so nothing here asks it
who somebody is: its cookie is read, and then held against the clock and the list of sessions.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from iomdash import settings
from iomdash.access import audit_log, sign_in, terms
from iomdash.access.sessions import Sessions
from iomdash.access.sign_in import SignIn
from iomdash.access.visitor import Mode, Refused, Visitor, known, roles_of, somebody

ROLE = "iomdash_role"  # the cookie that names the role that somebody picked
EARLY = 60  # seconds that the provider's clock may be ahead of this machine's
SIGNED_OUT = Refused("You are not signed in.")
OVER = Refused("Your session is over. Sign in again.")


class Reception:
    """What a server knows of its visitors. Without a provider, everybody is whoever sits here."""

    def __init__(self, *, workbench: bool = False) -> None:
        """As the settings say. Raises UsageError and EnvironmentFault where they are off."""
        self.mode = sign_in.mode(workbench=workbench)
        self.signing: SignIn | None = None if workbench else sign_in.sign_in()
        self.state = settings.state_dir()
        self.sessions = Sessions(self.state)
        self.proxies = sign_in.proxies()
        # A proxy of this machine, where nobody signs in: its name is one of this machine's.
        self.front = sign_in.host() if self.signing is None else ""

    def who(self, cookies: Mapping[str, str]) -> Visitor | Refused:
        """Whoever sends these cookies now."""
        asked = cookies.get(ROLE, "")
        if self.signing is None:
            return somebody(asked, self.mode)
        claims = self.claims(cookies)
        if claims is None:
            return SIGNED_OUT
        subject, issued_at = claims["sub"], claims["iat"]
        if claims["exp"] <= time.time() or not self.sessions.lasts(subject, issued_at):
            return OVER
        visitor = known(subject, issued_at, self.roles(claims), asked)
        if isinstance(visitor, Visitor) and not self.sessions.accepted(subject, terms.VERSION):
            return Refused("You have not accepted the handling terms yet.", terms=True)
        return visitor

    def claims(self, cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
        """Claims of a cookie that this server signed for this site, however old its token is: with
        `sub` (words), `iat` and `exp` (seconds since 1970); None without such a cookie.
        """
        if self.signing is None:
            return None
        try:
            held = json.loads(_signed(cookies, self.signing) or b"null")
        except ValueError:
            return None
        return held if _is_whole(held, self.signing) else None

    def roles(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Roles that claims give."""
        if self.signing is None:
            return frozenset()
        return roles_of(claims.get(self.signing.claim), self.signing.roles)

    def arrived(self, cookies: Mapping[str, str]) -> Refused | None:
        """Open the session of whoever comes back from the provider with these cookies; None where
        they may come in, else why not. The audit log has either. What they began before with other
        roles ends, as the provider gives them these now.
        """
        claims = self.claims(cookies)
        if claims is None or self.signing is None:
            return SIGNED_OUT
        subject, roles = claims["sub"], sorted(self.roles(claims))
        until = min(claims["exp"], int(time.time()) + self.signing.seconds)
        why = ""
        self.sessions.supersede(subject, claims["iat"], " ".join(roles))
        if not roles:
            why = "Nobody has given you a role here, so there is nothing to show you."
        elif not self.sessions.open(subject, claims["iat"], until, " ".join(roles)):
            why = "You are not let in. Ask whoever runs this site."
        self.log("sign-in refused" if why else "sign-in", subject, roles=roles, why=why or None)
        return Refused(why) if why else None

    def left(self, cookies: Mapping[str, str]) -> None:
        """End the session of whoever signs out: this cookie, and every copy of it."""
        claims = self.claims(cookies)
        if claims is not None:
            ended = self.sessions.end(claims["sub"], by="sign-out", issued_at=claims["iat"])
            if ended:
                self.log("sign-out", claims["sub"])

    def accepted(self, cookies: Mapping[str, str]) -> bool:
        """Note that whoever sends these cookies accepts the handling terms; whether they may."""
        refused, claims = self.who(cookies), self.claims(cookies)
        if claims is None or not (isinstance(refused, Refused) and refused.terms):
            return False
        self.sessions.accept(claims["sub"], terms.VERSION)
        self.log("terms accepted", claims["sub"], version=terms.VERSION)
        return True

    def once(self, event: str, visitor: Visitor, **what: str) -> None:
        """Write of a session, in the role in which they see the site, what was not written of it
        yet, whichever tab and process it is in. Raises EnvironmentFault as `log` does.
        """
        what |= {"role": visitor.role.name}
        self.sessions.once(
            visitor.subject, visitor.issued_at, json.dumps([event, what]),
            lambda: self.log(event, visitor.subject, **what),
        )  # fmt: skip

    def log(self, event: str, who: str, **what: object) -> None:
        """Write into the audit log. Raises EnvironmentFault where it cannot be written."""
        audit_log.record(self.state, event, who, **what)


def _signed(cookies: Mapping[str, str], signing: SignIn) -> bytes | None:
    """What Streamlit's cookie of a user says, of one signature and not older than a session."""

    def one(name: str) -> bytes | None:
        value = cookies.get(name)
        if value is None:
            return None
        try:
            signed = value.encode("latin-1")
        except UnicodeEncodeError:
            return None
        return decode_signed_value(
            signing.cookie_secret, name, signed, max_age_days=signing.hours / 24
        )

    return get_cookie_with_chunks(one, USER_COOKIE_NAME)


def _is_whole(held: object, signing: SignIn) -> bool:
    """Whether a cookie has all that a session needs, for this very site."""
    if not isinstance(held, dict):
        return False
    claims: dict[str, Any] = held  # pyright: ignore[reportUnknownVariableType]
    times = [claims.get("iat"), claims.get("exp")]
    return (
        claims.get("is_logged_in") is True
        and claims.get("origin") == signing.address
        and claims.get("provider") == sign_in.NAME
        and isinstance(claims.get("sub"), str)
        and bool(claims["sub"])
        and all(isinstance(at, int) and not isinstance(at, bool) for at in times)
        and claims["iat"] <= time.time() + EARLY
    )


_serving: list[Reception] = []


def serve(reception: Reception) -> Reception:
    """Make a reception that of this process's server."""
    _serving[:] = [reception]
    return reception


def reception() -> Reception:
    """The reception of this process's server; outside of one, as the settings say."""
    return _serving[0] if _serving else Reception()


__all__ = ["OVER", "ROLE", "SIGNED_OUT", "Mode", "Reception", "reception", "serve"]
