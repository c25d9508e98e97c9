"""Who is recused sees nothing of that one record or case, and of all others what they saw before."""

import pytest
from django.db import connection

from complaints.models import Case, Complaint, Recusal
from tests.factories import AT, case, finding, person, tip

pytestmark = pytest.mark.django_db


def seen(model, who="sari"):
    return set(model.objects.visible_to(person(who)).values_list("pk", flat=True))


def test_a_recusal_hides_its_own_row_and_no_other():
    hidden, other = tip(), tip()
    closed, open_case = case(), case(officer="sari")
    records, cases = seen(Complaint), seen(Case)
    assert {hidden.pk, other.pk} <= records
    assert {closed.pk, open_case.pk} <= cases

    # One from a record alone has no case, one from a case no record: an empty key hides nothing.
    Recusal.objects.create(user=person("sari"), complaint=hidden, reason="relative", since=AT)
    assert (seen(Complaint), seen(Case)) == (records - {hidden.pk}, cases)
    Recusal.objects.create(user=person("sari"), case=closed, reason="relative", since=AT)
    assert (seen(Complaint), seen(Case)) == (records - {hidden.pk}, cases - {closed.pk})
    assert hidden.pk in seen(Complaint, "joko")
    assert closed.pk in seen(Case, "joko")


@pytest.mark.parametrize("model", [Complaint, Case])
def test_what_somebody_is_recused_from_is_looked_up_once_a_statement(model):
    for _number in range(5):
        finding()
    sql, params = model.objects.visible_to(person("sari")).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "InitPlan" in plan
    assert "SubPlan" not in plan
    assert "Join" not in plan
