"""Files of every kind that once lost or altered what they hold, written in code.

Neighbours of the trials that lie beside a checkout: no rows of anybody's.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.intake.sources.raw import Options

CODED = "interview_id,code,stance,coder,coded_on,origin"
ROW = "S26-001,scheme.positive,yes,ab,2026-03-12,collected"
QUOTED = "excerpt_id,interview_id,code,kind,text,cleared,reviewed_by,reviewed_on,origin"
STAYS = "Stay Ref,Tenant Surname,Tenant Forename,DOB,Accommodation Type,Moved In,Moved Out,As At"
STAY = "HS-000001,Larkfield,Tobias,03/04/1985,Supported housing,05/02/2026,,31/03/2026"
OFFENCES = "Crime Ref,PNC,Offence Date,Offence Group,Outcome Date,Run Date"

_CONSENTS = [c.name for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
_INTERVIEW = {
    "wave": "2026", "cohort": "PPO", "provider": "NPS", "supervision": "statutory",
    "setting": "community", "interviewed_on": "2026-03-10", "length_minutes": "50", "age": "34",
    "sex": "male", **dict.fromkeys(_CONSENTS, "yes"), "origin": "collected",
}  # fmt: skip


def interviews(rows: Sequence[Mapping[str, str]]) -> str:
    """A file of interviews, each sound but for what its row changes."""
    header = ["interview_id", *_INTERVIEW]
    lines = [",".join(header)]
    lines += [",".join({**_INTERVIEW, **row}[name] for name in header) for row in rows]
    return "\n".join(lines) + "\n"


INTERVIEWS = interviews([{"interview_id": f"S26-{n:03d}"} for n in range(1, 13)])
CODINGS = "\n".join([CODED, *(ROW.replace("001", f"{n:03d}") for n in range(1, 13))]) + "\n"


@dataclass(frozen=True)
class Outcome:
    """What should become of a file: the rows that are taken, or the words of its refusal.

    `heard` must stand in what the analyst hears; `cells` are rows with a column's cell.
    """

    rows: tuple[int, ...] = ()
    refused: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    cells: tuple[tuple[int, str, str], ...] = ()
    breaks: int | None = None
    options: Options | None = None


def taken(
    *rows: int,
    heard: tuple[str, ...] = (),
    cells: tuple[tuple[int, str, str], ...] = (),
    options: Options | None = None,
) -> Outcome:
    """The rows are taken, with these numbers."""
    return Outcome(rows, (), heard, cells, options=options)


def refused(
    *words: str, breaks: int | None = 1, heard: tuple[str, ...] = (), options: Options | None = None
) -> Outcome:
    """The file is refused in these words, in so many breaks."""
    return Outcome((), words, heard, (), breaks, options)


# --------------------------------------------------------------------------------- workbooks

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DAY, _FIGURES, _NAMED, _PERCENT = 1, 2, 3, 4  # cell styles, in the order of the formats
_FORMATS = ("yyyy-mm-dd", "0000", '"S26-"000', "0%")


def cell(at: str, value: object) -> str:
    """A cell: text, a number, or a pair of attributes and content as XML."""
    match value:
        case None:
            return ""
        case (str(attributes), str(content)):
            return f'<c r="{at}" {attributes}>{content}</c>'
        case int() | float():
            return f'<c r="{at}"><v>{value}</v></c>'
        case _:
            text = escape(str(value))
            return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def rows_xml(rows: Sequence[Sequence[object]], hidden: Sequence[int] = ()) -> str:
    """Rows from the first of the sheet on."""
    lines: list[str] = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(cell(f"{chr(65 + place)}{number}", item) for place, item in enumerate(row))
        mark = ' hidden="1"' if number in hidden else ""
        lines.append(f'<row r="{number}"{mark}>{cells}</row>')
    return "".join(lines)


def workbook(
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    properties: str = "",
    calculation: str = "",
    after: str = "",
    before: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook of sheets whose rows are given as XML."""
    names = list(sheets)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in range(1, len(names) + 1)
        )
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
            '"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{parts}</Types>",
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/'
            'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_RELATIONS}">'
            + "".join(
                f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" '
                f'Target="worksheets/sheet{n}.xml"/>'
                for n in range(1, len(names) + 1)
            )
            + f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="r{n}" '
            f'state="{(states or {}).get(name, "visible")}"/>'
            for n, name in enumerate(names, start=1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{properties}<sheets>{listed}</sheets>'
            f"{calculation}</workbook>",
        )
        formats = "".join(
            f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
            for n, code in enumerate(_FORMATS)
        )
        styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(_FORMATS)))
        book.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
            f'<cellXfs count="{len(_FORMATS) + 1}"><xf numFmtId="0"/>{styles}</cellXfs>'
            "</styleSheet>",
        )
        for n, name in enumerate(names, start=1):
            book.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}">{before}'
                f"<sheetData>{sheets[name]}</sheetData>{after}</worksheet>",
            )
        for name, content in (extra or {}).items():
            book.writestr(name, content)
    return stream.getvalue()


