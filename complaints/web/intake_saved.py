"""Taking up again what was put aside ("Simpan dulu"), with twenty digits."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.errors import ProofNeededError, WrongCodeError
from complaints.receipts import CodeTypoError
from complaints.services.reporter_session import (
    change_session,
    start_session,
)
from complaints.services.saved_drafts import resume_draft
from complaints.services.uploads import end_with_files
from complaints.web.intake_draft import Draft
from complaints.web.intake_keys import drop_stale_name
from complaints.web.proof import proof_of
from complaints.web.reporter_page import give_cookie, see_other

TYPO, WRONG, PROVE = "typo", "wrong", "prove"
PROBLEMS: dict[str, Promise] = {
    TYPO: _("Kode ini belum benar. Periksa lagi, mungkin ada angka yang tertukar."),
    WRONG: _("Tidak ada isian dengan kode ini. Mungkin sudah lewat 3 hari, atau sudah terkirim."),
    PROVE: _("Sedang banyak yang masuk. Tulis kodenya sekali lagi, dan jawab pertanyaannya."),
}
PROBLEM_KEPT_FOR = timedelta(minutes=10)


def resume(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    """Open the draft behind the digits typed, in a session of its own; or say why not, on the page.

    The digits stay nowhere but in this request.
    """
    response, problem = see_other("intake:form"), TYPO
    try:
        fresh = resume_draft(
            typed=request.POST.get("code", "")[:100], proof=proof_of(request.POST), at=at
        )
    except CodeTypoError:
        problem = TYPO
    except ProofNeededError:
        problem = PROVE
    except WrongCodeError:
        problem = WRONG
    else:
        _renew_name(fresh, at=at)
        give_cookie(response, fresh)
        if token:
            end_with_files(token=token, at=at)
        return response
    tried = {"resume": problem}
    if not token or change_session(token=token, at=at, change=lambda held: held | tried) is None:
        give_cookie(response, start_session(held=tried, at=at, idle=PROBLEM_KEPT_FOR))
    return response


def _renew_name(token: str, *, at: datetime) -> None:
    """Ask again for a name whose keys were exchanged while the draft lay aside."""

    def change(held: dict[str, Any]) -> dict[str, Any]:
        draft = Draft(**held["draft"])
        drop_stale_name(draft, at=at)
        return {**held, "draft": asdict(draft)}

    change_session(token=token, at=at, change=change)
