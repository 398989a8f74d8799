"""The image of deploy/Containerfile, built by buildah, and run as it asks to be: a root of its own
that is read-only, the user, releases read-only, the command and the health check.

    python tests/container.py DATA     # as root, on Linux; DATA is a folder with releases

Where the base's registry is out of reach, the base is a Debian of the same Python, which mmdebstrap
makes. Without buildah the steps are followed by hand: then the base, installing packages into it
and the walls of an engine are not tried, and Python is that of the environment that runs this.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dockerfile_parse import DockerfileParser
from signing import House

ROOT = Path(__file__).parents[1]
FILE = ROOT / "deploy" / "Containerfile"
UID = "10001"
ADDRESS = "https://iomdash.example.org"
# In namespaces of mounts and of the network that are its own. $1 is the new root, $2 the releases;
# the rest are folders that are there in it as they are here. What is run in it comes by stdin.
INSIDE = """
set -e
root=$1 releases=$2; shift 2
ip link set lo up
mount --make-rprivate /
mount --bind $root $root
for each in "$@"; do
  mkdir -p $root$each; mount --bind $each $root$each; mount -o remount,bind,ro $root$each
done
mount --bind $releases $root/data/releases; mount -o remount,bind,ro $root/data/releases
mount --bind $root/data/state $root/data/state
mount -t tmpfs tmpfs $root/tmp; mount -t proc proc $root/proc
mount --bind /dev $root/dev
mount -o remount,bind,ro $root
exec chroot --userspec=UID:UID $root /bin/sh -s
""".replace("UID", UID)
CHECKS = """
cd /app
COMMAND > /tmp/log 2>&1 &
server=$!
n=0
until HEALTH 2>/tmp/health; do
  n=$((n + 1)); sleep 1
  if [ $n -gt 60 ] || ! kill -0 $server 2>/dev/null; then
    echo "never healthy"; tail -1 /tmp/health; cat /tmp/log; exit 1
  fi
done
echo "healthy after $n looks"
grep -E '^(Uid|CapEff|CapPrm|CapBnd)' /proc/$server/status
for place in / /app /app/iomdash /data /data/releases /etc/iomdash /usr; do
  if touch $place/mark 2>/dev/null; then echo "$place can be written"; exit 1; fi
