"""Findings that are added: each has the tests of its own claims, and one declaration is enough."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scipy.stats import fisher_exact

from iomdash.declared.codebook import CODES, DERIVED
from iomdash.declared.contracts.odcs import load as contract
from iomdash.declared.findings import FINDINGS, Difference, Finding, asks, find
from iomdash.declared.findings.claims import partnership
from iomdash.declared.groups import KEY, Group
from iomdash.declared.verdicts import Verdict
from iomdash.disclosure.interviews.protect import Releasable
from iomdash.disclosure.policy import for_audience
from iomdash.evidence import cohorts, contrasts, judge, reach, waves
from iomdash.publishing.publish import publish
from iomdash.site.faults import OUT_OF_ORDER
from iomdash.vault.writer import Vault

ROOT = Path(__file__).parents[1]
WAVE = "2030"
CONSENTS = [c.name for c in contract("interviews").columns if c.name.startswith("consent_")]

# ------------------------------------------------------- tests between cohorts, claim by claim

FIRST = find("F02")
ATTITUDES = FIRST.claims[0].codes if isinstance(FIRST.claims[0], Difference) else ()
OWN = ("police.supportive", "roles.blurred", "voice.forums")
SECOND = Finding(
    "F19", "Cohorts see the police differently", "police", partnership(2030),
    (Difference("The view of the police differs between cohorts", OWN),),
)  # fmt: skip
SIZES = {"PPO": 14, "HCCU": 11, "SPOS": 9}
ALIKE, APART = (6, 5, 4), (14, 2, 1)


def shown(sizes: Mapping[str, int], said: Mapping[str, Sequence[int]]) -> Releasable:
    """Protected counts of one wave and its cohorts; who said yes to each code, by cohort."""
    frames = {name: pl.DataFrame() for name in ("pairs", "profile", "excerpts", "voices", "waves")}
    none = dict.fromkeys(("band", "hidden", "instead"))
    counts = {c: {code: said[code][i] for code in said} for i, c in enumerate(sizes)}
    counts["All"] = {code: sum(yes) for code, yes in said.items()}
    people = {**sizes, "All": sum(sizes.values())}
    keys = {c: dict(zip(KEY, Group(WAVE, c).key, strict=True)) for c in people}
    groups = [{**keys[c], "n": n, **none} for c, n in people.items()]
    asked = {(code, "") for code in (*CODES, *DERIVED)} | set(asks())
    codes = [
        {**keys[c], "code": code, "among": among, "n": people[c], "mixed": 0, "no": 0}
        | {"yes": 0 if among else by_code.get(code, 0), **none}
        for c, by_code in counts.items()
        for code, among in sorted(asked)
    ]
    flow = pl.DataFrame(schema=["wave", "cohort", "outcome", "n"])
    caseloads = pl.DataFrame(schema=["wave", "cohort", "n"])
    return Releasable(
        policy=for_audience("board"), groups=pl.DataFrame(groups), codes=pl.DataFrame(codes),
        recruitment=flow, caseloads=caseloads, **frames,
    )  # fmt: skip


def judged(
    patch: pytest.MonkeyPatch, findings: Sequence[Finding], safe: Releasable
) -> dict[str, pl.DataFrame]:
    for module in (judge, cohorts, contrasts, reach, waves):
        patch.setattr(module, "FINDINGS", tuple(findings))
    return judge.judge(safe)


def weighed(yes: Sequence[int], n: Sequence[int]) -> float:
    """Fisher's exact p value by counting, in whole numbers, who of all may have said yes."""
    ways = {
        table: math.prod(math.comb(m, k) for m, k in zip(n, table, strict=True))
        for table in product(*(range(m + 1) for m in n))
        if sum(table) == sum(yes)
    }
    return sum(w for w in ways.values() if w <= ways[tuple(yes)]) / sum(ways.values())


