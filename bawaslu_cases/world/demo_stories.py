"""The invented records of the demo: what is told, where it stands, and since when.

Regions are real so that offices, clocks and employing officials are; districts, halls, schools,
people and events are not.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bawaslu_cases.registry.models import RecipientKind, UnitKind
from bawaslu_cases.world.walk import Stage, Walk
from complaints.services import cases, triage
from complaints.services.deadlines import local_day
from complaints.states import CaseAction, ComplaintAction, Lane
from referrals.errors import NoRuleError
from referrals.rules.departure import Departure
from referrals.selectors.proposals import recommendation_for
from referrals.services import recommend
from referrals.states import AnswerKind


@dataclass(frozen=True)
class Tale:
    """One invented event; ``agency`` empty means the region's own government."""

    act: str
    position: str
    place: str
    story: str
    platform: str = ""
    unit: str = ""
    unit_kind: str = UnitKind.GENERAL
    agency: str = ""
    links: tuple[str, ...] = ()


TALES: tuple[Tale, ...] = (
    Tale(
        "POST_SUPPORT",
        "Kepala Bidang",
        "Grup WhatsApp Dinas Contoh",
        "Beliau membagikan poster pasangan calon ke grup kantor dan meminta kami menyimpannya.",
        platform="whatsapp",
        links=("https://contoh.invalid/poster-1",),
    ),
    Tale(
        "PRESSURE_OTHERS",
        "Camat",
        "Balai Pertemuan Sekar Wangi",
        "Dalam sambutan pembagian bibit, camat meminta warga memilih calon yang bajunya biru.",
        unit="Kecamatan Contoh Asri",
        unit_kind=UnitKind.DISTRICT,
    ),
    Tale(
        "ATTEND_EVENT",
        "Kepala Seksi",
        "Lapangan Contoh Melati",
        "Saya melihatnya berdiri di barisan depan kampanye, memakai jaket dinas, dua jam lebih.",
    ),
    Tale(
        "LIKE_COMMENT",
        "Staf",
        "Akun media sosial pribadi",
        "Hampir tiap malam ia berkomentar 'lanjutkan' di unggahan resmi salah satu calon.",
        platform="facebook",
        links=("https://contoh.invalid/komentar-7",),
    ),
    Tale(
        "USE_STATE_RESOURCES",
        "Kepala Dinas",
        "Halaman Gedung Serba Guna Contoh",
        "Mobil dinas dipakai mengangkut kaus dan spanduk kampanye pada hari kerja.",
    ),
    Tale(
        "PRESSURE_OTHERS",
        "Kepala Sekolah",
        "SMA Negeri Contoh 9",
        "Rapat guru dibuka dengan ajakan mendukung calon tertentu, daftar hadir dipakai mendata.",
        unit="SMA Negeri Contoh 9",
        unit_kind=UnitKind.UPPER_SECONDARY_SCHOOL,
    ),
    Tale(
        "DISPLAY_MATERIAL",
        "Lurah",
        "Kantor Kelurahan Contoh Lor",
        "Stiker calon ditempel di papan pengumuman kelurahan dan tidak boleh dilepas.",
        unit="Kelurahan Contoh Lor",
        unit_kind=UnitKind.DISTRICT,
    ),
    Tale(
        "PHOTO_SYMBOL",
        "Guru Madrasah",
        "Aula Madrasah Contoh",
        "Berfoto bersama sambil mengacungkan simbol jari nomor urut, lalu diunggah ke status.",
        unit="Madrasah Negeri Contoh",
        unit_kind=UnitKind.MADRASAH,
        agency="M-AGAMA",
        platform="whatsapp",
    ),
    Tale(
        "CAMPAIGN_TEAM",
        "Sekretaris Kecamatan",
        "Posko Pemenangan Contoh",
        "Namanya tertulis sebagai wakil koordinator di papan posko, dan ia memimpin rapat tim.",
        unit="Kecamatan Contoh Kulon",
        unit_kind=UnitKind.DISTRICT,
    ),
    Tale(
        "FAVOURING_DECISION",
        "Sekretaris Daerah",
        "Ruang Rapat Contoh Lantai 2",
        "Surat edaran memindahkan jadwal bantuan agar bersamaan dengan kunjungan calon petahana.",
    ),
    Tale(
        "ID_CARD_SUPPORT",
        "Bidan Puskesmas",
        "Puskesmas Contoh Sehat",
        "Fotokopi KTP peserta posyandu dikumpulkan, katanya untuk dukungan calon perseorangan.",
        unit="Puskesmas Contoh Sehat",
        unit_kind=UnitKind.HEALTH,
    ),
    Tale(
        "JOIN_GROUP",
        "Penyuluh",
        "Grup Relawan Contoh Bersatu",
        "Ia menjadi admin grup relawan dan mengatur jadwal pemasangan spanduk di grup itu.",
        platform="whatsapp",
    ),
)

