"""What the audit log must say of every opening (checks T15 and T16); run by ``audit_verify``."""

import json
from typing import Any

from bawaslu_cases.audit.chain import Entry
from bawaslu_cases.audit.rules import Finding

CITED = frozenset({"court_order", "lpsk_handover"})


class OpeningRule:
    """Every opening follows a request by the same person and a release by another, of another unit."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Entry, dict[str, Any]]] = {}
        self._released: dict[str, tuple[Entry, dict[str, Any]]] = {}
        self._found: list[Finding] = []

    def see(self, entry: Entry) -> None:
        """Take one entry into account."""
        if not entry.action.startswith("vault."):
            return
        detail = json.loads(entry.detail)
        request = str(detail.get("request", ""))
        if entry.action == "vault.request":
            self._asked.setdefault(request, (entry, detail))
            if entry.purpose in CITED and not detail.get("basis"):
                self._tell(entry, "unseal_without_basis", "asked without the document it rests on")
        elif entry.action == "vault.release":
            self._released.setdefault(request, (entry, detail))
        elif entry.action == "vault.open":
            self._check(entry, request)

    def findings(self) -> list[Finding]:
        """Return what is wrong."""
        return self._found

    def _check(self, opened: Entry, request: str) -> None:
        if request not in self._asked or request not in self._released:
            self._tell(opened, "unseal_without_release", "opened without a request and its release")
            return
        (asked, asking), (released, letting) = self._asked[request], self._released[request]
        if opened.actor != asked.actor or released.actor == asked.actor:
            self._tell(
                opened, "unseal_by_one", "opened by one person, or by another than who asked"
            )
        elif not asking.get("unit") or asking.get("unit") == letting.get("unit"):
            self._tell(opened, "unseal_within_unit", "asked and released within one unit")
        elif {asked.subject, released.subject} != {opened.subject}:
            self._tell(opened, "unseal_of_another", "asked for one report, opened another")

    def _tell(self, entry: Entry, code: str, text: str) -> None:
        self._found.append(Finding(code=code, text=text, seq=entry.seq))
