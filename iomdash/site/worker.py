"""One process of several, which `workers` begins: Streamlit's server on an address that they share.

`python -m iomdash.site.worker ALIVE app.py [WORDS ...]`; it ends once the pipe ALIVE is closed.
"""

import os
import signal
import socket
import sys
import threading

from streamlit.web import bootstrap, cli
from streamlit.web.server.starlette import starlette_server


def _shared(address: str, port: int, backlog: int) -> socket.socket:
    """A socket for an address that others of this server have too. It does not listen yet: the
    server below does that once the application is ready, so that nobody waits for one that is not.
    """
    del backlog
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((address, port))
    bound.setblocking(False)
    return bound


def _silent(**_: object) -> None:
    """In place of what each process would print."""


def _end_with(alive: int) -> None:
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until told to end, or until whoever began this is gone."""
    alive, *words = sys.argv[1:]
    threading.Thread(target=_end_with, args=(int(alive),), daemon=True).start()
    starlette_server._bind_socket = _shared  # pyright: ignore[reportPrivateUsage]
    # `serve` has said it, once for all.
    bootstrap._print_url = _silent  # pyright: ignore[reportPrivateUsage]
    cli.main(["run", *words], prog_name="streamlit")


if __name__ == "__main__":
    main()
