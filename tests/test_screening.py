"""Screening of excerpts: what it finds, what it leaves alone, and who has to have read it."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from test_contracts import rows_of, write

from iomdash.errors import ContractBroken
from iomdash.intake import screening
from iomdash.study import STUDY_FILES
from iomdash.study.synthetic import FOLDER
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)
NAME = "what may be a name"
PLACE = "a local place"

# Each kind of leak in several spellings, the words that give it away between strokes.
LEAKS: dict[str, tuple[str, ...]] = {
    "a postcode": (
        "They moved him to |B70 8ET| last year.", "he lives in |b708et| now",
        "It is |B70-8ET| I think.", "up by |W S 1 0 8 H T| way",
    ),
    "a telephone number": (
        "Ring me on |07912 345678| any time.", "it was |+44 7912 345 678| then",
        "my mum is |0121.496.0123| still", "on |(0121) 496 0123| in the day",
    ),
    "a number in words": (
        "It is |oh seven nine one two three four five six seven eight| she said.",
        "ring |Oh Seven, Nine, One, Two| and so on", "I was |one four seven two| in there",
        "|zero seven double nine triple five| is hers", "it was |B seventy eight E T| then",
    ),
    "an e-mail address": (
        "Write to |jo.b@example.org| about it.", "it is |jo at example dot com| I think",
        "|JO(AT)EXAMPLE.ORG| was the one", "|jo_b [at] example (dot) org| he told me",
    ),
    "a name on a network": (
        "He is |@lad_from_there| online.", "|insta: realone99| is me",
        "my |Snapchat is bigman| see",
        "|facebook.com/his.page.here| has it all", "they call me |shadow_88| on there",
    ),
    "a number plate": (
        "They stop my |BX19 ABC| every week.", "it was |bx19abc| that night", "a red |P123 KLM|",
        "the old one, |ABC 123D|", "|reg was 4TWK| or so",
    ),
    "a National Insurance number": (
        "It is |QQ 12 34 56 C| on the form.", "|qq123456c| they wrote", "|QQ-12-34-56-C| again",
    ),
    "an NHS number": (
        "The letter said |943 476 5919| on it.", "|9434765919| is mine", "|943-476-5919| I believe",
        "|NHS number 4343| and more",
    ),
    "a PNC ID": (
        "It said |01/123456X| at the top.", "|2001/0123456X| is mine", "|20010123456X| they typed",
        "|PNC 12/34| something",
    ),
    "a prison or case number": (
        "They called |A1234BC| for dinner.", "|a1234bc| was I to them", "|X123456| on the file",
        "|A 1234 BC| they shouted", "|prison number 4471| I was",
    ),
    "a day": (
        "It was |12/03/1987| when he came.", "on |12.3.87| or so",
        "it was |1987-03-12| in the file",
        "the |12th of March| it was", "|March 12th, 1987| as I said", "the |twelfth of march|",
        "since |September 2019| I have been clean", "I was |born in 1987| over there",
        "the |twenty-first of June| it was",
    ),
    "a year in words": (
        "I came out in |nineteen eighty-seven| the first time.", "|Twenty nineteen| was bad",
        "in |two thousand and six| it began", "|nineteen ninety nine| I mean",
    ),
    "an address": (
        "I live at |14 Union Street| with her.", "at |14a, union street| still",
        "it was |fourteen Union Street| then", "they put me in |flat 3| upstairs",
        "up at |number 12| they know me", "it is |221 high rd| now",
    ),
    "a street": (
        "I grew up on |Union Street| with them.", "round |Carter Green Lane| it was",
        "he stood on |Spon Rd| all day",
    ),
    "letters one by one": (
        "|D a r r e n| told me", "they spelt it |K-A-Y-A|", "|j. a. y. d.| it said",
    ),
    "initials": ("|K.D.| told me", "ask |K. D.| about it", "it was |J.B| who did"),
    "a long number": (
        "The reference is |482 913 77|.", "it was |4829137| on the letter", "|48/29/13/77| he read",
    ),
    PLACE: (
        "I only ever went to |Tipton| for it.", "everybody in |tipton| knows him",
        "he is from |West  Bromwich| way", "the lads from |PRINCES END| did it",
        "they saw me at the |Smethwick office| then",
    ),
    NAME: (
        "|Darren| told me to come in.", "my mate |darren| was there too",
        "I TOLD |DARREN| ABOUT IT",
        "It was |Mohammed Hussain| who helped.", "|harpreet| from the centre knows", "ask |Gaz|",
        "She is |Agnieszka Nowak| and kind.", "It was |Mr Young| who said so.",
        "|Will Young| was my worker.", "then |Mark| came in", "that is |Shanice's| boy",
        "|Jean-Paul| drove me", "he rang |O'Brien| straight away", "then |Zorbek| rang me",
        "|Begum| from housing rang", "|Grace Kaur| sat with us", "my sister |chantelle| took me in",
    ),
}  # fmt: skip
EVERY = [(kind, text) for kind, texts in LEAKS.items() for text in texts]

ORDINARY = (
    "I come here every Tuesday because my worker keeps her word, and I would miss it.",
    "Nobody asked me what I wanted, they just handed me a list of rules and told me to sign.",
    "They took me through probation, housing and the job centre in one morning.",
    "Mark my words, if I had to start again I would ask for help a lot sooner than I did.",
    "May be it works for others; for me the group was too big and I said less each week.",
    "The Police come round at six in the morning, so my mum will not have me back.",
    "Since the baby came I have a reason to get up, and Universal Credit has been sorted.",
    "I have been clean for eight months now. Hope is a funny thing; I have some again.",
    "In prison I did two or three courses, and one of the four was good.",
    "Will I go back to it? I do not think so, not with my children to see at Christmas.",
    "He waits at the end of the road until they close the place, every day of the week.",
    "At 45 you cannot keep running from the police. On Fridays I go to Narcotics Anonymous.",
    "I was 14 when I first got nicked, and got 18 months last time and did nine of them.",
    "It's a joke, IOM. They say help, then they kick your door in and have my tea.",
    "We did the Thinking Skills course in HMP and I liked it. Then Covid came.",
    "My lad is in Year 6 now. From the age of nine I was in care homes.",
    "My GP and the NHS nurse talk to each other, and that is a first in twenty years.",
)


@pytest.mark.parametrize(("kind", "marked"), EVERY, ids=[f"{k}: {t}" for k, t in EVERY])
def test_each_kind_of_leak_is_found_in_every_spelling_with_its_place(
    kind: str, marked: str
) -> None:
    before, words, _ = marked.split("|")
    start, end = len(before), len(before) + len(words)
    found = screening.hits(marked.replace("|", ""))
    inside = {hit.kind for hit in found if hit.start < end and start < hit.end}
    assert kind in inside, found
    assert all(start <= hit.start and hit.end <= end for hit in found), found


def test_more_than_fifteen_kinds_are_tried_in_three_spellings_or_more() -> None:
    assert len(LEAKS) > 15
    assert all(len(texts) >= 3 for texts in LEAKS.values())


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_sentence_is_left_alone(text: str) -> None:
    assert screening.hits(text) == ()


def excerpts() -> list[str]:
    files = (FOLDER / "excerpts_synthetic.csv", STUDY_FILES["excerpts"])
    return [row["text"] for file in files for row in csv.DictReader(file.open(encoding="utf-8"))]


def test_of_the_demonstrations_excerpts_hardly_any_needs_a_second_look() -> None:
    texts = excerpts()
    found = {text: screening.words(text) for text in texts if screening.hits(text)}
    assert len(texts) > 70
    assert [*found.values()] == ["Screening found a local place (characters 31 to 45)."]


def test_what_was_found_is_told_in_order_and_without_its_words() -> None:
    assert screening.words("Darren lives at 14 Union Street.") == (
        "Screening found what may be a name (characters 1 to 6), an address (characters 17 to 31)."
    )


def test_a_partnerships_own_local_names_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("sites: []\nlocal_names: [Nether Wallop]\n")
    monkeypatch.setenv("IOMDASH_PLACES", str(path))
    assert [hit.kind for hit in screening.hits("he hides in nether  wallop now")] == [PLACE]


# ------------------------------------------------------------------------------- who coded and read


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("screening")
    with Vault.open(folder / "data") as held:
        for table, change in (("interviews", {"interview_id": "i1"}), ("codings", {"coder": "ab"})):
            path = write(folder / f"{table}.csv", table, rows_of(table, [change]))
            held.load(table, path, today=TODAY)
        yield held


def told(vault: Vault, folder: Path, *changes: dict[str, str]) -> list[list[str]]:
    """What is broken, by row, in excerpts that are cleared and were read, but for a change each."""
    read = {"cleared": "yes", "reviewed_by": "second reader"}
    rows = rows_of("excerpts", [{**read, **change} for change in changes])
    path = write(folder / "excerpts.csv", "excerpts", rows)
    found: list[list[str]] = [[] for _ in changes]
    try:
        vault.check("excerpts", path, today=TODAY)
    except ContractBroken as broken:
        for each in broken.breaks:
            found[(each.row or 2) - 2].append(str(each))
    return found


def test_an_excerpt_with_a_hit_is_refused_until_somebody_says_that_they_read_it(
    vault: Vault, tmp_path: Path
) -> None:
    text = {"text": "Darren says that it helps him."}
    changes = (text, {**text, "screened": "read"}, {**text, "cleared": "no"})
    assert told(vault, tmp_path, *changes) == [
        [
            "excerpts.csv, row 2, column 'text': '(hidden)': Screening found what may be a name "
            "(characters 1 to 6). Read these words: take out or change what could tell who it is, "
            "or write read in screened where it may stand. Screening overlooks much; it does not "
            "replace reading the whole."
        ],
        [],
        [],
    ]


def test_nothing_but_read_can_be_said_of_what_was_found(vault: Vault, tmp_path: Path) -> None:
    [[one]] = told(vault, tmp_path, {"screened": "yes"})
    assert "column 'screened': 'yes': Not one of the allowed values. Write one of: read." in one


def test_a_file_of_excerpts_says_that_screening_replaces_nobodys_reading(
    vault: Vault, tmp_path: Path
) -> None:
    rows = [
        {"cleared": "yes", "reviewed_by": "second reader"},
        {"cleared": "yes", "reviewed_by": "second reader", "text": "Darren says that it helps.",
         "screened": "read"},
    ]  # fmt: skip
    path = write(tmp_path / "excerpts.csv", "excerpts", rows_of("excerpts", rows))
    assert vault.check("excerpts", path, today=TODAY).staged.warnings[-1] == (
        "Screening looked at 2 cleared excerpts and found something in 1. It overlooks much, and "
        "replaces nobody's reading."
    )


NOBODY = (
    "n/a", "N/A", "-", "--", "nan", "NaN", "TBC", "tbc", "nobody", "Nobody", "no one", "No-one",
    "none", "x", "X", "xx", "?", "unknown", "reviewer", "Reviewer", "the reviewer", "self", "Self",
    "myself", "me", "same", "Same person", "coder", "A", "j.", "1", "123", "anon", "anonymous",
    "someone", "somebody", "somebody else", "pending", "not yet", "name", "initials", "test", "tbd",
    "yes", "done", "reviewed",
)  # fmt: skip


ROLES = ("second reader", "lead", "Jo", "JB", "j.b.", "Ann Mee", "IOM coordinator", "reader 2")


@pytest.mark.parametrize("column", ["reviewed_by", "coded_by"])
def test_a_word_that_stands_for_nobody_is_no_reader_and_a_role_or_short_name_is(
    column: str, vault: Vault, tmp_path: Path
) -> None:
    found = told(vault, tmp_path, *({column: word} for word in (*NOBODY, *ROLES)))
    by_word = dict(zip((*NOBODY, *ROLES), found, strict=True))
    for word in NOBODY:
        [one] = by_word[word]
        assert f"column '{column}': '{word}': Stands for no" in one
    same = {"coded_by": ("second reader",), "reviewed_by": ()}[column]
    assert [word for word in ROLES if by_word[word]] == [*same]


# coded_by, reviewed_by; the coding that each illustrates is that of the coder ab.
ONE_PERSON = (
    ("Jo Mee", "Jo Mee"), ("Jo Mee", "jo  mee"), ("Jo-Mee", "JoMee"), ("j.m.", "JM"),
    ("J. M", "j-m"), ("Zoë", "zoe"), ("", "ab"), ("", "A.B."), ("Jo Mee", "a b"),
)  # fmt: skip
TWO_PEOPLE = (("Jo Mee", "Jo Meeson"), ("", "Jo Mee"), ("ab", "ac"))


def test_whoever_coded_it_cannot_be_the_one_who_read_it(vault: Vault, tmp_path: Path) -> None:
    pairs = (*ONE_PERSON, *TWO_PEOPLE)
    rows = ({"coded_by": coder, "reviewed_by": reader} for coder, reader in pairs)
    for pair, found in zip(pairs, told(vault, tmp_path, *rows), strict=True):
        words = (
            f"column 'reviewed_by': '{pair[1]}': Whoever coded a passage knows too well what it "
            "hides; another person has to read it. Let somebody else read it and name them, or "
            "write no in cleared."
        )
        assert [words in each for each in found] == ([True] if pair in ONE_PERSON else [])
