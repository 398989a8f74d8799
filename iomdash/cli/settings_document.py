"""docs/settings.md, from the declarations."""

from itertools import groupby

from iomdash import settings
from iomdash.declared import access
from iomdash.settings import Setting

HEAD = """# Settings

Written by `python -m iomdash settings --document`; a test holds it to the declarations.

Every setting is a variable of the environment. All but one may stand in a file of settings (TOML)
too, which `IOMDASH_SETTINGS` names, under the key of the second column; the environment goes before
the file. Secrets are never settings themselves: a setting names the file of a secret.

```toml
address = "https://iomdash.example.org"
provider = "https://login.example.org/realm/.well-known/openid-configuration"
client = "iomdash"
client_secret = "/etc/iomdash/client-secret"
cookie_secret = "/etc/iomdash/cookie-secret"
claim = "roles"
proxy = "127.0.0.1"

[roles]
"IOM.Board" = "board"
"IOM.Analyst" = "analyst"
```
"""


def document() -> str:
    """The document, as it stands in docs/."""
    parts = [HEAD]
    for about, rows in groupby(settings.SETTINGS, key=lambda setting: setting.about):
        lines = ["| variable | key | default | what it is |", "|---|---|---|---|"]
        lines += [_row(setting) for setting in rows]
        parts.append(f"## {about}\n\n" + "\n".join(lines) + "\n")
    parts.append(_roles())
    return "\n".join(parts)


def _row(setting: Setting) -> str:
    key = "" if setting is settings.FILE else f"`{setting.key}`"
    default = f"`{setting.default}`" if setting.default else ""
    bounds = f" ({setting.least:,} to {setting.most:,})" if setting.most else ""
    return f"| `{setting.variable}` | {key} | {default} | {setting.help}{bounds} |"


def _roles() -> str:
    lines = ["## Roles", "", "The table `[roles]` maps a value of the claim to one of these:", ""]
    lines += ["| role | who | reads the releases of | may look as |", "|---|---|---|---|"]
    for role in access.ROLES:
        of, views = (", ".join(words) or "nobody" for words in (role.audiences, role.views))
        lines.append(f"| `{role.name}` | {role.who} | {of} | {views} |")
    return "\n".join(lines) + "\n"
