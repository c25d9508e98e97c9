"""The officer's side of the vault: pages under /brankas/ and the JSON their client speaks.

The client (``static/js/vault/officer.mjs`` in the page, or ``vaultctl`` on files) does everything that
needs a private key. What crosses here is docs/vault-format.md: hex for keys, wraps and signatures,
base64 inside a sealed identity. JSON bodies are objects with exactly the keys named; a refusal is
``{"code", "message"}`` with 400 (malformed or not true), 403 (``step_up``: prove who you are again on
the page), 404, 409 (somebody was faster) or 503 (no audit, no opening). POST carries the page's CSRF
token in ``X-CSRFToken``. Instead of a JSON body every POST takes the same JSON as the file ``file`` of
a form, as ``vaultctl`` wrote it, and answers with a redirect; ``?file=…`` downloads one object alone.

=== GET /brankas/kunci/  (vault:keys; both roles)
    {"officer": id, "root": hex, "bundle": bundle or null, "listing": listing}
    ``listing`` is vaultctl's: {officers, epochs: [{certificate, wraps: {officer: hex}}], recovery,
    partners, revocations}; of the wraps only one's own. ``?file=bundle``, ``?file=listing``.
=== POST /brankas/kunci/bundle/  (vault:bundle)    {"bundle": bundle}            -> {}
    One's own bundle with other slots; both public keys must be those of the certificate.

Objects named in capitals are those of ``vaultctl``, key for key:
    OWN = {"request": REQUEST, "key_sealed": hex}   key_sealed = hpke(own enc_pk, esk,
          ctx("request-key", id, verifier))
    REQUEST = {id, report, purpose, reason, verifier, epk, expires, signature}
    PART = {report, lane, group_a, epoch_a, group_b, epoch_b} with, for a verifier, {ciphertext, kcv,
          wrap_a (base64), held_a}, for a custodian {wrap_b (base64), held_b}
    RELEASE = {"request": id, "custodian": id, "sealed": hex}
    WORDS = {report, kind, group, epoch, blob (base64)}

Verifier
=== GET /brankas/laporan/<report>/bagian/  (vault:part)    PART; opens nothing without a release
=== POST /brankas/laporan/<report>/permintaan/  (vault:request_create)    OWN
    -> 201 {"id": id, "href": "/brankas/permintaan/<id>/"}
=== GET /brankas/permintaan/<id>/berkas/  (vault:request_file)  the verifier's own:
    {"status": status, "own": OWN}
    while it may be opened or attested to also {"texts": TEXTS}, what others read of the report:
    {"texts": [{"place", "text"}], "known": [text]}; nothing is signed while it repeats the identity
    with purpose lpsk_handover also {"consent": consent, "consent_pk": hex}
=== POST /brankas/permintaan/<id>/buka/  (vault:open)   {}   once, and only while released
    -> {"own": OWN, "part": PART, "release": RELEASE, "texts": TEXTS}
    from a form without script RELEASE as a file
=== GET /brankas/permintaan/<id>/kartu/  (vault:card)   the sealed identity card, bytes; only while
    released or opened, 404 where none was shown
=== POST /brankas/permintaan/<id>/pernyataan/  (vault:attest)
    {report, request, result, ciphertext_sha256, verifier, attested_on, signature}
    -> {"is_complete": bool}
=== POST /brankas/permintaan/<id>/penyerahan/  (vault:hand_over)
    {"report": id, "partner": code, "sealed": hex}   the parcel sealed to LPSK   -> {}
=== GET /brankas/laporan/<report>/uraian/  (vault:words)
    {"words": [WORDS, ...]}   what the reporter wrote for the desk alone, oldest first

Custodian
=== GET /brankas/permintaan/<id>/berkas/  (vault:request_file)
    {"status": status, "request": REQUEST, "part": PART}   never the ciphertext, never share A
=== POST /brankas/permintaan/<id>/rilis/  (vault:release)   RELEASE      -> {"status": "released"}

The page elements that the client finds are listed in templates/complaints/vault/client.html; what is
marked ``hidden`` needs the client, which shows it once it runs.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.proof import ask_again, proved_recently
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import unseal_request, verifiable_report
from complaints.models import UnsealRequest
from complaints.selectors.compared_texts import compared_texts
from complaints.selectors.vault import given_consent, identity_card, pseudonym
from complaints.services import unsealing
from complaints.services.exchange import (
    custodian_part,
    desk_part,
    desk_words,
    own_request,
    signed_request,
)
from complaints.services.keys import keep_bundle, listing
from complaints.services.trust import refusal
from complaints.services.vault import root_public_key
from complaints.states import UnsealPurpose, UnsealStatus
from complaints.vault.crypto.errors import MalformedError, VaultError
from complaints.vault.crypto.fields import bytes_of_hex, exact_keys
from complaints.web.forms_vault import MAX_FILE

P = ParamSpec("P")
Place = Callable[..., str]
Door = Callable[Concatenate[OfficerRequest, P], HttpResponse]

JSON = "application/json"
COMPARED = frozenset({UnsealStatus.RELEASED, UnsealStatus.OPENED})
"""Where the verifier's client has, or is about to have, an identity to compare texts with."""
IDLE_SECONDS = 10 * 60
"""A verifier's or custodian's session ends after this much rest (protection.md E)."""


