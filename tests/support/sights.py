"""Officers of different offices, signed in, with what each may see, in a database that the caller names.

``python -m tests.support.sights`` makes them and their records and prints one JSON list; each entry has the
``cookie`` of a session and ``sees``, the ids of the records that this person may see.
"""

import json
from typing import Any

import django


def make() -> list[dict[str, Any]]:
    """Return two officers of two provinces and one of the whole country; their records are committed."""
    from django.conf import settings
    from django.test import Client

    from bawaslu_cases.registry.models import Region
    from tests.factories import person, tip

    def ids(code: str) -> list[str]:
        region = Region.objects.get(code=code)
        rows = [tip(region=region, place=f"Balai desa {number}") for number in range(3)]
        return [str(row.public_id) for row in rows]

    jawa_tengah, bali = ids("33.08"), ids("51.71")
    found = []
    for key, sees in (("sari", jawa_tengah), ("budi", bali), ("ratna", [*jawa_tengah, *bali])):
        client = Client()
        client.force_login(person(key))
        name = settings.SESSION_COOKIE_NAME
        found.append({"cookie": f"{name}={client.cookies[name].value}", "sees": sees})
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(make()))
