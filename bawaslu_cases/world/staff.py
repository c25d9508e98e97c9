"""Who acts in a walk: staff of the right unit, found; invented where the world is invented."""

from django.conf import settings

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.registry.models import Agency, Office, RecipientBody
from complaints.selectors.plenary import seats_of

INVENTED_DOMAIN = "contoh.invalid"
"""A domain that can never receive mail (RFC 2606)."""

ROLE_NAMES = {
    Role.INTAKE_OFFICER: "penerima",
    Role.CASE_OFFICER: "penanganan",
    Role.PLENARY_MEMBER: "pleno",
    Role.CHAIR: "ketua",
    Role.REVIEWER: "penelaah",
    Role.PPK_STAFF: "ppk",
    Role.VERIFIER: "verifikator",
    Role.CUSTODIAN: "kustodian",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "admin",
}


class NoStaffError(Exception):
    """Nobody of this unit holds the role, and this is no invented world that may enrol somebody."""


def office_staff(office: Office, role: Role, *, number: int = 1) -> User:
    """Return the ``number``-th active person of the office with the role. Raises NoStaffError."""
    return _found_or_invented(role, number, f"{role}{number}.{office.path}", office=office)


def plenary_of(office: Office) -> list[User]:
    """Return a quorum of the office's plenary. Raises NoStaffError."""
    members = list(seats_of(office)[: office.quorum])
    while len(members) < office.quorum:
        known = {member.pk for member in members}
        found = office_staff(office, Role.PLENARY_MEMBER, number=len(members) + 1)
        if found.pk in known:
            raise NoStaffError(f"{office}: the plenary has no quorum")
        members.append(found)
    return members


def reviewer_of(body: RecipientBody, *, number: int = 1) -> User:
    """Return the ``number``-th reviewer of a recipient body. Raises NoStaffError."""
    return _found_or_invented(
        Role.REVIEWER, number, f"reviewer{number}.{body.code.lower()}", recipient_body=body
    )


def ppk_staff_of(agency: Agency) -> User:
    """Return somebody of the employing official's office of an agency. Raises NoStaffError."""
    return _found_or_invented(Role.PPK_STAFF, 1, f"ppk1.{agency.code.lower()}", agency=agency)


def _found_or_invented(
    role: Role,
    number: int,
    mailbox: str,
    *,
    office: Office | None = None,
    recipient_body: RecipientBody | None = None,
    agency: Agency | None = None,
) -> User:
    unit = office or recipient_body or agency
    found = User.objects.filter(
        is_active=True,
        office=office,
        recipient_body=recipient_body,
        agency=agency,
        role_grants__role=role,
    ).order_by("pk")[number - 1 : number]
    for person in found:
        return person
    if not settings.DEMO:
        raise NoStaffError(f"{unit}: nobody has the role {role.value}")
    return enrol_staff(
        email=f"{mailbox}@{INVENTED_DOMAIN}",
        name=f"Contoh {ROLE_NAMES[role].title()} {number}",
        password=None,
        roles=[role],
        office=office,
        recipient_body=recipient_body,
        agency=agency,
    )
