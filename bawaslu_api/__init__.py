"""A client of the API for regional offices: typed records, writes that happen once, bad lines.

Knows neither Django nor the product; of it, only the vault's byte format is shared (ADR 0047). ``Api`` is
the door; docs/api.md says what each call means.
"""

from bawaslu_api.api import Api
from bawaslu_api.credentials import Credential, PrivateKey, Secret
from bawaslu_api.errors import (
    AccessError,
    AnswerError,
    ApiError,
    ConflictError,
    GoneError,
    InvalidError,
    LineError,
    NotFoundError,
    ProblemError,
    QuotaError,
    ServerError,
    StaleError,
)
from bawaslu_api.sealing import Trust, seal_name, seal_name_with_card_key
from bawaslu_api.transport import Patience

__all__ = [
    "AccessError",
    "AnswerError",
    "Api",
    "ApiError",
    "ConflictError",
    "Credential",
    "GoneError",
    "InvalidError",
    "LineError",
    "NotFoundError",
    "Patience",
    "PrivateKey",
    "ProblemError",
    "QuotaError",
    "Secret",
    "ServerError",
    "StaleError",
    "Trust",
    "seal_name",
    "seal_name_with_card_key",
]
