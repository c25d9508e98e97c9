"""The office a referral and a follow-up keep is their case's, whoever writes (ADR 0050)."""

import pytest
from django.db import IntegrityError, connection, transaction

from complaints.models import Case
from referrals.models import FollowUp, Referral
from tests.factories import office
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def settle() -> None:
    """Check at once what waits for the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_both_keep_their_case_s_office():
    follow_up = stages.recommended()
    assert follow_up.office_id == follow_up.referral.office_id
    assert follow_up.office_id == follow_up.referral.case.office_id


def test_no_row_can_name_another_office():
    follow_up = stages.recommended()
    other = office("33.74")
    assert other.pk != follow_up.office_id
    settle()
    with pytest.raises(IntegrityError, match="referral_office_of_its_case"), transaction.atomic():
        Referral.objects.filter(pk=follow_up.referral_id).update(office=other)
    with (
        pytest.raises(IntegrityError, match="follow_up_office_of_its_referral"),
        transaction.atomic(),
    ):
        FollowUp.objects.filter(pk=follow_up.pk).update(office=other)


def test_a_case_that_moves_takes_them_along():
    follow_up = stages.recommended()
    stays = stages.recommended(place="Lapangan lain")
    other = office("33.74")
    Case.objects.filter(pk=follow_up.referral.case_id).update(office=other)
    settle()
    assert FollowUp.objects.get(pk=follow_up.pk).office_id == other.pk
    assert Referral.objects.get(pk=follow_up.referral_id).office_id == other.pk
    assert FollowUp.objects.get(pk=stays.pk).office_id == stays.office_id
