"""A reporter invented for one run, and every shape in which a trace of him may lie somewhere.

Words are made of random syllables, so a hit is a leak: nobody else writes them, and nothing of an
earlier run can be found again. Those of one run share a mark in their middle, which says nothing by
itself: where it is not, none of them is, and hundreds of shapes need not be looked for one by one.
"""

import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

SHORTEST_WORD = 6
"""Letters; shorter words of a name or an address are everybody's."""
DIGITS = "0123456789"


def syllables(count: int) -> str:
    """Return so many syllables that mean nothing."""
    return "".join(
        secrets.choice("bdgjklmnprstvwz") + secrets.choice("aeiou") for _ in range(count)
    )


def fresh_digits(count: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(count))


MARK, DIGIT_MARK = syllables(3), fresh_digits(5)


def fresh_word() -> str:
    """Return a word of twelve letters that means nothing."""
    return f"{syllables(1)}{MARK}{syllables(2)}"


@dataclass(frozen=True)
class Canary:
    """One invented person: what could name him (K1), and what only he could have written."""

    name: str = field(default_factory=lambda: f"{fresh_word().title()} {fresh_word().title()}")
    nik: str = field(default_factory=lambda: f"3308{DIGIT_MARK}{fresh_digits(7)}")
    phone: str = field(default_factory=lambda: f"0812{DIGIT_MARK}{fresh_digits(3)}")
    email: str = field(default_factory=lambda: f"{fresh_word()}@{fresh_word()}.test")
    address: str = field(default_factory=lambda: f"Jl. {fresh_word().title()} No. 4")
    sentence: str = field(
        default_factory=lambda: f"ia bawa {fresh_word()} dan kotak {fresh_word()}"
    )
    witness: str = field(default_factory=lambda: f"Ibu {fresh_word().title()}, rumah biru")

    @property
    def identity(self) -> dict[str, str]:
        """K1: what nobody may find in any lane."""
        return {
            "name": self.name,
            "nik": self.nik,
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
        }

    @property
    def narrative(self) -> dict[str, str]:
        """What the reporter wrote: for the desk's eyes, never in the clear on a disk."""
        return {"sentence": self.sentence, "witness": self.witness}

    @property
    def everything(self) -> dict[str, str]:
        return self.identity | self.narrative


def notations(text: str) -> set[str]:
    """Return a text with its words apart, and a number as people write it."""
    found = {text, *(word for word in re.findall(r"\w+", text) if len(word) >= SHORTEST_WORD)}
    if re.fullmatch(r"08\d{10}", text):
        # without the 0 it lies in 08…, +628… and 628… alike
        rest = text[1:]
        found |= {rest, *(mark.join((rest[:3], rest[3:7], rest[7:])) for mark in "- .")}
    if re.fullmatch(r"\d{16}", text):
        found |= {mark.join(text[at : at + 4] for at in range(0, 16, 4)) for mark in " -."}
    return found


def spellings(text: str) -> set[str]:
    """Return a text in the cases people and programs write it in."""
    return {text, text.lower(), text.upper()}


def shapes(text: str) -> dict[str, set[bytes]]:
    """Return form → the bytes of a text in it; bytes are lower-case, as what is searched.

    Letters of both cases are one: both sides are put in lower case first. A form that escapes or
    packs the letters differs by case before that and so stands there in each.
    """
    wanted: dict[str, set[bytes]] = {
        "plain": {text.encode(), text.encode("latin-1", "ignore")},
        "utf-16": {text.encode("utf-16-le").strip(b"\0"), text.encode("utf-16-be").strip(b"\0")},
        "reversed": {text[::-1].encode()},
        "hex": set(),
        "base64": set(),
        "url": {quote(text, safe="").encode(), quote(text).encode(), quote_plus(text).encode()},
        "json": {json.dumps(text)[1:-1].encode(), text.replace("/", "\\/").encode()},
    }
    for spelling in spellings(text):
        plain = spelling.encode()
        wanted["hex"].add(plain.hex().encode())
        wanted["url"].add("".join(f"%{byte:02x}" for byte in plain).encode())
        wanted["json"].add("".join(f"\\u{ord(letter):04x}" for letter in spelling).encode())
        wanted["base64"] |= packed(plain)
    return {form: {each.lower() for each in found if each} for form, found in wanted.items()}


def packed(plain: bytes) -> set[bytes]:
    """Return what base64 makes of these bytes for certain, at each of the three offsets."""
    found = set()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        # sextets that hold a bit of what stands before or behind are not for certain
        first = -(-8 * shift // 6)
        last = 8 * (shift + len(plain)) // 6
        middle = whole[first:last]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def mark_shapes() -> set[bytes]:
    """Return the marks of this run in all their shapes, numbers also parted as people write them."""
    parted = (f"{DIGIT_MARK[:4]}{between}{DIGIT_MARK[4:]}" for between in " -.")
    marks = (MARK, DIGIT_MARK, *parted)
    return {needle for mark in marks for found in shapes(mark).values() for needle in found}


class Search:
    """Looks for some texts in all their shapes, and for digests as bytes, hex and base64."""

    def __init__(self, texts: dict[str, str], digests: dict[str, bytes] | None = None) -> None:
        needles: dict[bytes, str] = {}
        for label, digest in (digests or {}).items():
            for needle in (digest, digest.hex().encode(), *packed(digest)):
                needles[needle.lower()] = f"{label} (digest)"
        for label, text in texts.items():
            for notation in notations(text):
                for form, found in shapes(notation).items():
                    for needle in found:
                        needles.setdefault(needle, f"{label} ({form})")
        # whatever holds a shorter needle is found by that one
        plain = [needle for needle in needles if needles[needle].endswith("(plain)")]
        self.needles = {
            needle: name
            for needle, name in needles.items()
            if not any(short in needle and short != needle for short in plain)
        }
        # A needle is looked for only where the mark within it was found; one without a mark always.
        marks = mark_shapes()
        self._behind: dict[bytes, list[bytes]] = {}
        for needle in self.needles:
            within = next((mark for mark in marks if mark in needle), needle)
            self._behind.setdefault(within, []).append(needle)

    def hits(self, content: bytes) -> set[str]:
        """Return what was found: label and form, never the text itself."""
        content = content.replace(b"\0" * 512, b"").lower()
        return {
            self.needles[needle]
            for mark, needles in self._behind.items()
            if mark in content
            for needle in needles
            if needle in content
        }
