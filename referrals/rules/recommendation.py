"""What the rules say of one official's allegation, line by line with article and certainty.

Everything asked of the database comes in with a ``Situation``; from there on it is a function. An officer may
depart from the answer (``referrals/rules/departure.py``), never without a written reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.registry.models import (
    Agency,
    Category,
    Confidence,
    Contest,
    Employment,
    RecipientBody,
    SanctionClass,
    SanctionType,
    ViolationRule,
)
from bawaslu_cases.registry.selectors import PpkDesignation, RuleProposal
from referrals.rules.addressee import Addressee, addressee
from referrals.rules.bases import BY_EMPLOYMENT, Track, legal_bases, tracks_that_apply
from referrals.rules.crime import criminal_articles
from referrals.rules.lines import Line
from referrals.rules.sanctions import AdmissibleType, admissible_types

CIRCULAR_DAY = date(2023, 1, 3)
"""From here on the rows reach non-ASN staff (SE MenPANRB 1/2023)."""
CIVIL_SERVICE_LAW_DAY = date(2014, 1, 15)


class NoRecommendation(models.TextChoices):
    """Why the rules have nothing to recommend of somebody."""

    NOT_ASN = "not_asn", gettext_lazy("Bukan ASN: perbuatannya diatur peraturan lain")
    NOT_YET_NON_ASN = (
        "not_yet_non_asn",
        gettext_lazy("Pegawai non-ASN: SE MenPANRB 1/2023 belum berlaku pada hari kejadian"),
    )
    NO_LAW_YET = "no_law_yet", gettext_lazy("UU 5/2014 belum berlaku pada hari kejadian")
    NO_ROW = "no_row", gettext_lazy("Tidak ada butir yang mencakup perbuatan ini pada tahap itu")


@dataclass(frozen=True, slots=True)
class Situation:
    """One official × allegation with what the registry says of it.

    ``proposal`` is the rule of the event's day and phase, ``pair`` its counterpart in force then,
    ``types`` the sanctions of the referral's day ``on``, ``designation`` the PPK of that day (None where the
    agency is unknown) and ``above`` the authority over it.
    """

    event_on: date
    on: date
    employment: Employment
    contest: Contest | None
    proposal: RuleProposal | None
    pair: ViolationRule | None
    types: Sequence[SanctionType]
    recipient: RecipientBody
    own_agency: Agency | None = None
    designation: PpkDesignation | None = None
    above: Agency | None = None
    is_candidate: bool = False


@dataclass(frozen=True, slots=True)
class Recommended:
    """The answer: rows, class, types, bases, the criminal side, whom it goes to, and why.

    ``addressee`` is None where the agency is not known yet: the gate asks for it.
    """

    rule: ViolationRule
    tracks: tuple[Track, ...]
    sanction_class: SanctionClass
    types: tuple[AdmissibleType, ...]
    bases: tuple[str, ...]
    criminal_articles: tuple[str, ...]
    addressee: Addressee | None
    lines: tuple[Line, ...]

    @property
    def confidence(self) -> str:
        """How well the leading row is known."""
        return str(self.rule.confidence)


def recommend(situation: Situation) -> Recommended | NoRecommendation:
    """Return what the rules say, or the reason why they say nothing."""
    proposal = situation.proposal
    if proposal is None:
        return _reason(situation)
    rule = proposal.rule
    covering = [each for _act, each in proposal.covering]
    tracks = tracks_that_apply(
        leading=rule, covering=covering, pair=situation.pair, stage=proposal.stage
    )
    types = admissible_types(
        sanction_class=rule.sanction_class,
        employment=situation.employment,
        types=situation.types,
    )
    crime = criminal_articles(
        rules=[rule, *covering],
        contest=situation.contest,
        event_on=situation.event_on,
        employment=situation.employment,
    )
    to = _addressee(situation)
    return Recommended(
        rule=rule,
        tracks=tracks,
        sanction_class=SanctionClass(rule.sanction_class),
        types=types,
        bases=legal_bases(tracks, employment=situation.employment),
        criminal_articles=crime,
        addressee=to,
        lines=(
            *_act_lines(proposal),
            _stage_line(situation, proposal),
            *_track_lines(tracks),
            _class_line(rule),
            *_type_lines(types, rule),
            *_employment_lines(situation.employment),
            *(_crime_line(article, rule) for article in crime),
            *(to.lines if to else ()),
            _recipient_line(situation),
        ),
    )


def _reason(situation: Situation) -> NoRecommendation:
    if situation.employment is Employment.NON_ASN:
        return NoRecommendation.NOT_ASN
    if situation.event_on < CIVIL_SERVICE_LAW_DAY:
        return NoRecommendation.NO_LAW_YET
    if situation.employment is Employment.PPNPN and situation.event_on < CIRCULAR_DAY:
        return NoRecommendation.NOT_YET_NON_ASN
    return NoRecommendation.NO_ROW


def _addressee(situation: Situation) -> Addressee | None:
    if situation.designation is None or situation.own_agency is None:
        return None
    return addressee(
        designation=situation.designation,
        own=situation.own_agency,
        above=situation.above,
        is_candidate=situation.is_candidate,
    )


def _act_lines(proposal: RuleProposal) -> list[Line]:
    first = Line(_("Perbuatan: %(act)s") % {"act": proposal.act}, proposal.reason)
    return [first] + [
        Line(
            _("Perbuatan lain (%(code)s), sanksinya tidak lebih berat: %(act)s")
            % {"act": act, "code": rule.code}
        )
        for act, rule in proposal.covering
    ]


def _stage_line(situation: Situation, proposal: RuleProposal) -> Line:
    day, contest = f"{situation.event_on:%d-%m-%Y}", situation.contest
    if contest is None:
        text = _("Peristiwa %(day)s di luar tahapan pemilihan: belum ada calon yang ditetapkan")
        return Line(text % {"day": day})
    told = {"day": day, "contest": contest}
    if proposal.determined_on is None:
        text = _("Peristiwa %(day)s sebelum penetapan calon (%(contest)s)")
    else:
        text = _("Peristiwa %(day)s sesudah penetapan calon %(determined)s (%(contest)s)")
        told["determined"] = f"{proposal.determined_on:%d-%m-%Y}"
    return Line(text % told, contest.source, contest.confidence)


def _track_lines(tracks: tuple[Track, ...]) -> list[Line]:
    lines = [
        Line(
            _("%(category)s %(code)s: %(title)s")
            % {
                "category": Category(track.category).label,
                "code": track.code,
                "title": track.title,
            },
            "; ".join(track.bases),
            track.confidence,
        )
        for track in tracks
    ]
    if len(tracks) > 1:
        lines.append(
            Line(
                _("Dua dasar berlaku bersama: etika dan disiplin disebut dalam satu surat"),
                "PP 42/2004 ps 16",
                Confidence.ONE_SOURCE,
            )
        )
    return lines


def _class_line(rule: ViolationRule) -> Line:
    words = _("Golongan sanksi: %(sanction)s")
    return Line(words % {"sanction": rule.get_sanction_class_display()}, rule.note, rule.confidence)


def _type_lines(types: tuple[AdmissibleType, ...], rule: ViolationRule) -> list[Line]:
    if not types:
        words = _("Jenis sanksi golongan ini belum ada dalam daftar untuk hari itu")
        return [Line(words, "; ".join(rule.legal_bases), Confidence.GAP)]
    listed = [each for each in types if not each.is_transitional]
    lines = []
    if listed:
        words = _("Jenis yang mungkin: %(names)s")
        lines.append(
            Line(
                words % {"names": "; ".join(each.name for each in listed)},
                "; ".join(dict.fromkeys(each.basis for each in listed)),
                listed[0].confidence,
            )
        )
    interim = [each for each in types if each.is_transitional]
    if interim:
        words = _("Selama peraturan gaji dan tunjangan belum berlaku: %(names)s")
        lines.append(
            Line(
                words % {"names": ", ".join(each.name for each in interim)},
                interim[0].basis,
                interim[0].confidence,
            )
        )
    return lines


def _employment_lines(employment: Employment) -> list[Line]:
    if employment is Employment.UNKNOWN:
        return [Line(_("Status kepegawaian belum diketahui; dianggap PNS sampai diperiksa"))]
    if employment is Employment.PPPK:
        text = _("PPPK: tata cara mengikuti PNS, jenis hukuman menurut peraturan PPK atau kontrak")
        return [Line(text, BY_EMPLOYMENT[employment], Confidence.TWO_SOURCES)]
    if employment is Employment.PPNPN:
        text = _("Bukan ASN: sanksi menurut kontrak, disampaikan kepada pimpinan instansi")
        return [Line(text, BY_EMPLOYMENT[employment], Confidence.TWO_SOURCES)]
    return []


def _crime_line(article: str, rule: ViolationRule) -> Line:
    return Line(
        _("Unsur pidana: periksa bersama Gakkumdu dengan rujukan kedua"), article, rule.confidence
    )


def _recipient_line(situation: Situation) -> Line:
    words = _("Penerima pada %(day)s: %(body)s")
    told = {"day": f"{situation.on:%d-%m-%Y}", "body": situation.recipient.name}
    return Line(words % told, situation.recipient.legal_basis, Confidence.TWO_SOURCES)