def coded_sheet(*rows: Sequence[object], hidden: Sequence[int] = ()) -> str:
    """The rows of a sheet of codings, below their header."""
    return rows_xml([CODED.split(","), *rows], hidden)


def coded(**changes: object) -> list[object]:
    """A sound row of codings, but for what is changed."""
    names = CODED.split(",")
    return list({**dict(zip(names, ROW.split(","), strict=True)), **changes}.values())


def book_of(*rows: Sequence[object], **how: object) -> bytes:
    """A workbook with one sheet of codings."""
    return workbook({"Codings": coded_sheet(*rows)}, **how)  # pyright: ignore[reportArgumentType]


def parquet(**columns: object) -> bytes:
    """A Parquet file of two codings, with columns of its own."""
    frame = {
        "interview_id": ["S26-001", "S26-002"], "code": ["scheme.positive"] * 2,
        "stance": ["yes", "no"], "coder": ["zz"] * 2, **columns,
    }  # fmt: skip
    stream = io.BytesIO()
    pl.DataFrame(frame).write_parquet(stream)
    return stream.getvalue()


def excerpt(text: str, **changes: str) -> str:
    """A row of excerpts with the cell of its text as it stands in the file."""
    cells = {"by": "second reader", **changes}
    return (
        f"E26-001,S26-001,scheme.positive,quotation,{text},yes,{cells['by']},2026-03-14,collected"
    )


def _lines(*lines: str, end: str = "\n") -> str:
    return end.join((*lines, ""))


_ERROR = ('t="e"', "<v>#DIV/0!</v>")
_UNCALCULATED = ("", "<f>A2&amp;B2</f><v></v>")
_CACHED = ('t="str"', "<f>LOWER(&quot;YES&quot;)</f><v>yes</v>")
_SEEN = ("", "<f>1+1</f><v>0</v>")
_RECALCULATE = '<calcPr calcId="0" fullCalcOnLoad="1"/>'
_MERGED = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
_HIDDEN_COLUMN = '<cols><col min="3" max="3" hidden="1"/></cols>'
_OFFENCE = "PO-1,1999/0123456X,{},BURGLARY,,{}"

