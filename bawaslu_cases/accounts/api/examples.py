"""Examples of the API: bodies that stand in its document, and answers made from its schemas.

Bodies are written by hand, because what is sent must make sense; ``tests`` send them. Answers follow the
schema field by field, so they cannot fall behind it; ``VALUES`` gives fields a likely word.
"""

from collections.abc import Mapping
from typing import Any, Final

from bawaslu_cases.shared.api_errors import PROBLEM_JSON

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
SOME_ID: Final = "5f0c2a7e-3b1d-4c58-9a60-2f4e8d71b3c9"
_MOMENT: Final = "2024-10-05T09:30:00+07:00"
_DEEPEST: Final = 8

_FINDING: Final[dict[str, Any]] = {
    "region": "33.08",
    "acts": ["PRESSURE_OTHERS"],
    "people": [{"name": "Contoh Wiratama", "position": "Camat"}],
    "event_on": "2024-10-05",
    "known_on": "2024-10-05",
    "place": "Balai Desa Contoh",
    "story": "Camat mengajak warga memilih nomor dua di balai desa; tiga pengawas mendengarnya.",
}
_TIP: Final[dict[str, Any]] = {
    "lane": "tip",
    "region": "33.08",
    "acts": ["PRESSURE_OTHERS"],
    "people": [{"position": "Camat"}],
    "story": "Pak Camat mengajak warga memilih nomor dua di balai desa, saya mendengar sendiri.",
}

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "create_finding": _FINDING,
    "create_complaint": _TIP,
    "create_complaints": {"items": [{"key": "kunci-contoh-1", "complaint": _TIP}]},
    "propose_step": {
        "action": "propose_register",
        "reason": "Dua saksi menguatkan kejadian dan tempatnya.",
        "requirements": {"evidence": True},
    },
    "create_webhook": {
        "url": "https://sistem.contoh.go.id/bawaslu",
        "events": ["case.changed", "deadline.due_soon"],
    },
    "replay_webhook": {"since": "2024-10-05T00:00:00Z"},
    "answer_referral": {"dispatch": SOME_ID, "status": "acknowledged"},
    "token": {"grant_type": "client_credentials", "scope": "cases:read"},
    "revoke": {"token": "bct_contoh"},
}
"""By operation: what is sent. Operations without one send no body, or bytes of a file."""

PARAMETERS: Final[Mapping[str, str]] = {
    "Idempotency-Key": "kunci-contoh-1",
    "If-Match": '"ETag dari catatan yang dibaca"',
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "204800",
    "Upload-Offset": "0",
    "Upload-Metadata": "filename YWNhcmEuanBn",
    "Upload-Token": "token-unggahan",
    "lane": "open",
    "region": "33.08",
    "on": "2024-10-05",
    "destination": SOME_ID,
    "webhook-id": "msg_contoh",
    "webhook-timestamp": "1728100800",
    "webhook-signature": "v1,contoh",
}
"""What a needed parameter is filled with, where its kind alone does not say."""

