"""The engine over the sample incidents: everybody gets a recommendation or a named reason."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import ActAlias, Agency, Region
from bawaslu_cases.registry.selectors import Deed, contest_for, employment_of
from complaints.models import Official
from referrals.rules.recommendation import NoRecommendation
from tests.referrals.rules.answers import answer_for

pytestmark = pytest.mark.django_db


def test_every_incident_gets_a_recommendation_or_a_named_reason(shared_material: Path):
    lines = (shared_material / "samples" / "incidents.jsonl").read_text("utf-8").splitlines()
    acts = dict(ActAlias.objects.values_list("alias", "act__code"))
    regions = {region.code: region for region in Region.objects.select_related("parent")}
    agencies = {each.code: each for each in Agency.objects.select_related("region")}

    outcomes: Counter[str] = Counter()
    bare = []
    for incident in map(json.loads, lines):
        day = date.fromisoformat(incident["date"])
        region = regions[incident["regency_code"] or incident["province_code"]]
        contest = contest_for(on=day, regime=incident["election"].upper(), region=region)
        position = incident["official_position"] or ""
        employment = employment_of(position, incident["narrative_id"], region=region)
        answer, body = answer_for(
            deed=Deed(tuple(acts[act] for act in incident["act_types"]), day, employment),
            official=Official(
                position=position,
                agency=agencies.get(incident["agency_code"] or ""),
                employment=employment,
            ),
            contest=contest,
            on=day + timedelta(days=14),
        )
        if isinstance(answer, NoRecommendation):
            outcomes[answer.value] += 1
            continue
        outcomes[answer.rule.category] += 1
        outcomes[body.code] += 1
        if not (answer.bases and answer.lines):
            bare.append(incident["id"])
        if incident["agency_code"] and answer.addressee is None:
            bare.append(incident["id"])

    assert bare == []
    assert outcomes == {
        "DISCIPLINE": 108,
        "ETHICS": 24,
        "KASN": 80,
        "BKN": 52,
        "not_asn": 4,
        "not_yet_non_asn": 1,
    }
