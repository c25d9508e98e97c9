"""allauth, narrowed to what this product wants: staff are enrolled by an administrator."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import Role


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No public sign-up; each kind of staff lands on its own first page."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Surel atau kata sandi salah"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's hook
        """Nobody signs up by himself."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead reviewers, PPK staff and the vault's people to their own page, others to the desk."""
        user = request.user
        if user.is_authenticated and user.has_role(Role.REVIEWER):
            return reverse("review:inbox")
        if user.is_authenticated and user.has_role(Role.PPK_STAFF):
            return reverse("ppk:inbox")
        if user.is_authenticated and user.has_role(Role.VERIFIER, Role.CUSTODIAN):
            return reverse("vault:home")
        return reverse("desk:today")