VALUES: Final[Mapping[str, Any]] = {
    "access_token": "bct_contoh",
    "action": "propose_register",
    "acts": ["PRESSURE_OTHERS"],
    "agency": "R-33.08",
    "code": "33.08",
    "contest": "PILKADA-2024",
    "cursor": "eyJ0Ijo",
    "decision": "",
    "due_on": "2024-10-09",
    "employment": "PNS",
    "error": "invalid_client",
    "event_on": "2024-10-05",
    "event_precision": "day",
    "expires_in": 600,
    "key": "kunci-contoh-1",
    "lane": "finding",
    "level": "regency",
    "method": "GET",
    "name": "Contoh Wiratama",
    "number": "001/REK/2024",
    "office": "33.08",
    "place": "Balai Desa Contoh",
    "platform": "",
    "position": "Camat",
    "ppk_title": "Bupati Contoh",
    "purpose": "Sinkronisasi register kantor",
    "reason": "Dua saksi menguatkan kejadian dan tempatnya.",
    "receipt": "1234 5678 9012 3456 7890",
    "received_on": "2024-10-05",
    "reference": "TM-2410-7BK4R2X",
    "region": "33.08",
    "register_number": "001/CONTOH/2024",
    "route": "api_complaints:findings",
    "scope": "cases:read",
    "secret": "whsec_contoh",
    "status_on": "2024-10-06",
    "summary": "Camat mengajak warga memilih salah satu calon.",
    "time_zone": "Asia/Jakarta",
    "title": "Camat: menekan orang lain",
    "token": "token-unggahan",
    "unit": "Kecamatan Contoh",
    "unit_kind": "GENERAL",
    "upload_token": "token-unggahan",
    "url": "https://sistem.contoh.go.id/bawaslu",
}
"""What a field of that name holds in an example, where it is of that kind and names no list of its own."""

STATUSES: Final[Mapping[str, str]] = {
    "CaseOut": "registered",
    "ComplaintOut": "recorded",
    "DeadlineOut": "open",
    "FindingOut": "recorded",
    "FollowUpOut": "awaiting",
    "ReferralOut": "delivered",
}
"""The ``status`` in an example, by schema: each kind of record has words of its own."""


def named_bodies(result: dict[str, Any], **_told: Any) -> dict[str, Any]:
    """Write the examples of bodies into the document. A hook of drf-spectacular."""
    for operations in result["paths"].values():
        for operation in operations.values():
            body = BODIES.get(operation["operationId"])
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                if body is not None and kind in {JSON, FORM}:
                    content["example"] = dict(body)
    return result


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], *, name: str = "") -> Any:
    """Return something that a schema allows. ``schemas`` are what it may refer to."""
    return _example(schema, schemas, name, 0)


def is_problem(content: Mapping[str, Any]) -> bool:
    """Say whether an answer is a problem document."""
    return PROBLEM_JSON in content


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:
    schema, told = _followed(schema, schemas)
    if depth > _DEEPEST:
        return None
    several = next(
        (schema[each][0] for each in ("oneOf", "anyOf", "allOf") if each in schema), None
    )
    if several is not None:
        return _example(several, schemas, name, depth)
    if "enum" in schema:
        return next((each for each in schema["enum"] if each), schema["enum"][0])
    kinds = schema.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    known = VALUES.get(name)
    if known is not None and _kind_of(known) in kinds:
        return known
    if "object" in kinds:
        found = _object(schema, schemas, depth)
        return found | {"status": STATUSES[told]} if told in STATUSES else found
    return None if "null" in kinds else _plain(kinds[0], schema, schemas, name, depth)


def _plain(
    kind: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int
) -> Any:
    if kind == "array":
        return [_example(schema.get("items", {}), schemas, name, depth + 1)]
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), 1)
    return True if kind == "boolean" else _text(schema, name)


def _followed(
    schema: Mapping[str, Any], schemas: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    name = ""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = schemas[name]
    return schema, name


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> dict[str, Any]:
    found = {
        key: _example(each, schemas, key, depth + 1)
        for key, each in schema.get("properties", {}).items()
    }
    more = schema.get("additionalProperties")
    if not found and isinstance(more, Mapping):
        found["contoh"] = _example(more, schemas, "", depth + 1)
    return found


def _text(schema: Mapping[str, Any], name: str) -> str:
    by_format = {
        "uuid": SOME_ID,
        "date": "2024-10-05",
        "date-time": _MOMENT,
        "uri": "https://sistem.contoh.go.id/bawaslu",
        "binary": "",
    }
    text = by_format.get(schema.get("format", ""), name or "contoh")
    return text[: schema.get("maxLength", len(text))]


def _kind_of(value: Any) -> str:
    return {str: "string", list: "array", bool: "boolean", int: "integer"}.get(type(value), "")
