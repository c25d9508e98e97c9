"""The keyring: public keys, certificates and wraps, in a database with a retention of its own.

Storage only. It holds no key in the clear and opens nothing; what the bytes mean stands in
``docs/vault-format.md``.
"""
