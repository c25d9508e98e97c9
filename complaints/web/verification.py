"""The officer's side of the vault: pages under /brankas/ and the JSON their client speaks.

The client (``static/js/vault/officer.mjs`` in the page, or ``vaultctl`` on files) does everything that
needs a private key. What crosses here is docs/vault-format.md: hex for keys, wraps and signatures,
base64 inside a sealed identity. JSON bodies are objects with exactly the keys named; a refusal is
``{"code", "message"}`` with 400 (malformed or not true), 403, 404, 409 (somebody was faster) or 503
(no audit, no opening). POST carries the page's CSRF token in ``X-CSRFToken``. Instead of a JSON body
every POST takes the same JSON as the file ``file`` of a form and then answers with a redirect.

=== GET /brankas/kunci/  (vault:keys; both roles)
    {"officer": id, "root": hex, "bundle": bundle or null, "listing": listing}
    ``listing`` is vaultctl's: {officers, epochs: [{certificate, wraps: {officer: hex}}], recovery,
    partners, revocations}; of the wraps only one's own.
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
=== POST /brankas/laporan/<report>/permintaan/  (vault:request_create)    OWN
    -> 201 {"id": id, "href": "/brankas/permintaan/<id>/"}
=== GET /brankas/permintaan/<id>/berkas/  (vault:request_file)  the verifier's own:
    {"status": status, "own": OWN}
=== POST /brankas/permintaan/<id>/buka/  (vault:open)   {}   once, and only while released
    -> {"own": OWN, "part": PART, "release": RELEASE}
=== POST /brankas/permintaan/<id>/pernyataan/  (vault:attest)
    {report, request, result, ciphertext_sha256, verifier, attested_on, signature}
    -> {"is_complete": bool}
=== GET /brankas/laporan/<report>/uraian/  (vault:words)
    {"words": [WORDS, ...]}   what the reporter wrote for the desk alone, oldest first

Custodian
=== GET /brankas/permintaan/<id>/berkas/  (vault:request_file)
    {"status": status, "request": REQUEST, "part": PART}   never the ciphertext, never share A
=== POST /brankas/permintaan/<id>/rilis/  (vault:release)   RELEASE      -> {"status": "released"}

Pages: vault:home, vault:report, vault:request; actions of forms: vault:deny, vault:withdraw,
vault:summary. Page elements the client finds: ``<main data-vault data-keys-url data-root>`` and on each
form ``data-vault-form="request|release|open|attest|words"`` with ``action`` = the address above.
"""
