"""The election law that a paper rests on, by the election it is about: point 1 of the forms."""

from datetime import date

from bawaslu_cases.registry.models import Regime

PERBAWASLU_9_2024_DAY = date(2024, 9, 30)

ELECTION_LAW = (
    "Undang-Undang Nomor 7 Tahun 2017 tentang Pemilihan Umum",
    (
        "Peraturan Badan Pengawas Pemilihan Umum Nomor 7 Tahun 2022 tentang Penanganan Temuan dan "
        "Laporan Pelanggaran Pemilihan Umum"
    ),
)
"""Form B.17, point 1 (Perbawaslu 7/2022, Lampiran)."""

PILKADA_ACT = (
    "Undang-Undang Nomor 1 Tahun 2015 tentang Penetapan Peraturan Pemerintah Pengganti "
    "Undang-Undang Nomor 1 Tahun 2014 tentang Pemilihan Gubernur, Bupati, dan Wali Kota menjadi "
    "Undang-Undang, sebagaimana telah beberapa kali diubah, terakhir dengan Undang-Undang "
    "Nomor 6 Tahun 2020"
)
PILKADA_REGULATION = (
    "Peraturan Badan Pengawas Pemilihan Umum Nomor 8 Tahun 2020 tentang Penanganan Pelanggaran "
    "Pemilihan Gubernur dan Wakil Gubernur, Bupati dan Wakil Bupati, serta Wali Kota dan Wakil "
    "Wali Kota"
)
PILKADA_AMENDMENT = (
    ", sebagaimana telah diubah dengan Peraturan Badan Pengawas Pemilihan Umum Nomor 9 Tahun 2024"
)


def election_law_bases(regime: str, *, on: date) -> list[str]:
    """Return the laws as a paper of that day names them; an unknown election is a Pemilu."""
    if regime == Regime.PILKADA:
        amended = PILKADA_AMENDMENT if on >= PERBAWASLU_9_2024_DAY else ""
        return [PILKADA_ACT, PILKADA_REGULATION + amended]
    return list(ELECTION_LAW)
