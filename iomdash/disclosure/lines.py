"""A YAML file whose nodes know their lines, so that what is wrong is named where it stands."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml

from iomdash import settings
from iomdash.errors import EnvironmentFault

MOST = 1000


class Lines:
    """One file, open for reading. Each part is asked as what it should be; raises EnvironmentFault
    with file and line where it is not.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self.root = _root(path)

    def keys(
        self, node: yaml.Node | None, names: Sequence[str], where: str = ""
    ) -> dict[str, yaml.Node]:
        """Nodes by name, where just these names stand."""
        pairs = self.pairs(node)
        named = dict(pairs)
        for i, (name, value) in enumerate(pairs):
            if name in dict(pairs[:i]):
                self.wrong(value, f"'{name}' stands here twice. Remove one.")
        for name in names:
            if name not in named:
                self.wrong(node, f"'{name}' is missing. Add it.{where}")
        for name in named:
            if name not in names:
                known = f"'{name}' is not known here. Use: {', '.join(names)}."
                self.wrong(named[name], known + where)
        return named

    def pairs(self, node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
        """Names with their nodes, as often as they stand there."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "names with values belong here. Write 'name: value'.")
        pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
        return [(str(key.value), value) for key, value in pairs]

    def items(self, node: yaml.Node) -> list[yaml.Node]:
        """The nodes of a list."""
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "a list belongs here. Write one item a line behind '-'.")
        return node.value

    def text(self, node: yaml.Node) -> str:
        """Words, which may not be missing."""
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text:
            self.wrong(node, "words are missing. Write them.")
        return text

    def wrong(self, node: yaml.Node | None, what: str) -> NoReturn:
        """Refuse the file at a node, in words that say how to mend it."""
        line = 1 if node is None else node.start_mark.line + 1
        raise EnvironmentFault(f"{self._file}, line {line}: {what}")

    def whole(self, node: yaml.Node, name: str, least: int) -> int:
        """A whole number from `least` on."""
        text = self.text(node)
        if not (text.isdecimal() and least <= int(text) <= MOST):
            self.wrong(node, f"{name} is '{text}'. Give a whole number from {least} to {MOST:,}.")
        return int(text)

    def share(self, node: yaml.Node) -> Fraction:
        """A share between 0 and 1, such as 1/5."""
        try:
            share = Fraction(self.text(node))
        except (ValueError, ZeroDivisionError):
            share = Fraction(0)
        if not 0 < share < 1:
            self.wrong(node, f"'{node.value}' is no share. Give a fraction such as 1/5.")
        return share


def _root(path: Path) -> yaml.Node | None:
    try:
        text = path.read_text("utf-8")
        return cast("yaml.Node | None", cast(Any, yaml).compose(text))
    except OSError as fault:
        raise EnvironmentFault(
            f"The policy {path} cannot be read ({fault.strerror}). "
            f"Correct {settings.POLICY.variable}."
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise EnvironmentFault(
            f"{path.name}, line {line}: not UTF-8. Save the file as UTF-8."
        ) from None
    except yaml.YAMLError as fault:
        line = getattr(getattr(fault, "problem_mark", None), "line", 0) + 1
        raise EnvironmentFault(f"{path.name}, line {line}: not YAML. Correct the line.") from None