def stepped(values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down, as his paper has it: the least p value times all, the next times the rest
    but never less than the one before, and never more than 1.
    """
    adjusted: dict[str, float] = {}
    for i, code in enumerate(sorted(values, key=lambda code: values[code])):
        mine = min(1.0, (len(values) - i) * values[code])
        adjusted[code] = max(mine, *adjusted.values()) if adjusted else mine
    return adjusted


@pytest.mark.parametrize(
    ("attitudes", "own", "verdicts"),
    [
        (ALIKE, APART, {"F02": Verdict.UNTOLD, "F19": Verdict.AS_CLAIMED}),
        (APART, ALIKE, {"F02": Verdict.AS_CLAIMED, "F19": Verdict.UNTOLD}),
    ],
)
def test_each_claim_of_a_difference_has_the_verdict_of_its_own_codes(
    monkeypatch: pytest.MonkeyPatch,
    attitudes: Sequence[int],
    own: Sequence[int],
    verdicts: Mapping[str, Verdict],
) -> None:
    said = dict.fromkeys((*ATTITUDES, *OWN), ALIKE)
    said[ATTITUDES[0]], said[OWN[0]], said[OWN[1]] = attitudes, own, (9, 5, 4)
    found = judged(monkeypatch, (FIRST, SECOND), shown(SIZES, said))
    whole = found["claims"].filter(pl.col("cohort") == "All")
    for finding, codes in (("F02", ATTITUDES), ("F19", OWN)):
        p = {code: weighed(said[code], tuple(SIZES.values())) for code in codes}
        adjusted = stepped(p)
        rows = found["tests"].filter(finding=finding, claim=0).to_dicts()
        assert {r["code"]: r["p"] for r in rows} == pytest.approx(p)
        assert {r["code"]: r["adjusted"] for r in rows} == pytest.approx(adjusted)
        [claim] = whole.filter(pl.col("finding") == finding).to_dicts()
        assert claim["verdict"] == verdicts[finding].name
        assert claim["p"] == pytest.approx(min(adjusted.values()))


def test_two_cohorts_are_compared_as_scipy_compares_them(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, said = {"PPO": 14, "HCCU": 11}, {OWN[0]: (12, 3), OWN[1]: (7, 6), OWN[2]: (2, 3)}
    tests = judged(monkeypatch, (SECOND,), shown(sizes, said))["tests"]
    known = {
        code: fisher_exact([yes, [m - k for k, m in zip(yes, sizes.values(), strict=True)]]).pvalue
        for code, yes in said.items()
    }
    assert dict(tests.select("code", "p").iter_rows()) == pytest.approx(known)


def test_a_second_difference_changes_nothing_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {**dict.fromkeys(ATTITUDES, APART), **dict.fromkeys(OWN, ALIKE)}
    safe = shown(SIZES, said)
    alone, both = judged(monkeypatch, (FIRST,), safe), judged(monkeypatch, (FIRST, SECOND), safe)
    for name, frame in alone.items():
        assert frame.equals(both[name].filter(pl.col("finding") == "F02"))


# ------------------------------------------------------------------ one more, in one place

ONE_MORE = """
    Finding(
        "F99",
        "The officer's help is noticed",
        "supervision",
        partnership(2030, wave="2030"),
        (
            Claim("said that their officer helps", "supervision.officer_helps", ALL),
            Difference("Cohorts feel heard differently", ("voice.appreciates", "voice.forums")),
        ),
        (
            Exhibit("cohorts", "Officer helps", ("supervision.officer_helps",)),
            Exhibit("test", "More than chance?", ("voice.appreciates", "voice.forums")),
        ),
        caveat="Asked by a colleague of the officer.",
        ask="What does the officer do that helps?",
    ),
)
"""
IMPORTED = "from iomdash.declared.findings.claims import Difference, partnership\n"
# Visited where one more finding is declared: first with a release from before, then anew.
PROGRAM = """
import contextlib, io, json, sys
from pathlib import Path
from iomdash import cli
from iomdash.publishing.publish import publish
from test_pages import opened, words

def told(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        cli.main(list(arguments))
    return out.getvalue()

def page(address):
    app = opened(address, {"wave": "2030"})
    assert [element.value for element in app.exception] == []
    raw = " ".join(str(getattr(element, "value", "")) for element in app.main)
    return {"words": words(app), "raw": raw, "errors": [e.value for e in app.error]}

data = Path(sys.argv[1])
before = {address: page(address)["errors"] for address in ("overview", "F99")}
publish(data, data / "releases")
print(json.dumps({
    "before": before,
    "pages": {address: page(address) for address in sys.argv[2:]},
    "findings": json.loads(told("findings", "--json", "--data", str(data))),
    "printed": told("findings", "--data", str(data)),
    "help": told("--help") + told("findings", "--help"),
}))
"""
LAST = FINDINGS[-1].id
VISITED = ("overview", "F02", LAST, "F99", "methods")
YES = {  # of 20 people of PPO, and of 20 of HCCU
    "scheme.positive": (10, 10), "supervision.officer_helps": (15, 14),
    "voice.appreciates": (17, 2), "voice.forums": (9, 8),
}  # fmt: skip


def forty_people(folder: Path) -> tuple[Path, Path]:
    """Files of interviews and codings of one wave with two cohorts of 20."""
    interviews, codings = folder / "interviews.csv", folder / "codings.csv"
    header = ["interview_id,wave,cohort,provider,supervision,setting,origin", *CONSENTS]
    same = ["CRC,statutory,community,synthetic", *["yes"] * len(CONSENTS)]
    people = [(n, ("PPO", "HCCU")[n // 20]) for n in range(40)]
    lines = [",".join([f"i{n},{WAVE},{cohort}", *same]) for n, cohort in people]
    interviews.write_text("\n".join([",".join(header), *lines]))
    said = [
        f"i{20 * cohort + n},{code},yes,c1,2026-01-31,synthetic"
        for code, yes in YES.items()
        for cohort in (0, 1)
        for n in range(yes[cohort])
    ]
    # Whoever said none of these was coded as well.
    said += [f"i{n},family.motivates,no,c1,2026-01-31,synthetic" for n, _ in people]
    codings.write_text("\n".join(["interview_id,code,stance,coder,coded_on,origin", *said]))
    return interviews, codings


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the program says in which one more finding is declared."""
    folder = tmp_path_factory.mktemp("one_more")
    data, tree = folder / "data", folder / "tree"
    interviews, codings = forty_people(folder)
    with Vault.open(data) as vault:
        vault.load("interviews", interviews)
        vault.load("codings", codings)
    publish(data, data / "releases")
    for part in ("iomdash", "pages", "data_contracts"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    module = tree / "iomdash" / "declared" / "findings" / "voice.py"
    text = module.read_text("utf-8").replace("\n\nFINDINGS", f"\n{IMPORTED}\nFINDINGS")
    module.write_text(text.removesuffix("\n)\n") + ONE_MORE, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(data), *VISITED], cwd=tree, capture_output=True,
        text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "tests"),
                          "IOMDASH_RELEASES": str(data / "releases")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout.splitlines()[-1]), "logged": done.stderr}


