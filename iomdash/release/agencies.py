"""What a release says of agencies' records: figures by group, their periods, rates and curves."""

from collections.abc import Mapping
from functools import cached_property

from iomdash.declared.agencies import BY_ID, WHOLE
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup, is_quarter
from iomdash.declared.agencies.versions import State
from iomdash.declared.groups import EVERYONE, joined
from iomdash.declared.reasons import Reason
from iomdash.release.file import ReleaseFile, Row


class AgencyFigures(ReleaseFile):
    """The agencies' side of a release."""

    @cached_property
    def recorded_dates(self) -> Mapping[str, Row]:
        """The day that each measure of agencies' records reaches, data_to, and origin; a measure
        of which a feed was never sent is missing.
        """
        return {r["measure"]: r for r in self.rows("select * from recorded_dates")}

    def standing(self, state: State) -> Mapping[str, list[str]]:
        """By measure the periods in which figures of some group are of a state."""
        rows = self.rows(
            "select distinct measure, quarter from recorded_versions where state = ? order by all",
            [state.value],
        )
        periods: dict[str, list[str]] = {}
        for row in rows:
            periods.setdefault(row["measure"], []).append(row["quarter"])
        return periods

    @property
    def person_level(self) -> bool:
        """Whether the policy lets this audience read single people in agencies' figures."""
        return bool(self.manifest["policy"]["person_level"])

    def too_many_filters(self, people: AgencyGroup) -> bool:
        """Whether agencies' figures are withheld as more filters are set than the policy admits;
        a period is always admitted.
        """
        asked = people.where(quarter=EVERYONE)
        return asked.filters > self.manifest["policy"]["filters_at_once"]

    def recorded(self, measure: str, people: AgencyGroup) -> list[Row]:
        """Rows of a measure for a group: its own columns, what, n (null where few), and hidden, why
        in words.

        What is told at the end of a quarter is that of the latest, or of a chosen year's last. A
        group that is shown has every row; one without any is hidden, by its size.
        """
        rows = self._recorded(measure, people)
        at_end = BY_ID[measure].at_end
        latest = self.latest(measure) if people.quarter == EVERYONE else f"{people.quarter} Q4"
        if not at_end or not latest or is_quarter(people.quarter):
            return rows
        now = self._recorded(measure, people.where(quarter=latest))
        return [*rows, *(row for row in now if row["what"] in at_end)]

    def latest(self, measure: str) -> str | None:
        """The last quarter that a measure reaches; None where it is missing."""
        if measure not in self.recorded_dates:
            return None
        rows = self.rows(
            f"select max(quarter) as it from recorded_{measure} where contains(quarter, ' Q')"
        )
        return rows[0]["it"]

    def recorded_by(self, measure: str, people: AgencyGroup, name: str) -> list[Row]:
        """As `recorded`, for every choice of one filter in place of the group's."""
        if measure not in self.recorded_dates:
            return []
        others = [other for other in AGENCY_FILTERS if other != name]
        where = " and ".join(f"{other} = ?" for other in others)
        rows = self.rows(
            f"select * from recorded_{measure} where {where} and {name} <> 'All' order by {name}",
            [getattr(people, other) for other in others],
        )
        return self._worded(rows)

    @property
    def quarters(self) -> list[str]:
        """The quarters that are told, in order."""
        return [period for period in self.choices("quarter") if is_quarter(period)]

    def choices(self, name: str) -> list[str]:
        """Every choice of a filter in the caseload, in order; empty without one."""
        if WHOLE not in self.recorded_dates:
            return []
        query = (
            f"select distinct {name} as it from recorded_{WHOLE} where {name} not in ('All', '')"
        )
        rows = self.rows(query)
        return sorted(str(row["it"]) for row in rows)

    def counted_with(self, name: str, choice: str) -> Mapping[str, list[str]]:
        """Under which names agencies count others together with a choice of a filter, and the years
        in which they do.
        """
        rows = (
            self.rows(
                f"select distinct {name} as it, left(quarter, 4) as year from recorded_{WHOLE} "
                "where quarter <> 'All' order by all"
            )
            if WHOLE in self.recorded_dates
            else []
        )
        years: dict[str, list[str]] = {}
        for row in rows:
            if row["it"] != choice and choice in joined(row["it"]):
                years.setdefault(row["it"], []).append(row["year"])
        return years

    def reoffending(self, people: AgencyGroup) -> Row | None:
        """x of n people followed re-offended, offences, low, high; if shown."""
        rows = self._of_people("reoffending_shares", people, "reoffending")
        return rows[0] if rows else None

    def share(self, measure: str, people: AgencyGroup) -> Row | None:
        """x of n, low, high of what a measure tells as a part of a whole; if shown."""
        rows = self._of_people("shares", people, measure)
        return next((row for row in rows if row["measure"] == measure), None)

    def shares_by_quarter(self, measure: str, people: AgencyGroup) -> Mapping[str, Row]:
        """x of n, low, high of what a measure tells as a part of a whole, by quarter shown."""
        stay = people.where(quarter=EVERYONE).key[:-1]
        where = " and ".join(f"{name} = ?" for name in AGENCY_FILTERS[:-1])
        rows = self.rows(f"select * from shares where measure = ? and {where}", [measure, *stay])
        return {row["quarter"]: row for row in rows if is_quarter(row["quarter"])}

    def waits(self, people: AgencyGroup) -> Mapping[tuple[str, str], Row]:
        """Weeks between which the median lies, from_weeks, to_weeks, by pathway and step."""
        rows = self._of_people("median_waits", people.where(quarter=EVERYONE), "waits")
        return {(row["pathway"], row["step"]): row for row in rows}

    def rates(self, people: AgencyGroup) -> list[Row]:
        """Rows period, what, events, days, rate a person-year, low, high; empty where not shown."""
        return self._of_people("offending_rates", people, "offending")

    def ratios(self, people: AgencyGroup) -> list[Row]:
        """Rows period, against, what, ratio of the rates, low, high; empty where not shown."""
        return self._of_people("offending_ratios", people, "offending")

    def curve(self, measure: str, people: AgencyGroup) -> list[Row]:
        """Rows cause, month, at_risk, events, share, low, high; empty where too few are shown."""
        rows = self._of_people("curves", people, measure)
        return [row for row in rows if row["measure"] == measure]

    def _recorded(self, measure: str, people: AgencyGroup) -> list[Row]:
        return self._worded(self._of_people(f"recorded_{measure}", people, measure))

    def _worded(self, rows: list[Row]) -> list[Row]:
        """Rows of a measure with `hidden` in words."""
        return [
            {**r, "hidden": self.words(Reason(r["hidden"]))} if r["hidden"] else r for r in rows
        ]

    def _of_people(self, table: str, people: AgencyGroup, measure: str) -> list[Row]:
        if measure not in self.recorded_dates:
            return []
        where = " and ".join(f"{name} = ?" for name in AGENCY_FILTERS)
        return self.rows(f"select * from {table} where {where}", people.key)
