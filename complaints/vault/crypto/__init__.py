"""The vault's byte format v1, pure Python: no Django, no database, no clock, no network.

docs/vault-format.md is the norm; tests/vectors/vault_v1.json are the vectors that this package and
static/js/vault/ both read. Server and clients import it. It seals and it verifies; of private keys it
knows only the one derived from a receipt. What needs an officer's, a group's or the recovery key is in
``complaints.vaultctl``, which no server process imports.
"""
