"""Single sign-on in the browser (ADR 0046): to the provider, back, and linking one's own account.

Our session cookie is strict: a browser that comes from another site does not send it. So whoever comes
back meets a page that leads on by itself (``callback``), and the next one (``finish``) knows the session
again. Without a provider in the settings every address here is 404.
"""

import hmac
import logging
import secrets
import time
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts import provider as sso
from bawaslu_cases.accounts.adapter import StaffAccountAdapter
from bawaslu_cases.accounts.id_tokens import ProvenSubject, TokenRefusedError
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.proof import note_provider, proved_second_factor
from bawaslu_cases.accounts.selectors import subject_of
from bawaslu_cases.accounts.services.sign_on import (
    OWN_FACTORS,
    SecondFactorMissingError,
    has_own_factor,
    link_provider,
    may_link,
    person_of,
    unlink_provider,
)
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest

logger = logging.getLogger(__name__)

PENDING: Final = "sign_on"
HOLDS_SECONDS: Final = 600
"""How long somebody may take at the provider."""
LONGEST_VALUE: Final = 2048
BACKEND: Final = "bawaslu_cases.accounts.backends.StaffBackend"


@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the provider."""
    provider = _provider_or_404()
    if request.user.is_authenticated:
        return redirect(_landing(request))
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="login")
    return limited or _sent(request, provider, {"next": _safe_next(request)})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def sign_on(request: OfficerRequest) -> HttpResponse:
    """Say whether one's account is linked; link it after a second factor was shown again, or unlink it."""
    provider = _provider_or_404()
    if request.method == "POST" and request.POST.get("do") == "unlink":
        return _unlink(request, provider)
    if request.method == "POST":
        if not (may_link(request.user) and has_own_factor(request.user)):
            messages.error(request, _("Pasang langkah kedua dahulu."))
            return redirect("account_sso")
        if not proved_second_factor(request, *OWN_FACTORS):
            return _shown_again(request)
        return _sent(request, provider, {"user": request.user.pk})
    return render(
        request,
        "account/sso.html",
        {
            "name": provider.name,
            "is_linked": bool(subject_of(request.user, provider.issuer)),
            "may_link": may_link(request.user) and has_own_factor(request.user),
            "may_unlink": request.user.has_usable_password(),
        },
    )


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Lead whoever comes back from the provider on to :func:`finish`, as a visitor of our own pages."""
    provider = _provider_or_404()
    given = {name: request.GET.get(name, "") for name in ("state", "code", "iss", "error")}
    given = {name: value for name, value in given.items() if value}
    if "state" not in given or any(len(value) > LONGEST_VALUE for value in given.values()):
        return redirect("staff_login")
    return _hop(request, provider, f"{reverse('account_sso_finish')}?{urlencode(given)}")


@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Let in, or link, whom the provider names."""
    provider = _provider_or_404()
    pending = _taken(request)
    is_link = pending is not None and "user" in pending
    if pending is None or "code" not in request.GET:
        return _failed(request, is_link, _not_finished(), "not begun or no code")
    try:
        proven = sso.proven(
            provider,
            code=request.GET["code"],
            verifier=pending["verifier"],
            nonce=pending["nonce"],
            named=request.GET.get("iss", ""),
            callback=_callback_url(),
            at=timezone.now(),
        )
        if is_link:
            return _link(request, provider, proven, pending)
        return _let_in(request, proven, pending)
    except sso.ProviderUnavailableError as error:
        problem, code = _unavailable(), f"unavailable: {error}"
    except (sso.ProviderRefusedError, TokenRefusedError) as error:
        problem, code = _not_finished(), str(error)
    except SecondFactorMissingError as error:
        problem, code = _without_second_factor(), error.code
    except DomainError as error:
        problem, code = str(error.message) if is_link else _refused(), error.code
    return _failed(request, is_link, problem, code)


def _failed(request: HttpRequest, is_link: bool, problem: str, code: str) -> HttpResponse:  # noqa: FBT001 -- inner
    """Tell in one sentence that nobody was let in or linked; the log gets a code of ours, no name."""
    logger.warning("sign_on.failed %s", code)
    messages.error(request, problem)
    return redirect("account_sso" if is_link else "staff_login")


def _provider_or_404() -> sso.Provider:
    provider = sso.configured()
    if provider is None:
        raise Http404
    return provider


def _callback_url() -> str:
    """Return the one address the provider may send back to: of the settings, never of the request."""
    return settings.DESK_ORIGIN.rstrip("/") + reverse("account_sso_callback")


