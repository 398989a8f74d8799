"""The site below a path of another server's, in Chromium behind a real nginx."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from test_browser import LONGEST, Site, Visitor, in_browser, unharmed
from test_browser import browser as browser
from test_browser import window as window

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
BASE = "/iom"
# As a site's own administrator would write it; with and without taking the path off.
CONFIGURED = """
daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2;
  fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 404 "another site's"; }}
    location /iom/ {{
      proxy_pass http://127.0.0.1:{behind}{taken_off};
      proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    }}
  }}
}}
"""


class Below(Site):
    """Behind a proxy of this machine at `front`, whose address the server has to be told."""

    words = ("--base-path", BASE)

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.front = int(free.getsockname()[1])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IOMDASH_ADDRESS", f"http://127.0.0.1:{self.front}")
            super().__init__(data)


@contextmanager
def nginx(folder: Path, site: Below, *, taken_off: bool) -> Iterator[str]:
    """Where nginx listens for the site."""
    port = site.front
    config = folder / "nginx.conf"
    config.write_text(
        CONFIGURED.format(
            folder=folder, port=port, behind=site.port, taken_off="/" if taken_off else ""
        )
    )
    server = subprocess.Popen([str(NGINX), "-c", str(config), "-e", str(folder / "errors")])
    try:
        until = time.monotonic() + LONGEST
        while server.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def below(demo_dir: Path) -> Iterator[Below]:
    with Below(demo_dir) as site:
        yield site


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/iom/_stcore/health", 200),
        ("/iom/_stcore/metrics", 404),
        ("/_stcore/metrics", 404),
        ("/iom/iom/_stcore/metrics", 404),
        ("/iom//_stcore/metrics", 400),
        ("/iom", 307),
        ("/iom/f05", 307),
        ("/iom/F05", 200),
        ("/iom/fo5", 404),
        ("/iomdash", 404),
    ],
)
def test_below_a_path_the_same_doors_and_pages_are_open(
    below: Below, path: str, status: int
) -> None:
    answered, headers, body = below.ask(path)
    assert answered == status
    assert "# TYPE" not in body
    if status == 307:
        assert headers["location"].startswith("/iom/")
    if "_stcore" not in path and status != 307:
        assert headers["content-security-policy"]


@in_browser
@pytest.mark.parametrize("taken_off", [False, True])
def test_behind_nginx_pages_links_back_and_downloads_work(
    below: Below, window: BrowserContext, tmp_path: Path, taken_off: bool
) -> None:
    if NGINX is None:
        pytest.skip("nginx is not installed, so no page was opened behind it.")
    with nginx(tmp_path, below, taken_off=taken_off) as address, window.new_page() as page:
        below.address = f"{address}{BASE}"  # what a visitor asks for
        visitor = Visitor(page, below)
        visitor.open("?cohort=PPO")
        visitor.page.locator(".io-findings td a").first.click()
        visitor.page.wait_for_url(f"{address}{BASE}/F01?cohort=PPO")
        visitor.menu("Agencies", "Pathways")
        visitor.page.wait_for_url(f"{address}{BASE}/pathways?cohort=PPO")
        pathways = visitor.page.locator("h1", has_text="Pathways")
        expect(pathways).to_be_visible()
        visitor.page.go_back()
        visitor.page.wait_for_url(f"{address}{BASE}/F01?cohort=PPO")
        # The address is that of the page to come, on which the same words stand.
        expect(pathways).to_have_count(0)
        visitor.page.get_by_text("How this is counted").click()
        with visitor.page.expect_download() as download:
            counted = visitor.page.locator(".io-more", has_text="How this is counted")
            counted.get_by_role("link", name="CSV, the figures").click()
        assert download.value.path().read_text("utf-8-sig").startswith("release,")
        unharmed(visitor)
        page.goto(f"{address}{BASE}/Fo1")
        page.get_by_role("link", name="F01").click()
        page.wait_for_url(f"{address}{BASE}/F01")
