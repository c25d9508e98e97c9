"""Whether a text that others read repeats something of an opened identity (vault-format.md 11).

The same rule as ``static/js/vault/comparing.mjs``; ``tests/vectors/identity_in_text_v1.json`` holds both.
Letters are compared without case, accents, joiners and invisible characters; numbers by their digits.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from complaints.vault.crypto.errors import MalformedError, VaultError
from complaints.vault.crypto.fields import exact_keys

NAME_LETTERS = 4
"""Shorter parts of a name or street are words of the language too often."""
JOINED_LETTERS = 8
"""A whole name written in one, as in the name of an account."""
NUMBER_DIGITS = 7
AROUND = 28
"""Characters of the text shown before and after."""

GENERIC = frozenset(
    (
        *("jalan", "raya", "gang", "lorong", "komplek", "kompleks", "perum", "perumahan", "blok"),
        *("nomor", "dusun", "kampung", "lingkungan", "desa", "kelurahan", "kecamatan", "kabupaten"),
        *(
            "kota",
            "provinsi",
            "rumah",
            "depan",
            "belakang",
            "samping",
            "sebelah",
            "dekat",
            "kantor",
        ),
        *("pasar", "masjid", "gereja", "sekolah", "nagari", "gampong", "banjar", "distrik"),
    )
)
"""Words of an address that name no street."""


class IdentityInTextError(VaultError):
    """A text that others read repeats the identity; nothing is signed until it is changed."""

    code = "identity_in_text"


@dataclass(frozen=True)
class Leak:
    """Which field of the identity stands in which text, and the text around it."""

    place: str
    field: str
    excerpt: str


@dataclass(frozen=True)
class Texts:
    """What others read of a report, by place, and what may stand there all the same.

    ``known`` are phrases that the matter itself gives: names of the accused, agencies and regions.
    """

    texts: tuple[tuple[str, str], ...]
    known: tuple[str, ...]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read ``{"texts": [{"place", "text"}], "known": [text]}``; raise MalformedError."""
        value = exact_keys(value, frozenset({"texts", "known"}))
        if not isinstance(value["texts"], list) or not isinstance(value["known"], list):
            raise MalformedError("texts and known phrases are lists")
        rows = [exact_keys(row, frozenset({"place", "text"})) for row in value["texts"]]
        words = [*value["known"], *(word for row in rows for word in row.values())]
        if not all(isinstance(word, str) for word in words):
            raise MalformedError("places, texts and phrases are text")
        return cls(tuple((row["place"], row["text"]) for row in rows), tuple(value["known"]))


def leaks_in(identity: Mapping[str, str], texts: Texts) -> list[Leak]:
    """Return the first place of each field in each text, fields in the order of their names."""
    known = [[word for word, _at in _words(phrase)] for phrase in texts.known]
    return [
        Leak(place, name, _around(text, at))
        for place, text in texts.texts
        for name in sorted(identity)
        for at in [_place_of(name, identity[name], text, known)]
        if at is not None
    ]


def refuse_leaks(identity: Mapping[str, str], texts: Texts) -> None:
    """Raise IdentityInTextError when a text repeats the identity."""
    if leaks_in(identity, texts):
        raise IdentityInTextError("a text that others read repeats the identity")


def _place_of(
    field: str, value: str, text: str, known: Sequence[Sequence[str]]
) -> tuple[int, int] | None:
    """Return where a field begins and ends in a text, in characters."""
    words = list(_words(text))
    free = _without(words, known)
    if field == "name":
        parts = [word for word, _at in _words(value)]
        looked_for = {part for part in parts if len(part) >= NAME_LETTERS}
        joined = "".join(parts) if len(parts) > 1 else ""
        for word, at in free:
            if word in looked_for or (len(joined) >= JOINED_LETTERS and joined in word):
                return at
        return None
    if field == "address":
        looked_for = _street(value)
        return next((at for word, at in free if word in looked_for), None)
    if "@" in value:
        return _phrase([word for word, _at in _words(value)], words)
    return _number(value, text)


def _words(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give each word as it is compared, with where it stands. Marks and invisible characters split none."""
    start, letters = None, False
    for at, character in enumerate(f"{text}\n"):
        kind = unicodedata.category(character)
        if kind[0] in "LNM" or kind == "Cf":
            start = at if start is None else start
            letters = letters or kind[0] in "LN"
            continue
        if start is not None and letters:
            yield _plain(text[start:at]), (start, at)
        start, letters = None, False


def _plain(word: str) -> str:
    """Return a word in small letters, without accents and invisible characters."""
    folded = unicodedata.normalize("NFKD", word)
    return "".join(
        one
        for one in folded
        if unicodedata.category(one)[0] != "M" and unicodedata.category(one) != "Cf"
    ).lower()


def _without(
    words: Sequence[tuple[str, tuple[int, int]]], known: Sequence[Sequence[str]]
) -> list[tuple[str, tuple[int, int]]]:
    """Return the words that are part of no known phrase."""
    plain = [word for word, _at in words]
    taken: set[int] = set()
    for phrase in known:
        if not phrase:
            continue
        for first in range(len(plain) - len(phrase) + 1):
            if plain[first : first + len(phrase)] == list(phrase):
                taken.update(range(first, first + len(phrase)))
    return [each for number, each in enumerate(words) if number not in taken]


def _street(address: str) -> set[str]:
    """Return the words of the first part of an address that has any: parts end at comma or line."""
    for part in address.replace(";", ",").replace("\n", ",").split(","):
        found = {word for word, _at in _words(part)}
        named = {word for word in found if len(word) >= NAME_LETTERS and word.isalpha()}
        if named := named - GENERIC:
            return named
    return set()


def _phrase(
    phrase: Sequence[str], words: Sequence[tuple[str, tuple[int, int]]]
) -> tuple[int, int] | None:
    """Return where these words stand one after the other."""
    plain = [word for word, _at in words]
    for first in range(len(plain) - len(phrase) + 1):
        if phrase and plain[first : first + len(phrase)] == list(phrase):
            return words[first][1][0], words[first + len(phrase) - 1][1][1]
    return None


def _number(value: str, text: str) -> tuple[int, int] | None:
    """Return where a number's digits stand, whatever separates them, with 0, 62 or nothing before."""
    wanted = "".join(digit for digit, _at in _digits(value))
    wanted = wanted.removeprefix("62").removeprefix("0") if len(wanted) < 16 else wanted  # noqa: PLR2004 -- a NIK begins with its region
    if len(wanted) < NUMBER_DIGITS:
        return None
    found = list(_digits(text))
    first = "".join(digit for digit, _at in found).find(wanted)
    if first < 0:
        return None
    return found[first][1], found[first + len(wanted) - 1][1] + 1


def _digits(text: str) -> Iterator[tuple[str, int]]:
    for at, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character):
            if "0" <= one <= "9":
                yield one, at


def _around(text: str, at: tuple[int, int]) -> str:
    """Return the place with a little around it, on one line."""
    start, end = max(0, at[0] - AROUND), at[1] + AROUND
    return " ".join(text[start:end].split())