# Name, table, content, outcome.
KINDS: tuple[tuple[str, str, bytes | str, Outcome], ...] = (
    ("an error of a formula in a day that may be empty", "codings",
     book_of(coded(coded_on=_ERROR)),
     refused("row 2, column 'coded_on': '#DIV/0!': Holds #DIV/0!, an error of the spreadsheet")),
    ("an error as text in a CSV", "excerpts",
     _lines(QUOTED, excerpt("They say it helps.", by="#REF!")),
     refused("column 'reviewed_by': '#REF!': Holds #REF!, an error of the spreadsheet")),
    ("an error in a column of a matrix", "codings",
     workbook({"W": rows_xml([["interview_id", "coder", "scheme.positive", "selection.agrees"],
                              ["S26-001", "zz", "yes", _ERROR]])}),
     refused("row 2, column 'selection.agrees': '#DIV/0!'")),
    ("a formula that nobody calculated", "codings", book_of(coded(stance=_UNCALCULATED)),
     refused("row 2, column 'stance': Holds a formula that was never calculated.")),
    ("a formula whose value a program made up", "codings",
     book_of(coded(stance=_SEEN), calculation=_RECALCULATE),
     refused("column 'stance': '0': Holds a formula that was never calculated.")),
    ("a formula that Excel calculated", "codings", book_of(coded(stance=_CACHED)), taken(2)),
    ("an id shown by a number format", "codings",
     book_of(coded(interview_id=(f's="{_NAMED}"', "<v>7</v>"))),
     taken(2, cells=((2, "interview_id", "S26-007"),))),
    ("a wave shown with noughts before it", "interviews",
     workbook({"I": rows_xml([["interview_id", *_INTERVIEW],
                              ["N1", (f's="{_FIGURES}"', "<v>2026</v>"),
                               *[*_INTERVIEW.values()][1:]]])}),
     taken(2, cells=((2, "wave", "2026"),))),
    ("an age in per cent", "interviews",
     workbook({"I": rows_xml([["interview_id", *_INTERVIEW],
                              ["N1", *[(f's="{_PERCENT}"', "<v>34</v>") if name == "age" else value
                                       for name, value in _INTERVIEW.items()]]])}),
     refused("column 'age': '34': Shows its number in a format that cannot be followed")),
    ("a day where words belong", "excerpts",
     workbook({"E": rows_xml([QUOTED.split(","), ["E1", "S26-001", "scheme.positive", "quotation",
                              "They say it helps.", "yes", (f's="{_DAY}"', "<v>46093</v>"),
                              "2026-03-14", "collected"]])}),
     refused("column 'reviewed_by'", "Holds a day, though words belong here")),
    ("days as Excel's numbers since 1904", "codings",
     book_of(coded(coded_on=44631), properties='<workbookPr date1904="1"/>'),
     taken(2, cells=((2, "coded_on", "2026-03-12"),), heard=("read as the day in 1",))),
    ("Excel's number of a day in a CSV", "codings",
     _lines(CODED, ROW.replace("2026-03-12", "46093")),
     refused("'46093': Not a day since 1900. It may be Excel's number of 12/03/2026")),
    ("a day with a time", "codings",
     book_of(coded(coded_on=(f's="{_DAY}"', "<v>46093.5</v>"))),
     refused("'2026-03-12 12:00:00': Holds a time of day beside the day.")),
    ("hidden rows", "codings",
     workbook({"Codings": coded_sheet(coded(), coded(coder="cd"), hidden=(3,))}),
     taken(2, 3, heard=("Hidden, and read all the same: row 3.",))),
    ("a hidden column", "codings", book_of(coded(), before=_HIDDEN_COLUMN),
     taken(2, heard=("Hidden, and read all the same: column C.",))),
    ("a hidden sheet beside a shown one", "codings",
     workbook({"New": coded_sheet(coded()), "Old": coded_sheet(coded(coder="cd"))},
              states={"Old": "hidden"}),
     refused("Rows stand in hidden sheets too: 'Old'. Say which sheet to read with --sheet")),
    ("one sheet of several, as stated", "codings",
     workbook({"New": coded_sheet(coded()), "Old": coded_sheet(coded(coder="cd"))}),
     taken(2, options=Options(sheet="Old"), cells=((2, "coder", "cd"),))),
    ("a broken cell in a second sheet", "codings",
     workbook({"One": coded_sheet(coded()), "Two": coded_sheet(coded(coder="cd", stance="maybe"))}),
     refused("sheet 'Two', row 2, column 'stance': 'maybe'")),
    ("ids in merged cells", "codings", book_of(coded(), coded(interview_id=None), after=_MERGED),
     refused("row 3, column 'interview_id': Is part of merged cells", breaks=None)),
    ("a title above the header", "codings",
     workbook({"C": rows_xml([["Codings of the spring"], [], CODED.split(","), coded()])}),
     taken(4, heard=("The header stands in row 3; 1 row above it left out.",))),
    ("quotes in quotes in a feed", "housing_stays",
     _lines(STAYS, STAY.replace("Tobias", '"Tobias "Toby""')),
     taken(2, cells=((2, "tenant_forename", 'Tobias "Toby"'),))),
    ("rows between two quotation marks", "codings",
     _lines(f"{CODED},notes", f'{ROW},"see tape', f"{ROW.replace('001', '002')},",
            f'{ROW.replace("001", "003")},check"'),
     refused("Row 2 has a cell that holds another row: a quotation mark opens before it")),
    ("a text over two lines with commas", "excerpts",
     _lines(QUOTED, excerpt('"Yes, it helps,\nhe said, a lot."')),
     taken(2, cells=((2, "text", "Yes, it helps,\nhe said, a lot."),))),
    ("two encodings in one file", "excerpts",
     _lines(QUOTED, excerpt("It’s the first time.")).encode()
     + excerpt("He didn’t mind it.").replace("E26-001", "E2").encode("cp1252") + b"\n",
     refused("Two encodings stand in it: UTF-8, and from row 3 on probably Windows-1252.")),
    ("a code page of MS-DOS", "excerpts",
     _lines(QUOTED, excerpt("He pays £5 a day in the café.")).encode("cp850"),
     refused("Row 2 holds signs that are not written as UTF-8; it looks like")),
    ("Mac Roman", "excerpts",
     _lines(QUOTED, excerpt("It’s “good” to be asked.")).encode("mac_roman"),
     refused("Row 2 holds signs that are not written as UTF-8; it looks like Mac Roman.")),
    ("letters read in a wrong encoding in a workbook", "excerpts",
     workbook({"E": rows_xml([QUOTED.split(","), excerpt("He said itâ€™s fine.").split(",")])}),
     refused("row 2, column 'text'", "letters that were read in a wrong encoding")),
    ("UTF-16 without its mark", "codings", _lines(CODED, ROW).encode("utf-16-be"), taken(2)),
    ("words for nothing where a reviewer belongs", "excerpts",
     _lines(QUOTED, excerpt("They say it helps.", by="N/A")),
     refused("column 'reviewed_by': 'N/A': Stands for nothing")),
    ("nan in place of an id", "interviews", interviews([{"interview_id": "nan"}]),
     refused("column 'interview_id': 'nan': Stands for nothing")),
    ("days in American order in a feed", "police_offences",
     _lines(OFFENCES, _OFFENCE.format("03/04/2026", "03/31/2026")),
     refused("column 'Run Date': Writes the month first: row 2 holds '03/31/2026'.",
             "column 'Offence Date': Another column of the file writes the month first",
             breaks=2)),
    ("days in American order, as stated", "police_offences",
     _lines(OFFENCES, _OFFENCE.format("03/04/2026", "03/31/2026")),
     taken(2, options=Options(order="month-first"), cells=((2, "offence_date", "2026-03-04"),),
           heard=("Days in figures were read with the month first.",))),
    ("days in both orders in one column", "codings",
     _lines(CODED, ROW.replace("2026-03-12", "25/03/2026"),
            ROW.replace("2026-03-12", "03/25/2026").replace(",ab,", ",cd,")),
     refused("Writes the month first in some cells and the day first in others: row 3 holds "
             "'03/25/2026'; row 2 holds '25/03/2026'.")),
    ("days with the month's name", "codings",
     _lines(CODED, *(ROW.replace("2026-03-12", day).replace(",ab,", f",c{at},") for at, day in
                     enumerate(("12 March 2026", "12-Mar-26", "12th Mar 2026", "\"March 12, 2026\"",
                                "Thursday 12 March 2026")))),
     taken(2, 3, 4, 5, 6, cells=tuple((row, "coded_on", "2026-03-12") for row in range(2, 7)))),
    ("a weekday that is not that of its day", "codings",
     _lines(CODED, ROW.replace("2026-03-12", "Friday 12 March 2026")),
     refused("'Friday 12 March 2026': Not a day since 1900.")),
    ("a list in other letters", "codings",
     _lines(CODED, "s26-001 ,SCHEME.Positive,Yes,AB,2026-03-12,Collected"),
     taken(2, cells=((2, "interview_id", "S26-001"), (2, "code", "scheme.positive"),
                     (2, "stance", "yes"), (2, "coder", "ab"), (2, "origin", "collected")),
           heard=("coder: capital letters written small in 1 cell.",))),
    ("an invisible sign within an id", "codings",
     _lines(CODED, ROW.replace("S26-001", "S26\u200b-001")),
     refused("'S26<U+200B>-001': Not among the known interviews. Did you mean 'S26-001'?")),
    ("columns that name places", "housing_stays",
     _lines(f"{STAYS},Project Name,LSOA name", f"{STAY},The Elms,Sandwell 012B"),
     taken(2, heard=("Left out, as the contract does not know them: project_name, lsoa_name.",))),
    ("a column that names people", "codings", _lines(f"{CODED},Client Name", f"{ROW},x"),
     refused("column 'client_name': '(hidden)': Holds a column of this name")),
    ("no origin in a feed's neighbour", "approaches",
     "approach_id,wave,cohort,outcome\nA1,2026,PPO,declined\n",
     taken(2, cells=((2, "origin", "collected"),))),
    ("a midnight in a zone", "codings",
     parquet(coded_on=pl.Series([datetime(2026, 6, 9, 23, tzinfo=UTC)] * 2).dt.convert_time_zone(
         "Europe/London")),
     taken(2, 3, cells=((2, "coded_on", "2026-06-10"),))),
    ("bytes that are no text", "codings", parquet(coder=[b"\xff\xfe", b"ab"]),
     refused("Column 'coder' holds bytes that are no text.")),
    ("lists that nobody asked for", "codings", parquet(tags=[["a"], ["b", "c"]]), taken(2, 3)),
    ("lists where cells belong", "codings", parquet(coded_on=[["2026-03-12"], []]),
     refused("Column 'coded_on' holds lists, not cells.")),
    ("blank lines under the header, then a fault", "codings",
     _lines(CODED, "", "", ROW.replace("yes", "maybe"), end="\r\n"),
     refused("row 4, column 'stance': 'maybe'")),
    ("a line that states the sign between cells", "housing_stays",
     "sep=;\r\n" + _lines(STAYS, STAY).replace(",", ";"), taken(2)),
    ("a matrix of codings", "codings",
     "interview_id,coder,scheme.positive,selection.agrees\nS26-001,zz,Yes,\nS26-002,zz,No,mixed\n",
     taken(2, 3, 3, heard=("Read as a matrix of 2 codes.",))),
)  # fmt: skip