def vault_door(
    *roles: Role, step_up: bool = False
) -> Callable[[Door[P]], Callable[..., HttpResponse]]:
    """Let the vault's people in, keep their sessions short and their pages out of every cache.

    A page with ``step_up`` sends whoever has not proved within five minutes who they are to do so first.
    """

    def decorate(view: Door[P]) -> Callable[..., HttpResponse]:
        @role_required(*roles)
        @wraps(view)
        def guarded(request: OfficerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if step_up and not proved_recently(request):
                return ask_again(request)
            request.session.set_expiry(IDLE_SECONDS)
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            response["Referrer-Policy"] = (
                "no-referrer" if request.method == "GET" else "same-origin"
            )
            response["Cross-Origin-Embedder-Policy"] = "require-corp"
            return response

        return guarded

    return decorate


def exchange(place: Place, *, step_up: bool = True) -> Callable[[Door[P]], Door[P]]:
    """Turn refusals into JSON for the client, or into a message on the page at ``place`` for a form.

    With ``step_up`` whoever has not proved within five minutes who they are is sent to do it first.
    """

    def decorate(view: Door[P]) -> Door[P]:
        @wraps(view)
        def answered(request: OfficerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if step_up and not proved_recently(request):
                    raise StepUpError(_("Buktikan lagi siapa Anda, lalu ulangi."))
                return view(request, *args, **kwargs)
            except DomainError as error:
                if request.content_type == JSON or request.method == "GET":
                    return JsonResponse(
                        {"code": error.code, "message": str(error.message)}, status=_status(error)
                    )
                messages.error(request, str(error.message))
                return redirect(place(**kwargs))

        return answered

    return decorate


class StepUpError(NotPermittedError):
    """The person signed in too long ago for this."""

    code = "step_up"


def _status(error: DomainError) -> int:
    if isinstance(error, ConflictError):
        return 409
    return 403 if isinstance(error, NotPermittedError) else 400


def _value(request: OfficerRequest) -> Any:
    """Return the JSON that was sent, as a body or as a file. Raises VaultRefusedError."""
    if request.content_type == JSON:
        raw = request.body
    else:
        file = request.FILES.get("file")
        if file is None or (file.size or 0) > MAX_FILE:
            raise refusal(MalformedError("no file, or too large"))
        raw = file.read()
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refusal(MalformedError("not JSON")) from error


def _done(
    request: OfficerRequest, value: Any, *, to: str, told: str, status: int = 200
) -> HttpResponse:
    """Answer the client with JSON, a form with the next page."""
    if request.content_type == JSON:
        return JsonResponse(value, status=status)
    messages.success(request, told)
    return redirect(to)


def _download(value: Any, name: str) -> HttpResponse:
    response = HttpResponse(
        json.dumps(value, indent=1, ensure_ascii=False) + "\n", content_type=JSON
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def _chosen(request: OfficerRequest, values: dict[str, Any], name: str) -> HttpResponse:
    """Answer with all, or with the one object that ``?file=`` names as a download."""
    wanted = request.GET.get("file")
    if wanted is None:
        return JsonResponse(values)
    if values.get(wanted) is None:
        raise Http404
    return _download(values[wanted], f"{wanted}-{name}")


def _report_page(public_id: UUID, **_rest: Any) -> str:
    return reverse("vault:report", args=[public_id])


def _request_page(request_id: UUID, **_rest: Any) -> str:
    return reverse("vault:request", args=[request_id])


def _home(**_rest: Any) -> str:
    return reverse("vault:home")


@vault_door(Role.VERIFIER, Role.CUSTODIAN)
@require_GET
@exchange(_home, step_up=False)
def keys(request: OfficerRequest) -> HttpResponse:
    """Give the officer's own locked bundle and the public lists."""
    user = request.user
    row = keyring.bundle_of(user.public_id)
    values = {
        "officer": user.public_id.hex,
        "root": root_public_key().hex(),
        "bundle": None if row is None else json.loads(bytes(row.bundle)),
        "listing": listing(wraps_of=user.public_id),
    }
    return _chosen(request, values, user.public_id.hex[:8])


@vault_door(Role.VERIFIER, Role.CUSTODIAN)
@require_POST
@exchange(_home)
def bundle(request: OfficerRequest) -> HttpResponse:
    """Keep the officer's bundle with other slots."""
    value = _value(request)
    if request.content_type == JSON:
        value = _only(value, "bundle")
    keep_bundle(officer=request.user, bundle=value, at=timezone.now())
    return _done(request, {}, to=_home(), told=_("Kunci Anda disimpan."))


@vault_door(Role.VERIFIER)
@require_GET
def part(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Give a verifier the ciphertext and their desk's share, which open nothing alone."""
    report = verifiable_report(public_id=public_id, user=request.user)
    try:
        value = desk_part(report)
    except DomainError as error:
        raise Http404 from error
    if "file" in request.GET:
        return _download(value, f"part-{pseudonym(public_id)}")
    return JsonResponse(value)


@vault_door(Role.VERIFIER)
@require_GET
def words(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Give what the reporter wrote for the desk alone, still sealed; ``?file=0`` the first alone."""
    report = verifiable_report(public_id=public_id, user=request.user)
    found = desk_words(report)
    numbered = {str(index): value for index, value in enumerate(found)}
    if "file" in request.GET:
        return _chosen(request, numbered, pseudonym(public_id))
    return JsonResponse({"words": found})


@vault_door(Role.VERIFIER)
@require_POST
@exchange(_report_page)
def request_create(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Take in a signed request."""
    report = verifiable_report(public_id=public_id, user=request.user)
    row = unsealing.create_request(
        complaint=report, verifier=request.user, own=_value(request), at=timezone.now()
    )
    href = _request_page(row.id)
    return _done(
        request,
        {"id": row.id.hex, "href": href},
        to=href,
        told=_("Permintaan terkirim. Kustodian diberi tahu."),
        status=201,
    )


@vault_door(Role.VERIFIER, Role.CUSTODIAN)
@require_GET
@exchange(_home, step_up=False)
def request_file(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Give each side what its client needs of a request."""
    row = unseal_request(request_id=request_id, user=request.user)
    name = pseudonym(row.complaint.public_id)
    if row.verifier_id == request.user.pk:
        values = {"status": row.status, "own": own_request(row), **_consent(row)}
        if row.status in COMPARED:
            values["texts"] = compared_texts(row.complaint)
    else:
        values = {
            "status": row.status,
            "request": signed_request(row).to_json(),
            "part": custodian_part(row.complaint),
        }
    return _chosen(request, values, name)


def _consent(row: UnsealRequest) -> dict[str, Any]:
    """Return the reporter's consent for a hand-over and what verifies it. Two queries."""
    if row.purpose != UnsealPurpose.LPSK_HANDOVER:
        return {}
    given = given_consent(row.complaint)
    if given is None:
        return {}
    document, consent_pk = given
    key = consent_pk.hex()
    return {
        "consent": json.loads(document),
        "consent_pk": key,
        "consent_key": {"consent_pk": key},
    }


@vault_door(Role.CUSTODIAN)
@require_POST
@exchange(_request_page)
def release(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Take in a custodian's share."""
    row = unseal_request(request_id=request_id, user=request.user)
    unsealing.release_share(
        request=row, custodian=request.user, released=_value(request), at=timezone.now()
    )
    return _done(
        request,
        {"status": row.status},
        to=_request_page(request_id),
        told=_("Bagian kunci dilepas. Hanya pemohon yang dapat memakainya."),
    )


@vault_door(Role.VERIFIER)
@require_POST
@exchange(_request_page)
def open_identity(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Hand out what was released, once."""
    row = unseal_request(request_id=request_id, user=request.user)
    opening = unsealing.fetch_release(request=row, verifier=request.user, at=timezone.now())
    if request.content_type != JSON:
        return _download(opening.release, f"release-{pseudonym(row.complaint.public_id)}")
    return JsonResponse(
        {
            "own": own_request(row),
            "part": opening.part,
            "release": opening.release,
            "texts": compared_texts(row.complaint),
        }
    )


@vault_door(Role.VERIFIER)
@require_GET
def card(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Hand out the card as a counter sealed it; it opens with the identity alone."""
    row = unseal_request(request_id=request_id, user=request.user)
    held = identity_card(row.complaint)
    if held is None or row.verifier_id != request.user.pk or row.status not in COMPARED:
        raise Http404
    try:
        sealed = b"".join(object_storage.read(held.object_name))
    except DomainError as error:
        raise Http404 from error
    response = HttpResponse(sealed, content_type="application/octet-stream")
    name = pseudonym(row.complaint.public_id)
    response["Content-Disposition"] = f'attachment; filename="card-{name}.bin"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@vault_door(Role.VERIFIER)
@require_POST
@exchange(_request_page)
def attest(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Take in what the verifier signed in place of the identity."""
    row = unseal_request(request_id=request_id, user=request.user)
    kept = unsealing.attest(
        request=row, verifier=request.user, statement=_value(request), at=timezone.now()
    )
    return _done(
        request,
        {"is_complete": kept.is_complete},
        to=_report_page(row.complaint.public_id),
        told=_("Pernyataan disimpan."),
    )


@vault_door(Role.VERIFIER)
@require_POST
@exchange(_request_page)
def hand_over(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Take in the parcel for LPSK."""
    row = unseal_request(request_id=request_id, user=request.user)
    try:
        value = exact_keys(_value(request), frozenset({"report", "partner", "sealed"}))
        parcel = bytes_of_hex(value["sealed"])
        if value["report"] != row.complaint.public_id.hex:
            raise MalformedError("a parcel of another report")
    except VaultError as error:
        raise refusal(error) from error
    unsealing.hand_over(request=row, verifier=request.user, parcel=parcel, at=timezone.now())
    return _done(request, {}, to=_request_page(request_id), told=_("Kiriman untuk LPSK disimpan."))


def _only(value: Any, name: str) -> Any:
    try:
        return exact_keys(value, frozenset({name}))[name]
    except VaultError as error:
        raise refusal(error) from error
