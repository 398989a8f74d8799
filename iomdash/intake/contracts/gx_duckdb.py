"""The SQLAlchemy dialect through which Great Expectations checks inside DuckDB.

Great Expectations ships no DuckDB support, and `duckdb-engine` breaks on DuckDB 2.0. This one
runs every statement on the loader's own connection, because what is staged is seen by
the connection that staged it and by no other, not even by its cursors.
It knows the few things that Great Expectations asks: columns, tables and regular expressions.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlalchemy import types
from sqlalchemy.dialects import postgresql, registry
from sqlalchemy.engine import default, reflection
from sqlalchemy.sql import compiler

_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "VARCHAR": types.String,
    "INTEGER": types.Integer,
    "BIGINT": types.BigInteger,
    "DATE": types.Date,
    "BOOLEAN": types.Boolean,
    "DOUBLE": types.Float,
}


class Cursor:
    """A DB-API cursor on a shared connection; rows are fetched before the next statement runs."""

    arraysize = 1
    rowcount = -1

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: Sequence[tuple[Any, ...]] | None = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        result = self._connection.execute(statement, parameters)
        self.description = result.description
        self._rows = result.fetchall() if result.description else []

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        self._rows = []


class Borrowed:
    """A DB-API connection over the loader's; it neither commits, rolls back nor closes it.

    `connection` is the one that is lent now; None between two checks.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.connection = connection

    def cursor(self) -> Cursor:
        if self.connection is None:
            raise duckdb.Error("No connection is lent.")
        return Cursor(self.connection)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class Compiler(compiler.SQLCompiler):
    """Writes a match as `regexp_matches`: DuckDB's `~` wants the whole text to match."""

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> str:
        parent: Any = super()
        if operator.opstring not in ("~", "!~"):
            return parent.visit_custom_op_binary(element, operator, **kw)
        sides = f"{self.process(element.left, **kw)}, {self.process(element.right, **kw)}"
        return f"{'' if operator.opstring == '~' else 'NOT '}regexp_matches({sides})"


class DuckDBDialect(default.DefaultDialect):
    """What SQLAlchemy has to know of DuckDB to compile selects and to list columns."""

    name = "duckdb"
    driver = "borrowed"
    default_paramstyle = "qmark"
    supports_statement_cache = True
    supports_native_boolean = True
    statement_compiler = Compiler

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Great Expectations picks its regular-expression operator by this class. On the
        # instance only: SQLAlchemy would load a class of this name in place of ours.
        self.dialect = postgresql.dialect

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    def initialize(self, connection: Any) -> None:  # noqa: ARG002
        self.default_schema_name = "main"

    @reflection.cache
    def get_columns(self, connection: Any, table_name: str, *_: Any, **__: Any) -> Any:
        rows = connection.exec_driver_sql(
            'select name, type, not "notnull" from pragma_table_info(?) order by cid',
            (str(table_name),),
        )
        return [
            {
                "name": name,
                "type": _TYPES.get(kind, types.String)(),
                "nullable": nullable,
                "default": None,
            }
            for name, kind, nullable in rows
        ]

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        # Staged rows have no key: what ought to be one is for the contract to check.
        return {"constrained_columns": [], "name": None}


registry.register("duckdb", __name__, "DuckDBDialect")
