"""The server as it is run: behind nginx with TLS, under attack, and by another user; settings."""

import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import psutil
import pytest
from signing import House, header
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from test_sign_in import HOST, Server, free_port
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from iomdash import cli, settings
from iomdash.access import audit_log
from iomdash.cli import doctor
from iomdash.cli.settings_document import document
from iomdash.site import served

ROOT = Path(__file__).parents[1]
NAME = "iomdash.example.org"  # as deploy/nginx.conf has it
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
MOST_GROWTH = 50 * 2**20  # bytes
SLOWEST = 1.0  # seconds, the 95th percentile of an honest visitor
ROUNDS = int(os.environ.get("HOSTILE", "300"))


# ------------------------------------------------------------------------------------- settings


def test_the_document_of_settings_is_the_declarations() -> None:
    held = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert held == document(), "Run: python -m iomdash settings --document > docs/settings.md"


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda s: s.variable)
def test_every_setting_has_a_row_of_its_own(setting: settings.Setting) -> None:
    assert document().count(f"| `{setting.variable}` |") == 1


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('hours = 3\nclaim = "groups"\n[roles]\n"a" = "board"\n')
    monkeypatch.setenv("IOMDASH_SETTINGS", str(file))
    assert (settings.HOURS.number(), settings.CLAIM.read()) == (3, "groups")
    monkeypatch.setenv("IOMDASH_HOURS", "5")
    assert settings.HOURS.number() == 5
    assert settings.roles() == {"a": "board"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hour = 3", "'hour' is no setting"),
        ("hours = ", "cannot be read as settings"),
        ("hours = 0", "Set it to a whole number from 1 to 24"),
        ("hours = 25", "Set it to a whole number from 1 to 24"),
        ('alone = "perhaps"', "Set it to yes or no"),
        ('proxy = "nginx"', "which is no address such as"),
        ('listen = "0.0.0.0"', "nobody signs in"),
        ('provider = "http://provider.example/x"', "IOMDASH_ADDRESS is not"),
        ('certificate = "a"', "belong together"),
    ],
)
def test_a_setting_that_is_off_is_said_before_anything_is_served(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / f"{abs(hash(text))}.toml"
    file.write_text(text)
    monkeypatch.setenv("IOMDASH_SETTINGS", str(file))
    monkeypatch.setenv("IOMDASH_ALONE", "")
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("it was served"))
    if "hours" in text or "proxy" in text or "certificate" in text:
        house = House(tmp_path, "https://a.example", 1, "https://b.example/x")
        for name, value in house.write().items():
            monkeypatch.setenv(name, value)
        with house.settings.open() as held:
            file.write_text(f"{text}\n{held.read()}")
        monkeypatch.setenv("IOMDASH_SETTINGS", str(file))
        monkeypatch.setenv("IOMDASH_LISTEN", "0.0.0.0")
    assert cli.main(["serve", "--data", str(tmp_path / "none")]) == 1
    assert told in capsys.readouterr().err


