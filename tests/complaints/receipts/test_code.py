"""The twenty digits: what is written down is read back, what is mistyped is caught."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.receipts import CodeTypoError, ReceiptCode, format_code, new_code, parse_code

DIGITS = st.text(alphabet="0123456789", min_size=19, max_size=19)


def code_of(digits: str) -> ReceiptCode:
    return ReceiptCode(handle=digits[:5], secret=digits[5:])


def written(digits: str) -> str:
    return "".join(format_code(code_of(digits)))


@given(
    DIGITS, st.sampled_from(["{0}{1}{2}{3}{4}", "{0} {1}-{2}–{3}.{4}", "\t{0}\n{1} {2} {3} {4} "])
)
def test_what_is_written_is_read_back(digits, shape):
    code = code_of(digits)
    assert parse_code(shape.format(*format_code(code))) == code


@given(DIGITS, st.integers(0, 19), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(digits, place, shift):
    right = written(digits)
    wrong = str((int(right[place]) + shift) % 10)
    with pytest.raises(CodeTypoError):
        parse_code(right[:place] + wrong + right[place + 1 :])


@given(DIGITS, st.integers(0, 18))
def test_every_swap_of_neighbours_is_caught(digits, place):
    right = written(digits)
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    if swapped == right:
        assert parse_code(swapped) == code_of(digits)
    else:
        with pytest.raises(CodeTypoError):
            parse_code(swapped)


def test_single_errors_and_swaps_of_one_code_without_exception():
    right = written("4821093755162804773")
    tried = 0
    for place in range(20):
        for digit in set("0123456789") - {right[place]}:
            tried += 1
            with pytest.raises(CodeTypoError):
                parse_code(right[:place] + digit + right[place + 1 :])
    assert tried == 180


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1234",
        "0" * 19,
        "0" * 21,
        "a" * 20,
        "٠" * 20,
        "+" + "0" * 19,
        "0" * 19 + "\x00",
        "²" * 20,
    ],
)
def test_what_is_no_code_is_refused(typed):
    with pytest.raises(CodeTypoError):
        parse_code(typed)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(typed):
    try:
        code = parse_code(typed)
    except CodeTypoError:
        return
    assert len(code.handle + code.secret) == 19


def test_a_new_code_has_its_shape_and_does_not_show_itself():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        groups = format_code(code)
        assert [len(group) for group in groups] == [4] * 5
        assert code.secret not in repr(code)
        assert code.handle not in repr(code)


def test_r01_ten_thousand_codes():
    """R01: unique, well formed, their check digit right, nothing readable in them.

    The check speaks of eight words; experience.md 8.7 settled on twenty digits, because the
    keyboards of phones learn words and later suggest them. So there is no list and nothing offensive
    in it, and "first four letters" has become "any one wrong digit" (the tests above).
    """
    written = ["".join(format_code(new_code())) for _ in range(10_000)]
    assert len(set(written)) == 10_000
    assert all(len(code) == 20 and code.isascii() and code.isdigit() for code in written)
    assert [len(parse_code(code).secret) for code in written] == [14] * 10_000
    for place in range(19):  # each digit, but the check digit's own, is drawn evenly
        counts = Counter(code[place] for code in written)
        chi_squared = sum((counts[digit] - 1000) ** 2 / 1000 for digit in "0123456789")
        assert chi_squared < 40, f"digit {place}: one in 100,000 fair draws is this uneven"
