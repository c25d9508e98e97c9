"""Request types: a request whose user is known."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from bawaslu_cases.accounts.models import User


class OfficerRequest(HttpRequest):
    """A request behind :func:`bawaslu_cases.accounts.decorators.staff_required`."""

    user: "User"
