"""Posts and agencies in one spelling: abbreviations of the Indonesian civil service, regional names."""

import re
from functools import lru_cache


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS: dict[str, str] = {
    # Heads and their next.
    "kadis": "kepala dinas",
    "kadin": "kepala dinas",
    "kaban": "kepala badan",
    "kabid": "kepala bidang",
    "kabag": "kepala bagian",
    "kabiro": "kepala biro",
    "karo": "kepala biro",
    "kasi": "kepala seksi",
    "kasie": "kepala seksi",
    "kasubag": "kepala subbagian",
    "kasubbag": "kepala subbagian",
    "kasubid": "kepala subbidang",
    "kasubbid": "kepala subbidang",
    "kaupt": "kepala upt",
    "kakan": "kepala kantor",
    "kakanwil": "kepala kanwil",
    "kapus": "kepala puskesmas",
    "kapuskesmas": "kepala puskesmas",
    "kepsek": "kepala sekolah",
    "kasek": "kepala sekolah",
    "kamad": "kepala madrasah",
    "wakasek": "wakil kepala sekolah",
    "korwilcam": "koordinator wilayah",
    "korwil": "koordinator wilayah",
    "kasatpol": "kepala satpol",
    "kalaksa": "kepala bpbd",
    "kacabdin": "kepala cabang dinas",
    "kacabdis": "kepala cabang dinas",
    "kadisdik": "kepala dinas pendidikan",
    "kadinkes": "kepala dinas kesehatan",
    "kadishub": "kepala dinas perhubungan",
    "kadinsos": "kepala dinas sosial",
    # Secretaries.
    "sekda": "sekretaris daerah",
    "sekdaprov": "sekretaris daerah",
    "sekdakab": "sekretaris daerah",
    "sekdako": "sekretaris daerah",
    "sekkab": "sekretaris daerah",
    "sekkot": "sekretaris daerah",
    "sekdin": "sekretaris dinas",
    "sekdis": "sekretaris dinas",
    "sekcam": "sekretaris kecamatan",
    "sekel": "sekretaris kelurahan",
    "seklur": "sekretaris kelurahan",
    "sekdes": "sekretaris desa",
    "carik": "sekretaris desa",
    "sekwan": "sekretaris dprd",
    # Districts and villages by their regional names.
    "panewu": "camat",
    "kapanewon": "kecamatan",
    "kades": "kepala desa",
    "kakam": "kepala desa",
    "keuchik": "kepala desa",
    "geuchik": "kepala desa",
    "reje": "kepala desa",
    "peratin": "kepala desa",
    "pambakal": "kepala desa",
    "pembakal": "kepala desa",
    "perbekel": "kepala desa",
    "kuwu": "kepala desa",
    # Agencies.
    "disdik": "dinas pendidikan",
    "dindik": "dinas pendidikan",
    "disdikbud": "dinas pendidikan",
    "dikbud": "dinas pendidikan",
    "dispendik": "dinas pendidikan",
    "diknas": "dinas pendidikan",
    "dinkes": "dinas kesehatan",
    "diskes": "dinas kesehatan",
    "dishub": "dinas perhubungan",
    "dinsos": "dinas sosial",
    "dispora": "dinas pemuda",
    "dispar": "dinas pariwisata",
    "disbudpar": "dinas pariwisata",
    "diskominfo": "dinas kominfo",
    "disperindag": "dinas perdagangan",
    "disdag": "dinas perdagangan",
    "distan": "dinas pertanian",
    "disnaker": "dinas tenagakerja",
    "dpupr": "dinas pekerjaanumum",
    "pupr": "dinas pekerjaanumum",
    "dpu": "dinas pekerjaanumum",
    "dpmd": "dinas pemberdayaan",
    "dispermades": "dinas pemberdayaan",
    "dlh": "dinas lingkungan",
    "disdukcapil": "dinas dukcapil",
    "bkpsdm": "badan kepegawaian",
    "bkpp": "badan kepegawaian",
    "bkd": "badan kepegawaian",
    "bkpsdmd": "badan kepegawaian",
    "bappelitbangda": "bappeda",
    "bapelitbang": "bappeda",
    "bapenda": "badan pendapatan",
    "dispenda": "badan pendapatan",
    "samsat": "badan pendapatan",
    "bpkad": "badan keuangan",
    "setda": "sekretariat daerah",
    "setwan": "sekretariat dprd",
    "satpolpp": "satpol",
    "depag": "kemenag",
    "kandepag": "kemenag",
    "uptd": "upt",
    "uptdb": "upt",
    "faskes": "puskesmas",
    "rsu": "rsud",
    "pemda": "pemda",
    "pemkab": "pemda",
    "pemkot": "pemda",
    "pemko": "pemda",
    "pemprov": "pemprov",
}
"""Abbreviation → words. What may mean two things (``kota``, ``pu``) is left as it is written."""

