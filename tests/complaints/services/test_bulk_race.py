"""Two hands on the same many records: each row goes to one of them, and neither waits for ever."""

import pytest

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, WorkEvent
from complaints.services.bulk import BulkAction, Order, Outcome, Row, apply_to_many
from tests.factories import AT, person, tip
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = 5


def test_of_two_that_assign_the_same_rows_each_row_has_one():
    """Named in opposite orders; who comes second reads under the lock what the first one wrote."""
    rows = [Row(tip().public_id, None, "received") for _number in range(12)]
    sari, joko = person("sari"), person("joko")
    for _turn in range(TURNS):

        def give(to: User, named: list[Row]) -> Outcome:
            order = Order(BulkAction.ASSIGN, officer=sari, at=AT, reason="Pembagian kerja.", to=to)
            return apply_to_many(order=order, rows=named)

        first, second = at_once([lambda: give(sari, rows), lambda: give(joko, rows[::-1])])

        assert sorted(first.done + second.done) == sorted(
            Complaint.objects.values_list("reference", flat=True)
        )
        assert {str(why) for _name, why in first.skipped + second.skipped} == {
            "Baru saja ditugaskan oleh orang lain. Muat ulang halaman."
        }
        of = {row.reference: row.assignee for row in Complaint.objects.select_related("assignee")}
        assert [of[name] for name in first.done] == [sari] * len(first.done)
        assert [of[name] for name in second.done] == [joko] * len(second.done)
        Complaint.objects.update(assignee=None)
    assert WorkEvent.objects.filter(action="assign").count() == TURNS * len(rows)
