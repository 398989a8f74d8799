"""Great Expectations without the parts that no check of ours touches.

Its import takes seconds of CPU, most of them for data sources of other makes, for expectations
that no contract names, and for packages of its own web pages. While it is imported, the modules of
the first two that are not in _USED, and those in _UNUSED, are stand-ins, and stay so: a name that
is asked of one is an empty class. The packages in _LATER are themselves, imported when they are
first asked for anything. A rule that names another expectation is refused as one that cannot be
run, until the expectation's module stands in _USED.
"""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_FLUENT = "great_expectations.datasource.fluent"
_CORE = "great_expectations.expectations.core"
_MAPS = "great_expectations.expectations.metrics.column_map_metrics"
# Of the many modules in these packages, those that are imported for what they are.
_USED = {
    _FLUENT: (
        "interfaces", "invalid_datasource", "batch_request", "sql_datasource", "config_str",
        "fluent_base_model", "constants", "sources", "type_lookup", "signatures", "data_asset",
        "config", "metadatasource", "serializable_types", "schemas", "util", "data_connector",
        "batch_identifier_util", "postgres_datasource", "databricks_sql_datasource",
    ),
    _MAPS: (
        "column_values_non_null", "column_values_null", "column_values_in_set",
        "column_values_match_regex", "column_value_lengths",
    ),
    _CORE: (
        "expect_column_values_to_not_be_null", "expect_column_values_to_be_in_set",
        "expect_column_values_to_match_regex", "expect_column_value_lengths_to_be_between",
        "unexpected_rows_expectation",
    ),
}  # fmt: skip
# Of these, nothing: a contract asks for no checkpoint, no statistics and no service elsewhere.
_UNUSED = (
    "great_expectations.core.http",
    "great_expectations.checkpoint",
    "great_expectations.expectations.metrics.column_aggregate_metrics",
    "great_expectations.expectations.metrics.column_pair_map_metrics",
    "great_expectations.expectations.metrics.multicolumn_map_metrics",
)
# A package of which no check has a value: it asks whether a cell is one of its frames. Others that
# import it later get the package itself.
_FOREIGN = "pandas"
# Imported once they are asked for anything.
_LATER = (
    "scipy",
    "altair",
    "jinja2",
    "mistune",
    "requests",
    "marshmallow",
    "ruamel.yaml",
    "pyparsing",
)


class _StandIn(ModuleType):
    """A module that has every name, each an empty class."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


class _Finder(MetaPathFinder, Loader):
    """Finds stand-ins, and packages that are imported later, before anybody finds the modules."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in _LATER or fullname.startswith("scipy."):
            return _later(fullname, path)
        package, _, module = fullname.rpartition(".")
        unused = package in _USED and module not in _USED[package]
        unused = unused or fullname.partition(".")[0] == _FOREIGN
        unused = unused or f"{fullname}.".startswith(tuple(f"{name}." for name in _UNUSED))
        return ModuleSpec(fullname, self, is_package=True) if unused else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def _later(fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
    spec = PathFinder.find_spec(fullname, path)
    if spec is not None and spec.loader is not None:
        spec.loader = LazyLoader(spec.loader)
    return spec


@contextmanager
def without_the_unused() -> Generator[None]:
    """While it is open, an import of Great Expectations leaves out what no check uses."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in [*sys.modules.items()]:
            if name.partition(".")[0] == _FOREIGN and isinstance(module, _StandIn):
                del sys.modules[name]
