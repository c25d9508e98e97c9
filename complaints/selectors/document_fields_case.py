"""What a paper says of a case: hearings, assessment, decision, public notice, corrections."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.paper_dates import long_date
from complaints.deadlines import DeadlineKind
from complaints.models import Hearing, PlenaryDecision
from complaints.selectors.document_fields_record import reported_people
from complaints.selectors.document_source import (
    UNKNOWN,
    Field,
    Source,
    correction_of,
    day_words,
    hearing_of,
    in_indonesian,
    masked_reporter,
    minutes_of,
    paragraphs,
)
from complaints.states import (
    REPORT_LANES,
    CaseAction,
    CaseStatus,
    CorrectionAction,
    CorrectionStatus,
    HearingStatus,
    RefusalGround,
)


def _heard(source: Source) -> dict[str, str]:
    hearing = hearing_of(source)
    official = hearing.official
    return {
        "name": (official.name or official.position or official.account)
        if official
        else hearing.person,
        "post": official.position if official else "",
        "capacity": in_indonesian(Hearing.Capacity(hearing.capacity).label),
    }


def _session(source: Source) -> dict[str, str]:
    letter = source.invitation
    assert letter is not None  # noqa: S101 -- fields of invitations only
    return {
        **source.moment(letter.session_at),
        "kind": in_indonesian(Hearing.Place(letter.place_kind).label),
        "place": letter.place,
        "officer": letter.invited_by.name,
        "turn": "kedua" if letter.number > 1 else "pertama",
    }


def _held(source: Source) -> dict[str, str]:
    held_at = hearing_of(source).held_at
    return source.moment(held_at) if held_at else {}


def _signature(source: Source) -> str:
    hearing = hearing_of(source)
    if hearing.signed is None:
        return ""
    if hearing.signed:
        return "membubuhkan tanda tangan"
    return f"tidak bersedia membubuhkan tanda tangan: {hearing.refusal}"


def _position(source: Source) -> list[str]:
    assert source.case is not None  # noqa: S101 -- fields of cases only
    return paragraphs(source.case.summary)


def _assessment(source: Source) -> list[str]:
    assert source.case is not None  # noqa: S101 -- fields of cases only
    return paragraphs(source.case.assessment)


def _hearings(source: Source) -> list[str]:
    """Return who was heard when, or stayed away; what they said stands in B.12."""
    assert source.case is not None  # noqa: S101 -- fields of cases only
    rows = source.case.hearings.select_related("official").exclude(status=HearingStatus.CANCELLED)
    return [
        ", ".join(
            filter(
                None,
                (
                    row.official.name or row.official.position if row.official else row.person,
                    in_indonesian(Hearing.Capacity(row.capacity).label).lower(),
                    f"didengar {long_date(source.local(row.held_at).date())}"
                    if row.held_at
                    else in_indonesian(HearingStatus(row.status).label).lower(),
                ),
            )
        )
        for row in rows
    ]


def _outcome(source: Source) -> dict[str, Any]:
    """Return parts IV and V of form B.13; empty until the plenary decided (ps 36(4))."""
    assert source.case is not None  # noqa: S101 -- fields of cases only
    held = source.decision
    if held is None or source.case.status in {CaseStatus.REGISTERED, CaseStatus.ASSESSED}:
        return {}
    return {"kinds": [held.outcome, *held.also], "minutes": minutes_of(source)}


_DESTINATIONS = {
    CaseAction.DECIDE_ETHICS: "Dewan Kehormatan Penyelenggara Pemilu atau KPU",
    CaseAction.DECIDE_ADMINISTRATIVE: "KPU, KPU Provinsi, atau KPU Kabupaten/Kota",
    CaseAction.DECIDE_CRIME: "Kepolisian",
    CaseAction.DECIDE_REFER: "Instansi lain yang berwenang",
}
_REASONS = {
    RefusalGround.INCOMPLETE: "Tidak memenuhi syarat formal dan/atau materiel",
    RefusalGround.LATE: "Melewati batas waktu penyampaian",
    RefusalGround.WITHDRAWN: "Dicabut",
    RefusalGround.SETTLED: "Telah ditangani dan diselesaikan jajaran pengawas",
    RefusalGround.NO_VIOLATION: "Tidak memenuhi unsur pelanggaran",
}


def _notice(source: Source) -> list[dict[str, str]]:
    """Return the row of the public board: who was reported, the register, status, where to or why not.

    No reporter, no lane, no submission number and no record's own name, which begins with its lane.
    """
    held = source.decision
    if source.case is None:
        ground = held.ground if held else ""
        status, why = (
            "Tidak ditindaklanjuti",
            _REASONS.get(RefusalGround(ground or "incomplete"), ""),
        )
        number = "Tidak diregister"
    else:
        number = source.case.register_number or "Tidak diregister"
        kinds = [source.case.decision, *(held.also if held else [])]
        where = [_DESTINATIONS[CaseAction(kind)] for kind in kinds if kind in _DESTINATIONS]
        stopped = source.case.status == CaseStatus.STOPPED
        status = "Dihentikan" if stopped else "Ditindaklanjuti"
        why = _REASONS[RefusalGround.NO_VIOLATION] if stopped else "; ".join(where)
    return [
        {
            "reported": "; ".join(
                f"{row['name']}, {row['post']}" if row["name"] != UNKNOWN else row["post"]
                for row in reported_people(source)
            ),
            "number": number,
            "status": status,
            "why": why,
        }
    ]


def _requester(source: Source) -> dict[str, str]:
    correction = correction_of(source)
    if correction.official is None:
        codes = [masked_reporter(row) for row in source.complaints if row.lane in REPORT_LANES]
        hidden = "tidak dimuat (identitas dilindungi)"
        who = "; ".join(codes) or "Pelapor (identitas dilindungi)"
        return {"who": who, "capacity": "Pelapor", "post": hidden, "address": hidden}
    official = correction.official
    agency = official.agency.name if official.agency else official.agency_text
    return {
        "who": official.name or official.position,
        "capacity": "Terlapor",
        "post": official.position or UNKNOWN,
        "address": ", ".join(part for part in (official.unit, agency) if part) or UNKNOWN,
    }


_KINDS = {
    CaseAction.DECIDE_REFER: "dugaan pelanggaran peraturan perundang-undangan lainnya",
    CaseAction.DECIDE_ADMINISTRATIVE: "pelanggaran administratif",
    CaseAction.DECIDE_ETHICS: "pelanggaran kode etik penyelenggara",
    CaseAction.DECIDE_CRIME: "tindak pidana pemilihan",
    CaseAction.DECIDE_STOP: "dihentikan",
}


def _attacked(source: Source) -> dict[str, Any]:
    assert source.case is not None  # noqa: S101 -- fields of cases only
    held = (
        PlenaryDecision.objects.filter(
            case=source.case, decided_on__lte=correction_of(source).filed_on
        )
        .exclude(outcome="return_assessment")
        .order_by("-pk")
        .first()
    )
    if held is None:
        return {}
    return {
        "office": source.case.office.name,
        "minutes": held.minutes_number,
        "day": long_date(held.decided_on),
        "kinds": [_KINDS[CaseAction(kind)] for kind in (held.outcome, *held.also)],
    }


def _filed(source: Source) -> dict[str, str]:
    correction = correction_of(source)
    window = (
        correction.case.deadlines.filter(kind=DeadlineKind.CORRECTION_REQUEST)
        .order_by("-pk")
        .first()
    )
    late = window is not None and correction.filed_on > window.due_on
    return {
        "day": day_words(correction.filed_on),
        "until": long_date(window.due_on) if window else "",
        "verdict": "melampaui waktu yang ditentukan" if late else "dalam waktu yang ditentukan",
    }


_RESULTS = {
    CorrectionAction.GRANT: "b",
    CorrectionAction.REJECT: "a",
    CorrectionAction.FIND_LATE: "late",
}


def _result(source: Source) -> dict[str, Any]:
    held = source.decision
    if held is None or correction_of(source).status not in {
        CorrectionStatus.GRANTED,
        CorrectionStatus.REJECTED,
        CorrectionStatus.LATE,
    }:
        return {}
    return {
        "mark": _RESULTS[CorrectionAction(held.outcome)],
        "reason": paragraphs(held.note),
        "minutes": minutes_of(source),
        "decided": day_words(held.decided_on),
    }


def _members(source: Source) -> list[str]:
    held = source.decision
    if held is None:
        return []
    return [vote.member.name for vote in held.votes.select_related("member").order_by("pk")]


CASE_FIELDS: Mapping[str, Field] = {
    "assessment": (_("kajian"), _assessment),
    "asked": (_("hal yang diminta"), lambda source: paragraphs(correction_of(source).asked)),
    "attacked": (_("putusan yang dimintakan koreksi"), _attacked),
    "filed": (_("waktu permintaan"), _filed),
    "heard": (_("orang yang didengar"), _heard),
    "hearings": (_("klarifikasi"), _hearings),
    "held": (_("waktu klarifikasi"), _held),
    "members": (_("anggota pleno"), _members),
    "notice": (_("status"), _notice),
    "outcome": (_("putusan pleno"), _outcome),
    "points": (_("alasan koreksi"), lambda source: paragraphs(correction_of(source).points)),
    "position": (_("ringkasan netral"), _position),
    "record": (_("berita acara klarifikasi"), lambda source: paragraphs(hearing_of(source).record)),
    "requester": (_("pemohon koreksi"), _requester),
    "result": (_("hasil koreksi"), _result),
    "session": (_("waktu dan tempat undangan"), _session),
    "signature": (_("tanda tangan"), _signature),
}
"""Name → what a person calls it, and what makes it."""
