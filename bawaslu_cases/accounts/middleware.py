"""A second factor is not a preference: without one, staff reach only the page that sets one up."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bawaslu_cases.accounts.backends import has_second_factor
from bawaslu_cases.accounts.proof import showed_second_factor_there

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_PREFIXES = ("/akun/", "/masuk/", "/keluar-petugas/", "/static/")


class MfaRequiredMiddleware:
    """Send signed-in staff without a second factor to the set-up page (settings.MFA_REQUIRED).

    One that was shown at the provider of single sign-on counts for the session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or redirect. No query: it was read with the person."""
        if (
            settings.MFA_REQUIRED
            and not request.path.startswith(OPEN_PREFIXES)
            and request.user.is_authenticated
            and not showed_second_factor_there(request)
            and not has_second_factor(request.user)
        ):
            return redirect("mfa_index")
        return self.get_response(request)
