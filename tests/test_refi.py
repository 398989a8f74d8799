"""The exported codebook: valid by the standard's schema, whole, and the same codes every time."""

import re
from pathlib import Path

import pytest
from lxml import etree

from iomdash.declared import refi
from iomdash.declared.codebook import CODES, STANCES, THEMES
from iomdash.errors import EnvironmentFault

SCHEMA = Path(__file__).parents[2] / "shared" / "refi-qda" / "Codebook.xsd"
NS = {"q": refi.NAMESPACE}


@pytest.fixture
def exported(tmp_path: Path) -> etree._Element:
    refi.export_codebook(tmp_path / "codes.qdc")
    return etree.parse(tmp_path / "codes.qdc").getroot()


def codes_of(root: etree._Element, depth: int) -> list[etree._Element]:
    return root.xpath("/q:CodeBook/q:Codes" + "/q:Code" * depth, namespaces=NS)


# The rules of the standard for what is exported, so that they are kept where its schema is not at
# hand: the attributes of an element, each with what it may hold, and its children in their order.
GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ATTRIBUTES = {
    "CodeBook": {"origin": ".*"},
    "Codes": {},
    "Code": {"guid": GUID, "name": ".*", "isCodable": "true|false|0|1"},
    "Description": {},
}
CHILDREN = {"CodeBook": "Codes", "Codes": "(Code )*Code", "Code": "(Description ?)?(Code ?)*"}


def strays(root: etree._Element) -> list[str]:
    """Names of elements that break a rule of the standard."""
    return [etree.QName(element).localname for element in root.iter() if not _keeps(element)]


def _keeps(element: etree._Element) -> bool:
    name = etree.QName(element)
    rules = ATTRIBUTES.get(name.localname, {})
    inside = " ".join(etree.QName(child).localname for child in element)
    return (
        name.namespace == refi.NAMESPACE
        and name.localname in ATTRIBUTES
        and element.keys() == [*rules]
        and all(re.fullmatch(rule, element.get(key)) for key, rule in rules.items())
        and re.fullmatch(CHILDREN.get(name.localname, ""), inside) is not None
    )


def test_the_codebook_is_valid_by_the_schema_of_the_standard(exported: etree._Element) -> None:
    official = [etree.XMLSchema(etree.parse(path)) for path in filter(Path.is_file, [SCHEMA])]
    assert etree.QName(exported).localname == "CodeBook"
    assert strays(exported) == []
    for schema in official:
        assert schema.validate(exported), schema.error_log
    exported.find(".//q:Code", NS).set("guid", "no guid")
    assert strays(exported) == ["Code"]
    for schema in official:
        assert not schema.validate(exported)


@pytest.mark.parametrize(
    ("wrong", "stray"),
    [
        ("<Codes/>", "Codes"),
        ("<Codes><Code guid='{0}' name='a'/></Codes>", "Code"),
        ("<Codes><Code guid='{0}' name='a' isCodable='perhaps'/></Codes>", "Code"),
        (
            "<Codes><Code guid='{0}' name='a' isCodable='true'>"
            "<Code guid='{0}' name='b' isCodable='true'/><Description/></Code></Codes>",
            "Code",
        ),
        ("<Codes><Code guid='{0}' name='a' isCodable='true'/></Codes>" * 2, "CodeBook"),
    ],
)
def test_what_the_standard_does_not_allow_is_noticed(wrong: str, stray: str) -> None:
    inside = wrong.format("c972027c-f7f6-5ee6-98a5-76159e032046")
    text = f"<CodeBook origin='' xmlns='{refi.NAMESPACE}'>{inside}</CodeBook>"
    root = etree.fromstring(text)
    assert strays(root) == [stray]
    for path in filter(Path.is_file, [SCHEMA]):
        assert not etree.XMLSchema(etree.parse(path)).validate(root)


def test_every_theme_is_a_code_that_nothing_can_be_coded_with(exported: etree._Element) -> None:
    result = [(c.get("name"), c.get("isCodable")) for c in codes_of(exported, 1)]
    assert result == [(theme.name, "false") for theme in THEMES]


def test_every_code_stands_once_below_its_theme(exported: etree._Element) -> None:
    names = {theme.name: theme.id for theme in THEMES}
    result = [(c.get("name"), names[c.getparent().get("name")]) for c in codes_of(exported, 2)]
    assert sorted(result) == sorted((code.id, code.theme) for code in CODES.values())


def test_a_code_bears_its_definition_its_yes_and_its_no(exported: etree._Element) -> None:
    for element in codes_of(exported, 2):
        code = CODES[element.get("name")]
        words = element.findtext("q:Description", namespaces=NS)
        assert all(part in words for part in (code.name, code.definition, code.yes, code.no))
        assert ("Sensitive" in words) is code.sensitive


def test_every_stance_is_a_code_below_each_code(exported: etree._Element) -> None:
    for element in codes_of(exported, 2):
        assert {c.get("name") for c in element.findall("q:Code", NS)} == set(STANCES)


def test_a_code_keeps_its_identity_between_exports(exported: etree._Element) -> None:
    again = etree.fromstring(refi.codebook_xml())
    guids = [c.get("guid") for c in exported.iter(f"{{{refi.NAMESPACE}}}Code")]
    assert guids == [c.get("guid") for c in again.iter(f"{{{refi.NAMESPACE}}}Code")]
    assert len(set(guids)) == len(guids)


def test_the_identity_of_a_code_is_the_one_that_programs_already_hold(
    exported: etree._Element,
) -> None:
    # Written down once: a change here makes every earlier import a stranger.
    held = {c.get("name"): c.get("guid") for c in codes_of(exported, 2)}
    assert held["scheme.positive"] == "c972027c-f7f6-5ee6-98a5-76159e032046"


def test_a_file_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as raised:
        refi.export_codebook(tmp_path / "none" / "codes.qdc")
    assert "No such file or directory" in str(raised.value)
    assert "Choose a file in a folder that exists and that you may write to." in str(raised.value)
