"""What the rules propose, what stops a proposal, and who may approve it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import translation

from bawaslu_cases.accounts.models import RoleGrant
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Agency, RecipientKind, Region
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    SamePersonError,
)
from bawaslu_cases.shared.models import OutboxMessage
from complaints.services.intake import ReportedPerson
from complaints.states import CaseStatus
from referrals.errors import IncompletePacketError, NoRuleError
from referrals.models import Referral, ReferralEvent
from referrals.selectors.proposals import recommendation_for
from referrals.services.recommend import (
    Details,
    approve_referral,
    complete_allegation,
    propose_referral,
    resubmit_referral,
    withdraw_proposal,
)
from referrals.services.review import (
    accept_referral,
    find_not_proven,
    return_referral,
)
from referrals.services.signing import draft_recommendation
from referrals.states import ReferralStatus
from tests.factories import AT, assessed_case, decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

CAMAT = ReportedPerson(
    name="Contoh Wiratama",
    position="Camat",
    unit="Kecamatan Tirta Jaya",
    unit_kind="DISTRICT",
    employment="PNS",
)


def _somebody(agency, **changes):
    return [replace(CAMAT, agency=Agency.objects.get(code=agency), **changes)]


def _only(case, on=date(2024, 10, 7)):
    return recommendation_for(case=case, on=on).items[0]


def test_camat_in_campaign_is_a_discipline_case_of_the_bupati():
    item = _only(decided_case(acts=["ATTEND_EVENT"]))

    assert (item.rule.code, item.rule.category) == ("DS-04", "DISCIPLINE")
    assert item.rule.stage == "AFTER_DETERMINATION"
    assert item.rule.sanction_class == "SEVERE"
    assert (item.agency.code, item.ppk_conflict) == ("R-33.08", False)
    assert item.ppk_title == Agency.objects.get(code="R-33.08").ppk_title


def test_same_act_before_determination_is_an_ethics_case():
    item = _only(
        decided_case(acts=["ATTEND_EVENT"], event_on=date(2024, 9, 1), known_on=date(2024, 9, 1))
    )

    assert (item.rule.code, item.rule.category) == ("KE-03", "ETHICS")
    assert item.rule.sanction_class == "MORAL"


def test_jakarta_city_is_answered_for_by_the_governor():
    item = _only(
        decided_case(
            officer="ratna", people=_somebody("R-31.71"), region=Region.objects.get(code="31.71")
        )
    )

    assert item.agency.code == "P-31"
    assert "Gubernur" in item.ppk_title


def test_upper_secondary_teacher_is_the_provinces():
    item = _only(
        decided_case(
            people=_somebody("R-33.08", position="Guru", unit_kind="UPPER_SECONDARY_SCHOOL")
        )
    )

    assert item.agency.code == "P-33"


def test_madrasah_teacher_is_the_minister_of_religions():
    item = _only(decided_case(people=_somebody("R-33.08", position="Guru", unit_kind="MADRASAH")))

    assert item.agency.code == "M-AGAMA"


def test_regional_secretary_is_a_conflict_of_the_ppk():
    item = _only(
        decided_case(people=_somebody("R-33.08", position="Sekretaris Daerah", unit_kind="GENERAL"))
    )

    assert item.ppk_conflict is True


@pytest.mark.parametrize(
    ("on", "body"),
    [(date(2024, 8, 24), "KASN"), (date(2024, 8, 25), "BKN"), (date(2026, 1, 5), "BKN")],
)
def test_recipient_is_the_one_in_office_on_the_day(on, body):
    assert recommendation_for(case=decided_case(), on=on).recipient.code == body


def test_explanation_names_rule_ppk_and_recipient_with_articles():
    lines = _only(decided_case()).explanation

    assert all(len(line) == 3 for line in lines)
    assert [line[0] for line in lines if line[0].startswith("Disiplin")] == [
        (
            "Disiplin DS-08: Kegiatan yang mengarah keberpihakan (pertemuan, ajakan, himbauan, "
            "seruan, pemberian barang) kepada PNS, keluarga, masyarakat sebelum/selama/sesudah kampanye"
        )
    ]
    assert lines[-1] == [
        "Penerima pada 07-10-2024: Badan Kepegawaian Negara",
        "Perpres 92/2024; SE MenPANRB 4/2024",
        "TWO_SOURCES",
    ]


def test_what_recipients_return_for_is_named():
    case = decided_case(place="", people=[replace(CAMAT, name="", agency_text="Magelang")])

    assert recommendation_for(case=case, on=AT.date()).missing == (
        "Camat: nama",
        "Camat: NIP atau NIK",
        "Camat: instansi",
        "Camat: tempat kejadian",
    )
    with pytest.raises(IncompletePacketError) as refused:
        propose_referral(case=case, officer=person("sari"), at=AT)
    assert len(refused.value.missing) == 4
    assert Referral.objects.count() == 0


def test_completing_opens_the_gate():
    case = decided_case(place="", people=[replace(CAMAT, name="", agency_text="Magelang")])
    allegation = case.allegations.get()

    complete_allegation(
        case=case,
        allegation=allegation,
        details=Details(
            name="Contoh Wiratama",
            position="Camat",
            grade="IV/a",
            unit="Kecamatan",
            nip="197001012000011904",
            agency=Agency.objects.get(code="R-33.08"),
            place="Balai desa",
        ),
        officer=person("sari"),
    )

    assert propose_referral(case=case, officer=person("sari"), at=AT).status == "proposed"
    with pytest.raises(DomainError, match="tidak dapat diubah"):
        complete_allegation(
            case=case,
            allegation=allegation,
            details=Details("", "Lurah", "", "", "", None, ""),
            officer=person("sari"),
        )


def test_nobody_outside_the_civil_service_is_referred():
    case = decided_case(
        people=[ReportedPerson(name="Contoh", position="Kepala desa", employment="NON_ASN")]
    )

    with pytest.raises(NoRuleError):
        propose_referral(case=case, officer=person("sari"), at=AT)


def test_plenary_must_have_decided():
    with pytest.raises(DomainError) as refused:
        propose_referral(case=assessed_case(), officer=person("sari"), at=AT)

    assert refused.value.code == "not_decided"


def test_reviewer_does_not_propose():
    with pytest.raises(NotPermittedError):
        propose_referral(case=decided_case(), officer=person("anwar"), at=AT)


def test_second_proposal_for_the_same_recipient_is_refused():
    referral = stages.proposed()

    with pytest.raises(DomainError) as refused:
        propose_referral(case=referral.case, officer=person("sari"), at=AT)

    assert refused.value.code == "exists"


def test_withdrawn_proposal_makes_room_for_the_next():
    referral = stages.proposed()
    withdraw_proposal(referral=referral, officer=person("joko"), at=AT, reason="Salah orang.")

    again = propose_referral(case=referral.case, officer=person("sari"), at=AT)

    assert again.pk != referral.pk


def test_proposer_does_not_approve():
    referral = stages.proposed(officer="joko")

    with pytest.raises(SamePersonError):
        approve_referral(referral=referral, approver=person("joko"), at=AT)

    assert Referral.objects.get().status == ReferralStatus.PROPOSED
    assert OutboxMessage.objects.count() == 0


def test_approval_refers_the_case_and_promises_the_letter_once():
    referral = stages.approved()

    referral.case.refresh_from_db()
    assert referral.case.status == CaseStatus.REFERRED
    message = OutboxMessage.objects.get()
    assert (message.topic, message.subject_id) == ("referral.issue", f"{referral.public_id}:1")


def test_return_and_resubmit_keep_number_and_old_letter():
    referral = stages.delivered()
    number = referral.number
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP belum ada.")
    resubmit_referral(
        referral=referral,
        officer=person("sari"),
        at=AT,
        reason="NIP dilengkapi.",
        summary="Ringkasan kedua.",
    )
    approve_referral(referral=referral, approver=person("joko"), at=AT)

    again = stages.carried(referral)

    assert (again.number, again.version, again.status) == (number, 2, "delivered")
    assert again.summary == "Ringkasan kedua."
    assert [letter.version for letter in again.letters.all()] == [2, 1]
    assert [each.version for each in again.deliveries.order_by("pk")] == [1, 2]
    assert [again.lines(version).count() for version in (1, 2)] == [1, 1]
    assert [each.version for each in again.versions.all()] == [2, 1]
    assert again.versions.get(version=2).summary == "Ringkasan kedua."
    assert [d.status for d in again.deadlines.order_by("pk")] == ["met", "open"]


@pytest.mark.parametrize("role", [Role.PLENARY_MEMBER, Role.INTAKE_OFFICER])
def test_a16_a_new_role_does_not_make_the_proposer_a_second_person(client, role):
    """Neither through the service nor through the page, also when the role came meanwhile (check A16)."""
    referral = stages.proposed(officer="joko")
    client.force_login(person("joko"))
    RoleGrant.objects.create(user=person("joko"), role=role)

    with pytest.raises(SamePersonError):
        approve_referral(referral=referral, approver=person("joko"), at=AT)
    page = client.post(
        reverse("referrals:detail", args=[referral.public_id]), stages.approval(referral)
    )

    assert page.status_code == 200
    assert "orang kedua" in page.content.decode()
    referral.refresh_from_db()
    assert referral.status == ReferralStatus.PROPOSED
    assert not ReferralEvent.objects.filter(action="approve").exists()
    assert OutboxMessage.objects.count() == 0


def test_resubmitter_does_not_approve_the_own_version_but_the_first_proposer_may():
    referral = stages.delivered()
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP belum ada.")
    resubmit_referral(
        referral=referral, officer=person("joko"), at=AT, reason="Dilengkapi.", summary=""
    )

    with pytest.raises(SamePersonError):
        approve_referral(referral=referral, approver=person("joko"), at=AT)
    approve_referral(referral=referral, approver=person("sari"), at=AT)

    assert referral.status == ReferralStatus.APPROVED


def test_resubmission_to_a_body_that_has_ended_is_refused():
    referral = stages.delivered()
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP belum ada.")

    with pytest.raises(DomainError) as refused:
        resubmit_referral(
            referral=referral,
            officer=person("sari"),
            at=datetime(2024, 8, 1, tzinfo=UTC),
            reason="Dilengkapi.",
            summary="",
        )

    assert refused.value.code == "recipient_changed"
    assert Referral.objects.get().status == ReferralStatus.RETURNED


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_are_one_event():
    referral = stages.proposed()
    people = [person("joko"), person("dewi")]
    start, outcomes = Barrier(2), []

    def approve(approver):
        mine = stages.fresh(referral)
        approver.roles  # noqa: B018 -- read before the race
        start.wait()
        try:
            approve_referral(referral=mine, approver=approver, at=AT)
            outcomes.append("approved")
        except ConflictError:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=approve, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "conflict"]
    assert ReferralEvent.objects.filter(action="approve").count() == 1
    assert OutboxMessage.objects.filter(topic="referral.issue").count() == 1


def _crime(case, **changes):
    return propose_referral(
        case=case, officer=person("sari"), at=AT, kind=RecipientKind.CRIME_CHECK, **changes
    )


def test_the_criminal_check_gets_its_own_referral_and_no_sanction():
    referral = stages.proposed()

    second = _crime(referral.case)

    line = second.lines().get()
    assert (second.recipient.code, second.status) == ("GAKKUMDU", "proposed")
    assert line.legal_bases == line.criminal_articles
    assert line.sanction_types == []
    with pytest.raises(DomainError) as refused:
        _crime(referral.case)
    assert refused.value.code == "exists"


def test_nothing_criminal_is_no_second_referral():
    with pytest.raises(NoRuleError, match="unsur pidana"):
        _crime(decided_case(acts=["LIKE_COMMENT"]))


def test_the_criminal_check_recommends_nothing_to_a_ppk_and_closes_no_case():
    case = decided_case()
    second = _crime(case)
    approve_referral(referral=second, approver=person("joko"), at=AT)
    second = stages.carried(second)
    prosecutor = person("anwar")
    prosecutor.recipient_body = second.recipient
    prosecutor.save()
    accept_referral(referral=second, reviewer=prosecutor, at=AT)

    with pytest.raises(DomainError) as refused:
        draft_recommendation(referral=second, reviewer=prosecutor, at=AT, text="Jatuhkan sanksi.")
    find_not_proven(referral=second, reviewer=prosecutor, at=AT, reason="Bukan tindak pidana.")

    case.refresh_from_db()
    assert refused.value.code == "not_for_ppk"
    assert second.status == ReferralStatus.CLOSED
    assert case.status == CaseStatus.REFERRED


def test_lines_and_versions_cannot_be_changed():
    referral = stages.proposed()

    for rows in (referral.items.all(), referral.versions.all()):
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            rows.update(version=9)
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            rows.delete()


def test_a_line_that_departs_has_a_reason_in_the_database_too():
    line = stages.proposed().lines().get()
    line.pk, line.version, line.is_departure = None, 2, True

    with pytest.raises(IntegrityError, match="departure_has_a_reason"), transaction.atomic():
        line.save(force_insert=True)


def test_the_gate_as_it_stood_is_kept_with_the_version():
    version = stages.proposed().versions.get()

    assert version.written_by == person("sari")
    assert ["berita acara pleno", "yes", "14/BA/X/2024, 07-10-2024"] in version.gate
    assert {state for _words, state, _told in version.gate} == {"yes", "noted"}


def test_what_is_kept_is_indonesian_whatever_the_officer_reads():
    with translation.override("en"):
        line = stages.proposed().lines().get()

    assert line.explanation[0][0].startswith("Perbuatan: ")
