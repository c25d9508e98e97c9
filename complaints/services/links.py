"""Links of a record: what of them may stand outside the seal, and long forms that officers paste.

The link as it was given lies in the sealed statement alone. A public post, account or page is as much a
fact as the accused's name and stands here cleaned, in every lane; a short or opaque link, a telephone
number and a file in somebody's drive leave nothing here but their platform.
"""

from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.new_rows import write_new
from complaints.links import Link, LinkRefusedError, Platform, Refusal, read_link
from complaints.models import Complaint, EvidenceLink
from complaints.services.deadlines import local_day
from complaints.services.match_keys import refresh_keys
from complaints.states import OFFICERS

MAX_LINKS = 30
"""Links of one record, those of officers included."""

REFUSED = {
    Refusal.EMPTY: _("Tempel tautannya"),
    Refusal.TOO_LONG: _("Tautan terlalu panjang, paling banyak 2.048 huruf"),
    Refusal.SCHEME: _("Tautan harus dimulai dengan http atau www"),
    Refusal.USERINFO: _("Tautan ini memuat nama pengguna. Salin lagi dari tombol Bagikan"),
    Refusal.HOST: _("Tautan harus dimulai dengan http atau www"),
    Refusal.MALFORMED: _("Tautan harus dimulai dengan http atau www"),
}
"""What to say about a text that is no web address."""
SIGN_IN = frozenset({"login", "accounts/login", "i/flow/login", "login.php"})


def as_pasted(text: str) -> str:
    """Return a link as people paste it, also without its scheme, also a short one; "" for nothing.

    What goes into the seal and nowhere else. Raises DomainError for what is no web address or leads to
    a sign-in page.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        read_link(text)
    except LinkRefusedError as error:
        raise DomainError(REFUSED[error.reason]) from error
    if text.lower().startswith("www."):
        text = f"https://{text}"
    if urlsplit(text).path.strip("/").lower() in SIGN_IN:
        raise DomainError(
            _("Tautan ini mengarah ke halaman masuk. Coba salin lagi dari tombol Bagikan")
        )
    return text


def keep_links(
    *, complaint: Complaint, links: Iterable[str], on: date, added_by: User | None = None
) -> list[EvidenceLink]:
    """Write what of the links of a record may be seen and compared. One query, none without links.

    What is no web address stays in the statement. Two links to one thing make one row.
    """
    rows: dict[str, EvidenceLink] = {}
    for text in dict.fromkeys(links):
        try:
            link = read_link(text)
        except LinkRefusedError:
            continue
        row = EvidenceLink(complaint=complaint, added_by=added_by, added_on=on, **_columns(link))
        rows[row.key or f"?{len(rows)}"] = row
    write_new(*rows.values())
    return list(rows.values())


@transaction.atomic
def add_link(*, complaint: Complaint, url: str, officer: User, at: datetime) -> EvidenceLink:
    """Add a link that an officer found.

    Raises NotPermittedError, DomainError for a link that tells nothing or is there already.
    """
    _check_officer(officer)
    link = _readable(url)
    # One writer a record at a time, so that the limit holds.
    Complaint.objects.select_for_update(no_key=True).only("pk").get(pk=complaint.pk)
    if complaint.links.filter(key=link.key).exists():
        raise DomainError(_("Tautan ini sudah ada"), field="url")
    if complaint.links.count() >= MAX_LINKS:
        raise DomainError(_("Paling banyak 30 tautan untuk satu laporan"), field="url")
    row = EvidenceLink.objects.create(
        complaint=complaint,
        added_by=officer,
        added_on=local_day(at, complaint.office),
        **_columns(link),
    )
    _tell(row, officer, "link.add")
    refresh_keys(complaint=complaint)
    return row


@transaction.atomic
def expand_link(*, link: EvidenceLink, url: str, officer: User, at: datetime) -> EvidenceLink:  # noqa: ARG001 -- verbs take their moment
    """Give a link that nobody could read the long form an officer pastes. Nothing is looked up.

    Raises NotPermittedError, DomainError for a long form that tells nothing either, leads to another
    platform or is there already, ConflictError when somebody was faster.
    """
    _check_officer(officer)
    found = _readable(url)
    if link.platform not in {Platform.WEB, found.platform}:
        raise DomainError(
            _("Tautan panjang ini menuju tempat lain daripada tautan pendeknya"), field="url"
        )
    columns = _columns(found)
    rows = EvidenceLink.objects.filter(pk=link.pk, key="", erased_on__isnull=True)
    try:
        with transaction.atomic():
            changed = rows.update(**columns)
    except IntegrityError as error:
        raise DomainError(_("Tautan ini sudah ada"), field="url") from error
    if not changed:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    link.refresh_from_db()
    _tell(link, officer, "link.expand")
    refresh_keys(complaint=link.complaint)
    return link


def _columns(link: Link) -> dict[str, str]:
    shown = link.is_fact
    return {
        "platform": link.platform.value,
        "kind": link.kind.value,
        "key": (link.key or "") if shown else "",
        "clean_url": link.clean_url if shown else "",
    }


def _readable(url: str) -> Link:
    try:
        link = read_link(url)
    except LinkRefusedError as error:
        raise DomainError(REFUSED[error.reason], field="url") from error
    if not link.is_fact:
        raise DomainError(
            _("Ini masih tautan pendek atau tersembunyi. Tempel alamat panjang unggahannya"),
            field="url",
        )
    return link


def _check_officer(officer: User) -> None:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))


def _tell(row: EvidenceLink, officer: User, action: str) -> None:
    """Enter the step in the audit log: ids and the platform, never an address."""
    audit.record(
        actor=officer.public_id,
        action=action,
        subject=f"complaint:{row.complaint.public_id.hex}",
        detail={"link": row.public_id.hex, "platform": row.platform},
    )
