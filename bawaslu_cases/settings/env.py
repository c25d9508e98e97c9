"""Typed readers of environment variables. A bad value stops the start and names the variable."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the content of the file named by ``<name>_FILE`` (docker secrets)."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must be set")
    return value


def choice(name: str, *choices: str) -> str:
    """Return one of ``choices``, the first where nothing is set; refuse everything else."""
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return true for 1/true/yes/on and false for 0/false/no/off; refuse everything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")


def number(name: str, default: int) -> int:
    """Return a whole number."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def words(name: str, default: str = "") -> list[str]:
    """Return the comma-separated parts, empty ones dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


SESSION = {"options": "-c max_parallel_workers_per_gather=0"}
"""What every connection says when it begins: one question takes one processor.

Many ask at once; a page for which PostgreSQL starts two more processes is no sooner there when the
processors are busy, and 4 to 6 ms later when they are not.
"""


def database(name: str, *, beside: str = "", suffix: str = "") -> dict[str, Any]:
    """Return Django's settings for ``postgresql://user:password@host:port/name``.

    The host may be a percent-encoded directory of a unix socket. When the variable is absent, the
    database is the one of the variable ``beside`` with ``suffix`` behind its name. What stands behind a
    question mark goes to libpq as it is; ``options`` of its own replace :data:`SESSION`.
    """
    if beside and name not in os.environ and f"{name}_FILE" not in os.environ:
        first = database(beside)
        return first | {"NAME": first["NAME"] + suffix}
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host/name")
    return {
        "ENGINE": "bawaslu_cases.shared.database",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        # netloc is split by hand: urlsplit lower-cases .hostname, and a socket path has capitals
        "HOST": unquote(url.netloc.rpartition("@")[2].partition(":")[0]),
        "PORT": str(url.port or ""),
        "OPTIONS": SESSION | {key: values[0] for key, values in parse_qs(url.query).items()},
        "CONN_MAX_AGE": number("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
