"""Links between cases: an officer's note that two have to do with each other."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, CaseLink, WorkAction, WorkEvent
from complaints.states import OFFICERS


@transaction.atomic
def link_cases(
    *, case: Case, reference: str, kind: CaseLink.Kind, officer: User, at: datetime
) -> CaseLink:
    """Note how this case has to do with the one called ``reference``. Told in both histories.

    DomainError when no case of that name is within the officer's scope (hidden and absent are the same),
    it is the case itself or they are linked already; NotPermittedError for another role.
    """
    _check_role(officer)
    other = Case.objects.visible_to(officer).filter(reference__iexact=reference.strip()).first()
    if other is None or other.pk == case.pk:
        raise DomainError(_("Tidak ada perkara lain dengan nomor ini"), field="reference")
    try:
        with transaction.atomic():
            link = CaseLink.objects.create(
                case=case, other=other, kind=kind, made_by=officer, made_at=at
            )
    except IntegrityError as error:
        raise DomainError(_("Kedua perkara sudah dikaitkan"), field="reference") from error
    _note(link, WorkAction.LINK, officer=officer, at=at)
    return link


@transaction.atomic
def end_link(*, case: Case, link_id: int, officer: User, at: datetime) -> CaseLink:
    """Take a link of this case back; ConflictError when somebody did or it is none of this case."""
    _check_role(officer)
    rows = CaseLink.objects.select_for_update(of=("self",)).select_related("case", "other")
    link = rows.filter(Q(case=case) | Q(other=case), pk=link_id, ended_at=None).first()
    if link is None:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    link.ended_by, link.ended_at = officer, at
    link.save(update_fields=["ended_by", "ended_at"])
    _note(link, WorkAction.UNLINK, officer=officer, at=at)
    return link


def _check_role(officer: User) -> None:
    if not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))


def _note(link: CaseLink, action: WorkAction, *, officer: User, at: datetime) -> None:
    """Tell both cases; whoever may not open the other one does not learn its number from an id."""
    WorkEvent.objects.bulk_create(
        WorkEvent(
            case=one,
            action=action,
            actor=officer,
            at=at,
            detail={"what": "case", "kind": link.kind, "case": str(other.public_id)},
        )
        for one, other in ((link.case, link.other), (link.other, link.case))
    )
