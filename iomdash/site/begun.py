"""How the server was begun: as it is set, or past what is set for it."""

import os

from streamlit import config

from iomdash import settings
from iomdash.access.sign_in import certificate
from iomdash.errors import UsageError
from iomdash.site.limits import SHARED


def begun_as_set(address: str, *, workbench: bool) -> None:
    """Raises UsageError where the server was not begun by `serve` and some of what is set for it
    would hold no longer: where it listens, TLS, and how many answer. Where no server of
    Streamlit's begins, as in a program that draws a page, nothing is asked.
    """
    if config._server_mode is None:  # pyright: ignore[reportPrivateUsage]
        return
    files = certificate() or (None, None)
    several = not workbench and settings.WORKERS.number() > 1 and SHARED not in os.environ
    told = {
        settings.LISTEN: config.get_option("server.address") != address,
        settings.CERTIFICATE: config.get_option("server.sslCertFile") != files[0],
        settings.CERTIFICATE_KEY: config.get_option("server.sslKeyFile") != files[1],
        settings.WORKERS: several,
    }
    if off := [setting.variable for setting, is_off in told.items() if is_off]:
        raise UsageError(
            f"The server was begun past {off[0]}. Begin it so: python -m iomdash serve"
        )
