"""One real OpenID provider (canaille) in a process of its own, for the tests of single sign-on.

``python -m tests.support.identity_provider_process '{"port": …, "factors": […], …}'``: people and one
client are entered, then it serves until it is killed. Every start has new signing keys.
"""

import datetime as dt
import json
import sys
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

any_of = MemoryBackend.do_query


def all_of(self: MemoryBackend, model: Any, *_: Any, **wanted: Any) -> list[Any]:
    """Return what meets every condition: its own query means any, and so finds other people's codes."""
    if not wanted:
        return list(any_of(self, model))
    found = [any_of(self, model, **{name: value}) for name, value in wanted.items()]
    ids = set.intersection(*({row.id for row in rows} for rows in found))
    return [row for row in found[0] if row.id in ids]


def main(given: dict[str, Any]) -> None:
    MemoryBackend.do_query = all_of
    address = f"127.0.0.1:{given['port']}"
    app = create_app(
        {
            "SECRET_KEY": "only-for-tests-only-for-tests-only",
            "SERVER_NAME": address,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {
                "DATABASE": "memory",
                "AUTHENTICATION_FACTORS": given["factors"],
                "TOTP_LIFETIME": dt.timedelta(seconds=given["period_seconds"]),
                "ENABLE_INTRUDER_LOCKOUT": False,
                "LOGGING": {"version": 1, "disable_existing_loggers": True},
            },
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)],
                # Nobody is asked whether this client may know them.
                "TRUSTED_DOMAINS": ["testserver", "localhost", "127.0.0.1"],
            },
        },
    )
    with app.app_context():
        for each in given["people"]:
            Backend.instance.save(
                models.User(
                    formatted_name=each["name"],
                    family_name=each["name"],
                    user_name=each["user_name"],
                    emails=[each["email"]],
                    password=each["password"],
                    secret_token=each["secret"],
                    # Set up before today, so that it asks and does not offer.
                    last_otp_login=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
                )
            )
        client = models.Client(
            client_id=given["client_id"],
            client_id_issued_at=dt.datetime.now(dt.UTC),
            client_name="Kasus",
            client_secret=given["secret"],
            client_uri=given["client_uri"],
            redirect_uris=given["redirect_uris"],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid"],
            token_endpoint_auth_method=given["auth_method"],
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    make_server("127.0.0.1", given["port"], app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
