"""By what somebody is signed in here, and what they proved lately: notes in the session, no query.

A provider's word opens the door and nothing more. Where the house asks again who is there, whoever came
by single sign-on shows a passkey of their own, because their session says nothing of a password.
"""

import time

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    suspend_request,
)
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

BY_PROVIDER = "by_provider"
SECOND_FACTOR_THERE = "second_factor_there"


def note_provider(request: HttpRequest, *, has_second_factor: bool) -> None:
    """Write down that this session began at the provider, and whether a second factor was shown there."""
    request.session[BY_PROVIDER] = True
    request.session[SECOND_FACTOR_THERE] = has_second_factor


def showed_second_factor_there(request: HttpRequest) -> bool:
    """Say whether this session began with a second factor at the provider."""
    return request.session.get(SECOND_FACTOR_THERE) is True


def proved_recently(request: HttpRequest) -> bool:
    """Say whether somebody proved within five minutes who they are.

    By a passkey where the provider let them in.
    """
    if request.session.get(BY_PROVIDER):
        return proved_second_factor(request, Authenticator.Type.WEBAUTHN)
    return bool(did_recently_reauthenticate(request))


def proved_second_factor(request: HttpRequest, *types: Authenticator.Type) -> bool:
    """Say whether a second factor of one of the types was shown again within five minutes."""
    shown = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("reauthenticated")
        and record.get("method") == "mfa"
        and record.get("type") in types
    ]
    return bool(shown) and time.time() - max(shown) < REAUTHENTICATION_TIMEOUT


def ask_again(request: HttpRequest) -> HttpResponse:
    """Send somebody to prove who they are; what was asked for goes on afterwards.

    Raises ReauthenticationRequired where any of their own ways will do.
    """
    if request.session.get(BY_PROVIDER):
        page: HttpResponse = suspend_request(request, reverse("mfa_reauthenticate_webauthn"))
        return page
    raise ReauthenticationRequired
