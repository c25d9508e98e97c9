"""Indonesian personal names: titles and degrees off, spellings together, compared with care."""

import re
from collections.abc import Sequence
from itertools import permutations

from rapidfuzz.distance import JaroWinkler


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


HONORIFICS = _words_of(
    "pak bapak bpk bu ibu bang abang kang mas mbak mba uda uni sdr sdri saudara saudari tn ny nn "
    "h hj haji hajjah kh ust ustad ustadz ustaz gus tgk teungku tgh dr drs dra drg drh ir prof "
    "raden rr bin binti almarhum alm letkol kolonel mayor kapten"
)
"""Before a name, or inside it where they name no one (bin, binti)."""

DEGREES = _words_of(
    "sh mh se mm st mt sp mp sip map msi ssi spd mpd spdi mpdi sag mag sos ssos skom mkom ssn msn "
    "shum mhum spsi mpsi skep ners ns skm mkes skeb str amd amk amdkeb amkeb amkg stp sstp skh spt spi "
    "shut mhut sik sthi sei mei shi mhi sfarm apt ak ca cpa mak msc ma mba mph mpa mpp phd dr drs dra ir "
    "sked spog spa spb spd mkn llm lc gr ph d mrs bsc ba ses stt sst smhk sth mth sfil sgz mgz"
)

_VARIANTS = {
    "muhammad": "moh mohd mohammad mohamad mohammed muhamad muhammad mochamad mochammad moch much muh "
    "muhd muchamad muchammad muhammmad mukhamad mukhammad mokhamad mokhammad",
    "ahmad": "ahmad achmad akhmad akmad ahmat akhmat achmat ahm ach",
    "abdul": "abd abdul abdoel abdu",
    "siti": "siti sitti st",
    "nur": "nur noer noor nor",
    "dewi": "dewi dewie",
    "yusuf": "yusuf jusuf yusup jusup yoesoef yusof",
    "ismail": "ismail ismael",
    "umar": "umar oemar omar",
    "usman": "usman oesman utsman",
    "husein": "husein husen hussein husain hosen",
    "hasan": "hasan hassan",
}
_VARIANT_OF = {word: name for name, words in _VARIANTS.items() for word in words.split()}

COMMON = _words_of(
    "muhammad ahmad abdul siti nur dewi sri eko agus budi dwi tri ade andi i ni wa la ode made wayan "
    "putu ketut nyoman komang kadek gede gusti ida"
)
"""Parts so frequent, or so plainly birth order, that one alone names nobody."""

_ABDUL_JOINED = re.compile(r"^abd[aeou][lr]r?(?=[a-z]{4,})")
_FOLDS = (
    (("oe",), re.compile(r"oe"), "u"),
    (("dj",), re.compile(r"dj"), "j"),
    (("tj",), re.compile(r"tj"), "c"),
    (("ie",), re.compile(r"ie"), "i"),
    (("ph", "v"), re.compile(r"ph|v"), "f"),
    (("kh", "ch"), re.compile(r"kh|ch"), "h"),
    (("sy", "sj"), re.compile(r"sy|sj"), "s"),
    (("bh", "dh", "gh", "th"), re.compile(r"([bdgt])h"), r"\1"),
    (("q",), re.compile(r"q"), "k"),
    (("x",), re.compile(r"x"), "ks"),
    (("p",), re.compile(r"p(?=$|[^aeiou])"), "f"),
    (("y",), re.compile(r"y$|(?<=[^aeiou])y(?=[^aeiou])"), "i"),
    (("",), re.compile(r"(.)\1+"), r"\1"),
)
"""Spellings that are one sound: letters one of which must be there, what is sought, what it becomes.

A record is compared with eighty others, and asking for letters costs a tenth of asking a pattern.
"""
_LETTERS = re.compile(r"[a-z]+")
_FULL_SCORE = 0.92
_LONG = 4


def name_parts(name: str) -> tuple[str, ...]:
    """Return the parts that name a person, in one spelling, in their order; initials are one letter.

    >>> name_parts("Drs. H. Moch. Abdurrahman Wachid, M.Si.")
    ('muhamad', 'abdul', 'rahman', 'wahid')
    >>> name_parts("Ny. Sri Wahjuni S.Pd.")
    ('sri', 'wahjuni')
    """
    name = name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("`", "'").replace("'", "")
    head, *tail = name.split(",")
    tail = [piece for piece in tail if not _is_degrees(piece)]
    words = _words(_without_dotted_degrees(" ".join([head, *tail])))
    while len(words) > 1 and words[0].lower() in HONORIFICS:
        words = words[1:]
    while len(words) > 1 and _is_trailing_degree(words[-1]):
        words = words[:-1]
    parts: list[str] = []
    for index, word in enumerate(each.lower() for each in words):
        if word in HONORIFICS and len(words) > 1:
            continue
        # "M. Arif": an initial in front is nearly always the Prophet's name; behind, it is a family's.
        if index == 0 and word in {"m", "mhd"} and len(words) > 1:
            parts.append(_fold("muhammad"))
            continue
        parts += [_fold(_VARIANT_OF.get(part, part)) for part in _split_abdul(word)]
    return tuple(part for part in parts if part)


