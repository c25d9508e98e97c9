"""Links of a record as officers see them: cleaned, never as they were given."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.links import Kind, Link, LinkRefusedError, Platform, Why, read_link
from complaints.models import Complaint, Derivative, EvidenceLink, LinkCapture
from complaints.states import EvidenceStatus

PICTURE_TYPE = "image/jpeg"
PLATFORMS: Mapping[str, str | Promise] = {
    Platform.FACEBOOK: "Facebook",
    Platform.INSTAGRAM: "Instagram",
    Platform.TIKTOK: "TikTok",
    Platform.X: "X",
    Platform.YOUTUBE: "YouTube",
    Platform.WHATSAPP: "WhatsApp",
    Platform.TELEGRAM: "Telegram",
    Platform.DRIVE: "Google Drive",
    Platform.WEB: gettext_lazy("Situs web"),
}
KINDS: Mapping[str, str | Promise] = {
    Kind.POST: gettext_lazy("unggahan"),
    Kind.PHOTO: gettext_lazy("foto"),
    Kind.VIDEO: gettext_lazy("video"),
    Kind.MEDIA: gettext_lazy("unggahan"),
    Kind.STORY: gettext_lazy("cerita"),
    Kind.HIGHLIGHT: gettext_lazy("sorotan"),
    Kind.STATUS: gettext_lazy("unggahan"),
    Kind.MESSAGE: gettext_lazy("pesan"),
    Kind.CHANNEL: gettext_lazy("saluran"),
    Kind.CHANNEL_ID: gettext_lazy("saluran"),
    Kind.PROFILE: gettext_lazy("akun"),
    Kind.PROFILE_ID: gettext_lazy("akun"),
    Kind.GROUP: gettext_lazy("grup"),
    Kind.GROUP_ID: gettext_lazy("grup"),
    Kind.ALBUM: gettext_lazy("album"),
    Kind.EVENT: gettext_lazy("acara"),
    Kind.PLAYLIST: gettext_lazy("daftar video"),
    Kind.SOUND: gettext_lazy("suara"),
    Kind.SPACE: gettext_lazy("siaran suara"),
    Kind.HASHTAG: gettext_lazy("tagar"),
    Kind.SEARCH: gettext_lazy("pencarian"),
    Kind.PHONE: gettext_lazy("nomor telepon"),
    Kind.FILE: gettext_lazy("berkas"),
    Kind.PAGE: gettext_lazy("halaman"),
    Kind.HIDDEN: gettext_lazy("tautan pendek"),
}


@dataclass(frozen=True)
class LinkRow:
    """One link of a record with what officers captured of it."""

    link: EvidenceLink
    label: str
    captures: int = 0


def links_of(complaint: Complaint) -> list[LinkRow]:
    """Return the links of a record in their order. Two queries, one without links."""
    links = list(complaint.links.all())
    taken: dict[int, int] = {}
    if links:
        for pk in LinkCapture.objects.filter(link__in=links).values_list("link_id", flat=True):
            taken[pk] = taken.get(pk, 0) + 1
    return [
        LinkRow(link, label_of(link.platform, link.kind), taken.get(link.pk, 0)) for link in links
    ]


def captures_of(link: EvidenceLink) -> list[LinkCapture]:
    """Return what officers captured of a link, newest first. One query."""
    return list(link.captures.select_related("made_by", "evidence", "minutes"))


def copy_for_minutes(capture: LinkCapture) -> Derivative | None:
    """Return the safe copy the minutes cite, None while there is none. One query."""
    if capture.evidence.status != EvidenceStatus.READY:
        return None
    return (
        Derivative.objects.filter(evidence=capture.evidence, part=Derivative.Part.MAIN)
        .order_by("-generation")
        .first()
    )


def picture_for_minutes(copy: Derivative) -> Derivative | None:
    """Return what of a copy the minutes show: itself, its first page or its still. At most one query.

    None where nothing of it is a picture.
    """
    if copy.content_type == PICTURE_TYPE:
        return copy
    rows = Derivative.objects.filter(evidence=copy.evidence_id, content_type=PICTURE_TYPE)
    of_copy = Q(part=Derivative.Part.PAGE, page=1, generation=copy.generation)
    return rows.filter(of_copy | Q(part=Derivative.Part.POSTER)).order_by("-generation").first()


def label_of(platform: str, kind: str) -> str:
    """Return "Instagram · unggahan"."""
    return f"{PLATFORMS.get(platform, platform)} · {KINDS.get(kind, kind)}"


def shown_link(text: str) -> str:
    """Return what an officer may see of a link that lies in an opened statement."""
    try:
        link = read_link(text)
    except LinkRefusedError:
        return _("Bukan alamat web; tersegel")
    if link.is_fact:
        return link.clean_url
    return _("%(link)s; tersegel") % {"link": label_of(link.platform, link.kind)}


def wants_long_form(link: Link) -> bool:
    """Say whether a longer form of this link would tell more."""
    return link.is_unknown and link.why in {Why.SHORT, Why.SHARE, Why.OPAQUE}
