"""The benchmark's rows are rows that the product takes: every table and column, on a fresh database."""

import pytest

from complaints.models import Case, Complaint, Deadline

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_fresh_database_is_filled_and_filled_up():
    from bench.seeding import fill  # sets Django up when it is imported

    assert fill(200) == 200
    assert fill(200) == 0
    assert fill(210) == 10

    assert Complaint.objects.count() == 210
    assert Case.objects.exists()
    keys = list(Deadline.objects.values_list("public_id", flat=True))
    assert len(keys) == len(set(keys)) > 0
