"""The gate: what recipients sent referrals back for, asked before one leaves (domain.md §4).

KASN returned referrals without an assessment, asked for post and grade, and 108 of 2,007 failed in December
2021 for incomplete papers. Nothing else stops a referral.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.registry.models import Employment

NIP_DIGITS = 18
NIK_DIGITS = 16


class Place(models.TextChoices):
    """Where what is missing can be filled in."""

    DETAILS = "details"
    ALLEGATION = "allegation"
    ASSESSMENT = "assessment"
    EVIDENCE = "evidence"
    PLENARY = "plenary"


class Met(models.TextChoices):
    """How a line of the gate stands; only what is missing stops a referral."""

    YES = "yes", gettext_lazy("ada")
    NOTED = "noted", gettext_lazy("dicatat")
    NO = "no", gettext_lazy("belum ada")


@dataclass(frozen=True, slots=True)
class GateLine:
    """One thing asked for. ``who`` names the official or is empty for the case; ``told`` what stands."""

    key: str
    label: str
    met: Met
    place: Place
    who: str = ""
    told: str = ""
    allegation: UUID | None = None

    @property
    def is_missing(self) -> bool:
        """Whether this line stops the referral."""
        return self.met is Met.NO

    @property
    def words(self) -> str:
        """The line as a sentence of a refusal."""
        return f"{self.who}: {self.label}" if self.who else self.label


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of one official and what he is said to have done."""

    who: str
    allegation: UUID
    employment: str
    name: str
    number: str
    position: str
    grade: str
    unit: str
    agency: str
    event: str
    place: str
    rule: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What lies with the case: its texts, its evidence by state, the plenary's minutes.

    ``is_registered``: what was sent straight on without a register (PB7 ps 22) has no assessment.
    """

    summary: str
    assessment: str
    paper: str
    copies: int
    waiting: int
    withheld: int
    links: int
    minutes: str
    is_registered: bool = True


def number_kind(number: str) -> str:
    """Return what a person's number is by its length: "NIP", "NIK", or "" for neither.

    Both are checked softly: an old number may have been written in another way (domain.md §7).
    """
    digits = number.replace(" ", "")
    if not digits.isdecimal():
        return ""
    return {NIP_DIGITS: "NIP", NIK_DIGITS: "NIK"}.get(len(digits), "")


def person_lines(facts: PersonFacts) -> list[GateLine]:
    """Return what is asked of one official; non-ASN staff have no grade."""
    asked = [
        ("name", _("nama"), facts.name, Place.DETAILS),
        ("number", _("NIP atau NIK"), facts.number, Place.DETAILS),
        ("position", _("jabatan"), facts.position, Place.DETAILS),
        ("grade", _("pangkat/golongan"), facts.grade, Place.DETAILS),
        ("unit", _("unit kerja"), facts.unit, Place.DETAILS),
        ("agency", _("instansi"), facts.agency, Place.DETAILS),
        ("event", _("tanggal kejadian"), facts.event, Place.ALLEGATION),
        ("place", _("tempat kejadian"), facts.place, Place.DETAILS),
        ("rule", _("kode pelanggaran"), facts.rule, Place.ALLEGATION),
    ]
    return [
        GateLine(
            key=key,
            label=label,
            met=Met.YES if value.strip() else Met.NO,
            place=place,
            who=facts.who,
            told=value.strip(),
            allegation=facts.allegation,
        )
        for key, label, value, place in asked
        if not (key == "grade" and facts.employment == Employment.PPNPN)
    ]


def case_lines(facts: CaseFacts) -> list[GateLine]:
    """Return what is asked of the case: neutral summary, assessment, evidence with copies, minutes."""
    return [
        *_text_lines(facts),
        _evidence_line(facts),
        _line("minutes", _("berita acara pleno"), facts.minutes, Place.PLENARY, told=facts.minutes),
    ]


def _text_lines(facts: CaseFacts) -> list[GateLine]:
    asked = [
        ("summary", _("ringkasan netral"), facts.summary, ""),
        ("assessment", _("kajian"), facts.assessment, facts.paper),
    ]
    if facts.is_registered:
        return [
            _line(key, name, text, Place.ASSESSMENT, told=told) for key, name, text, told in asked
        ]
    told = _("diteruskan tanpa register (PB7 ps 22): ringkasan ditulis pada usulan")
    return [
        GateLine(key, name, Met.NOTED, Place.ASSESSMENT, told=told)
        for key, name, _text, _told in asked
    ]


def missing(lines: Iterable[GateLine]) -> tuple[str, ...]:
    """Return what stops the referral, in words and in order."""
    return tuple(line.words for line in lines if line.is_missing)


def _line(key: str, label: str, value: str, place: Place, *, told: str) -> GateLine:
    return GateLine(key, label, Met.YES if value.strip() else Met.NO, place, told=told)


def _evidence_line(facts: CaseFacts) -> GateLine:
    """Return the line of the evidence: a piece without a safe copy has no digest to be listed with.

    A case without any file is lawful (a supervisor's own finding, Form A): that is told, not refused.
    """
    label = _("daftar bukti dengan sidik salinan")
    if facts.waiting:
        told = _("%(count)d berkas belum punya salinan aman") % {"count": facts.waiting}
        return GateLine("evidence", label, Met.NO, Place.EVIDENCE, told=told)
    told = _("%(copies)d salinan, %(links)d tautan") % {
        "copies": facts.copies,
        "links": facts.links,
    }
    if facts.withheld:
        more = _("%(count)d berkas tidak ikut: ditahan, ditolak, atau diperiksa manual")
        told = f"{told}; {more % {'count': facts.withheld}}"
    if not facts.copies and not facts.links:
        told = told if facts.withheld else _("tidak ada berkas; penerima dapat menanyakannya")
        return GateLine("evidence", label, Met.NOTED, Place.EVIDENCE, told=told)
    return GateLine("evidence", label, Met.YES, Place.EVIDENCE, told=told)
