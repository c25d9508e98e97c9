import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from bawaslu_cases.registry.models import (
    ActKind,
    ActRule,
    Agency,
    CalendarVersion,
    Contest,
    ContestPhase,
    Holiday,
    Office,
    PositionHint,
    PpkRule,
    RecipientBody,
    Region,
    RegionAlias,
    SanctionType,
    TimeLimit,
    ViolationRule,
)

pytestmark = pytest.mark.django_db


def rejected(constraint: str, query: models.QuerySet[Any], **values) -> None:
    """Change rows past all Python and see the named constraint refuse."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        assert query.update(**values) > 0


def rejected_copy(constraint: str, row: models.Model, **values) -> None:
    """Insert a copy of a row with other values and see the named constraint refuse."""
    row.pk = None
    for name, value in values.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("model", "field", "constraint"),
    [
        (Region, "kind", "region_kind_known"),
        (Region, "time_zone", "region_time_zone_known"),
        (RegionAlias, "kind", "region_alias_kind_known"),
        (Office, "level", "office_level_known"),
        (Office, "level_code", "office_level_code_known"),
        (Office, "time_zone", "office_time_zone_known"),
        (Agency, "kind", "agency_kind_known"),
        (PpkRule, "unit_kind", "ppk_rule_unit_kind_known"),
        (PpkRule, "agency_kind", "ppk_rule_agency_kind_known"),
        (PpkRule, "target", "ppk_rule_target_known"),
        (PpkRule, "confidence", "ppk_rule_confidence_known"),
        (ViolationRule, "category", "violation_rule_category_known"),
        (ViolationRule, "stage", "violation_rule_stage_known"),
        (ViolationRule, "sanction_class", "violation_rule_sanction_known"),
        (ViolationRule, "confidence", "violation_rule_confidence_known"),
        (SanctionType, "sanction_class", "sanction_type_class_known"),
        (SanctionType, "confidence", "sanction_type_confidence_known"),
        (ActKind, "group", "act_kind_group_known"),
        (ActRule, "stage", "act_rule_stage_known"),
        (Contest, "regime", "contest_regime_known"),
        (Contest, "confidence", "contest_confidence_known"),
        (ContestPhase, "kind", "contest_phase_kind_known"),
        (ContestPhase, "confidence", "contest_phase_confidence_known"),
        (Holiday, "category", "holiday_category_known"),
        (TimeLimit, "regime", "time_limit_regime_known"),
        (TimeLimit, "unit", "time_limit_unit_known"),
        (TimeLimit, "confidence", "time_limit_confidence_known"),
        (PositionHint, "reads", "position_hint_reads_known"),
        (PositionHint, "employment", "position_hint_employment_known"),
    ],
)
def test_a_choice_holds_declared_values_only(model, field, constraint):
    values = {field: "X"}
    row = model.objects.filter(pk=model.objects.first().pk)
    # which of two broken rules PostgreSQL names first is not ours to choose
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        row.update(**values)

    assert constraint in {each.name for each in model._meta.constraints}
    assert any(each.name in str(error.value) for each in model._meta.constraints)


def test_every_choice_field_has_its_constraint():
    from django.apps import apps

    missing = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("registry").get_models()
        for field in model._meta.fields
        if field.choices
        and not any(
            isinstance(each, models.CheckConstraint)
            and f"('{field.name}__in'" in str(each.condition)
            for each in model._meta.constraints
        )
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("model", "constraint"),
    [
        (PpkRule, "ppk_rule_one_at_a_time"),
        (ViolationRule, "violation_rule_one_at_a_time"),
        (SanctionType, "sanction_type_one_at_a_time"),
        (ActRule, "act_rule_one_at_a_time"),
        (TimeLimit, "time_limit_one_at_a_time"),
    ],
)
def test_versions_of_one_thing_never_overlap(model, constraint):
    rejected_copy(constraint, model.objects.filter(valid_to=None).first())


def test_the_last_day_counts_as_in_force():
    last = ViolationRule.objects.filter(valid_to__isnull=False).latest("pk")

    rejected_copy(
        "violation_rule_one_at_a_time", last, valid_from=last.valid_to, valid_to=last.valid_to
    )


@pytest.mark.parametrize(
    ("model", "constraint"),
    [
        (Agency, "agency_validity_ordered"),
        (PpkRule, "ppk_rule_validity_ordered"),
        (RecipientBody, "recipient_body_validity_ordered"),
        (SanctionType, "sanction_type_validity_ordered"),
        (ActRule, "act_rule_validity_ordered"),
        (TimeLimit, "time_limit_validity_ordered"),
        (ViolationRule, "violation_rule_validity_ordered"),
    ],
)
def test_nothing_ends_before_it_begins(model, constraint):
    row = model.objects.filter(pk=model.objects.last().pk)

    rejected(constraint, row, valid_from=dt.date(2030, 1, 2), valid_to=dt.date(2030, 1, 1))


def test_only_one_recipient_at_a_time():
    rejected(
        "recipient_body_one_at_a_time",
        RecipientBody.objects.filter(code="NEXT"),
        valid_from=dt.date(2027, 10, 16),
    )


def test_a_body_that_has_not_begun_cannot_have_ended():
    rejected(
        "recipient_body_ends_after_beginning",
        RecipientBody.objects.filter(code="NEXT"),
        valid_to=dt.date(2027, 10, 16),
    )


def test_a_region_has_one_government_at_a_time():
    rejected_copy(
        "agency_one_government_per_region", Agency.objects.get(code="R-33.08"), code="R-NEW"
    )


def test_a_local_government_has_a_region():
    rejected("agency_local_has_region", Agency.objects.filter(code="R-33.08"), region=None)


@pytest.mark.parametrize(
    ("constraint", "model", "row", "values"),
    [
        ("region_code_matches_level", Region, {"code": "33.08"}, {"code": "33"[:1] + "x"}),
        ("region_code_matches_level", Region, {"code": "33.08"}, {"parent": None}),
        ("office_level_matches_place", Office, {"path": "00.33.08"}, {"path": "00.99"}),
        ("office_level_matches_place", Office, {"path": "00.33.08"}, {"level_code": "Prov"}),
        ("office_bawaslu_code_shape", Office, {"path": "00.33.08"}, {"bawaslu_code": "1x.22"}),
        ("ppk_rule_names_its_agency", PpkRule, {"code": "madrasah"}, {"target_agency": None}),
        ("violation_rule_has_basis", ViolationRule, {"code": "KE-01"}, {"legal_bases": []}),
        ("violation_rule_applies_to", ViolationRule, {"code": "KE-01"}, {"applies_to": ["X"]}),
        ("violation_rule_applies_to", ViolationRule, {"code": "KE-01"}, {"applies_to": []}),
        (
            "violation_rule_sanction_fits_category",
            ViolationRule,
            {"code": "KE-01"},
            {"sanction_class": "SEVERE"},
        ),
        (
            "violation_rule_sanction_fits_category",
            ViolationRule,
            {"code": "DS-01"},
            {"sanction_class": "MORAL"},
        ),
        (
            "contest_election_code_fits_regime",
            Contest,
            {"code": "pemilu-2024-pl"},
            {"election_code": "PB"},
        ),
        (
            "contest_days_ordered",
            Contest,
            {"code": "pemilu-2024-pl"},
            {"ends_on": dt.date(2000, 1, 1)},
        ),
        (
            "contest_phase_days_ordered",
            ContestPhase,
            {"contest__code": "pemilu-2024-pl", "kind": "CAMPAIGN"},
            {"ends_on": dt.date(2000, 1, 1)},
        ),
        ("time_limit_at_least_one_day", TimeLimit, {"code": "repair"}, {"value": 0}),
        ("holiday_local_has_region", Holiday, {"category": "LOCAL"}, {"region": None}),
        ("calendar_version_has_reason", CalendarVersion, {}, {"reason": ""}),
        ("position_hint_region_shape", PositionHint, {"code": "elected"}, {"region_prefix": "x"}),
    ],
)
def test_legal_and_structural_rules_are_held_by_the_database(constraint, model, row, values):
    rejected(constraint, model.objects.filter(**row), **values)


def test_a_holiday_without_region_is_there_once():
    rejected_copy("holiday_once", Holiday.objects.filter(region=None).latest("pk"))


def test_two_regions_may_share_a_local_day_off():
    day = Holiday.objects.get(category="LOCAL")
    day.pk, day.region = None, Region.objects.get(code="19.01")

    day.save(force_insert=True)

    assert Holiday.objects.filter(category="LOCAL").count() == 2


def test_extensions_for_ranges_and_search_are_there():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        names = {name for (name,) in cursor.fetchall()}

    assert {"btree_gist", "pg_trgm"} <= names
