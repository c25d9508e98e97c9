"""The rows of the ledger: what each step writes, corrections, objections, moves, appeals."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bawaslu_cases.registry.models import Agency, SanctionType
from bawaslu_cases.shared.errors import DomainError, NotPermittedError, SamePersonError
from complaints.states import CaseStatus
from referrals.models import FollowUp, LedgerEntry
from referrals.rules.remedies import remedy_against
from referrals.services.appeals import Decision, decide_appeal, file_appeal
from referrals.services.follow_up import (
    Answer,
    answer_follow_up,
    drop_recommendation,
    move_to_new_ppk,
    uphold_recommendation,
    verify_answer,
)
from referrals.services.ledger import correct_sanction, standing_of
from referrals.states import AnswerKind, AppealOutcome
from tests.factories import AT, person
from tests.referrals import stages
from tests.referrals.stages import LATER

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _kinds(follow_up):
    return [entry.kind for entry in follow_up.ledger.all()]


def _say(follow_up, kind, *, at=LATER, staff="putu", **given):
    answer_follow_up(
        follow_up=follow_up,
        answer=Answer(kind, **given),
        staff=person(staff),
        at=at,
    )


def _fresh(follow_up):
    return FollowUp.objects.select_related("referral__case__office", "agency", "official").get(
        pk=follow_up.pk
    )


def test_first_row_says_what_was_recommended_on_which_bases():
    follow_up = stages.recommended()

    entry = follow_up.ledger.get()

    assert (entry.kind, entry.sanction_class) == ("recommended", "SEVERE")
    assert entry.bases == list(follow_up.referral.lines().get().legal_bases)
    assert (entry.recorded_by, entry.happened_on) == (person("bima"), date(2024, 10, 7))


def test_a_sanction_is_a_row_with_its_decree_and_the_follow_up_repeats_it():
    follow_up = stages.answered()

    entry = follow_up.ledger.latest("pk")

    assert entry.sanction_type is not None
    assert (entry.kind, entry.sanction_type.code, entry.decree_number) == (
        "imposed",
        "TJ_12",
        "800/123/2024",
    )
    assert (entry.happened_on, entry.recorded_on) == (date(2024, 10, 10), date(2024, 10, 14))
    assert (_fresh(follow_up).gap, _fresh(follow_up).imposed_id) == (
        "equal",
        entry.sanction_type_id,
    )


@pytest.mark.parametrize(
    ("code", "gap"),
    [("TT", "lighter"), ("PTDH", "heavier"), ("MORAL_OPEN", "other_kind"), ("PHK", "equal")],
)
def test_gap_stands_on_the_follow_up(code, gap):
    follow_up = stages.recommended()
    kind = SanctionType.objects.in_force(AT.date()).get(code=code)

    answer_follow_up(
        follow_up=follow_up,
        answer=stages.sanction(sanction_type=kind),
        staff=person("putu"),
        at=LATER,
    )

    assert _fresh(follow_up).gap == gap


def test_rows_are_only_added():
    follow_up = stages.recommended()

    for change in (
        lambda: follow_up.ledger.update(note="anders"),
        lambda: follow_up.ledger.all().delete(),
    ):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            change()


def test_accepting_needs_no_file_and_the_clock_goes_on():
    follow_up = stages.recommended()
    before = follow_up.due_at

    _say(follow_up, AnswerKind.ACCEPTED)

    follow_up = _fresh(follow_up)
    assert (follow_up.status, follow_up.due_at) == ("accepted", before)
    assert follow_up.ladder.next_on == date(2024, 10, 28)
    assert follow_up.answers.get().proof_name == ""


def test_more_time_is_given_once_and_counts_from_the_last_day():
    follow_up = stages.recommended()

    _say(follow_up, AnswerKind.MORE_TIME, explanation="Majelis belum lengkap.")

    follow_up = _fresh(follow_up)
    assert [(d.kind, d.status) for d in follow_up.deadlines.order_by("pk")] == [
        ("ppk_answer", "cancelled"),
        ("ppk_more_time", "open"),
    ]
    # seven working days after 25 October 2024
    assert follow_up.deadlines.last().due_on == date(2024, 11, 5)
    assert follow_up.ladder.next_on == date(2024, 11, 6)
    with pytest.raises(DomainError) as refused:
        _say(follow_up, AnswerKind.MORE_TIME, explanation="Sekali lagi.")
    assert str(refused.value.message) == "Tambahan waktu hanya diberikan satu kali"


def test_more_time_is_not_given_after_the_last_day():
    follow_up = stages.recommended()

    assert follow_up.due_at is not None
    with pytest.raises(DomainError, match="sudah lewat"):
        _say(follow_up, AnswerKind.MORE_TIME, at=follow_up.due_at + DAY, explanation="Terlambat.")

    assert _kinds(follow_up) == ["recommended"]


def test_the_database_holds_that_time_is_asked_once():
    follow_up = stages.recommended()
    _say(follow_up, AnswerKind.MORE_TIME, explanation="Majelis belum lengkap.")
    entry = follow_up.ledger.latest("pk")

    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_objection_refused_gives_a_new_clock():
    follow_up = stages.recommended()
    _say(follow_up, AnswerKind.OBJECTION, explanation="Bukan pegawai kami waktu itu.")
    assert (_fresh(follow_up).status, _fresh(follow_up).ladder.next_on) == ("objected", None)

    uphold_recommendation(
        follow_up=follow_up, officer=person("sari"), at=LATER, reason="Data BKN menyatakan lain."
    )

    follow_up = _fresh(follow_up)
    assert follow_up.status == "awaiting"
    assert follow_up.deadlines.last().due_on == date(2024, 11, 1)
    assert follow_up.ladder.next_on == date(2024, 11, 4)
    assert _kinds(follow_up) == ["recommended", "objected", "upheld"]


def test_objection_followed_ends_the_follow_up_and_closes_the_case():
    follow_up = stages.recommended()
    _say(follow_up, AnswerKind.OBJECTION, explanation="Putusan pengadilan membebaskan.")

    drop_recommendation(
        follow_up=follow_up, officer=person("anwar"), at=LATER, reason="Putusan berkekuatan tetap."
    )

    referral = stages.fresh(follow_up.referral)
    assert (_fresh(follow_up).status, referral.status) == ("dropped", "closed")
    assert referral.case.status == CaseStatus.CLOSED


def test_whoever_moved_is_asked_of_the_new_ppk_and_the_old_one_reads_nothing_more():
    follow_up = stages.recommended()
    denpasar = Agency.objects.get(code="R-51.71")
    with pytest.raises(DomainError, match="instansi yang baru"):
        _say(follow_up, AnswerKind.TRANSFERRED, proof=stages.pdf(), explanation="Pindah.")
    _say(
        follow_up,
        AnswerKind.TRANSFERRED,
        proof=stages.pdf(),
        explanation="Pindah tugas.",
        new_agency=denpasar,
    )
    with pytest.raises(DomainError, match="pindahkan"):
        verify_answer(follow_up=follow_up, officer=person("sari"), at=LATER)

    move_to_new_ppk(
        follow_up=follow_up, officer=person("sari"), at=LATER, reason="SK pindah diperiksa."
    )

    follow_up = _fresh(follow_up)
    assert (follow_up.agency, follow_up.ppk_title, follow_up.status) == (
        denpasar,
        denpasar.ppk_title,
        "awaiting",
    )
    assert (follow_up.ladder.round, follow_up.ladder.reached) == (2, 0)
    assert FollowUp.objects.visible_to(person("putu")).count() == 0
    assert FollowUp.objects.visible_to(person("made")).get() == follow_up
    with pytest.raises(NotPermittedError):
        _say(follow_up, AnswerKind.ACCEPTED)
    _say(follow_up, AnswerKind.ACCEPTED, staff="made")
    assert _kinds(follow_up) == ["recommended", "transferred", "moved", "accepted"]


def test_a_correction_keeps_the_old_row_and_wants_another_second_person():
    follow_up = stages.answered()
    verify_answer(follow_up=follow_up, officer=person("sari"), at=LATER)
    light = SanctionType.objects.get(code="TT")

    correct_sanction(
        follow_up=follow_up,
        officer=person("sari"),
        at=LATER + DAY,
        reason="Salah baca SK.",
        sanction_type=light,
        decree_number="800/123/2024-A",
        decree_on=date(2024, 10, 11),
    )

    follow_up = _fresh(follow_up)
    assert (follow_up.status, follow_up.gap) == ("answered", "lighter")
    assert LedgerEntry.objects.get(decree_number="800/123/2024").replaced_by.sanction_type == light
    assert standing_of(follow_up, on=LATER.date()).gap == "equal"
    with pytest.raises(SamePersonError):
        verify_answer(follow_up=follow_up, officer=person("sari"), at=LATER + DAY)
    verify_answer(follow_up=follow_up, officer=person("joko"), at=LATER + DAY)
    assert _fresh(follow_up).status == "verified"


def test_nothing_to_correct_before_a_sanction():
    with pytest.raises(DomainError, match="Belum ada sanksi"):
        correct_sanction(
            follow_up=stages.recommended(),
            officer=person("sari"),
            at=LATER,
            reason="x",
            sanction_type=SanctionType.objects.get(code="TT"),
            decree_number="1",
            decree_on=AT.date(),
        )


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("MORAL_OPEN", "objection"),
        ("TT", "objection"),
        ("TJ_12", "objection"),
        ("PDHTAPS", "appeal"),
        ("PTDH", "appeal"),
        ("PHK", "appeal"),
        ("PHK_TH", "appeal"),
    ],
)
def test_which_remedy_is_open(code, remedy):
    assert remedy_against(SanctionType.objects.filter(code=code)[0]) == remedy


def _filed(code="TJ_12", *, received=date(2024, 10, 11), filed=date(2024, 10, 14)):
    follow_up = stages.recommended()
    answer = stages.sanction(sanction_type=SanctionType.objects.in_force(AT.date()).get(code=code))
    answer_follow_up(follow_up=follow_up, answer=answer, staff=person("putu"), at=LATER)
    entry = file_appeal(
        follow_up=follow_up,
        officer=person("sari"),
        at=LATER + DAY * 60,
        received_on=received,
        filed_on=filed,
    )
    return follow_up, entry


@pytest.mark.parametrize(
    ("code", "kind", "due_on"),
    [
        # 21 and 65 working days from Monday 14 October 2024
        ("TJ_12", "appeal_objection", date(2024, 11, 12)),
        ("PTDH", "appeal_bpasn", date(2025, 1, 17)),
    ],
)
def test_filing_starts_the_clock_of_whoever_decides(code, kind, due_on):
    follow_up, entry = _filed(code)

    deadline = follow_up.deadlines.get(status="open")
    assert (deadline.kind, deadline.due_on) == (kind, due_on)
    assert (_fresh(follow_up).status, entry.note) == ("appealed", "")


@pytest.mark.parametrize(
    ("filed", "note"),
    [
        # fourteen working days from Friday 11 October 2024 end on the 31st
        (date(2024, 10, 31), ""),
        (date(2024, 11, 1), "Diajukan setelah hari terakhir 31-10-2024."),
    ],
)
def test_a_late_remedy_is_recorded_with_a_remark(filed, note):
    _follow_up, entry = _filed(filed=filed)

    assert entry.note == note


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"received": date(2024, 10, 9)}, "received_on"),
        ({"filed": date(2024, 10, 10)}, "filed_on"),
        ({"filed": date(2025, 6, 2)}, "filed_on"),
    ],
)
def test_days_of_a_remedy_in_the_wrong_order_are_refused(changes, field):
    with pytest.raises(DomainError) as refused:
        _filed(**changes)

    assert refused.value.field == field


DECIDED = Decision(AppealOutcome.CONFIRMED, date(2024, 11, 8), "9/2024", stages.pdf())


@pytest.mark.parametrize(
    ("outcome", "code", "gap", "imposed"),
    [
        (AppealOutcome.CONFIRMED, None, "equal", "TJ_12"),
        (AppealOutcome.WITHDRAWN, None, "equal", "TJ_12"),
        (AppealOutcome.LIGHTENED, "TT", "lighter", "TT"),
        (AppealOutcome.AGGRAVATED, "PTDH", "heavier", "PTDH"),
        (AppealOutcome.CHANGED, "BJ_12", "equal", "BJ_12"),
        (AppealOutcome.ANNULLED, None, "none", None),
    ],
)
def test_what_was_decided_stands_and_is_verified_by_another(outcome, code, gap, imposed):
    follow_up, _entry = _filed()
    at = LATER + DAY * 60
    kind = SanctionType.objects.in_force(AT.date()).get(code=code) if code else None

    decide_appeal(
        follow_up=follow_up,
        decision=replace(DECIDED, outcome=outcome, sanction_type=kind),
        officer=person("sari"),
        at=at,
    )

    follow_up = _fresh(follow_up)
    held = follow_up.imposed.code if follow_up.imposed else None
    assert (follow_up.status, follow_up.gap, held) == ("answered", gap, imposed)
    assert follow_up.deadlines.filter(status="open").count() == 0
    with pytest.raises(SamePersonError):
        verify_answer(follow_up=follow_up, officer=person("sari"), at=at)
    verify_answer(follow_up=follow_up, officer=person("joko"), at=at)
    assert standing_of(follow_up).is_verified


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"decided_on": date(2024, 10, 13)}, "decided_on"),
        ({"decided_on": date(2025, 6, 2)}, "decided_on"),
        ({"outcome": AppealOutcome.LIGHTENED}, "sanction_type"),
        ({"proof": b""}, "proof"),
    ],
)
def test_a_decision_names_what_is_missing(changes, field):
    follow_up, _entry = _filed()

    with pytest.raises(DomainError) as refused:
        decide_appeal(
            follow_up=follow_up,
            decision=replace(DECIDED, **changes),
            officer=person("sari"),
            at=LATER + DAY * 60,
        )

    assert refused.value.field == field
    assert _fresh(follow_up).status == "appealed"


def test_an_appeal_after_the_end_reopens_the_follow_up_and_leaves_the_case_closed():
    follow_up = stages.answered()
    verify_answer(follow_up=follow_up, officer=person("sari"), at=LATER)

    file_appeal(
        follow_up=follow_up,
        officer=person("sari"),
        at=LATER + DAY * 4,
        received_on=date(2024, 10, 11),
        filed_on=date(2024, 10, 18),
    )
    at = LATER + DAY * 30
    decide_appeal(
        follow_up=follow_up,
        decision=replace(DECIDED, outcome=AppealOutcome.ANNULLED),
        officer=person("sari"),
        at=at,
    )
    verify_answer(follow_up=follow_up, officer=person("joko"), at=at)

    referral = stages.fresh(follow_up.referral)
    assert (_fresh(follow_up).status, _fresh(follow_up).gap) == ("verified", "none")
    assert (referral.status, referral.case.status) == ("closed", CaseStatus.CLOSED)
