"""The officers the benchmark signs in as, with a real second factor. Run as the owner.

Prints one JSON object: e-mail, password and TOTP secret of each.
"""

import base64
import json
import secrets

import django

django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402 -- after setup
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402 -- after setup

from bawaslu_cases.accounts.models import User  # noqa: E402 -- after setup
from bawaslu_cases.accounts.roles import Role  # noqa: E402 -- after setup
from bawaslu_cases.accounts.services import enrol_staff  # noqa: E402 -- after setup
from bawaslu_cases.registry.models import Office  # noqa: E402 -- after setup

OFFICES = {"nation": "00", "province": "00.33", "regency": "00.33.08"}


def main() -> None:
    """Enrol whoever is missing, with a fresh password and secret each time."""
    told = {}
    for name, path in OFFICES.items():
        email, password = f"{name}@bench.invalid", secrets.token_urlsafe(18)
        user = User.objects.filter(email=email).first() or enrol_staff(
            email=email,
            name=f"Bench {name}",
            password=password,
            roles=[Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.PLENARY_MEMBER],
            office=Office.objects.get(path=path),
        )
        user.set_password(password)
        user.save(update_fields=["password"])
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, secret)
        told[name] = {"email": email, "password": password, "secret": secret}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