def test_real_data_are_not_served_where_nobody_signs_in(
    demo_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from iomdash.release.reader import Release

    begun: list[int] = []
    monkeypatch.setattr(os, "execve", lambda *_: begun.append(1))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setenv("IOMDASH_ALONE", "")
    assert cli.main(["serve", "--data", str(demo_dir)]) == 0
    monkeypatch.setattr(Release, "demonstration", False)
    assert cli.main(["serve", "--data", str(demo_dir)]) == 1
    assert "holds data that were collected, and nobody signs in here" in capsys.readouterr().err
    monkeypatch.setenv("IOMDASH_ALONE", "yes")
    assert cli.main(["serve", "--data", str(demo_dir)]) == 0
    assert begun == [1, 1]


@pytest.mark.parametrize(
    ("set_", "told"),
    [
        ({"LISTEN": "::1"}, "past IOMDASH_LISTEN"),
        ({"WORKERS": "2"}, "past IOMDASH_WORKERS"),
        ({"CERTIFICATE": "/a", "CERTIFICATE_KEY": "/b"}, "past IOMDASH_CERTIFICATE"),
        ({}, None),
    ],
)
def test_a_server_that_was_begun_past_its_settings_says_how_to_begin_it(
    set_: dict[str, str], told: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**set_, "STATE": str(tmp_path)}.items():
        monkeypatch.setenv(f"IOMDASH_{name}", value)
    assert served.around({"overview": "Overview"})  # for a program that draws a page
    monkeypatch.setattr(config, "_server_mode", "starlette-app")
    if told is None:
        assert served.around({"overview": "Overview"})
        return
    with pytest.raises(SystemExit, match=f"{told}. Begin it so: python -m iomdash serve"):
        served.around({"overview": "Overview"})


def test_streamlits_own_command_does_not_leave_out_what_is_set(tmp_path: Path) -> None:
    given = {**os.environ, "IOMDASH_WORKERS": "2", "IOMDASH_STATE": str(tmp_path)}
    words = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())]
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=ROOT, env=given, check=False, timeout=120
    )
    assert done.returncode == 1
    assert "begun past IOMDASH_WORKERS. Begin it so: python -m iomdash serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_releases_that_is_set_needs_no_data_and_gets_none(
    demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    begun: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda _, __, given: begun.append(given))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    releases = tmp_path / "of the board"
    monkeypatch.setenv("IOMDASH_RELEASES", str(releases))
    words = ["serve", "--data", str(tmp_path / "none")]
    assert cli.main(words) == 1
    assert f"Nothing is published in {releases} yet." in capsys.readouterr().err
    shutil.copytree(demo_dir / "releases", releases)
    assert cli.main(words) == 0
    assert not (tmp_path / "none").exists()
    assert [given["IOMDASH_RELEASES"] for given in begun] == [str(releases)]
    assert "IOMDASH_DATA" not in begun[0]
    # Where people sign in, what is copied may be of one audience alone.
    for path in releases.glob("*/coordinator.duckdb"):
        path.unlink()
    house = House(tmp_path, "http://127.0.0.1:8501", 8501, "http://127.0.0.1:9/x")
    for name, value in house.write().items():
        monkeypatch.setenv(name, value)
    assert cli.main(words) == 0


# --------------------------------------------------------------------------------------- doctor


def test_the_doctor_says_what_is_wrong_and_how_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_text("5a" * 32)
    key.chmod(0o644)
    (tmp_path / "data" / "state").mkdir(parents=True, mode=0o755)
    monkeypatch.setenv("IOMDASH_KEY", str(key))
    monkeypatch.setattr(doctor, "ROOM", 2**60)
    house = House(tmp_path, "http://127.0.0.1:8501", 8501, "http://127.0.0.1:9/x")
    for name, value in house.write(state=str(tmp_path / "data" / "state")).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["doctor", "--data", str(tmp_path / "data")]) == 1
    told = capsys.readouterr().out
    for words in (f"Run: chmod 600 {key}", "chmod 700", "Make room", "it does not answer"):
        assert words in told
    house.write(cookie_secret=str(key))
    settings._parsed.cache_clear()
    cli.main(["doctor", "--data", str(tmp_path / "data")])
    assert f"{key} can be read by others. Mend it: chmod 600" in capsys.readouterr().out


