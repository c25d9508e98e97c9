"""The page before sending: what was answered, how it stands in time, what an officer will miss."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from complaints.links import read_link
from complaints.models import SealedIdentity
from complaints.selectors.intake import ReportWindow, recipient_short_name, report_window
from complaints.selectors.links import wants_long_form
from complaints.states import Lane, Requirement, requirements_of
from complaints.web.file_words import held_files
from complaints.web.forms_intake import (
    OTHER_ACT,
    LinksForm,
    MediaForm,
    PeopleForm,
    WhoForm,
    WitnessForm,
    nip_remark,
)
from complaints.web.forms_intake_name import LaneCard, UnitsForm, lane_cards
from complaints.web.forms_intake_when import WhenForm
from complaints.web.intake_draft import IDENTITY, Draft, read_forms
from complaints.web.intake_leaks import traces_in

Text = str | Promise

MISSING: Mapping[Requirement, Text] = {
    Requirement.REPORTED_PARTY: _("Nama, akun, atau jabatan dan instansi orangnya belum ada."),
    Requirement.IN_TIME: _("Belum pasti apakah laporan ini masih dalam batas 7 hari."),
    Requirement.TIME_PLACE: _("Waktu kejadian belum ada."),
    Requirement.DESCRIPTION: _("Uraian kejadian belum ada."),
    Requirement.EVIDENCE: _("Belum ada tautan, berkas, atau saksi."),
}
"""What to say about a requirement that the answers do not meet (PB7 ps 15)."""

LONG_FORM: Text = _(
    "Tautan pendek ini tetap tersegel, karena bisa menunjukkan siapa yang membagikan. Kalau bisa, ganti "
    "dengan yang panjang: buka di peramban, tunggu sampai terbuka, lalu salin alamat di bagian atas."
)


class Row(TypedDict, total=False):
    """One line of a card, as components/summary_list.html takes it."""

    label: Text
    texts: Sequence[Text]
    action: str
    action_name: str


class Card(TypedDict):
    """One card: the questions of a page."""

    title: Text
    rows: list[Row]


def summary_of(draft: Draft, *, at: datetime) -> dict[str, Any]:
    """Return the context of the check page. About twelve queries.

    Raises IncompleteDraftError when a page is missing or no longer right.
    """
    read = read_forms(draft, at=at)
    window = _window(read["when"], at=at)
    missing = missing_requirements(read, window)
    lane = Lane(read["lane"].cleaned_data["lane"])
    cards = {card["value"]: card for card in lane_cards(recipient_short_name(on=at.date()))}
    return {
        "cards": _cards(draft, read, cards[lane]),
        "seen_by": cards[lane],
        "window": _window_text(window),
        "window_is_over": window is not None and window.is_over,
        "met": len(requirements_of(lane)) - len(missing),
        "of": len(requirements_of(lane)),
        "missing": [MISSING[requirement] for requirement in missing],
        "traces": traces_in(read["story"].cleaned_data["story"]),
    }


def missing_requirements(read: Mapping[str, Any], window: ReportWindow | None) -> list[Requirement]:
    """Return what an officer will not find in the answers. It never stops anybody from sending."""
    people: PeopleForm = read["people"]
    links: LinksForm = read["links"]
    media: MediaForm | None = read["media"]
    met = {
        Requirement.REPORTED_PARTY: any(
            person["name"] or person["account"] or (person["position"] and person["agency"])
            for person in people.known
        ),
        Requirement.IN_TIME: window is not None and not window.is_over,
        Requirement.TIME_PLACE: read["when"].event_day is not None,
        Requirement.DESCRIPTION: True,
        Requirement.EVIDENCE: bool(
            links.links
            or links.held
            or links.cleaned_data["has_files"]
            or (media and media.cleaned_data["link"])
            or read["witness"].cleaned_data["witness"] in {"yes", "silent"}
        ),
    }
    return [requirement for requirement in met if not met[requirement]]


def _window(when: WhenForm, *, at: datetime) -> ReportWindow | None:
    if when.known_day is None or when.regency is None:
        return None
    return report_window(
        region=when.regency,
        event_on=when.event_day,
        known_on=when.known_day,
        today=at.astimezone(ZoneInfo(when.regency.time_zone)).date(),
    )


def _window_text(window: ReportWindow | None) -> str:
    if window is None:
        return gettext("Hari Anda mengetahuinya belum pasti, jadi batas 7 hari belum dihitung.")
    if window.is_over:
        return gettext(
            "Sudah lewat 7 hari. Anda tetap bisa melapor. "
            "Bawaslu dapat menelusurinya sebagai informasi awal."
        )
    if window.days_left == 0:
        return gettext("Masih dalam batas. Hari ini hari terakhir.")
    if window.is_working_days:
        text = ngettext(
            "Masih dalam batas. Sisa %(days)d hari kerja.",
            "Masih dalam batas. Sisa %(days)d hari kerja.",
            window.days_left,
        )
    else:
        text = ngettext(
            "Masih dalam batas. Sisa %(days)d hari.",
            "Masih dalam batas. Sisa %(days)d hari.",
            window.days_left,
        )
    return text % {"days": window.days_left}


def _row(step: str, label: Text, *values: Text) -> Row:
    return {
        "label": label,
        "texts": [value for value in values if value],
        "action": f"edit:{step}",
        "action_name": "do",
    }


def _cards(draft: Draft, read: Mapping[str, Any], lane: LaneCard) -> list[Card]:
    who, witness = read["who"].cleaned_data, read["witness"].cleaned_data
    return [
        {
            "title": _("Tentang Anda"),
            "rows": [
                _row("who", _("Anda melapor sebagai"), *_who(who)),
                _row("lane", _("Siapa yang tahu nama Anda"), lane["title"]),
                *([_row(IDENTITY, _("Nama Anda"), *_sealed(draft.name))] if draft.name else []),
            ],
        },
        {"title": _("Perbuatannya"), "rows": _acts(read)},
        {"title": _("Orangnya"), "rows": _people(read["people"])},
        {"title": _("Waktu dan tempat"), "rows": _when(read)},
        {
            "title": _("Ceritanya"),
            "rows": [_row("story", _("Cerita Anda"), read["story"].cleaned_data["story"])],
        },
        {
            "title": _("Bukti dan saksi"),
            "rows": [
                _row("links", _("Bukti"), *_evidence(read["links"], read["media"]), *_files(draft)),
                _row(
                    "witness",
                    _("Saksi"),
                    dict(WitnessForm.WITNESSES)[witness["witness"]],
                    witness["contact"] if witness["witness"] == "yes" else "",
                ),
            ],
        },
    ]


def _who(who: Mapping[str, str]) -> list[Text]:
    words: list[Text] = [dict(WhoForm.KINDS)[who["kind"]]]
    if who["kind"] == "asn" and who["same_agency"] == "yes":
        words.append(_("Satu instansi dengan orang yang dilaporkan"))
    elif who["kind"] == "asn" and who["same_agency"] == "no":
        words.append(_("Instansi lain"))
    return words


def _acts(read: Mapping[str, Any]) -> list[Row]:
    said, media = read["acts"].cleaned_data, read["media"]
    labels: dict[str, str] = {
        code: label
        for _group, members in read["acts"].fields["acts"].choices
        for code, label in members
    }
    words: list[Text] = [labels[code] for code in said["acts"] if code != OTHER_ACT]
    if said["other_act"]:
        words.append(said["other_act"])
    rows = [_row("acts", _("Yang dilakukan"), *words)]
    if media:
        rows.append(
            _row(
                "media",
                _("Media sosial"),
                dict(MediaForm.PLATFORMS)[media.cleaned_data["platform"]],
                *_link(media.cleaned_data["link"]),
            )
        )
    return rows


def _people(people: PeopleForm) -> list[Row]:
    return [
        _row(
            "people",
            _("Orang yang dilaporkan")
            if number == 1
            else gettext("Orang ke-%(number)d") % {"number": number},
            person["name"],
            person["position"],
            person["agency"],
            person["account"],
            person["nip"] and f"NIP {person['nip']}",
            nip_remark(person["nip"]),
        )
        for number, person in enumerate(people.known, start=1)
    ]


def _sealed(name: Mapping[str, Any]) -> list[Text]:
    mode: Text = _("Terkunci begitu sampai di server")
    if name["mode"] == SealedIdentity.Mode.BROWSER:
        mode = _("Terkunci di HP ini sebelum dikirim")
    remark: Text = _("NIK terdiri dari 16 angka. Kosongkan saja kalau tidak yakin")
    return [mode, remark] if name["nik_is_odd"] else [mode]


def _when(read: Mapping[str, Any]) -> list[Row]:
    when: WhenForm = read["when"]
    units = read["units"]
    said = when.cleaned_data
    if when.event_day is None:
        happened: Text = _("Tidak tahu")
    elif when.precision == "month":
        happened = date_format(when.event_day, "F Y")
    else:
        happened = long_date(when.event_day)
    return [
        _row("when", _("Kejadian"), happened),
        _row(
            "when",
            _("Anda mengetahuinya"),
            long_date(when.known_day) if when.known_day else _("Tidak ingat"),
        ),
        _row("when", _("Tempat"), str(when.regency), said["place"]),
        *([_row("units", _("Tidak boleh melihat"), *_kept_away(units))] if units else []),
    ]


def _kept_away(units: UnitsForm) -> list[Text]:
    names: dict[Any, Text] = dict(units.fields["units"].choices)  # type: ignore[attr-defined]
    return [names[pk] for pk in units.cleaned_data["units"]]


def _evidence(links: LinksForm, media: MediaForm | None) -> list[Text]:
    words: list[Text] = [text for link in links.links for text in _link(link)]
    if media and media.cleaned_data["link"] and not words:
        words.append(_("Tautan unggahan di atas"))
    if links.cleaned_data["has_files"]:
        words.append(_("Bukti lain, menyusul"))
    return words


def _link(typed: str) -> list[Text]:
    """Return what goes on of a link, and what was done to it or is asked for."""
    if not typed:
        return []
    link = read_link(typed)
    if wants_long_form(link):
        return [typed, LONG_FORM]
    if not link.is_fact:
        return [typed, _("Tautan ini tetap tersegel.")]
    marked = _(
        "Tambahan di belakang tautan dilepas, karena bisa menunjukkan siapa yang membagikan."
    )
    return [link.clean_url, marked] if link.stripped else [link.clean_url]


def _files(draft: Draft) -> list[Text]:
    """Return each file's name and size, and which is still on its way."""
    words: list[Text] = []
    for file in held_files(draft.files):
        told = f"{file['name']} ({filesizeformat(file['size'])})"
        words.append(
            told if file["is_whole"] else gettext("%(file)s, belum selesai") % {"file": told}
        )
    return words


def long_date(day: date) -> str:
    """Return "Senin, 16 November 2026"."""
    return date_format(day, "l, j F Y")