_PHRASES = (
    (("kepala ",), re.compile(r"\bkepala (?:kampung|gampong|nagari|pekon|tiyuh)\b"), "kepala desa"),
    (
        ("wali ", "hukum tua"),
        re.compile(r"\bwali (?:nagari|kampung)\b|\bhukum tua\b"),
        "kepala desa",
    ),
    (
        ("kepala distrik", "mantri "),
        re.compile(r"\bkepala distrik\b|\bmantri pamong praja\b"),
        "camat",
    ),
    (("sekretaris ",), re.compile(r"\bsekretaris (?:camat|distrik)\b"), "sekretaris kecamatan"),
    (("sekretaris ",), re.compile(r"\bsekretaris lurah\b"), "sekretaris kelurahan"),
    (("sat",), re.compile(r"\bsat(?:uan)? ?pol(?:isi)? ?(?:pp|pamong praja)\b"), "satpol"),
    (
        ("kepala s",),
        re.compile(r"\bkepala sma\b|\bkepala smk\b|\bkepala sd\b|\bkepala smp\b"),
        "kepala sekolah",
    ),
    (
        ("pegawai negeri", "aparatur sipil"),
        re.compile(r"\bpegawai negeri(?: sipil)?\b|\baparatur sipil negara\b"),
        "asn",
    ),
    (("pekerjaan umum",), re.compile(r"\bpekerjaan umum\b"), "pekerjaanumum"),
    (("tenaga kerja",), re.compile(r"\btenaga kerja\b"), "tenagakerja"),
    (("komunikasi dan",), re.compile(r"\bkomunikasi dan informatika\b"), "kominfo"),
    (
        ("kependudukan dan",),
        re.compile(r"\bkependudukan dan (?:pencatatan sipil|capil)\b"),
        "dukcapil",
    ),
    (("pemberdayaan ",), re.compile(r"\bpemberdayaan masyarakat(?: dan desa)?\b"), "pemberdayaan"),
    (("pendidikan dan",), re.compile(r"\bpendidikan dan kebudayaan\b"), "pendidikan"),
    (
        ("pl", "pj", "pelaksana", "penjabat"),
        re.compile(r"\b(?:plt|plh|pjs|pj|pelaksana tugas|pelaksana harian|penjabat sementara)\b"),
        " ",
    ),
)
"""Words that must be there, one of them; what is sought; what it becomes. Most texts have none of them."""

GENERIC = _words_of(
    "staf staff pegawai asn pns pppk p3k pejabat petugas karyawan aparatur oknum kantor eselon ii iii iv "
    "i daerah pemda pemprov umum fungsional pelaksana ahli muda madya utama pertama"
)
"""Words that fit every civil servant and so tell two apart from nobody."""

_TOKEN = re.compile(r"[a-z0-9]+")
_VAGUE = _words_of("honorer negeri swasta sekolah daerah wilayah kecamatan kelurahan bantu kelas")
_TELLING = 4


def spelled_out(text: str) -> str:
    """Return a text in small letters with every abbreviation of a post or an agency written out.

    >>> spelled_out("Plt. Kadis DIKBUD")
    'kepala dinas dinas pendidikan'
    """
    words = [ABBREVIATIONS.get(word, word) for word in _TOKEN.findall(text.lower())]
    line = " ".join(words)
    if " " not in line:
        return line
    for signs, pattern, into in _PHRASES:
        for sign in signs:
            if sign in line:
                line = pattern.sub(into, line)
                break
    return " ".join(line.split())


@lru_cache(maxsize=2048)
def position_words(text: str) -> frozenset[str]:
    """Return the words of a post that tell it from others; empty for a plain "staf".

    Kept for the next comparison: posts, units and places are facts of records, few and often the same. Free
    text goes through :func:`spelled_out`, which keeps nothing.
    """
    return frozenset(spelled_out(text).split()) - GENERIC


def compare_positions(one: str, other: str) -> float | None:
    """Return how well two posts agree, 0 to 1; None when one of them is general or not known."""
    a, b = position_words(one), position_words(other)
    if not a or not b:
        return None
    if a == b:
        return 1.0
    shared = a & b
    if not shared or shared <= {"kepala", "sekretaris", "wakil"}:
        return 0.0
    # "kepala dinas" beside "kepala dinas pendidikan": the one says less, not something else.
    if a < b or b < a:
        return 0.8
    return 0.1 if _telling(a - b) and _telling(b - a) else 0.4


def _telling(rest: frozenset[str]) -> bool:
    """Say whether what is left of a post names another office, not another word for this one."""
    return any(len(word) >= _TELLING and word not in _VAGUE for word in rest)
