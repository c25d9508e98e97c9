"""Every door that takes what somebody sends: what it does to rows that are there (check F15).

Five kinds, and a door that is none of them fails ``test_lost_updates.py``.
"""

import csv
import inspect
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

AUTHORISATION = Path(__file__).with_name("authorisation.csv")


class Kind(StrEnum):
    """What a door does to a row that somebody else may have written meanwhile."""

    EDIT = "edit"
    """Writes over words, numbers or choices of somebody: has a scene, or a test of its own."""
    STEP = "step"
    """Moves a row from the state it was read in, compared and set by a table of docs/states.csv or in one
    statement; what was typed is kept with the step and replaces nothing."""
    ADD = "add"
    """Adds a row of its own; nothing that somebody typed is replaced."""
    OWN = "own"
    """One person's own: draft, session, account, saved view, mailbox. Nobody else writes it."""
    NONE = "none"
    """Keeps nothing typed: reads, searches, downloads, puzzles."""


_BY_KIND: dict[Kind, str] = {
    Kind.EDIT: """
        desk:assess desk:official desk:allegation desk:tick desk:assign desk:snooze desk:hearing
        desk:case_assign desk:identify desk:staff_person desk:api_client desk:registry_propose
        desk:import desk:document desk:redact desk:likeness desk:bulk desk:link desk:take_over
        referrals:complete referrals:detail referrals:subject_step followup:detail
        review:detail vault:summary""",
    Kind.STEP: """
        desk:act desk:undo desk:confirm desk:decide_complaint desk:decide_case desk:decide_takeover
        desk:extend desk:sent_on desk:workload desk:correction
        desk:correction_withdraw desk:staff_change
        desk:registry_change desk:settle desk:proposal_dismiss desk:import_start desk:import_drop
        desk:import_undo desk:legacy_adopt desk:wording_end
        desk:wording_decide desk:case_unlink desk:retry
        desk:staff_suspend desk:staff_reactivate desk:repair desk:letters
        referrals:case referrals:close referrals:destination referrals:send_again referrals:hand_over
        referrals:attachments referrals:export ppk:detail ppk_pass:page api:answer_referral
        desk:counter
        vault:attest vault:deny vault:open vault:release vault:withdraw vault:hand_over vault:original
        desk:copy_order api_access:webhook_secret api_access:webhook_enable
        fetch:page followup:access""",
    Kind.ADD: """
        desk:links desk:capture_minutes desk:note desk:wordings desk:finding_new desk:imports desk:recuse
        desk:recuse_case desk:case_statement desk:staff_new desk:allegation_new desk:case_note
        desk:case_link desk:hearing_new desk:correction_new desk:record_documents desk:case_documents
        desk:evidence_download desk:absences referrals:destination_new referrals:export_new
        referrals:subjects vault:request_create desk:api_client_new
        api_access:webhooks api_access:webhook_ping api_access:webhook_replay api_complaints:complaints
        api_complaints:batch api_complaints:proposals api_complaints:uploads api_complaints:record_uploads
        api_complaints:findings
        desk:presence""",
    Kind.OWN: """
        intake:form intake:files intake:file mailbox:open mailbox:report mailbox:close
        desk:views desk:view_change desk:conflicts
        staff_login account_login account_logout account_invitation account_signup
        account_reauthenticate account_change_password account_set_password account_sso
        account_sso_start mfa_authenticate mfa_reauthenticate mfa_activate_totp mfa_deactivate_totp
        mfa_generate_recovery_codes mfa_download_recovery_codes mfa_add_webauthn
        mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn mfa_login_webauthn
        api_access:token api_access:revoke api_complaints:upload""",
    Kind.NONE: """
        public:quick_exit desk:figures_export desk:record_print
        desk:case_print desk:trail review:evidence_download review:report_csv vault:bundle
        health_live health_ready""",
}
KINDS: dict[str, Kind] = {name: kind for kind, names in _BY_KIND.items() for name in names.split()}

SHOWN_BY: dict[str, str] = {
    "desk:import": "complaints/web/test_imports.py::test_f15_columns_that_a_colleague_chose_meanwhile_stand",
    "desk:document": "complaints/web/test_documents.py"
    "::test_the_maker_and_whoever_saw_something_else_are_refused",
    "desk:redact": "complaints/web/test_evidence.py::test_regions_drawn_on_an_older_copy_are_refused",
    "desk:likeness": "complaints/web/test_desk_likeness.py::test_who_comes_too_late_is_told_who_was_faster",
    "desk:link": "complaints/web/test_links.py"
    "::test_f15_the_long_form_that_a_colleague_pasted_meanwhile_stands",
    "desk:bulk": "complaints/services/test_bulk.py::test_a_row_that_moved_on_meanwhile_is_skipped",
    "desk:take_over": "complaints/web/test_takeover_races.py"
    "::test_whoever_takes_it_over_later_still_is_told_and_loses_nothing_typed",
    "review:detail": "referrals/web/test_review.py"
    "::test_f15_a_draft_that_a_colleague_wrote_meanwhile_is_not_written_over",
    "vault:summary": "complaints/web/test_verification.py"
    "::test_f15_a_summary_that_was_written_meanwhile_is_not_written_over",
}
"""Edits whose two people are in a test of their own, because the form needs a world of its own."""


def writing_doors() -> set[str]:
    """Return the names of every address that takes a POST, PUT or PATCH.

    By the methods that a page's decorator or a view of the API names; of pages of others, which name none,
    by the table of rights, which a test holds against the pages themselves.
    """
    with AUTHORISATION.open(newline="") as file:
        refusing = {
            row["name"]
            for row in csv.DictReader(file)
            if row["method"] == "POST" and "405" in row.values()
        }
    return {
        name
        for name, view in _views(get_resolver().url_patterns)
        if (WRITING & methods if (methods := _methods(view)) else name not in refusing)
    }


WRITING = frozenset({"POST", "PUT", "PATCH"})


def _methods(view: Any) -> set[str]:
    """Return the methods that a view names, nothing where it names none."""
    scopes = getattr(getattr(view, "cls", None), "scopes", None)
    if scopes is not None:
        return {*scopes}
    layers, looked_at = [view], set[int]()
    while layers:
        layer = layers.pop()
        if id(layer) in looked_at or not inspect.isfunction(layer):
            continue
        looked_at.add(id(layer))
        inside = inspect.getclosurevars(layer).nonlocals
        if "request_method_list" in inside:
            return {*inside["request_method_list"]}
        layers += [getattr(layer, "__wrapped__", None), *inside.values()]
    return set()


def _views(
    patterns: Sequence[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = ":".join(part for part in (space, each.namespace) if part)
            yield from _views(each.url_patterns, inner)
        elif each.name:
            yield ":".join(part for part in (space, each.name) if part), each.callback