Path = Callable[[Walk], object]


def _withdrawn(walk: Walk) -> None:
    walk.to(Stage.PROPOSED_REFERRAL)
    recommend.withdraw_proposal(
        referral=walk.current_referral(),
        officer=walk.officer(),
        at=walk.now(),
        reason="Ringkasan perlu disusun ulang",
    )


def _departed(walk: Walk) -> None:
    """Propose one kind of sanction of those the rules name, with the officer's reason."""
    walk.to(Stage.DECIDED)
    case, at = walk.current_case(), walk.now()
    proposal = recommendation_for(case=case, on=local_day(at, case.office))
    departures = {
        item.allegation.pk: Departure(
            reason="Perbuatan hanya satu kali, diakui, dan segera dihentikan terlapor.",
            types=(item.recommended.types[0].code,),
        )
        for item in proposal.items
        if len(item.recommended.types) > 1
    }
    recommend.propose_referral(case=case, officer=walk.officer(), at=at, departures=departures)


def _criminal_side(walk: Walk) -> None:
    """Ask for the second referral of the same case where its act may be a crime."""
    walk.to(Stage.DELIVERED)
    case = walk.current_case()
    with suppress(NoRuleError):
        recommend.propose_referral(
            case=case, officer=walk.officer(), at=walk.now(), kind=RecipientKind.CRIME_CHECK
        )


def _resubmitted(walk: Walk) -> None:
    _returned(walk)
    recommend.resubmit_referral(
        referral=walk.current_referral(),
        officer=walk.officer(),
        at=walk.now(),
        reason="Jabatan dan unit kerja sudah dilengkapi",
        summary="Ringkasan diperbaiki: jabatan dan unit kerja dilengkapi.",
    )


def _returned(walk: Walk) -> None:
    walk.to(Stage.DELIVERED)
    walk.return_referral("Jabatan dan unit kerja terlapor belum jelas")


def _answered_otherwise(kind: AnswerKind) -> Path:
    def path(walk: Walk) -> None:
        walk.to(Stage.RECOMMENDED)
        walk.answer(kind)
        walk.to(Stage.VERIFIED)

    return path


def _answer_returned(walk: Walk) -> None:
    walk.to(Stage.ANSWERED)
    walk.return_answer("Pindaian keputusan tidak terbaca")


def _accepted_by_the_ppk(walk: Walk) -> None:
    walk.to(Stage.RECOMMENDED)
    walk.say(AnswerKind.ACCEPTED, "Majelis kode etik sedang dibentuk.")


def _objected(walk: Walk) -> None:
    walk.to(Stage.RECOMMENDED)
    walk.say(AnswerKind.OBJECTION, "Yang bersangkutan sedang cuti di luar tanggungan negara.")


def _dropped(walk: Walk) -> None:
    _objected(walk)
    walk.drop("Cuti di luar tanggungan negara dibuktikan dengan keputusan")


def _punished_lightly(walk: Walk) -> None:
    walk.to(Stage.RECOMMENDED)
    walk.answer(code="TT")
    walk.to(Stage.VERIFIED)


def _appealed(walk: Walk) -> None:
    walk.to(Stage.VERIFIED)
    walk.appeal()


def _stopped(walk: Walk) -> None:
    walk.to(Stage.ASSESSED)
    walk.decide_on_case(CaseAction.DECIDE_STOP, reason="Tidak cukup bukti")


def _assessment_returned(walk: Walk) -> None:
    walk.to(Stage.ASSESSED)
    walk.decide_on_case(CaseAction.RETURN_ASSESSMENT, reason="Lengkapi uraian unsur")


def _declined(walk: Walk) -> None:
    walk.propose(ComplaintAction.PROPOSE_ARCHIVE)
    walk.decide_on_tip(ComplaintAction.DECLINE, reason="Tidak ada petunjuk yang dapat ditelusuri")


def _proposal_returned(walk: Walk) -> None:
    walk.to(Stage.PROPOSED)
    walk.decide_on_tip(ComplaintAction.RETURN_PROPOSAL, reason="Periksa lagi tanggal kejadian")


def _closed_without_case(walk: Walk) -> None:
    triage.close_without_case(
        complaint=walk.complaint,
        officer=walk.officer(),
        at=walk.now(),
        reason="Penelusuran tidak membenarkan kejadian itu",
    )


