"""The table of instance types: sound, and what other tables here say too."""

from __future__ import annotations

import csv
from decimal import Decimal

from planner.actuals.gpus import instance_gpus
from planner.catalog.names import slug
from planner.importers.ec2_types import GPUS
from planner.resources import shipped
from tests.shipped import shipped_catalog

FOLDER = shipped("data/instances")
CATALOG = shipped_catalog()


def test_every_row_is_whole_and_stands_once() -> None:
    with (FOLDER / "gpus.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len({(row["provider"], row["instance_type"].lower()) for row in rows}) == len(rows) > 150
    for row in rows:
        assert all(row.values()) and row["gpu"] == slug(row["gpu"]) and row["provider"] in CATALOG.section("providers")
        assert 0 < Decimal(row["gpus"]) <= 16


def test_it_agrees_with_the_types_of_ec2_and_with_the_catalogs_offers() -> None:
    found = {(one.provider, one.instance_type): one for one in instance_gpus(FOLDER)}
    for name, said in GPUS.items():
        assert Decimal(found["aws", name].gpus) == (said.part or said.count), name
    offers = [one for one in CATALOG.section("offers").values() if (one.provider, one.instance_type) in found]
    assert len(offers) > 20
    for one in offers:
        known = found[one.provider, one.instance_type]
        assert (known.gpu, Decimal(known.gpus)) == (one.gpu, one.gpus), one.id


def test_offers_of_the_catalog_are_known_too() -> None:
    alone, both = list(instance_gpus(FOLDER)), list(instance_gpus(FOLDER, CATALOG))
    assert both[: len(alone)] == alone and len(both) > len(alone)
