"""Keeping a reporter's own words: under the server's keyring, or to the verification desk alone."""

import json
from collections.abc import Mapping
from typing import Any

from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.new_rows import write_new
from complaints.models import Complaint, Statement
from complaints.services.vault import SealingKeys
from complaints.vault.crypto.sealing import seal_for_desk

STATEMENT = "statement"
"""How these words are named in what binds the sealing (docs/vault-format.md)."""


def keep_statement(
    *, complaint: Complaint, words: Mapping[str, Any], keys: SealingKeys | None
) -> Statement:
    """Keep the words of a new record; with ``keys`` only the desk's own client can read them."""
    text = json.dumps(words, ensure_ascii=False)
    if keys is None:
        statement = Statement(
            complaint=complaint,
            sealed=envelope.seal(text.encode(), context=("statement", str(complaint.public_id))),
        )
    else:
        desk, report = keys.group_a, complaint.public_id.hex
        statement = Statement(
            complaint=complaint,
            scheme=Statement.Scheme.DESK,
            group=desk.group,
            epoch=desk.epoch,
            sealed=seal_for_desk(text, report=report, kind=STATEMENT, group_a=desk),
        )
    write_new(statement)
    return statement
