"""Keys that run by day and say nothing within it."""

from datetime import date, timedelta

from bawaslu_cases.shared.drawn_keys import draw_key

DAY = date(2026, 11, 21)


def test_keys_run_by_day():
    keys = [draw_key(DAY + timedelta(days=n)) for n in range(-9000, 20000, 97)]

    assert keys == sorted(keys)
    assert max(keys) < 2**63


def test_keys_of_one_record_keep_their_order_and_their_day():
    keys = [draw_key(DAY)]
    for _n in range(500):
        keys.append(draw_key(DAY, after=keys[-1]))

    assert keys == sorted(set(keys))
    assert draw_key(DAY + timedelta(days=2), after=keys[-1]) > keys[-1]
    # a running key of a row from before stands before every drawn one
    assert draw_key(DAY, after=7) > 2**48


def test_a_thousand_keys_of_a_day_are_all_different():
    assert len({draw_key(DAY) for _n in range(1000)}) == 1000
