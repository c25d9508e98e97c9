"""The follow-up board of Bawaslu and the recipient body: who owes what, and is the proof good."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.file_marks import file_mark, mark_head
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.downloads import sealed_download
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.spreadsheets import csv_download
from complaints.selectors.keyset import decode_cursor
from referrals import access
from referrals.selectors import follow_ups as reads
from referrals.selectors.ledgers import follow_up_sheet
from referrals.services import follow_up as services
from referrals.services.escalation_letters import ESCALATION_LETTER_PURPOSE
from referrals.states import FOLLOW_UP_OFFICERS
from referrals.web.follow_up_steps import offered_to
from referrals.web.forms_follow_up import day_asked
from referrals.web.panels import bound_panel

READERS = (*sorted(BAWASLU_ROLES), Role.REVIEWER, Role.AUDITOR)
RAIL = {"section": "followup"}


@require_GET
@role_required(*READERS)
def board(request: OfficerRequest) -> HttpResponse:
    """Show every follow-up of the scope by stage, as columns or as one table."""
    at = timezone.now()
    if request.GET.get("lihat") == "tabel":
        return _table(request)
    context = {
        "rail": RAIL,
        "columns": reads.follow_up_board(request.user, at=at),
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/follow_up_board.html", context)


def _table(request: OfficerRequest) -> HttpResponse:
    at = timezone.now()
    filters = reads.Filters.from_query(request.GET)
    cursor = decode_cursor(request.GET.get("dari", ""))
    page = reads.follow_up_page(request.user, filters, cursor=cursor, at=at)
    context = {
        "rail": RAIL,
        "rows": reads.board_rows(page.rows, at=at),
        "page": page,
        "filters": filters,
        "extra": f"&lihat=tabel{filters.query()}",
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/follow_up_table.html", context)


@require_GET
@role_required(*READERS)
def board_csv(request: OfficerRequest) -> HttpResponse:
    """Hand the table out for a spreadsheet, as filtered, each row with who took it. One query."""
    filters, at = reads.Filters.from_query(request.GET), timezone.now()
    found = reads.filtered_follow_ups(request.user, filters, at=at)
    rows = list(reads.file_rows(found.order_by("due_at", "pk")[: reads.FILE_CAP]))
    mark = file_mark(request.user, at=at, rows=len(rows))
    # The request's entry in the log is written before a byte leaves, or the file does not leave.
    remark(rows=len(rows))
    return csv_download(
        stem="tindak-lanjut",
        head=[*(str(name) for name in reads.FILE_HEAD), mark_head()],
        rows=[[*row, mark] for row in rows],
    )


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one follow-up with its ledger; POST takes the step named ``action``."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    sheet = follow_up_sheet(
        follow_up,
        at=timezone.now(),
        as_of=day_asked(request.GET.get("per", "")),
        with_names=request.user.recipient_body_id is None,
    )
    offered = offered_to(request, follow_up, sheet)
    panel, done = bound_panel(request, offered)
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("followup:detail", public_id=public_id)
    context = {
        "rail": RAIL,
        "follow_up": follow_up,
        "may_give_access": request.user.has_role(*FOLLOW_UP_OFFICERS),
        "sheet": sheet,
        "panel": panel,
        "form": panel.form,
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/follow_up_detail.html", context)


@require_GET
@role_required(*READERS)
def proof(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Hand the proof of the n-th answer out as a download."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    answer = access.readable_proof(follow_up=follow_up, number=number)
    return sealed_download(
        storage_name=answer.proof_name,
        purpose=services.PROOF_PURPOSE,
        media_type=answer.proof_type,
        stem=f"bukti-{number}",
    )


@require_GET
@role_required(*READERS)
def escalation_letter(
    request: OfficerRequest, public_id: UUID, turn: int, rung: int
) -> HttpResponse:
    """Hand the letter of one rung out as a download."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    letter = access.readable_escalation_letter(follow_up=follow_up, turn=turn, rung=rung)
    return sealed_download(
        storage_name=letter.storage_name,
        purpose=ESCALATION_LETTER_PURPOSE,
        media_type="application/pdf",
        stem=f"surat-eskalasi-{turn}-{rung}",
    )
