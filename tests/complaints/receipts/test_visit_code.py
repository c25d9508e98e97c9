"""Twelve digits from the mailbox's key: the same again, another with another number, typos told."""

import os

import pytest

from complaints.receipts import (
    VISIT_DIGITS,
    CodeTypoError,
    format_visit_code,
    parse_visit_code,
    visit_code,
)

KEY = bytes(range(32))
REPORT = "ab" * 16


def test_the_code_is_derived_and_can_be_shown_again():
    code = visit_code(KEY, report=REPORT, serial=7)

    assert code == "355304691327"
    assert visit_code(KEY, report=REPORT, serial=7) == code
    others = {
        visit_code(KEY, report=REPORT, serial=8),
        visit_code(KEY, report="cd" * 16, serial=7),
        visit_code(os.urandom(32), report=REPORT, serial=7),
    }
    assert code not in others
    assert len(others) == 3


def test_a_person_may_type_it_in_groups():
    code = visit_code(KEY, report=REPORT, serial=7)
    one, two, three = format_visit_code(code)

    assert f"{one}{two}{three}" == code
    for typed in (code, f"{one} {two} {three}", f" {one}-{two}.{three} ", f"{one}–{two}–{three}"):
        assert parse_visit_code(typed) == code


def test_every_wrong_digit_and_every_swap_of_neighbours_is_told():
    code = visit_code(KEY, report=REPORT, serial=7)
    typos = {
        code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]
        for place in range(VISIT_DIGITS)
        for more in range(1, 10)
    }
    typos |= {
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(VISIT_DIGITS - 1)
        if code[place] != code[place + 1]
    }

    assert len(typos) > 12 * 9
    for typo in typos:
        with pytest.raises(CodeTypoError):
            parse_visit_code(typo)


@pytest.mark.parametrize("typed", ["", "123", "1" * 13, "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_what_cannot_be_a_code_is_none(typed):
    with pytest.raises(CodeTypoError):
        parse_visit_code(typed)