def test_a_new_finding_has_a_page_that_says_whose_it_is(visited: dict[str, Any]) -> None:
    told = visited["pages"]["F99"]["words"]
    assert "F99 · Supervision · The officer's help is noticed" in told
    assert "Claim of the partnership in Sandwell, 2030: all said that their officer helps." in told
    assert "29 of 40" in told
    # But for the key, which is the same on every page.
    assert "2017" not in told.replace("the report of 2017 leaves a figure open", "")
    first = visited["pages"]["F02"]["words"]
    assert "the study in Sandwell, 2017" in first
    assert "the partnership" not in first


def test_a_new_finding_stands_under_its_theme_on_the_overview(visited: dict[str, Any]) -> None:
    told = visited["pages"]["overview"]["words"]
    table = told[told.index("What holds now") :]
    after = table[table.index(" Supervision ") :]
    assert after.index("The officer's help is noticed") < after.index("Joint meetings")
    assert len(set(re.findall(r"\bF\d\d\b", table))) == len(FINDINGS) + 1


def test_a_new_finding_is_told_to_other_programs_and_on_the_command_line(
    visited: dict[str, Any],
) -> None:
    assert [f["id"] for f in visited["findings"]] == [*(f.id for f in FINDINGS), "F99"]
    claims = visited["findings"][-1]["claims"]
    assert [(c["x"], c["n"], c["verdict"]) for c in claims] == [
        (29, 40, "Cannot be told"), (None, None, "As claimed"),
    ]  # fmt: skip
    assert "\nF99 The officer's help is noticed\n" in visited["printed"]
    assert f"print the {len(FINDINGS) + 1} findings" in visited["help"]


def test_a_new_findings_tests_are_its_own(visited: dict[str, Any]) -> None:
    own, first = (visited["pages"][address]["words"] for address in ("F99", "F02"))
    assert "More than chance? Cohorts differ on appreciates being heard" in own
    assert "More than chance? No difference beyond chance" in first


def test_the_neighbours_of_a_new_finding_and_methods_lead_to_it(visited: dict[str, Any]) -> None:
    raw = {address: page["raw"] for address, page in visited["pages"].items()}
    assert re.search(r'href="F99"[^>]*>→ F99', raw[LAST])
    assert re.search(rf'href="{LAST}"[^>]*>← {LAST}', raw["F99"])
    methods = visited["pages"]["methods"]["words"]
    assert "F99 The officer's help is noticed" in methods
    assert "the partnership in Sandwell, 2030" in methods


def test_nothing_says_how_many_there_were_before(visited: dict[str, Any]) -> None:
    said = [visited["pages"][address]["words"] for address in VISITED[:-1]]
    for told in (*said, visited["help"], visited["printed"]):
        assert not re.search(r"(?<!Under )\b18\b|eighteen|F01 to F", told)


def test_a_release_from_before_a_finding_asks_to_publish_and_is_no_fault(
    visited: dict[str, Any],
) -> None:
    # What is wrong stands in the log of whoever runs the site.
    assert all(errors == [OUT_OF_ORDER] for errors in visited["before"].values())
    assert (
        "Release 1 does not answer all that is declared by now: claim 1 of F99, 'All said that "
        "their officer helps', on supervision.officer_helps is new, one of 2. "
        "Publish anew: python -m iomdash publish"
    ) in visited["logged"]
