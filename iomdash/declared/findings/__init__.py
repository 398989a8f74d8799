"""The findings that every release is held against, each a declaration with its origin.

Source: study of 2017 in Sandwell, unless a finding's origin says otherwise.
"""

from iomdash.declared.codebook import CODES, DERIVED, THEMES
from iomdash.declared.findings import approaches, desistance, partners, pathways, selection, voice
from iomdash.declared.findings.claims import Claim, Difference, Exhibit, Finding
from iomdash.errors import UsageError

__all__ = ["FINDINGS", "Claim", "Difference", "Exhibit", "Finding", "asks", "find", "pairs"]

FINDINGS: tuple[Finding, ...] = tuple(
    sorted(
        (
            finding
            for module in (selection, partners, desistance, pathways, approaches, voice)
            for finding in module.FINDINGS
        ),
        key=lambda finding: finding.id,
    )
)


def find(id: str) -> Finding:
    """The finding with this id, in any case. Raises UsageError that names the ids there are."""
    for finding in FINDINGS:
        if finding.id == id.upper():
            return finding
    raise UsageError(
        f"There is no finding '{id}'. Choose one of {FINDINGS[0].id} to {FINDINGS[-1].id}."
    )


def by_theme() -> dict[str, list[Finding]]:
    """Findings under the name of their theme, in the codebook's order; no empty theme."""
    groups = {t.name: [f for f in FINDINGS if f.theme == t.id] for t in THEMES}
    return {name: findings for name, findings in groups.items() if findings}


def claims() -> list[Claim]:
    """Every claim that counts people, in the order of the findings."""
    return [c for f in FINDINGS for c in f.claims if isinstance(c, Claim)]


def claiming(codes: tuple[str, ...]) -> tuple[Finding, int]:
    """The finding that claims a difference on just these codes, and that claim's place in it.

    Two that claim the same rest on the same tests. Raises StopIteration where none does.
    """
    return next(
        (finding, i)
        for finding in FINDINGS
        for i, claim in enumerate(finding.claims)
        if isinstance(claim, Difference) and claim.codes == codes
    )


def asks() -> list[tuple[str, str]]:
    """Every (code, among) with a condition that a claim or a funnel counts, each once."""
    conditional = [(c.code, c.among) for c in claims() if c.among and c.among != "approached"]
    funnels = [(code, e.of[0]) for e in _exhibits("funnel") for code in e.of[1:]]
    return sorted(set(conditional + funnels))


def pairs() -> list[tuple[str, str]]:
    """Every pair of codes that an exhibit crosses."""
    return [(e.of[0], e.of[1]) for e in _exhibits("pair")]


def questions() -> set[str]:
    """What a release has to answer for the findings' pages, in words for who reads a message."""
    claimed = {
        f"claim {i} of {f.id}, '{claim.statement}', on {_on(claim)}"
        for f in FINDINGS
        for i, claim in enumerate(f.claims, 1)
    }
    coded = {f"code {code}" for code in (*CODES, *DERIVED)}
    among = {f"code {code} among {base}" for code, base in asks()}
    return claimed | coded | among | {f"code {one} with {other}" for one, other in pairs()}


def showing(exhibit: Exhibit) -> Finding | None:
    """The finding whose page shows an exhibit."""
    return next((finding for finding in FINDINGS if exhibit in finding.exhibits), None)


def _on(claim: Claim | Difference) -> str:
    return " and ".join(claim.codes) if isinstance(claim, Difference) else claim.code


def _exhibits(kind: str) -> list[Exhibit]:
    return [e for f in FINDINGS for e in f.exhibits if e.kind == kind]
