"""The form as a person without JavaScript walks it."""

from typing import Any

from django.test import Client

STORY = "Pak Camat mengajak warga memilih nomor dua di balai desa pada malam hari."

ANSWERS: dict[str, dict[str, Any]] = {
    "who": {"kind": "citizen"},
    "lane": {"lane": "tip"},
    "acts": {"acts": ["PRESSURE_OTHERS"], "other_act": ""},
    "people": {
        "count": "1",
        "p0-name": "Contoh Wiratama",
        "p0-position": "Camat",
        "p0-agency": "Pemkab Magelang",
        "p0-account": "",
        "p0-nip": "",
    },
    "when": {"event": "today", "known": "same", "region": "33.08", "place": "Balai Desa"},
    "story": {"story": STORY},
    "links": {"count": "1", "link_0": "https://contoh.id/unggahan/1"},
    "witness": {"witness": "no"},
}
"""The shortest honest walk: every page answered once."""


def step_of(response: Any) -> str:
    """Return the key of the page shown."""
    key: str = response.context["step_key"]
    return key


def start(client: Client) -> Any:
    """Accept the safety page and return the first question."""
    return client.post("/f/", {"do": "start"}, follow=True)


def answer(client: Client, step: str, do: str = "next", **changes: Any) -> Any:
    """Answer one page and return the page it leads to."""
    data = {**ANSWERS.get(step, {}), **changes}
    data = {name: value for name, value in data.items() if value is not None}
    response = client.post("/f/", {"step": step, "do": do, **data})
    assert (response.status_code, response["Location"]) == (303, "/f/")
    return client.get("/f/")


def walk_to(client: Client, step: str, **changes: dict[str, Any]) -> Any:
    """Answer pages until ``step`` is shown and return it."""
    response = start(client)
    while step_of(response) != step:
        at = step_of(response)
        response = answer(client, at, **changes.get(at, {}))
    return response


def send(client: Client, **changes: Any) -> Any:
    """Press the last button and return where it leads."""
    return client.post(
        "/f/", {"step": "check", "do": "send", "statement": "on", "website": "", **changes}
    )
