"""Whoever has a tie to an official is kept away at once, by every door, and no work is left lying."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connections, transaction

from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.models import (
    Case,
    Complaint,
    ConflictDeclaration,
    Recusal,
    RoutingAlarm,
    WorkEvent,
)
from complaints.rules.conflicts import name_digest
from complaints.services import recusals
from complaints.services.assignment import assign
from complaints.services.cases import complete_official, register_finding
from complaints.services.intake import ReportedPerson
from complaints.services.recusals import apply_declaration, apply_home_agency, recuse_oneself
from complaints.services.triage import confirm_tip, propose
from complaints.states import ComplaintAction, ComplaintStatus, Lane
from tests.factories import AT, case, checked, facts, office, person, report, tip, traced_tip

pytestmark = pytest.mark.django_db


def declared(who, kind="relative", *, name="", agency=None, **dates):
    return ConflictDeclaration.objects.create(
        user=person(who),
        kind=kind,
        name_digest=name_digest(name),
        agency=Agency.objects.get(code=agency) if agency else None,
        made_at=AT,
        **({"since": AT.date()} | dates),
    )


def sees(who, row):
    return type(row).objects.visible_to(person(who)).filter(pk=row.pk).exists()


def of_bawaslu(**changes):
    return ReportedPerson(**({"name": "Contoh Wiratama", "position": "Staf Bawaslu"} | changes))


@pytest.mark.parametrize(
    ("kind", "named", "reason"),
    [
        ("relative", {"name": "WIRATAMA, Contoh"}, "relative"),
        ("relative", {"name": "H. Contoh Wiratama, S.H.", "agency": "R-33.08"}, "relative"),
        ("relative", {"name": "Contoh Wiratama", "agency": "R-51.71"}, None),
        ("relative", {"name": "Contoh Wirawan"}, None),
        ("former_unit", {"agency": "R-33.08"}, "former_unit"),
        ("home_agency", {"agency": "R-33.08"}, "home_agency"),
        ("other", {"agency": "R-33.08"}, "declared"),
        ("other", {"agency": "R-51.71"}, None),
        ("former_unit", {"agency": "R-33.08", "since": AT.date() + timedelta(days=1)}, None),
        (
            "former_unit",
            {
                "agency": "R-33.08",
                "since": AT.date() - timedelta(days=9),
                "until": AT.date() - timedelta(days=1),
            },
            None,
        ),
    ],
)
def test_a_tie_declared_before_keeps_a_new_record_away(kind, named, reason):
    person("joko")
    declared("sari", kind, **named)

    row = tip()

    assert sees("sari", row) is (reason is None)
    assert [each.reason for each in row.recusals.all()] == ([reason] if reason else [])
    assert sees("joko", row)


def test_somebody_on_loan_never_judges_their_own_employer():
    sari = person("sari")
    sari.home_agency = Agency.objects.get(code="R-33.08")
    sari.save(update_fields=["home_agency"])

    assert not sees("sari", tip())


def test_names_of_kin_are_not_kept():
    row = declared("sari", name="Contoh Wiratama")

    kept = " ".join(str(value) for value in ConflictDeclaration.objects.values().get().values())
    assert len(row.name_digest) == 64
    assert "iratama" not in kept


def test_a_new_declaration_reaches_open_records_their_cases_and_nothing_closed():
    found, waiting, done = case(), tip(), tip()
    person("sari")
    Complaint.objects.filter(pk=done.pk).update(status=ComplaintStatus.REFUSED)

    count = apply_declaration(declaration=declared("joko", name="Contoh Wiratama"), at=AT)

    assert count == 2
    assert not sees("joko", waiting)
    assert not sees("joko", found)
    assert not sees("joko", found.complaints.get())
    assert sees("joko", done)
    assert apply_declaration(declaration=ConflictDeclaration.objects.get(), at=AT) == 0


def test_a_home_agency_that_is_entered_later_counts_too():
    row = tip()
    joko = person("joko")
    joko.home_agency = Agency.objects.get(code="R-33.08")
    joko.save(update_fields=["home_agency"])

    assert apply_home_agency(user=joko, at=AT) == 1
    assert not sees("joko", row)


def test_an_official_who_is_named_later_shows_the_tie():
    declared("joko", name="Ratna Contoh Sejati")
    found = case()
    assert sees("joko", found)

    complete_official(
        case=found,
        official=found.allegations.get().official,
        officer=person("sari"),
        name="Ratna Contoh Sejati",
    )

    assert not sees("joko", found)
    assert not sees("joko", found.complaints.get())


def test_a21_stands_back_by_her_own_word_and_the_work_goes_on():
    row, sari = tip(), person("sari")
    person("joko")
    assign(subject=row, to=sari, officer=sari, at=AT, seen=None)

    recuse_oneself(subject=row, user=sari, reason="declared", at=AT)
    recuse_oneself(subject=row, user=sari, reason="declared", at=AT)

    row.refresh_from_db()
    assert not sees("sari", row)
    assert row.assignee is None  # nobody of the role in the table is left: the chair gives it
    event = WorkEvent.objects.get(action="recuse")
    assert (event.actor, event.detail) == (
        sari,
        {"user": sari.pk, "reason": "declared", "to": None},
    )
    assert sees("joko", row)


def test_what_a_recused_officer_had_goes_to_the_next_one():
    found, sari, joko = case(), person("sari"), person("joko")
    assign(subject=found, to=sari, officer=sari, at=AT, seen=None)

    recuse_oneself(subject=found, user=sari, reason="relative", at=AT)

    found.refresh_from_db()
    assert found.assignee == joko


def test_standing_back_needs_a_reason_that_exists():
    with pytest.raises(DomainError):
        recuse_oneself(subject=tip(), user=person("sari"), reason="accused", at=AT)
    assert not Recusal.objects.exists()


def test_a24_one_of_bawaslu_is_accused_and_the_level_above_has_it(vault_keys):
    rudi, lina = person("rudi"), person("lina")
    people = [of_bawaslu(name="Rudi", unit="Bawaslu Kabupaten Magelang")]

    row = report(lane=Lane.OPEN, people=people)

    row.refresh_from_db()
    assert row.office == office("33")
    assert not sees("rudi", row)
    assert not sees("lina", row)
    assert sees("sari", row)
    assert Recusal.objects.get(complaint=row).user == rudi
    alarm = RoutingAlarm.objects.get()
    assert (alarm.kind, alarm.office, alarm.target) == (
        "accused_staff",
        lina.office,
        office("33"),
    )
    move = WorkEvent.objects.get(action="move")
    assert (move.actor, move.detail["to"]) == (None, office("33").pk)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ({"unit": "Bawaslu Provinsi Jawa Tengah"}, None),
        ({"name": "Sari"}, None),
        ({"unit": "Bawaslu Provinsi Bali"}, "33"),
        ({"position": "Camat", "name": "Sari"}, "33"),
        ({}, None),
    ],
)
def test_a24_up_from_the_accused_office_and_not_without_need(words, where):
    person("sari")

    row = tip(people=[of_bawaslu(**words)])

    row.refresh_from_db()
    assert row.office == office(where)


def test_a25_the_last_officer_stands_back_and_the_matter_goes_up_with_an_alarm():
    sari, row = person("sari"), tip()

    recuse_oneself(subject=row, user=sari, reason="relative", at=AT)

    row.refresh_from_db()
    assert row.office == office(None)
    assert sees("ratna", row)
    assert RoutingAlarm.objects.get().kind == "nobody_left"


def test_a25_at_the_top_it_stays_and_the_alarm_stands():
    ratna = person("ratna")
    row = tip(people=[of_bawaslu(unit="Bawaslu Provinsi Jawa Tengah")])
    row.refresh_from_db()
    assert row.office == office(None)

    recuse_oneself(subject=row, user=ratna, reason="relative", at=AT)

    row.refresh_from_db()
    assert row.office == office(None)
    assert list(RoutingAlarm.objects.order_by("pk").values_list("kind", "target")) == [
        ("accused_staff", office(None).pk),
        ("nobody_left", None),
    ]


def alarms():
    return list(RoutingAlarm.objects.order_by("pk").values_list("kind", "office", "target"))


@pytest.mark.usefixtures("vault_keys")
def test_a25_the_last_verifier_of_a_desk_stands_back_and_the_level_above_is_told():
    vera, vito = person("vera"), person("vito")
    person("retno")
    row = report()

    recuse_oneself(subject=row, user=vera, reason="relative", at=AT)
    assert alarms() == []
    recuse_oneself(subject=row, user=vito, reason="relative", at=AT)
    assert alarms() == [("no_verifier", office("33").pk, office(None).pk)]
    # the record stays where it is: its officers go on
    row.refresh_from_db()
    assert row.office == office("33")


@pytest.mark.usefixtures("vault_keys")
def test_a25_what_becomes_one_matter_tells_it_too_and_once():
    vera, vito = person("vera"), person("vito")
    row = report()
    recuse_oneself(subject=row, user=vera, reason="relative", at=AT)
    # as a link to a row that vito keeps away from leaves it, before what follows from it is written
    Recusal.objects.create(complaint=row, user=vito, reason="relative", since=AT)
    assert alarms() == []
    for _time in range(2):
        recusals.join_recusals(subject=row, at=AT)
        assert alarms() == [("no_verifier", office("33").pk, office(None).pk)]


@pytest.mark.usefixtures("vault_keys")
def test_a25_a_suspended_verifier_is_nobody():
    vera, vito = person("vera"), person("vito")
    vito.is_active = False
    vito.save(update_fields=["is_active"])
    recuse_oneself(subject=report(), user=vera, reason="relative", at=AT)
    assert [kind for kind, *_places in alarms()] == ["no_verifier"]


@pytest.mark.usefixtures("vault_keys")
def test_a25_the_last_custodian_stands_back():
    kurnia, kadek = person("kurnia"), person("kadek")
    row = report()
    recuse_oneself(subject=row, user=kurnia, reason="relative", at=AT)
    assert alarms() == []
    recuse_oneself(subject=row, user=kadek, reason="relative", at=AT)
    assert alarms() == [("no_custodian", office("33").pk, office(None).pk)]


@pytest.mark.usefixtures("vault_keys")
def test_a25_who_could_not_open_anyway_is_no_loss():
    person("vera")
    sari, retno = person("sari"), person("retno")
    person("joko")
    row, nameless = report(), tip()
    recuse_oneself(subject=row, user=sari, reason="relative", at=AT)
    recuse_oneself(subject=row, user=retno, reason="relative", at=AT)
    recuse_oneself(subject=nameless, user=person("vera"), reason="relative", at=AT)
    assert alarms() == []


@pytest.mark.django_db(transaction=True)
def test_a21_a_decision_that_was_posted_meanwhile_is_done_before_or_not_at_all():
    """The step waits for the recusal that is being written, and then does not happen."""
    row = checked(tip(), person("sari"))
    person("joko")
    recused, let_go = Event(), Event()

    def stand_back():
        try:
            with transaction.atomic():
                recuse_oneself(
                    subject=Complaint.objects.get(pk=row.pk),
                    user=person("sari"),
                    reason="declared",
                    at=AT,
                )
                recused.set()
                assert let_go.wait(120)
        finally:
            connections.close_all()

    def decide():
        try:
            mine = Complaint.objects.get(pk=row.pk)
            officer = person("sari")
            let_go.set()
            propose(complaint=mine, action=ComplaintAction.PROPOSE_TRACING, officer=officer, at=AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(stand_back)
        assert recused.wait(120)
        second = pool.submit(decide)
        first.result(60)
        with pytest.raises(ConflictError):
            second.result(60)
    row.refresh_from_db()
    assert row.status == ComplaintStatus.RECEIVED
    assert not row.events.filter(action="propose_tracing").exists()


def test_queries_where_nobody_is_concerned(django_assert_num_queries):
    row = tip()
    officials = [link.official for link in row.official_links.select_related("official__agency")]
    with django_assert_num_queries(1):
        recusals.find_conflicts(officials=officials, office=row.office, at=AT)


def test_a_case_is_kept_from_the_same_people():
    found = case()
    recuse_oneself(subject=found.complaints.get(), user=person("joko"), reason="declared", at=AT)
    assert not Case.objects.visible_to(person("joko")).exists()


def test_a20_what_was_made_of_a_tip_is_kept_from_the_same_people():
    """Before and after: whoever keeps away from the tip keeps away from its finding and case, and back."""
    traced, sari, joko = traced_tip(), person("sari"), person("joko")
    recuse_oneself(subject=traced, user=person("dewi"), reason="declared", at=AT)

    made = confirm_tip(complaint=traced, facts=facts(), officer=sari, at=AT)
    found = register_finding(complaint=made, officer=sari, at=AT)

    assert [sees("dewi", row) for row in (traced, made, found)] == [False] * 3
    recuse_oneself(subject=found, user=joko, reason="relative", at=AT)
    assert [sees("joko", row) for row in (traced, made, found)] == [False] * 3
    assert [sees("sari", row) for row in (traced, made, found)] == [True] * 3
    assert Recusal.objects.count() == 6
