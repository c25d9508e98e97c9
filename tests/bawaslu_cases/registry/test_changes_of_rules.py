"""Rules, phases and seats by two persons: versions with a first day, and nothing behind us moves."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from bawaslu_cases.registry.models import (
    ActRule,
    ChangeTable,
    Contest,
    ContestPhase,
    RegistryChange,
    ViolationRule,
)
from bawaslu_cases.registry.selectors.changes import change_effects, change_rows, rows_to_change
from bawaslu_cases.registry.selectors.elections import is_after_determination
from bawaslu_cases.registry.selectors.rules import violation_rule_for
from bawaslu_cases.registry.services.changes import approve_change
from bawaslu_cases.shared.errors import ConflictError, DomainError
from tests.bawaslu_cases.registry.test_changes import administrators, proposed
from tests.factories import office

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
RULE: dict[str, Any] = {
    "title_id": "Bentuk contoh",
    "title_en": "An example",
    "legal_bases": "SKB contoh 2029\nPP contoh ps 3\n\n",
    "sanction_class": "SEVERE",
    "applies_to": ["PNS", "PPPK"],
    "criminal_overlap": "",
    "confidence": "PRIMARY_TEXT",
    "note": "",
    "valid_from": "2030-01-01",
}


def settled(table: ChangeTable, row: int | None, fields: dict[str, Any]) -> RegistryChange:
    _first, second = administrators()
    change: RegistryChange = proposed(table, row, fields, at=AT)
    approve_change(change=change, approver=second, at=AT)
    return change


def rule(code: str = "DS-02") -> ViolationRule:
    return ViolationRule.objects.get(code=code, valid_to__isnull=True)


def test_the_next_version_of_a_rule_holds_for_events_from_its_first_day():
    held = rule()
    before = (held.title_id, held.sanction_class)
    change = settled(ChangeTable.VIOLATION_RULE, held.pk, RULE)

    held.refresh_from_db()
    after = rule()
    assert (held.title_id, held.sanction_class, held.valid_to) == (*before, date(2029, 12, 31))
    assert (after.title_id, after.legal_bases) == (
        "Bentuk contoh",
        ["SKB contoh 2029", "PP contoh ps 3"],
    )
    assert (after.valid_from, after.source) == (date(2030, 1, 1), "SKB 3 Menteri")
    assert (after.category, after.stage, after.pair_code) == (
        held.category,
        held.stage,
        held.pair_code,
    )
    contest = Contest.objects.filter(phases__kind="DETERMINED").latest("starts_on")
    for day, sanction in ((date(2029, 12, 31), held.sanction_class), (date(2030, 1, 1), "SEVERE")):
        found = violation_rule_for(acts=["POST_SUPPORT"], contest=contest, event_on=day)
        assert found is not None
        assert (found.rule.code, found.rule.sanction_class) == ("DS-02", sanction)
    told = {row["label"]: row["after"] for row in change_rows(change)}
    assert told["Dasar hukum"] == "SKB contoh 2029; PP contoh ps 3"
    assert told["Berlaku bagi"] == "PNS; PPPK"
    assert told["Golongan sanksi"] == "Hukuman disiplin berat"


def test_the_preview_says_what_a_version_changes():
    held = rule()
    change = proposed(ChangeTable.VIOLATION_RULE, held.pk, RULE, at=AT)

    rows = {row["label"]: (row["before"], row["after"]) for row in change_rows(change)}
    lines = change_effects(change)

    assert rows["Bentuk pelanggaran"] == (held.title_id, "Bentuk contoh")
    assert rows["Dasar hukum"][0] == "; ".join(held.legal_bases)
    assert lines[0] == "Versi sekarang berlaku sampai 31 Desember 2029."
    assert lines[1] == "Peristiwa mulai 1 Januari 2030 memakai versi baru."
    acts = ActRule.objects.filter(rule_code="DS-02", valid_to__isnull=True)
    assert lines[3].startswith("Menyangkut perbuatan: ")
    for row in acts.select_related("act"):
        assert row.act.label_id in lines[3]


@pytest.mark.parametrize(
    ("code", "fields", "field"),
    [
        ("DS-02", {"sanction_class": "MORAL"}, "sanction_class"),
        ("KE-02", {"sanction_class": "LIGHT"}, "sanction_class"),
        ("DS-02", {"legal_bases": " \n "}, "legal_bases"),
        ("DS-02", {"legal_bases": "x" * 201}, "legal_bases"),
        ("DS-02", {"legal_bases": "a\x00b"}, "legal_bases"),
        ("DS-02", {"applies_to": ["SIAPA"]}, "applies_to"),
        ("DS-02", {"valid_from": "2026-05-04"}, "valid_from"),
    ],
)
def test_a_version_that_does_not_hold_is_refused(code, fields, field):
    with pytest.raises(DomainError) as refused:
        proposed(ChangeTable.VIOLATION_RULE, rule(code).pk, RULE | fields, at=AT)
    assert refused.value.field == field
    assert not RegistryChange.objects.exists()


def test_a_version_that_ended_is_not_changed_any_more():
    held = rule()
    settled(ChangeTable.VIOLATION_RULE, held.pk, RULE)
    with pytest.raises(ConflictError):
        proposed(ChangeTable.VIOLATION_RULE, held.pk, RULE | {"valid_from": "2031-01-01"}, at=AT)


def test_an_act_points_to_another_rule_from_a_day_on():
    held = ActRule.objects.get(
        act__code="POST_SUPPORT", stage="AFTER_DETERMINATION", rank=0, valid_to__isnull=True
    )
    fields = {"rule_code": "DS-03", "remark": "Contoh", "valid_from": "2030-01-01"}
    change = settled(ChangeTable.ACT_RULE, held.pk, fields)

    held.refresh_from_db()
    assert held.valid_to == date(2029, 12, 31)
    contest = Contest.objects.filter(phases__kind="DETERMINED").latest("starts_on")
    codes = []
    for day in (date(2029, 12, 31), date(2030, 1, 1)):
        found = violation_rule_for(acts=["POST_SUPPORT"], contest=contest, event_on=day)
        assert found is not None
        codes.append((found.rule.code, found.reason))
    assert codes == [("DS-02", held.reason), ("DS-03", "Contoh")]
    assert change_effects(change)[1] == "Peristiwa mulai 1 Januari 2030 menunjuk aturan yang baru."


def test_an_act_points_to_no_rule_that_is_not_in_force_then():
    held = ActRule.objects.filter(valid_to__isnull=True).first()
    assert held is not None
    code = ViolationRule.objects.exclude(code=held.rule_code).filter(valid_to__isnull=True).first()
    assert code is not None
    ViolationRule.objects.filter(pk=code.pk).update(valid_from=date(2031, 1, 1))
    fields = {"rule_code": code.code, "remark": "", "valid_from": "2030-01-01"}
    with pytest.raises(DomainError) as refused:
        proposed(ChangeTable.ACT_RULE, held.pk, fields, at=AT)
    assert refused.value.field == "rule_code"


@pytest.fixture
def contest() -> Contest:
    return Contest.objects.create(
        code="contoh-2031",
        name="Pemilu contoh",
        regime="PEMILU",
        election_code="PL",
        year=2031,
        starts_on=date(2026, 1, 1),
        confidence="GAP",
        source="contoh",
    )


def phase(contest: Contest, first: date, last: date | None = None) -> ContestPhase:
    return ContestPhase.objects.create(
        contest=contest, kind="DETERMINED", starts_on=first, ends_on=last, confidence="GAP"
    )


def days(first: str, last: str = "") -> dict[str, str]:
    return {"starts_on": first, "ends_on": last, "confidence": "PRIMARY_TEXT"}


def test_a_new_phase_decides_between_ethics_and_discipline(contest):
    fields = days("2026-09-01") | {"contest": "contoh-2031", "kind": "DETERMINED"}
    change = settled(ChangeTable.PHASE_ADDED, None, fields)

    assert not is_after_determination(contest, date(2026, 8, 31))
    assert is_after_determination(contest, date(2026, 9, 1))
    assert change_effects(change)[1] == (
        "Peristiwa sebelum 1 September 2026 dinilai sebagai kode etik, sejak hari itu disiplin."
    )
    told = {row["label"]: row["after"] for row in change_rows(change)}
    assert (told["Pemilihan"], told["Tahapan"]) == ("Pemilu contoh", "Sesudah penetapan calon")


def test_days_ahead_move_and_what_stood_there_is_kept(contest):
    row = phase(contest, date(2026, 9, 1))
    change = settled(ChangeTable.CONTEST_PHASE, row.pk, days("2026-10-01", "2027-01-31"))

    row.refresh_from_db()
    assert (row.starts_on, row.ends_on) == (date(2026, 10, 1), date(2027, 1, 31))
    assert (row.kind, row.confidence) == ("DETERMINED", "PRIMARY_TEXT")
    assert [(each["before"], each["after"]) for each in change_rows(change)[:2]] == [
        ("1 September 2026", "1 Oktober 2026"),
        ("", "31 Januari 2027"),
    ]


@pytest.mark.parametrize(
    ("first", "last", "asked", "field"),
    [
        (date(2026, 9, 1), None, days("2026-05-04"), "starts_on"),
        (date(2026, 5, 1), None, days("2026-06-01"), "starts_on"),
        (date(2026, 3, 1), date(2026, 4, 1), days("2026-03-01", "2026-08-01"), "ends_on"),
        (date(2026, 3, 1), date(2026, 8, 1), days("2026-03-01", "2026-05-03"), "ends_on"),
        (date(2026, 9, 1), None, days("2026-10-02", "2026-10-01"), "ends_on"),
    ],
)
def test_no_day_that_lies_behind_moves(contest, first, last, asked, field):
    row = phase(contest, first, last)
    with pytest.raises(DomainError) as refused:
        proposed(ChangeTable.CONTEST_PHASE, row.pk, asked, at=AT)
    assert refused.value.field == field


def test_a_phase_that_runs_ends_later(contest):
    row = phase(contest, date(2026, 3, 1), date(2026, 8, 1))
    settled(ChangeTable.CONTEST_PHASE, row.pk, days("2026-03-01", "2026-09-01"))
    row.refresh_from_db()
    assert row.ends_on == date(2026, 9, 1)


def test_a_phase_that_moved_meanwhile_is_proposed_anew(contest):
    _first, second = administrators()
    row = phase(contest, date(2026, 9, 1))
    change = proposed(ChangeTable.CONTEST_PHASE, row.pk, days("2026-10-01"), at=AT)
    ContestPhase.objects.filter(pk=row.pk).update(starts_on=date(2026, 9, 15))
    with pytest.raises(ConflictError), transaction.atomic():
        approve_change(change=change, approver=second, at=AT)
    row.refresh_from_db()
    assert row.starts_on == date(2026, 9, 15)


def test_seats_are_those_of_the_law_and_change_the_quorum():
    place = office("33")
    change = settled(ChangeTable.OFFICE_SEATS, place.pk, {"seats": "7"})

    place.refresh_from_db()
    assert (place.seats, place.quorum) == (7, 4)
    assert change_effects(change) == ["Kuorum pleno menjadi 4 anggota."]
    for code, seats in (("33", "3"), ("33.08", "7"), (None, "7")):
        with pytest.raises(DomainError) as refused:
            proposed(ChangeTable.OFFICE_SEATS, office(code).pk, {"seats": seats}, at=AT)
        assert refused.value.field == "seats"


@pytest.mark.parametrize("table", [ChangeTable.PHASE_ADDED, ChangeTable.HOLIDAY_ADDED])
def test_what_is_new_names_no_row(table, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert rows_to_change(table, on=AT.date()) == []


@pytest.mark.parametrize("table", sorted(set(ChangeTable) - {"phase_added", "holiday_added"}))
def test_rows_are_one_query_and_name_what_may_be_changed(table, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = rows_to_change(ChangeTable(table), on=date(2024, 1, 1))
    assert rows
    assert all(words for _key, words in rows)