def test_the_doctor_finds_nothing_wrong_with_a_demonstration(
    demo_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", "--data", str(demo_dir)]) == 0
    assert capsys.readouterr().out.endswith("All is well.\n")


# ------------------------------------------------------------------------------------ behind TLS


@pytest.fixture(scope="module")
def releases(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds releases alone, as the board's server is given them."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(demo_dir / "releases", folder / "releases")
    return folder


@pytest.fixture(scope="module")
def behind(
    releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, int]]:
    """The server behind nginx as deploy/nginx.conf sets it up, and nginx's port."""
    if NGINX is None:
        pytest.skip("nginx is not installed (apt-get install nginx), so none stood in front.")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    house = House(folder, f"https://{NAME}", free_port(), "https://provider.example/x")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "1", "-subj", f"/CN={NAME}", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new in (
        ("/etc/iomdash/certificate.pem", f"{folder}/cert.pem"),
        ("/etc/iomdash/certificate.key", f"{folder}/key.pem"),
        ("listen 443 ssl http2", f"listen {HOST}:{port} ssl http2"),
        ("listen 80", f"listen {HOST}:{free_port()}"),
        ("127.0.0.1:8501", f"127.0.0.1:{house.port}"),
    ):
        assert old in text
        text = text.replace(old, new)
    whole = f"pid {folder}/pid; error_log {folder}/log; daemon off; events {{}}\nhttp {{\n"
    whole += "".join(f"{kind}_temp_path {folder};\n" for kind in
                     ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    (folder / "nginx.conf").write_text(f"{whole}access_log off;\n{text}\n}}\n")
    nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        with Server(house, releases, proxy=HOST) as server:
            yield server, port
    finally:
        nginx.terminate()
        nginx.wait()


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def ask(port: int, path: str, held: dict[str, str]) -> tuple[int, dict[str, str], str]:
    connection = HTTPSConnection(HOST, port, context=trusting(), timeout=60)
    connection.request("GET", path, headers={"host": NAME, **header(held)})
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, told, answer.read().decode("utf-8", "replace")


def test_behind_nginx_the_site_answers_over_tls_and_past_it_to_nobody(
    behind: tuple[Server, int],
) -> None:
    server, port = behind
    held = server.house.signed_in("ana", "board")
    status, told, _ = ask(port, "/", {})
    assert (status, told["location"]) == (303, "/sign-in")
    status, told, _ = ask(port, "/", held)
    assert status == 200
    assert told["strict-transport-security"] == "max-age=63072000"
    assert "unsafe-eval" not in told["content-security-policy"].replace("wasm-unsafe-eval", "")
    assert ask(port, "/_stcore/health", held)[1]["set-cookie"].endswith("Secure")
    past = HTTPConnection(HOST, server.house.port, timeout=60)
    past.request("GET", "/", headers={"host": NAME, **header(held)})
    assert past.getresponse().status == 403


def opened(address: str, origin: str, held: dict[str, str], **more: object) -> ClientConnection:
    line = "; ".join(f"{name}={value}" for name, value in held.items())
    return connect(
        address, origin=origin, additional_headers={"cookie": line},
        subprotocols=["streamlit"], max_size=None, **more,
    )  # pyright: ignore[reportArgumentType]  # fmt: skip


def rerun() -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    return message.SerializeToString()


def run_done(stream: ClientConnection) -> float:
    """Seconds of one run of a page."""
    began = time.monotonic()
    stream.send(rerun())
    while True:
        got = stream.recv(timeout=60)
        message = ForwardMsg.FromString(got if isinstance(got, bytes) else got.encode())
        if message.WhichOneof("type") == "script_finished":
            return time.monotonic() - began


def test_behind_nginx_a_stream_opens_to_whoever_is_signed_in(behind: tuple[Server, int]) -> None:
    server, port = behind
    address = f"wss://{NAME}/_stcore/stream"
    sock = socket.create_connection((HOST, port))
    held = server.house.signed_in("eve", "board")
    with opened(address, f"https://{NAME}", held, sock=sock, ssl=trusting()) as stream:
        assert run_done(stream) > 0
    for origin, cookies in ((f"https://{NAME}:444", held), (f"https://{NAME}", {})):
        sock = socket.create_connection((HOST, port))
        with pytest.raises(WebSocketException):
            opened(address, origin, cookies, sock=sock, ssl=trusting())


# ------------------------------------------------------------------------------------- downloads


def test_a_download_is_of_the_release_of_whoever_asks_and_is_told_the_audit_log(
    attacked: Server,
) -> None:
    house = attacked.house
    held, admin = house.signed_in("ana", "analyst"), house.signed_in("eve", "administrator")
    host = f"127.0.0.1:{house.port}"
    for role in ("coordinator", "board"):
        cookies = {**held, "iomdash_role": role}
        status, text, _ = attacked.ask("/download/F01/page.csv", cookies, host=host)
        assert (status, f",{role}," in text) == (200, True)
        assert attacked.ask("/download/release.csv.zip", cookies, host=host)[0] == 200
    for address in ("/download/F01/page.csv", "/download/release.csv.zip"):
        assert attacked.ask(address, {}, host=host)[0] == 401
        assert attacked.ask(address, admin, host=host)[0] == 404
    lines = audit_log.path_in(house.state).read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert [e["what"]["role"] for e in events if e["event"] == "download"] == [
        "coordinator", "coordinator", "board", "board",
    ]  # fmt: skip


def test_an_analysts_tab_as_the_board_opens_the_boards_release_alone(attacked: Server) -> None:
    house = attacked.house
    held = house.signed_in("ben", "analyst")
    address = f"ws://127.0.0.1:{house.port}/_stcore/stream"
    for role, audience in (("analyst", "Coordinator"), ("board", "Board")):
        with opened(address, house.address, {**held, "iomdash_role": role}) as stream:
            words = shown(stream)
            assert f"the {role}." in words
            assert f"<span>{audience}" in words or f">{audience}" in words


# ---------------------------------------------------------------------------------- under attack


@pytest.fixture(scope="module")
def attacked(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    house = House(
        tmp_path_factory.mktemp("attacked"), f"http://127.0.0.1:{port}", port, "http://127.0.0.1:9"
    )
    with Server(house, releases) as server:
        yield server


def hostile(server: Server, held: dict[str, str], seed: int) -> None:
    """One request or stream that no browser of ours would send."""
    chance = random.Random(seed)
    port = server.house.port
    kind = chance.randrange(4)
    with pytest.MonkeyPatch.context():
        if kind == 0:
            path = "/" + "".join(chance.choices("abc/.%_~?&=", k=40))
            _send(port, f"{chance.choice(['GET', 'POST', 'X'])} {path} HTTP/1.1\r\nHost: "
                  f"127.0.0.1:{port}\r\n\r\n".encode())  # fmt: skip
        elif kind == 1:
            _send(port, chance.randbytes(400))
        elif kind == 2:
            _send(port, b"GET / HTTP/1.1\r\nCookie: _streamlit_user=" + chance.randbytes(3000))
        else:
            try:
                address = f"ws://127.0.0.1:{port}/_stcore/stream"
                with opened(address, server.house.address, held) as stream:
                    sent = chance.choice(["text", chance.randbytes(2000), b"\x0a" * 400_000])
                    stream.send(sent)
                    stream.recv(timeout=5)
            except (WebSocketException, OSError, TimeoutError):
                return


def _send(port: int, data: bytes) -> None:
    try:
        with socket.create_connection((HOST, port), timeout=5) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            sock.recv(100)
    except OSError:
        return


def test_hostile_requests_and_frames_leave_no_trace_and_an_honest_visitor_quick(
    attacked: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    house = attacked.house
    held, honest = house.signed_in("eve", "board"), house.signed_in("ana", "board")
    stream = opened(f"ws://127.0.0.1:{house.port}/_stcore/stream", house.address, honest)
    for seed in range(20):
        hostile(attacked, held, seed)
    run_done(stream)
    process = psutil.Process(attacked.process.pid)
    before, times = process.memory_info().rss, [0.0]
    stop = threading.Event()

    def visit() -> None:
        while not stop.is_set():
            times.append(run_done(stream))
            time.sleep(0.2)

    visitor = threading.Thread(target=visit)
    visitor.start()
    for seed in range(20, 20 + ROUNDS):
        hostile(attacked, held, seed)
    stop.set()
    visitor.join()
    stream.close()
    grown = process.memory_info().rss - before
    slow = sorted(times)[int(len(times) * 0.95) - 1]
    with capsys.disabled():
        print(f"\n{ROUNDS:,} hostile requests and frames: {grown / 2**20:+.1f} MiB, "
              f"p95 {slow:.2f} s of {len(times)} honest runs")  # fmt: skip
    printed = attacked.log.read_text()
    assert "Traceback" not in printed
    assert 'File "' not in printed
    assert "ana" not in printed
    assert grown < MOST_GROWTH
    assert slow < SLOWEST


# ------------------------------------------------------------------------------- another user's


def test_a_user_who_cannot_read_the_vault_serves_the_releases(demo_dir: Path) -> None:
    """The vault is another user's, or closed to all where only root could give it away. Root keeps
    none of the rights by which it reads what is others'.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        shutil.copytree(demo_dir / "releases", folder / "releases")
        vault = Path(shutil.copy(demo_dir / "vault.duckdb", folder))
        vault.chmod(0o600)
        start: list[str] = []
        if os.getuid() == 0:
            shutil.chown(vault, "nobody")
            start = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"]
        else:
            vault.chmod(0)
        environment = {
            "PATH": os.environ["PATH"], "HOME": name, "IOMDASH_RELEASES": f"{name}/releases",
            "IOMDASH_STATE": f"{name}/state",
        }  # fmt: skip
        read = subprocess.run(
            [*start, sys.executable, "-c", f"open({str(vault)!r}, 'rb')"],
            capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
        )  # fmt: skip
        assert "PermissionError" in read.stderr
        process = subprocess.Popen(
            [*start, sys.executable, "-m", "iomdash", "serve", "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment,
        )  # fmt: skip
        try:
            until = time.monotonic() + 120
            while _status(port) != 200 and time.monotonic() < until:
                time.sleep(0.2)
            address = f"http://127.0.0.1:{port}"
            with opened(f"ws://127.0.0.1:{port}/_stcore/stream", address, {}) as stream:
                assert "What service users say" in shown(stream)
        finally:
            process.terminate()
            process.wait()


def _status(port: int) -> int:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return 0


def shown(stream: ClientConnection, page: str = "") -> str:
    """All that one run of a page sends, as text."""
    message = BackMsg()
    message.rerun_script.page_name = page
    stream.send(message.SerializeToString())
    words = ""
    while True:
        got = stream.recv(timeout=60)
        message = ForwardMsg.FromString(got if isinstance(got, bytes) else got.encode())
        words += str(message)
        if message.WhichOneof("type") == "script_finished":
            return words
