"""Which server and which client a store belongs to."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bawaslu_api import Api, Credential, Patience, PrivateKey, Secret
from bawaslu_sync.errors import UsageError
from bawaslu_sync.store import Store
from bawaslu_sync.words import say


def keep_account(
    store: Store,
    *,
    url: str,
    client_id: str,
    secret: str = "",
    key: Path | None = None,
    key_password: str = "",
    ca_file: str = "",
) -> None:
    """Keep, sealed, how this office proves who it is. Raises UsageError for what cannot be."""
    pem = ""
    if key is not None:
        try:
            content = key.read_bytes()
            password = key_password.encode() or None
            PrivateKey(client_id, load_pem_private_key(content, password)).proof(url)
            pem = content.decode("ascii")
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(say("Kunci klien tidak dapat dibaca.")) from error
    account = {
        "url": url,
        "client_id": client_id,
        "secret": secret,
        "pem": pem,
        "key_password": key_password,
        "ca_file": ca_file,
    }
    _api(account, language="id", patience=Patience()).close()  # refuses an address that cannot be
    with store.together():
        store.put("account", account)


def account_of(store: Store) -> dict[str, Any]:
    """Return what was kept. Raises UsageError where nothing was."""
    account: dict[str, Any] | None = store.get("account")
    if account is None:
        raise UsageError(say("Belum terhubung ke server. Mulai dengan: bawaslu-sync login"))
    return account


def api_of(store: Store, *, language: str, patience: Patience) -> Api:
    """Return the API as this store's client."""
    return _api(account_of(store), language=language, patience=patience)


def _api(account: dict[str, Any], *, language: str, patience: Patience) -> Api:
    try:
        return Api(
            account["url"],
            _credential(account),
            language=language,
            patience=patience,
            ca_file=account["ca_file"] or None,
        )
    except ValueError as error:
        raise UsageError(
            say("Alamat server ditulis https://NAMA, tanpa alamat halaman.")
        ) from error


def _credential(account: dict[str, Any]) -> Credential:
    if not account["pem"]:
        return Secret(account["client_id"], account["secret"])
    password = account["key_password"].encode() or None
    key = load_pem_private_key(account["pem"].encode("ascii"), password)
    return PrivateKey(account["client_id"], key)
