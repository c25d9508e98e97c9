"""Gap-free numbers: one at a time, rolled back, and by many threads at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from bawaslu_cases.shared.models import NumberSeries
from bawaslu_cases.shared.numbering import next_number


def draw_and_roll_back(series):
    with transaction.atomic():
        number = next_number(series=series)
        transaction.set_rollback(True)
    return number


@pytest.mark.django_db
def test_series_count_apart_in_one_query_each(django_assert_num_queries):
    with django_assert_num_queries(4):
        drawn = [next_number(series=series) for series in ("a", "b", "a", "a")]

    assert drawn == [1, 1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_number_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match="needs the transaction"):
        next_number(series="a")

    assert not NumberSeries.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [0, 5], ids=["new series", "known series"])
def test_rollback_leaves_no_gap(before):
    for _each in range(before):
        with transaction.atomic():
            next_number(series="a")
    assert draw_and_roll_back("a") == before + 1

    with transaction.atomic():
        assert next_number(series="a") == before + 1


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_draw_without_gap_or_double():
    threads, each = 16, 10
    start = Barrier(threads)

    def draw(index):
        drawn = []
        try:
            start.wait(120)
            for turn in range(each):
                if (index + turn) % 5 == 0:
                    draw_and_roll_back("race")  # this number must go to somebody else
                    continue
                with transaction.atomic():
                    drawn.append(next_number(series="race"))
        finally:
            connection.close()
        return drawn

    with ThreadPoolExecutor(threads) as pool:
        drawn = [number for numbers in pool.map(draw, range(threads)) for number in numbers]

    assert len(drawn) == threads * each * 4 // 5
    assert sorted(drawn) == list(range(1, len(drawn) + 1))
    assert NumberSeries.objects.get(series="race").last_number == len(drawn)
