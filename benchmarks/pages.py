"""CPU of the server for every page, against an empty page with as many charts and tables.

Every server runs at once, with the project's settings, and the pages are visited in turn on each,
so that whatever else the machine does disturbs all alike. A cold run is a page's first in a new
process, once that has made what it makes ahead; the run before it is of another page, so imports
are paid.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.data import DEMONSTRATION, Data, made
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import APP, REFERENCE, Server, Visit, cost
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import COHORTS
from iomdash.site import navigation
from iomdash.site.filters import EVERY_FILTER
from pages import cohorts

LISTED = ("", *(address for _, address, _ in navigation.LISTED[1:]))
# Cohorts share one page; each finding has exhibits of its own.
COHORT = cohorts.address(COHORTS[0])
PAGES = (*LISTED, COHORT, *(finding.id for finding in FINDINGS))


@dataclass(frozen=True)
class Sizes:
    """Interviews of the usual and the large vault, people of agencies, pages, and trials."""

    usual: int
    large: int
    people: int | None
    pages: tuple[str, ...]
    trials: int
    cold_trials: int
    runs: int


FULL = Sizes(DEMONSTRATION, 10_000, None, PAGES, 2, 1, 3)
SMOKE = Sizes(0, 0, 0, ("", "F01"), 1, 1, 1)
STUDY = "wave=2017"
FILTERS = f"filters={1 + len(EVERY_FILTER)}"
MOST, MOST_BY_SIZE, MOST_COLD = 1.5, 1.2, 2.0

Trials = dict[str, dict[str, list[float]]]


def run(sizes: Sizes) -> Iterator[Row]:
    """Ratios of every page to its empty page, and of large vaults to small ones."""
    small, usual, large = (made(n, sizes.people) for n in (0, sizes.usual, sizes.large))
    many = f"{sizes.large:,} interviews"
    yield plain(f"{many}: generated, s", [large.generated])
    yield plain(f"{many}: loaded, s", [large.loaded])
    yield plain(f"{many}: published, s", [large.published])
    asked, warm = _warm({"small": small, "usual": usual, "large": large}, sizes)
    for page in sizes.pages:
        yield ratio(f"{_name(page)}, rerun", warm["usual"][page], warm["empty"][page], MOST)
    # Without a bar: the overview has no chart and no table, so its filters are most of it.
    what = "overview, to an empty page with filters"
    yield ratio(what, warm["usual"][""], warm["filters"][""])
    study = f"11 of {sizes.large + 11:,} interviews to 11"
    yield from _by_size(study, warm["large 2017"], warm["small"])
    yield from _by_size(f"{many} to {sizes.usual}", warm["large"], warm["usual"])
    cold = _cold(usual, asked, sizes.cold_trials)
    for page in sizes.pages:
        yield ratio(f"{_name(page)}, cold", cold["usual"][page], cold["empty"][page])
        again = warm["usual"][page]
        yield ratio(f"{_name(page)}, cold to a rerun", cold["usual"][page], again, MOST_COLD)
    first, again = _summed(cold["usual"]), _summed(warm["usual"])
    yield ratio("all pages, cold to a rerun", first, again, MOST_COLD)


def _name(page: str) -> str:
    return page or "overview"


def _by_size(
    what: str, one: Mapping[str, list[float]], other: Mapping[str, list[float]]
) -> list[Row]:
    """All pages together, and the page that differs most."""
    every = [ratio(f"{_name(p)}, {what}", one[p], other[p], MOST_BY_SIZE) for p in one]
    together = ratio(f"all pages, {what}", _summed(one), _summed(other), MOST_BY_SIZE)
    return [together, max(every, key=lambda row: row.least)]


def _summed(trials: Mapping[str, list[float]]) -> list[float]:
    return [sum(of_page) for of_page in zip(*trials.values(), strict=True)]


def _warm(data: Mapping[str, Data], sizes: Sizes) -> tuple[Mapping[str, str], Trials]:
    """What the empty page is asked for, and CPU seconds a rerun, by kind of server and page."""
    with ExitStack() as stack:
        of = {item: visitor(stack, APP, item.environment) for item in {*data.values()}}
        at = {kind: of[item] for kind, item in data.items()}
        for server, _ in of.values():
            server.idle()
        asked = _contents(at["usual"][1], sizes.pages)
        at["empty"] = visitor(stack, REFERENCE)
        at["large 2017"], at["filters"] = at["large"], at["empty"]
        trials_of: Trials = defaultdict(lambda: defaultdict(list))
        for trial in range(-1, sizes.trials):
            step(f"reruns, trial {trial + 1} of {sizes.trials}")
            for kind, page, query, address in _visits(asked):
                server, visit = at[kind]
                runs = sizes.runs if trial >= 0 else 1
                spent = cost(server, visit, address, query, runs=runs)
                if trial >= 0:
                    trials_of[kind][page].append(spent)
    return asked, trials_of


def _visits(asked: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Kind of server, page measured, query, and address of the page there."""
    yield "filters", "", f"{asked['']}&{FILTERS}", ""
    for page in asked:
        yield "usual", page, "", page
        yield "empty", page, asked[page], ""
        yield "small", page, STUDY, page
        yield "large 2017", page, STUDY, page
        yield "large", page, "", page


def _cold(usual: Data, asked: Mapping[str, str], trials: int) -> Trials:
    """CPU seconds of each page's first run in a process, by kind of server and page."""
    trials_of: Trials = defaultdict(lambda: defaultdict(list))
    for trial in range(trials):
        step(f"first runs, trial {trial + 1} of {trials}")
        with ExitStack() as stack:
            ours, visit = visitor(stack, APP, usual.environment)
            ours.idle()
            empty, other = visitor(stack, REFERENCE)
            visit.run("F01", STUDY)
            other.run("", "charts=3&tables=3x3")
            for page in asked:
                trials_of["usual"][page].append(cost(ours, visit, page, "", runs=1))
                trials_of["empty"][page].append(cost(empty, other, "", asked[page], runs=1))
    return trials_of


def _contents(visit: Visit, pages: Sequence[str]) -> dict[str, str]:
    """What the empty page is asked for to match each page, by page."""
    return {page: _query(visit.run(page)) for page in pages}


def visitor(
    stack: ExitStack, script: Path, environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> tuple[Server, Visit]:  # fmt: skip
    """A server with one visitor, both closed with the stack."""
    server = stack.enter_context(Server(script, environment or {}, options))
    return server, stack.enter_context(closing(server.visit()))


def _query(messages: list[ForwardMsg]) -> str:
    """The query of reference.py for as many charts and tables of the same size."""
    charts: list[str] = []
    tables: list[str] = []
    for element in (message.delta.new_element for message in messages):
        kind = element.WhichOneof("type")
        if kind == "vega_lite_chart":
            charts.append(str(max(_drawn(json.loads(element.vega_lite_chart.spec)), 1)))
        elif kind == "table":
            frame = pa.ipc.open_stream(element.table.arrow_data.data).read_all()
            tables.append(f"{frame.num_rows}x{frame.num_columns}")
    return f"charts={','.join(charts)}&tables={','.join(tables)}"


def _drawn(spec: object) -> int:
    """How many values the data of a specification hold, wherever it keeps them."""
    if isinstance(spec, dict):
        own = spec.get("values")
        return (len(own) if isinstance(own, list) else 0) + sum(map(_drawn, spec.values()))
    return sum(map(_drawn, spec)) if isinstance(spec, list) else 0
