"""Why a figure is not shown: reasons as values, which releases hold, and the words for them.

Words that name a threshold take it from the policy that the release's manifest carries.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any


class Reason(Enum):
    """A reason; its value stands in releases and never changes."""

    TOO_FEW = "too_few"
    BASE_TOO_FEW = "base_too_few"
    OTHERS_TOO_FEW = "others_too_few"
    RELEASE_DIFFERS_BY_FEW = "release_differs_by_few"
    GROUP_WORKED_OUT_WITH_OTHERS = "group_worked_out_with_others"
    GROUP_WORKED_OUT = "group_worked_out"
    NOBODY_INTERVIEWED = "nobody_interviewed"
    SHOWN_WITH_OTHERS = "shown_with_others"
    BAND = "band"
    BANDS_BY_COHORT = "bands_by_cohort"
    WHOLE_WAVE_ONLY = "whole_wave_only"
    FEW_COHORTS = "few_cohorts"
    NOT_BY_FILTER = "not_by_filter"
    COHORT_UNKNOWN = "cohort_unknown"
    NO_APPROACHES = "no_approaches"
    NO_DATA = "no_data"
    FEW_PEOPLE = "few_people"
    WORKED_OUT = "worked_out"
    NOT_STATED = "not_stated"
    WITHHELD = "withheld"
    FEW_IN_FILE = "few_in_file"
    NOT_ASKED = "not_asked"
    HANGS = "hangs"
    SOURCE_OPEN = "source_open"
    NOT_BY_SOURCE = "not_by_source"
    NO_CLEAR_DIFFERENCE = "no_clear_difference"


_WORDS: Mapping[Reason, str] = {
    Reason.TOO_FEW: "fewer than {smallest}",
    Reason.BASE_TOO_FEW: "fewer than {smallest_base} in its base, or in that of the others",
    Reason.OTHERS_TOO_FEW: "the others would be fewer than {smallest}",
    Reason.RELEASE_DIFFERS_BY_FEW: (
        "it would differ from an earlier release by fewer than {smallest}"
    ),
    Reason.GROUP_WORKED_OUT_WITH_OTHERS: "a smaller group could be worked out from it and others",
    Reason.GROUP_WORKED_OUT: "a smaller group could be worked out from it",
    Reason.NOBODY_INTERVIEWED: "nobody in this group was interviewed",
    Reason.SHOWN_WITH_OTHERS: "shown with others",
    Reason.BAND: "sensitive: shown as a band",
    Reason.BANDS_BY_COHORT: "sensitive: in bands, by cohort only",
    Reason.WHOLE_WAVE_ONLY: "sensitive: for the whole wave only",
    Reason.FEW_COHORTS: "fewer than two cohorts are large enough to compare",
    Reason.NOT_BY_FILTER: "approaches are not recorded by provider or supervision",
    Reason.COHORT_UNKNOWN: "not every approach states its cohort, or the cohort is too small",
    Reason.NO_APPROACHES: "no approaches are recorded",
    Reason.NO_DATA: "no data",
    Reason.FEW_PEOPLE: "fewer than {smallest_count} people",
    Reason.WORKED_OUT: "could be worked out from other figures",
    Reason.NOT_STATED: "not stated in the source",
    Reason.WITHHELD: "withheld, to protect a small group",
    Reason.FEW_IN_FILE: "few interviews",
    Reason.NOT_ASKED: "nobody raised it, so it counts as not asked",
    Reason.HANGS: "it hangs on those who did not raise it or were of two minds",
    Reason.SOURCE_OPEN: "what the source says fits more than one verdict",
    Reason.NOT_BY_SOURCE: "the source does not say who of which group said so",
    Reason.NO_CLEAR_DIFFERENCE: "no difference between cohorts is beyond chance",
}


def words(reason: Reason, policy: Mapping[str, Any]) -> str:
    """The words for a reason under a policy as a manifest carries it."""
    return _WORDS[reason].format(**policy)
