"""What a job's process runs: it publishes, and writes steps and result into the job's folder."""

import json
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from iomdash import settings
from iomdash.errors import IomdashError
from iomdash.publishing.publish import publish
from iomdash.publishing.published import Published, waits
from iomdash.workbench import jobs
from iomdash.workbench.acting import FAULT, noted, place_of


def main(folder: Path) -> None:
    """Publish as the job says; whatever comes of it is its result."""
    jobs.written(folder / jobs.RESULT, _result(folder))


def _result(folder: Path) -> Mapping[str, Any]:
    about = json.loads((folder / jobs.ABOUT).read_text("utf-8"))
    data = Path(about["data"])
    try:
        with noted(data, "publish", about["who"]) as more:
            published = publish(
                data, data / settings.RELEASES_FOLDER, step=partial(jobs.step, folder),
                anyway=about["anyway"], without_uncoded=about["without_uncoded"],
                user=about["who"],
            )  # fmt: skip
            more.update(release=published.number, made=published.made)
    except IomdashError as refused:
        return {"refused": str(refused)}
    except Exception as fault:
        # Without its message, which may hold a cell of a file.
        print(place_of(fault), *traceback.format_tb(fault.__traceback__), sep="\n", flush=True)
        return {"refused": FAULT.format(folder / jobs.LOG)}
    return _told(published)


def _told(published: Published) -> Mapping[str, Any]:
    return {
        "refused": None,
        "made": published.made,
        "number": published.number,
        "unchanged": None if published.made else published.unchanged,
        "waiting": [waits(batch) for batch in published.waiting],
        "retired": list(published.retired),
        "unsettled": list(published.unsettled),
        "attacks": [report.words for report in published.reports],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
