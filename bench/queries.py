"""How many queries a page takes: in a process of its own, through Django's test client.

Reads JSON {"email": …, "pages": {name: path}} from standard input, prints {name: [status, queries]}.
"""

import json
import sys

import django

django.setup()

from django.db import connection  # noqa: E402 -- after setup
from django.test import Client  # noqa: E402 -- after setup
from django.test.utils import CaptureQueriesContext  # noqa: E402 -- after setup

from bawaslu_cases.accounts.models import User  # noqa: E402 -- after setup


def main() -> None:
    """Fetch each page twice and count the second time: the first fills what is kept in memory."""
    asked = json.load(sys.stdin)
    client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    if asked["email"]:
        client.force_login(
            User.objects.get(email=asked["email"]),
            backend="bawaslu_cases.accounts.backends.PasswordBackend",
        )
    counts = {}
    for name, path in asked["pages"].items():
        client.get(path, secure=True)
        with CaptureQueriesContext(connection) as captured:
            status = client.get(path, secure=True).status_code
        counts[name] = [status, len(captured)]
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
