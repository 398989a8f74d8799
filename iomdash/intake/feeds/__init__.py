"""Agencies' files: a module for each agency, which says what its files look like.

A feed is a declaration here and a contract of the same name in data_contracts/feeds/.
"""

from iomdash.declared.contracts.odcs import TABLES
from iomdash.intake.feeds import (
    childrens_services,
    drug_service,
    employment,
    housing,
    iom,
    mental_health,
    police,
    probation,
    programmes,
)
from iomdash.intake.feeds.declaration import Feed

FEEDS: dict[str, Feed] = {
    feed.name: feed
    for module in (
        iom, police, probation, drug_service, mental_health, housing, employment,
        childrens_services, programmes,
    )
    for feed in module.FEEDS
}  # fmt: skip
# Whatever a file may be for.
ENTRIES = (*TABLES, *FEEDS)
