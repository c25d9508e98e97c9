"""The engine against the sample incidents: category by the law of the day, nothing by row."""

import datetime as dt
import json
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import ActAlias, Region
from bawaslu_cases.registry.selectors import contest_for, employment_of, violation_rule_for

pytestmark = pytest.mark.django_db

# In May 2024 the SKB of 2022 was in force: approaching parties or the public as a prospective
# candidate without leave is row B.3, moderate discipline. The file expects ethics, which is how
# SE MenPANRB B/71/M.SM.00.00/2017 saw it before.
EXPLAINED = {
    "INC-0029": ("ethics", "discipline", "DS-03"),
    "INC-0107": ("ethics", "discipline", "DS-03"),
}


def test_the_proposed_category_agrees_with_the_samples(shared_material: Path):
    path = shared_material / "samples" / "incidents.jsonl"
    incidents = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    acts = dict(ActAlias.objects.values_list("alias", "act__code"))
    regions = {region.code: region for region in Region.objects.select_related("parent")}

    differing: dict[str, tuple[str, str, str]] = {}
    for incident in incidents:
        day = dt.date.fromisoformat(incident["date"])
        region = regions[incident["regency_code"] or incident["province_code"]]
        proposal = violation_rule_for(
            acts=[acts[act] for act in incident["act_types"]],
            contest=contest_for(on=day, regime=incident["election"].upper(), region=region),
            event_on=day,
            employment=employment_of(
                incident["official_position"], incident["narrative_id"], region=region
            ),
        )
        category = proposal.category.lower() if proposal else "none"
        if category != incident["expected_violation_category"]:
            differing[incident["id"]] = (
                incident["expected_violation_category"],
                category,
                proposal.rule.code if proposal else "",
            )

    assert len(incidents) == 137
    assert differing == EXPLAINED  # 135 of 137: 98.5 %


def test_people_who_are_no_civil_servants_are_told_apart(shared_material: Path):
    path = shared_material / "samples" / "incidents.jsonl"
    incidents = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    regions = {region.code: region for region in Region.objects.all()}

    apart = {
        incident["id"]
        for incident in incidents
        if not employment_of(
            incident["official_position"],
            incident["narrative_id"],
            region=regions[incident["regency_code"] or incident["province_code"]],
        ).is_asn
    }

    assert apart == {
        incident["id"]
        for incident in incidents
        if incident["expected_violation_category"] == "none"
    }
    assert len(apart) == 5