done
for place in /tmp /data/state; do touch $place/mark; done
echo "nothing can be written but /tmp and /data/state"
ls -R /data | grep -E 'vault|ledger|key' && { echo "microdata are in reach"; exit 1; }
kill $server; wait $server || true
grep -c '"settings"' /data/state/audit-log.jsonl
echo "without signing in:"
IOMDASH_SETTINGS= COMMAND 2>&1 | tail -1
"""


def steps() -> list[tuple[str, str]]:
    """Instructions and values of the Containerfile, in their order, without comments."""
    parsed = DockerfileParser(fileobj=FILE.open("rb")).structure
    return [(e["instruction"], e["value"]) for e in parsed if e["instruction"] != "COMMENT"]


def value(of: str) -> str:
    """The value of the last instruction of a kind."""
    return [held for instruction, held in steps() if instruction == of][-1]


def environment() -> dict[str, str]:
    """What the Containerfile sets."""
    return dict(pair.split("=", 1) for pair in shlex.split(value("ENV")))


def command(of: str) -> str:
    """A command that is given as a list, as a shell takes it."""
    return shlex.join(json.loads(value(of).partition("CMD")[2] or value(of)))


def build(root: Path) -> None:
    """Copy what the Containerfile copies, and what an engine mounts, into a new root."""
    app = root / value("WORKDIR").strip("/")
    for folder in (app, root / "data/releases", root / "data/state", root / "tmp", root / "proc",
                   root / "dev", root / "etc"):  # fmt: skip
        folder.mkdir(parents=True)
    for source, target in (held.split() for what, held in steps() if what == "COPY"):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, app / target)
    for name in ("bin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ("ld.so.cache", "nsswitch.conf"):
        shutil.copy(Path("/etc", name), root / "etc")
    (root / "etc/passwd").write_text(f"iomdash:x:{UID}:{UID}::/nonexistent:/usr/sbin/nologin\n")
    _settings(root)
    (root / "data/state").chmod(0o700)
    shutil.chown(root / "data/state", int(UID), int(UID))


def _mounted(root: Path) -> None:
    """Make in an image's root what an engine makes for what it mounts."""
    for folder in ("data/releases", "tmp", "proc", "dev"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    _settings(root)


def _settings(root: Path) -> None:
    """A site with a provider, as the settings of a real one: its secrets are for its user alone."""
    etc = root / "etc/iomdash"
    etc.mkdir()
    house = House(Path("/etc/iomdash"), ADDRESS, 443, "https://provider.example/x")
    here = House(etc, house.address, house.port, house.provider)
    here.write(proxy="10.0.0.5")
    text = here.settings.read_text().replace(str(etc), "/etc/iomdash")
    here.settings.write_text(text.replace("/etc/iomdash/state", "/data/state"))
    for name in ("client", "cookie"):
        shutil.chown(etc / name, int(UID), int(UID))


def follow(data: Path) -> int:
    """Follow the Containerfile by hand; 0 where all of it held."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        build(root)
        python = str(Path(sys.prefix).resolve())
        return run(root, data, "/usr", sys.base_prefix, python, path=f"{python}/bin:")


def run(root: Path, data: Path, *here: str, path: str = "") -> int:
    """Run what is in a root, in which some folders are those of this machine; 0 where it held."""
    words = CHECKS.replace("COMMAND", command("CMD")).replace("HEALTH", command("HEALTHCHECK"))
    given: Mapping[str, str] = {
        **environment(),
        "PATH": f"{path}/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin",
        "LANG": os.environ.get("LANG", "C"),
    }
    return subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "/bin/sh", "-c", INSIDE, "sh",
         str(root), str(data.resolve() / "releases"), *here],
        input=words, text=True, check=False, env=given,
    ).returncode  # fmt: skip


# ------------------------------------------------------------------------------------ an engine


def engine(*words: str) -> str:
    """What buildah says. Raises CalledProcessError."""
    done = subprocess.run(["buildah", *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def built(data: Path) -> int:
    """Build the Containerfile with an engine and run what came of it; 0 where all of it held."""
    base = value("FROM")
    if subprocess.run(["buildah", "pull", "--policy", "missing", base], check=False).returncode:
        print(f"{base} is out of reach, so a Debian of the same Python stands in for it.")
        _debian(base)
    # The other format has no health check.
    engine("build", "--layers", "--format", "docker", "--isolation", "chroot", "--network", "host",
           "--pull-never", "--file", str(FILE), "--tag", "iomdash", str(ROOT))  # fmt: skip
    container = engine("from", "--pull-never", "localhost/iomdash")
    try:
        told = json.loads(engine("inspect", container))["Docker"]["config"]
        assert told["User"] == value("USER")
        assert told["Cmd"] == json.loads(value("CMD"))
        assert told["Healthcheck"]["Test"][1:] == json.loads(
            value("HEALTHCHECK").partition("CMD")[2]
        )
        assert {f"{name}={held}" for name, held in environment().items()} <= {*told["Env"]}
        root = Path(engine("mount", container))
        _mounted(root)
        return run(root, data)
    finally:
        engine("rm", container)


def _debian(name: str) -> None:
    """A base under another's name: Debian's own Python, which trusts whom this machine does."""
    container = engine("from", "scratch")
    root = Path(engine("mount", container))
    subprocess.run(
        ["mmdebstrap", "--variant=minbase", "--include=python3,python3-pip,ca-certificates",
         "bookworm", str(root)], check=True,
    )  # fmt: skip
    (root / "usr/bin/python").symlink_to("python3")
    trusted = "etc/ssl/certs/ca-certificates.crt"
    shutil.copy(f"/{trusted}", root / trusted)
    pip = ("break-system-packages = true", f"cert = /{trusted}")
    (root / "etc/pip.conf").write_text("\n".join(("[global]", *pip, "")))
    engine("umount", container)
    engine("commit", "--rm", container, name)


if __name__ == "__main__":
    way = built if shutil.which("buildah") else follow
    sys.exit(way(Path(sys.argv[1])))