def _tracing_ended(walk: Walk) -> None:
    walk.to(Stage.TRACING)
    _closed_without_case(walk)


def _not_proven(walk: Walk) -> None:
    walk.to(Stage.ACCEPTED)
    walk.find_not_proven("Keterangan saksi tidak menguatkan dugaan")


def _draft_assessment(walk: Walk) -> None:
    walk.to(Stage.CASE)
    case = walk.current_case()
    cases.write_assessment(
        case=case,
        summary=f"{case.title}. Rancangan ringkasan.",
        assessment="",
        officer=walk.officer(),
    )


def _to(stage: Stage) -> Path:
    return lambda walk: walk.to(stage)


PATHS: dict[str, Path] = {stage.value: _to(stage) for stage in Stage} | {
    "archive_proposed": lambda walk: walk.propose(ComplaintAction.PROPOSE_ARCHIVE),
    "declined": _declined,
    "proposal_returned": _proposal_returned,
    "tracing_ended": _tracing_ended,
    "cancelled": _closed_without_case,
    "draft_assessment": _draft_assessment,
    "assessment_returned": _assessment_returned,
    "stopped": _stopped,
    "departed": _departed,
    "criminal_side": _criminal_side,
    "withdrawn": _withdrawn,
    "returned": _returned,
    "resubmitted": _resubmitted,
    "not_proven": _not_proven,
    "answer_returned": _answer_returned,
    "ppk_accepted": _accepted_by_the_ppk,
    "ppk_objected": _objected,
    "ppk_dropped": _dropped,
    "punished_lightly": _punished_lightly,
    "appealed": _appealed,
    "answered_not_proven": _answered_otherwise(AnswerKind.NOT_PROVEN),
    "answered_left_service": _answered_otherwise(AnswerKind.LEFT_SERVICE),
}


@dataclass(frozen=True)
class Episode:
    """One record: its lane, what becomes of it, and how many working days ago it began."""

    lane: Lane
    path: str
    began: tuple[int, ...]


_TIP, _FINDING = Lane.TIP, Lane.FINDING

EPISODES: tuple[Episode, ...] = (
    Episode(_TIP, "received", (0, 0, 0, 1, 1, 2, 2, 3, 4, 6)),
    Episode(_TIP, "proposal_returned", (3,)),
    Episode(_TIP, "proposed", (1, 2, 2, 3)),
    Episode(_TIP, "archive_proposed", (2,)),
    Episode(_TIP, "declined", (9,)),
    Episode(_TIP, "tracing", (3, 5, 9, 12)),
    Episode(_TIP, "tracing_ended", (14,)),
    Episode(_TIP, "finding", (6,)),
    Episode(_FINDING, "finding", (0, 1, 2, 4)),
    Episode(_FINDING, "cancelled", (5,)),
    Episode(_FINDING, "case", (2, 5, 8, 11)),
    Episode(_FINDING, "draft_assessment", (6,)),
    Episode(_FINDING, "assessed", (5, 8)),
    Episode(_FINDING, "assessment_returned", (7,)),
    Episode(_FINDING, "stopped", (15,)),
    Episode(_FINDING, "decided", (8, 10)),
    Episode(_FINDING, "proposed_referral", (9,)),
    Episode(_FINDING, "departed", (10,)),
    Episode(_FINDING, "withdrawn", (11,)),
    Episode(_FINDING, "delivered", (8, 16)),
    Episode(_FINDING, "criminal_side", (10,)),
    Episode(_FINDING, "returned", (12,)),
    Episode(_FINDING, "resubmitted", (13,)),
    Episode(_FINDING, "accepted", (11, 17)),
    Episode(_FINDING, "not_proven", (20,)),
    Episode(_FINDING, "recommended", (12, 15, 21, 28, 34)),
    Episode(_FINDING, "answered", (18, 24)),
    Episode(_FINDING, "answer_returned", (25,)),
    Episode(_TIP, "verified", (38,)),
    Episode(_FINDING, "verified", (26, 33, 40)),
    Episode(_FINDING, "answered_not_proven", (30,)),
    Episode(_FINDING, "answered_left_service", (36,)),
    Episode(_FINDING, "ppk_accepted", (14,)),
    Episode(_FINDING, "ppk_objected", (19,)),
    Episode(_FINDING, "ppk_dropped", (23,)),
    Episode(_FINDING, "punished_lightly", (29,)),
    Episode(_FINDING, "appealed", (37,)),
)