def _sent(request: HttpRequest, provider: sso.Provider, also: dict[str, Any]) -> HttpResponse:
    """Note a new attempt in the session and lead to the provider. One request to the provider."""
    pending = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    try:
        url = sso.authorization_url(
            sso.metadata_of(provider),
            provider,
            callback=_callback_url(),
            max_age=settings.SESSION_COOKIE_AGE,
            **pending,
        )
    except sso.ProviderUnavailableError as error:
        return _failed(request, "user" in also, _unavailable(), f"unavailable: {error}")
    request.session[PENDING] = {**pending, **also, "at": time.time()}
    return _hop(request, provider, url)


def _hop(request: HttpRequest, provider: sso.Provider, url: str) -> HttpResponse:
    """Answer with a page that leads on by itself.

    Not a redirect: the policy's form-action lets no form end at another site, and a redirect from there
    would come without our cookie.
    """
    return render(request, "account/sso_hop.html", {"url": url, "name": provider.name})


def _taken(request: HttpRequest) -> dict[str, Any] | None:
    """Return the attempt this answer belongs to, None without one; it counts once."""
    pending = request.session.get(PENDING)
    state = request.GET.get("state", "")
    if not pending or not hmac.compare_digest(pending["state"].encode(), state.encode()):
        return None
    del request.session[PENDING]
    # Gone before anything is asked with it, so that a second answer finds nothing.
    request.session.save()
    if time.time() - pending["at"] > HOLDS_SECONDS:
        return None
    if "user" in pending and pending["user"] != request.user.pk:
        return None
    return dict(pending)


def _let_in(request: HttpRequest, proven: ProvenSubject, pending: dict[str, Any]) -> HttpResponse:
    has_second_factor = sso.has_second_factor(proven, at=timezone.now())
    person = person_of(proven, has_second_factor=has_second_factor, at=timezone.now())
    if not has_second_factor:
        note_provider(request, has_second_factor=False)
        answer: HttpResponse = perform_login(request, person, redirect_url=pending["next"] or None)
        return answer
    login(request, person, backend=BACKEND)
    note_provider(request, has_second_factor=True)
    return redirect(pending["next"] or _landing(request))


def _link(
    request: HttpRequest, provider: sso.Provider, proven: ProvenSubject, pending: dict[str, Any]
) -> HttpResponse:
    person = User.objects.get(pk=pending["user"])
    with transaction.atomic():  # no link without its entry
        link_provider(
            person=person, issuer=proven.issuer, subject=proven.subject, at=timezone.now()
        )
        _log(person, "account.link")
    messages.success(request, _("Akun ini tertaut ke %(name)s.") % {"name": provider.name})
    return redirect("account_sso")


def _unlink(request: OfficerRequest, provider: sso.Provider) -> HttpResponse:
    try:
        with transaction.atomic():
            unlink_provider(person=request.user)
            _log(request.user, "account.unlink")
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Tautan ke %(name)s dilepas.") % {"name": provider.name})
    return redirect("account_sso")


def _log(person: User, action: str) -> None:
    audit.record(
        actor=person.public_id, action=action, subject=f"person:{person.public_id}", detail={}
    )


def _shown_again(request: OfficerRequest) -> HttpResponse:
    """Ask for the second factor once more: a session that was left open must not link."""
    has_codes = is_mfa_enabled(request.user, types=[Authenticator.Type.TOTP])
    page = reverse("mfa_reauthenticate" if has_codes else "mfa_reauthenticate_webauthn")
    return redirect(f"{page}?{urlencode({'next': reverse('account_sso')})}")


def _safe_next(request: HttpRequest) -> str:
    """Return the page of ours that was asked for, "" for none or another site's."""
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts=None, require_https=request.is_secure()
    )
    return url if safe and url.startswith("/") and len(url) <= LONGEST_VALUE else ""


def _landing(request: HttpRequest) -> str:
    return resolve_url(StaffAccountAdapter(request).get_login_redirect_url(request))


def _named(text: str) -> str:
    return text % {"name": settings.OIDC_NAME}


def _not_finished() -> str:
    return _named(_("Masuk lewat %(name)s tidak selesai. Ulangi dari awal."))


def _without_second_factor() -> str:
    return _named(_("%(name)s tidak menyatakan langkah kedua. Masuk dengan surel dan kata sandi."))


def _refused() -> str:
    return _named(
        _(
            "Akun ini tidak dapat masuk lewat %(name)s. Masuk dengan surel dan kata sandi, "
            "atau hubungi administrator kantor Anda."
        )
    )


def _unavailable() -> str:
    return _named(_("%(name)s tidak menjawab. Masuk dengan surel dan kata sandi."))
