"""REFI-QDA codebooks (`.qdc`), by which programs for qualitative analysis exchange codes.

Source: REFI-QDA standard, codebook schema of 18 March 2019.
"""

import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

from iomdash import __version__
from iomdash.declared.codebook import CODES, STANCES, THEMES, Code
from iomdash.errors import EnvironmentFault

NAMESPACE = "urn:QDA-XML:codebook:1.0"
# Codes keep their identity between exports, so that a program can update rather than duplicate.
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:iomdash:codebook")


def codebook_xml() -> bytes:
    """The codebook as UTF-8 XML: themes that cannot be coded, codes below, stances as sub-codes."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("CodeBook"), origin=f"iomdash {__version__}")
    codes = ET.SubElement(root, _tag("Codes"))
    for theme in THEMES:
        parent = _element(codes, theme.id, theme.name, codable=False)
        for code in CODES.values():
            if code.theme == theme.id:
                _code(parent, code)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def export_codebook(path: Path) -> None:
    """Write the codebook to a file. Raises EnvironmentFault when it cannot be written."""
    try:
        path.write_bytes(codebook_xml())
    except OSError as error:
        raise EnvironmentFault(
            f"The codebook could not be written to {path}: {error.strerror}. "
            "Choose a file in a folder that exists and that you may write to."
        ) from error


def _code(parent: ET.Element, code: Code) -> None:
    element = _element(parent, code.id, code.id, codable=True)
    sensitive = " Sensitive: quote only with consent and after a review." if code.sensitive else ""
    description = ET.Element(_tag("Description"))
    description.text = f"{code.name}. {code.definition} Yes: {code.yes} No: {code.no}{sensitive}"
    element.insert(0, description)
    for stance in STANCES:
        _element(element, f"{code.id}:{stance}", stance, codable=True)


def _element(parent: ET.Element, key: str, name: str, *, codable: bool) -> ET.Element:
    guid = str(uuid.uuid5(SPACE, key))
    return ET.SubElement(
        parent, _tag("Code"), guid=guid, name=name, isCodable="true" if codable else "false"
    )


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
