"""A part of its caller's transaction, or a transaction of its own."""

import pytest
from django.db import connection, transaction

from bawaslu_cases.shared.joined import joined
from bawaslu_cases.shared.models import NumberSeries
from bawaslu_cases.shared.numbering import next_number


@joined
def drawn(series, error=None):
    number = next_number(series=series)
    if error is not None:
        raise error
    return number


@transaction.atomic
def both():
    drawn("a")
    drawn("b", LookupError())


@pytest.mark.django_db(transaction=True)
def test_stands_alone_with_a_transaction_of_its_own():
    assert drawn("a") == 1
    with pytest.raises(LookupError):
        drawn("a", LookupError())

    assert NumberSeries.objects.get(series="a").last_number == 1
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_inside_another_it_stands_and_falls_with_it(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):  # no savepoint
        drawn("a")
    with pytest.raises(LookupError):
        both()

    assert dict(NumberSeries.objects.values_list("series", "last_number")) == {"a": 1}