def name_keys(name: str) -> tuple[str, ...]:
    """Return the keys a name is looked up by: all its parts whatever their order, then each rare part.

    >>> name_keys("Budi Suryanto, S.H.") == name_keys("SURYANTO Budi")
    True
    """
    parts = [part for part in name_parts(name) if len(part) > 1]
    if not parts:
        return ()
    rare = sorted({part for part in parts if part not in _COMMON and len(part) >= _LONG})
    return (f"={' '.join(sorted(parts))}", *(part for part in rare))


def compare_names(one: str, other: str) -> float | None:
    """Return how well two names agree, 1 the same and 0 different people; None when one says nothing.

    A single name or an initial agrees with a fuller one, but not fully.
    """
    a, b = name_parts(one), name_parts(other)
    if not a or not b:
        return None
    for some, others in ((a, b), (b, a)):
        if all(len(part) == 1 for part in some):
            return _initials(some, others)
    if "".join(a) == "".join(b):  # "Lamakkarana" is "La Makkarana"
        return 1.0
    short, long = sorted((a, b), key=lambda parts: (len(parts), parts))
    total = sum(_weight(part) for part in short)
    agreed = _paired(short, long) / total
    if agreed < _FULL_SCORE:
        # Both have a part the other lacks: two people of one family or one fashion.
        return agreed * 0.4
    if len(short) == len(long):
        return 1.0
    return 0.9 if total >= 2 else 0.75 if total >= 1 else 0.5  # noqa: PLR2004 -- two telling parts


def _paired(short: Sequence[str], long: Sequence[str]) -> float:
    """Return the weight of the parts of ``short`` that have their like in ``long``, each used once."""
    paired, used = 0.0, set()
    for part in sorted(short, key=len, reverse=True):
        best, at = 0.0, -1
        for index, candidate in enumerate(long):
            if index not in used and (agreement := _part_agreement(part, candidate)) > best:
                best, at = agreement, index
        if at >= 0:
            used.add(at)
        paired += best * _weight(part)
    return paired


def _initials(short: Sequence[str], long: Sequence[str]) -> float:
    letters = [part[0] for part in long]
    if len(short) > len(long):
        return 0.1
    if len(short) == len(long) and sorted(short) == sorted(letters):
        return 0.8 if len(short) > 1 else 0.55
    fits = any(list(some) == list(short) for some in permutations(letters[:4], len(short)))
    return 0.55 if fits else 0.1


def _part_agreement(part: str, other: str) -> float:
    if part == other:
        return 1.0
    if len(part) == 1 or len(other) == 1:
        return _FULL_SCORE if part[0] == other[0] else 0.0
    if min(len(part), len(other)) >= _LONG:
        likeness = JaroWinkler.similarity(part, other)
        return likeness if likeness >= 0.93 else likeness * 0.3  # noqa: PLR2004 -- a slip of one letter
    return 0.0


def _weight(part: str) -> float:
    if len(part) == 1:
        return 0.3
    return 0.3 if part in _COMMON else 1.0


def _fold(word: str) -> str:
    for signs, pattern, into in _FOLDS:
        for sign in signs:
            if sign in word:
                word = pattern.sub(into, word)
                break
    return word


_COMMON = frozenset(_fold(word) for word in COMMON)


def _split_abdul(word: str) -> list[str]:
    if word in _VARIANT_OF or word.startswith("abdullah") or word == "abdulah":
        return [word]
    found = _ABDUL_JOINED.match(word)
    if found is None:
        return [word]
    rest = word[found.end() :]
    # "abdurrahman": the doubled letter belongs to both halves.
    return ["abdul", ("r" + rest) if found.group().endswith("rr") else rest]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def _is_degrees(piece: str) -> bool:
    words = [_flat(word) for word in piece.split()]
    return _flat(piece) in DEGREES or all(word in DEGREES or not word for word in words)


def _without_dotted_degrees(text: str) -> str:
    kept = []
    for index, word in enumerate(text.split()):
        dotted = "." in word[:-1] and len(word) > 2  # noqa: PLR2004 -- "S.H", not "H."
        if index and dotted and _flat(word) in DEGREES:
            continue
        kept.append(word)
    return " ".join(kept)


def _is_trailing_degree(word: str) -> bool:
    if word.lower() not in DEGREES:
        return False
    return word.isupper() or word != word.capitalize()


def _flat(text: str) -> str:
    return "".join(_LETTERS.findall(text.lower()))
