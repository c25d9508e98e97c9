"""What the server keeps of a secret."""

from typing import Any

import pytest

from bawaslu_cases.settings import base
from complaints.receipts import Cost, matches, new_salt, verifier_of

CHEAP = Cost(time_cost=1, memory_cost_kib=1024)
SALT, PEPPER = b"s" * 16, b"p" * 32


def test_the_right_secret_matches_and_only_it():
    kept = verifier_of("12345678901234", salt=SALT, pepper=PEPPER, cost=CHEAP)
    assert len(kept) == 32
    assert matches("12345678901234", salt=SALT, verifier=kept, pepper=PEPPER, cost=CHEAP)
    assert not matches("12345678901235", salt=SALT, verifier=kept, pepper=PEPPER, cost=CHEAP)


@pytest.mark.parametrize(
    "other",
    [
        {"salt": b"t" * 16},
        {"pepper": b"q" * 32},
        {"cost": Cost(time_cost=2, memory_cost_kib=1024)},
        {"cost": Cost(time_cost=1, memory_cost_kib=2048)},
    ],
    ids=["salt", "pepper", "passes", "memory"],
)
def test_every_ingredient_counts(other):
    plain: dict[str, Any] = {"salt": SALT, "pepper": PEPPER, "cost": CHEAP}
    assert verifier_of("1" * 14, **plain) != verifier_of("1" * 14, **(plain | other))


def test_full_cost_is_what_production_uses():
    assert base.RECEIPT_ARGON2 == {"time_cost": 3, "memory_cost_kib": 65536}
    cost = Cost(**base.RECEIPT_ARGON2)
    kept = verifier_of("1" * 14, salt=SALT, pepper=PEPPER, cost=cost)
    assert matches("1" * 14, salt=SALT, verifier=kept, pepper=PEPPER, cost=cost)


def test_salts_differ():
    assert len({new_salt() for _ in range(100)}) == 100
