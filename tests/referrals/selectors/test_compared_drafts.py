"""Drafts of referrals come to whoever compares them with the name (check K05)."""

import pytest

from complaints.selectors.compared_texts import compared_texts
from referrals.models import Referral
from referrals.selectors.compared_drafts import drafts_of
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def complaint_of(referral):
    return referral.case.complaints.get()


def test_k05_a_draft_is_compared_text_by_text_and_without_the_accused():
    referral = stages.proposed()
    Referral.objects.filter(pk=referral.pk).update(summary="Camat mengajak warga memilih.")
    found = dict(drafts_of(complaint_of(referral)))
    assert found["Konsep rekomendasi 1: ringkasan"] == "Camat mengajak warga memilih."
    assert "Konsep rekomendasi 1: jabatan, orang 1" in found
    accused = referral.lines().get().official.name
    assert accused not in found.values()
    told = compared_texts(complaint_of(referral))
    places = {row["place"] for row in told["texts"]}
    assert set(found) <= places
    assert accused in told["known"]


def test_k05_what_has_left_is_not_compared_any_more():
    referral = stages.approved()
    complaint = complaint_of(referral)
    assert list(drafts_of(complaint)) != []
    stages.carried(referral)
    assert list(drafts_of(complaint)) == []
