"""Free Indonesian text as weighted concepts: informal spellings, synonyms, days and names it mentions.

A light stemmer of its own: the synonyms below need one known stem for a word, and a dictionary of roots
(Sastrawi) would bring half a megabyte of state into every process for reporters' short sentences.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from complaints.matching.positions import spelled_out


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INFORMAL = {
    "yg": "yang", "dgn": "dengan", "utk": "untuk", "tdk": "tidak", "gak": "tidak", "nggak": "tidak",
    "ga": "tidak", "sdh": "sudah", "udah": "sudah", "blm": "belum", "sy": "saya", "jgn": "jangan",
    "krn": "karena", "dlm": "dalam", "dr": "dari", "kpd": "kepada", "pd": "pada", "dg": "dengan",
    "org": "orang", "bgt": "sangat", "tgl": "tanggal", "an": "nama", "fb": "facebook", "ig": "instagram",
    "wa": "whatsapp", "wag": "grup whatsapp", "yt": "youtube", "tt": "tiktok", "twitter": "x",
    "tiktoknya": "tiktok", "jl": "jalan", "sbg": "sebagai", "spt": "seperti", "bs": "bisa",
    "tsb": "tersebut", "klo": "kalau", "kalo": "kalau", "hp": "ponsel", "medsos": "media sosial",
    "capres": "calon presiden", "cawapres": "calon wakil presiden", "cagub": "calon gubernur",
    "cawagub": "calon wakil gubernur", "cabup": "calon bupati", "cawabup": "calon wakil bupati",
    "cawalkot": "calon walikota", "cawali": "calon walikota", "caleg": "calon legislatif",
    "bacaleg": "calon legislatif", "bacalon": "calon", "balon": "calon", "paslon": "pasangan calon",
    "palson": "pasangan calon", "timses": "tim sukses", "bansos": "bantuan sosial", "plat": "pelat",
}  # fmt: skip

_SYNONYMS: dict[str, str] = {
    word: concept
    for concept, words in {
        "video": "video vidio rekam klip",
        "foto": "foto potret gambar jepret fotonya",
        "tangkapanlayar": "screenshot screenshoot ss skrinsut skrinsyut",
        "pose": "pose gaya acung angkat tunjuk simbol kode isyarat",
        "jari": "jari telunjuk jempol",
        "baju": "baju kaos kaus jersey kemeja batik pakaian seragam jaket rompi",
        "sticker": "stiker sticker tempel",
        "mobil": "mobil kendaraan randis motor pelat nopol",
        "joget": "joget goyang menari dansa",
        "jalansehat": "jalansehat jalansantai gerakjalan",
        "kumpul": "kumpul rapat temu himpun",
        "acara": "acara kegiatan",
        "umum": "warga masyarakat penduduk",
        "perintah": "suruh perintah arah instruksi minta wajib harus",
        "paksa": "paksa ancam tekan intimidasi mutasi",
        "dukung": "dukung menang pilih coblos ajak kampanye",
        "ucap": "ucap bilang kata sebut teriak bicara sampai",
        "pidato": "pidato sambutan orasi ceramah",
        "unggah": "unggah posting post upload share bagi sebar",
        "suka": "suka like",
        "komentar": "komentar komen koment",
        "bantuan": "bantuan sembako insentif beras paket",
        "uang": "uang duit amplop",
        "baliho": "baliho spanduk banner poster",
        "deklarasi": "deklarasi",
        "lawan": "lawan saing",
        "periode": "periode",
        "kedai": "kedai warung kafe restoran",
        "masjid": "masjid musala mushola surau",
        "gereja": "gereja kapel",
        "murid": "murid siswa pelajar",
        "sekolah": "sekolah sd smp sma smk madrasah",
        "cabut": "hapus hilang cabut",
    }.items()
    for word in words.split()
}

_STOP = _words_of(
    "yang dan di ke dari pada untuk dengan itu ini ada adalah akan atau oleh saya kami kita dia ia mereka "
    "nya juga sudah belum telah sedang tidak bukan jangan tapi tetapi namun karena sebab agar supaya kalau "
    "jika bila saat waktu ketika sebagai seperti dalam luar lagi masih hanya cuma saja bisa dapat boleh "
    "mohon tolong minta harap lapor melaporkan laporan lampir terlampir sertakan kirim bukti link tautan "
    "foto2 proses tindak lanjut tindaklanjut periksa cek bawaslu panwas ya pak bu bapak ibu beliau orang "
    "seorang salah satu beberapa para semua tersebut hal begitu demikian sangat sekali lebih paling banyak "
    "kabupaten kab kota provinsi prov kecamatan daerah desa kelurahan tempat nama namanya tanggal hari "
    "kemarin minggu bulan tahun pagi siang sore malam jam sekitar kira identitas rahasia rahasiakan "
    "terima kasih selamat yth hormat diduga dugaan oknum netral netralitas sesuai aturan kejadian "
    "apakah apa siapa mana kenapa mengapa bagaimana maka lalu kemudian sampai hingga antara serta jadi "
    "menjadi ikut turut punya milik sendiri lain sama bersama bareng"
)

_COMMON = _words_of(
    "asn pns pegawai calon pasangan pilkada pemilu kampanye bupati gubernur walikota presiden legislatif "
    "dukung foto video whatsapp facebook instagram tiktok youtube x media sosial grup unggah dinas kepala "
    "camat lurah staf sekretaris guru kantor acara pemda pemprov partai tim sukses umum rekam wakil nomor "
    "tangkapanlayar akun ucap pilih sekolah satpol puskesmas viral medsos status kumpul"
)
"""Words of nearly every report: they count, but little."""

_NUMBERS = {
    "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "01": "1", "02": "2", "03": "3",
    "04": "4", "05": "5",
}  # fmt: skip

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan", "februari pebruari feb", "maret mar", "april apr", "mei", "juni jun",
            "juli jul", "agustus agu agt ags", "september sept sep", "oktober okt",
            "november nopember nov", "desember des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAY = re.compile(rf"\b(\d{{1,2}})\s+({'|'.join(_MONTHS)})\b", re.IGNORECASE)
_DAY_NUMERIC = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](?:20)?\d{2}\b")
_CANDIDATE = re.compile(
    r"\b(?:nomor(?: urut)?|no\.?|paslon|capres|cawapres|cabup|cagub|calon|bupati|gubernur|wali ?kota) "
    r"(0?[1-9]|satu|dua|tiga|empat|lima)\b",
    re.IGNORECASE,
)
_FINGERS = re.compile(r"\b(satu|dua|tiga|empat|lima|[1-5]) jari\b", re.IGNORECASE)
_WHO = (
    r"camat|lurah|kapus|kadis|kades|guru|kepsek|kepala \w+|kepala dinas \w+|pegawai|asn|pns|pejabat"
)
_OTHER_ONE = re.compile(
    r"(?<!dan )(?<!bersama )(?<!dengan )(?<!para )(?<!, )"
    rf"\b(?:{_WHO})(?: yang)? (?:lain|berbeda)\b(?! lagi yang)"
    r"|\b(?:ber)?beda (?:dengan|dari)\b|\bbukan (?:soal|yang|kasus|orang yang)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:bukan(?: soal| yang)?|tidak ada|tanpa|(?:ber)?beda (?:dengan|dari))\b[^.,;!?()]*",
    re.IGNORECASE,
)
_DENYING = ("bukan", "tidak ada", "tanpa", "beda ")
_TELLING_APART = ("lain", "beda", "bukan")
"""What stands in every text that the patterns above find something in."""
_NAMED = re.compile(
    r"\b(?:[Pp]ak|[Bb]u|[Ii]bu|[Bb]apak|[Bb]ang|[Uu]da|[Mm]as|[Mm]bak|[Bb]ernama|[Aa]n\.|[Nn]ama:?|"
    r"[Nn]amanya(?: [Pp]ak| [Ii]bu| [Bb]u)?|[Aa]tas nama) "
    r"((?:H\. |Hj\. |Drs\. |Dr\. )?[A-Z][\w']+(?: [A-Z][\w']*\.?)*)"
)
_NOT_A_NAME = _words_of(
    "camat lurah kades kadis sekda bupati guru kepala kapus kepsek dokter bidan kasi kabid bawaslu "
    "gubernur wali reje penjabat rt rw dusun"
)
_TOKEN = re.compile(r"[a-z]+2?|\d+")
_SUFFIXES = ("nya", "lah", "kah", "ku", "mu")
_SUFFIX = re.compile(r"(?:nya|lah|kah|ku|mu)$")
_PREFIX = re.compile(r"meng|meny|mem|men|me|peng|pem|pen|per|pe|di|ber|ter")
_LOST = {"meny": "s", "mem": "p", "men": "t", "pen": "t", "pem": "m"}
"""The first letter that a prefix swallows before a vowel: ``memilih`` is ``pilih``."""

_VOWELS = tuple("aeiou")
_TWO_VOWELS = re.compile("[aeiou].*[aeiou]")
_MIN_STEM = 4
ENOUGH = 2.0
"""Weight in common from which likeness counts in full: a telling word and three of the trade."""


@dataclass(frozen=True)
class Reading:
    """What a text says, without its words in order. The repr hides it: it may be a reporter's."""

    concepts: Mapping[str, float] = field(default_factory=dict, repr=False)
    folded: str = field(default="", repr=False)
    days: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)
    candidates: frozenset[str] = field(default=frozenset(), repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    says_other_one: bool = False

    def __bool__(self) -> bool:
        return bool(self.concepts)


def read_words(text: str, *, leave_out: Iterable[str] = ()) -> Reading:
    """Return what a text says; what it denies ("bukan soal grup WA") does not count as said.

    ``leave_out`` are names of the place: every report of a kabupaten has them, and where it was is
    compared by its code.
    """
    if not text.strip():
        return Reading()
    small = text.lower()
    # Most stories deny nothing, and asking for a word costs a tenth of asking a pattern.
    said = _DENIED.sub(" ", text) if any(sign in small for sign in _DENYING) else text
    places = {word for name in leave_out for word in _TOKEN.findall(name.lower())}
    left_out = places | {stem_of(word) for word in places}
    concepts = [concept for concept in _concepts(said) if concept not in left_out]
    numbers = {
        _number(found) for found in (*_CANDIDATE.findall(said), *_FINGERS.findall(said)) if found
    }
    return Reading(
        concepts={concept: _weight(concept) for concept in concepts},
        folded=" ".join(concepts),
        days=_days(said),
        candidates=frozenset(numbers),
        names=tuple(
            name for name in _NAMED.findall(said) if name.split()[0].lower() not in _NOT_A_NAME
        ),
        says_other_one=any(sign in small for sign in _TELLING_APART)
        and bool(_OTHER_ONE.search(text)),
    )


def compare_words(one: Reading, other: Reading) -> float:
    """Return how much two texts say the same, 0 to 1: rare words count more than the trade's own."""
    if not one or not other:
        return 0.0
    shared = sum(one.concepts[concept] for concept in one.concepts.keys() & other.concepts.keys())
    mine, theirs = sum(one.concepts.values()), sum(other.concepts.values())
    # A short report inside a long one says the same: between the overlap of both and of the shorter.
    dice = 2 * shared / (mine + theirs)
    contained = shared / min(mine, theirs)
    order = fuzz.token_set_ratio(one.folded, other.folded) / 100
    alike = 0.5 * dice + 0.3 * contained + 0.2 * max(0.0, order * 2 - 1)
    # Little in common is little, however short both texts are.
    return alike * min(1.0, shared / ENOUGH)


def _concepts(text: str) -> list[str]:
    line = " ".join(_INFORMAL.get(word, word) for word in _TOKEN.findall(text.lower()))
    line = line.replace("jalan sehat", "jalansehat").replace("jalan santai", "jalansehat")
    line = line.replace("tangkapan layar", "screenshot").replace("dua periode", "periode")
    concepts: list[str] = []
    for raw in dict.fromkeys(spelled_out(line).split()):
        word = raw[:-1] if raw.endswith("2") and raw[:-1].isalpha() else raw
        word = _NUMBERS.get(word, word)
        if word in _STOP or (len(word) < 3 and not word.isdigit()):  # noqa: PLR2004 -- "di", "rt"
            continue
        stem = _SYNONYMS.get(word) or stem_of(word)
        stem = _SYNONYMS.get(stem, stem)
        if stem not in _STOP and stem not in concepts:
            concepts.append(stem)
    return concepts


def stem_of(word: str) -> str:
    """Return a word without the endings and beginnings that Indonesian adds to it.

    >>> [stem_of(word) for word in ("mendukung", "dukungan", "ditempeli", "pemenangan")]
    ['dukung', 'dukung', 'tempel', 'menang']
    """
    if len(word) <= _MIN_STEM:
        return word
    if word.endswith(_SUFFIXES):
        cut = _SUFFIX.sub("", word)
        word = cut if len(cut) >= _MIN_STEM else word
    found = _PREFIX.match(word)
    if found is not None:
        prefix = found.group()
        rest = word[found.end() :]
        if rest[:1] in _VOWELS:
            rest = _LOST.get(prefix, "") + rest
        if len(rest) >= _MIN_STEM and _TWO_VOWELS.search(rest):
            word = rest
    for suffix in ("kan", "an", "i"):
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            return word[: -len(suffix)]
    return word


def _weight(concept: str) -> float:
    if concept.isdigit():
        return 0.5
    return 0.35 if concept in _COMMON else 1.0


def _number(found: str) -> str:
    return _NUMBERS.get(found.lower(), found.lstrip("0"))


def _days(text: str) -> frozenset[tuple[int, int]]:
    named = {(_MONTHS[month.lower()], int(day)) for day, month in _DAY.findall(text)}
    numeric = {(int(month), int(day)) for day, month in _DAY_NUMERIC.findall(text)}
    return frozenset((m, d) for m, d in named | numeric if 1 <= m <= 12 and 1 <= d <= 31)  # noqa: PLR2004
