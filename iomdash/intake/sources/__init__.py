"""The kinds of file that can be read, told by their content: a module for each.

Every reader gives text columns under the file's own headers behind `row_number`, which counts as
the user's program does, and says what it decided.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.uploads import LARGEST
from iomdash.errors import Unreadable
from iomdash.intake.sources import delimited, parquet, workbook
from iomdash.intake.sources.archive import Damaged, Refused
from iomdash.intake.sources.raw import AS_IT_IS, Options, Raw

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FRESH = "Save it anew, or ask for it again."


def bytes_of(path: Path, table: str) -> bytes:
    """The file's bytes. Raises Unreadable for a folder, a missing, locked, empty or vast file."""
    try:
        size = path.stat().st_size
        if size > LARGEST and path.is_file():
            raise Unreadable(
                table, path.name,
                f"It is {size / 2**20:,.0f} MB large; a file may have {LARGEST // 2**20} MB.",
                "Split it into several files.",
            )  # fmt: skip
        data = _whole(path)
    except IsADirectoryError:
        raise Unreadable(table, path.name, "It is a folder.", "Name the file in it.") from None
    except FileNotFoundError:
        raise Unreadable(table, path.name, "There is no such file.", "Check the name.") from None
    except (OSError, ValueError) as fault:
        why = f"It cannot be opened ({getattr(fault, 'strerror', None) or fault})."
        raise Unreadable(table, path.name, why, "Check who may read it.") from None
    if not data or data.isspace():
        raise Unreadable(table, path.name, "It is empty.", _FRESH)
    return data


def _whole(path: Path) -> bytes:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ValueError("it is a device or a pipe")
    return path.read_bytes()


def table_of(data: bytes, file: str, contract: Contract, options: Options = AS_IT_IS) -> Raw:
    """The table in the bytes. Raises Unreadable, with the remedy."""
    if data.startswith(_OLE2):
        raise _old_excel(data, file, contract)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return workbook.read(data, file, contract, options)
    if data.startswith(b"PAR1"):
        return parquet.read(data, file, contract)
    return delimited.read(data, file, contract, options)


def tops(data: bytes) -> Mapping[str, Sequence[Sequence[str]]]:
    """The rows at the beginning of each sheet, any of which may be the header; the one table of
    another file stands under ''. None where no reader knows the file.
    """
    if data.startswith(b"PK\x03\x04"):
        try:
            return workbook.tops(data)
        except (Refused, Damaged):
            return {}
    if data.startswith(b"PAR1"):
        return {"": parquet.tops(data)}
    return {"": delimited.tops(data)}


def _old_excel(data: bytes, file: str, contract: Contract) -> Unreadable:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(
            contract.table, file, "It is protected by a password.",
            "Remove the password in Excel (File, Info, Protect Workbook) and save it.",
        )  # fmt: skip
    return Unreadable(
        contract.table, file, "It is in the old Excel format (.xls).",
        "Open it in Excel and save it as .xlsx or CSV.",
    )  # fmt: skip
