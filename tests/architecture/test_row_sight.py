"""Row-level security (checks A09 to A11): the wall itself, what stands outside it, and who looks beyond."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from bawaslu_cases.shared.databases import alias_of
from bawaslu_cases.shared.management.commands.grant_roles import lesser_roles
from bawaslu_cases.shared.row_policies import row_sights
from bawaslu_cases.shared.row_scopes import Sight

ROOT = Path(__file__).parents[2]
UNITS = {"registry_office", "registry_region", "registry_recipientbody", "registry_agency"}
STANDING_ALONE = {
    "accounts_user": "who signs in is looked up before anybody is known; administrators see all",
    "complaints_conflictdeclaration": "a tie holds in every office; a person's own word",
    "complaints_official": "a reported person's row hangs on records of several offices; found through them",
    "complaints_receipt": "the reporter's door: found by a handle before any record is known",
    "complaints_reportedperson": "the register of reported people is the country's",
    "complaints_personrefusal": "says which two rows of that register are not one person",
    "referrals_destination": "addresses of recipient bodies, kept by administrators",
    "referrals_ppkcandidacy": "reference about an official's employer, of whole contests",
}
"""Tables that name an office, a body or an agency, or hang on a scoped one, and have no policy: reasons."""
REFERENCE = "registry_"
"""Reference data is public."""
BEYOND = {
    ("complaints/selectors/clusters.py", "offices_kept_away"),
    ("complaints/selectors/compared_texts.py", "compared_texts"),
    ("complaints/selectors/keyset.py", "_edge"),
    ("complaints/selectors/mailbox.py", "mailbox_of"),
    ("complaints/selectors/trail.py", "find_file"),
    ("complaints/selectors/trail.py", "subject_names"),
    ("complaints/selectors/trail.py", "subjects_of_file"),
    ("complaints/services/cases.py", "_tell_records"),
    ("complaints/services/desk_watch.py", "watch_desks"),
    ("complaints/services/legacy_recusals.py", "recuse_declared"),
    ("complaints/services/legacy_recusals.py", "recuse_home_agency"),
    ("complaints/services/milestones.py", "reach_case_milestone"),
    ("complaints/services/office_changes.py", "_hand"),
    ("complaints/services/recusals.py", "_apply"),
    ("complaints/services/recusals.py", "check_conflicts"),
    ("complaints/services/recusals.py", "join_recusals"),
    ("complaints/services/recusals.py", "keep_away_too"),
    ("complaints/services/recusals.py", "recuse_oneself"),
    ("complaints/services/relays.py", "relay_complaint"),
    ("complaints/services/staff_changes.py", "_lay_down"),
    ("complaints/services/uploads.py", "_complaint_of"),
    ("complaints/services/visits.py", "_find"),
    ("complaints/services/visits.py", "keep_identity_card"),
    ("referrals/packets/sources.py", "_sources"),
    ("referrals/selectors/sanction_history.py", "prior_sanctions"),
    ("referrals/services/dispatches.py", "fetchable"),
    ("referrals/services/follow_up.py", "close_when_done"),
    ("referrals/services/ppk_passes.py", "standing_pass"),
}
"""Who looks beyond the asker's sight; the reason stands at each place. A new one is reviewed here."""


def models():
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if alias_of(model._meta.app_label) == "default"
    ]


def named_by(model):
    return {
        field.related_model._meta.db_table
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
    }


def test_every_table_that_names_an_office_or_hangs_on_one_has_a_rule_or_a_reason():
    walled = set(row_sights())
    concerned = {
        model._meta.db_table
        for model in models()
        if named_by(model) & (UNITS | walled) and not model._meta.db_table.startswith(REFERENCE)
    }

    assert concerned - walled == set(STANDING_ALONE) - {"complaints_personrefusal"}
    assert walled <= {model._meta.db_table for model in models()}
    assert not walled & set(STANDING_ALONE)


def test_the_decision_names_every_table():
    told = (ROOT / "docs/adr/0050-rows-in-sight.md").read_text()
    names = set(re.findall(r"`((?:complaints|referrals|accounts)_[a-z_]+)`", told))

    assert names == set(row_sights()) | set(STANDING_ALONE)


@pytest.mark.long
def test_whoever_looks_beyond_their_sight_is_named():
    found = set()
    for folder in ("bawaslu_cases", "complaints", "referrals"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text())
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef):
                    continue
                for node in ast.walk(function):
                    if (
                        isinstance(node, ast.Call)
                        and isinstance(node.func, ast.Name)
                        and node.func.id == "beyond"
                    ):
                        found.add((str(path.relative_to(ROOT)), function.name))

    assert found == BEYOND


pytestmark = pytest.mark.django_db


def asked(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def test_every_scoped_table_has_forced_policies_for_every_role():
    """Check A11: row security on and forced; a policy for each lesser role, worker and owner, not the web."""
    roles = set(lesser_roles("bc_web").values())
    rows = asked(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
        " ARRAY(SELECT r.rolname::text FROM pg_policy p JOIN pg_roles r ON r.oid = ANY(p.polroles)"
        "       WHERE p.polrelid = c.oid)"
        " FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    found = {table: set(held) for table, forced, held in rows if forced}

    assert set(found) == set(row_sights())
    for table, held in found.items():
        assert held == {*roles, "bc_worker", asked("SELECT current_user")[0][0]}, table


def test_roles_of_the_web_own_nothing_and_have_no_power():
    """Check A11: no table is theirs, none is a superuser, passes row security or makes roles."""
    roles = ["bc_web", *lesser_roles("bc_web").values()]

    assert (
        asked(
            "SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = ANY(%s)"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
            roles,
        )
        == []
    )
    assert (
        asked(
            "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE r.rolname = ANY(%s)",
            roles,
        )
        == []
    )
    assert asked(
        "SELECT m.inherit_option, m.set_option, m.admin_option, count(*) FROM pg_auth_members m"
        " JOIN pg_roles w ON w.oid = m.member JOIN pg_roles r ON r.oid = m.roleid"
        " WHERE w.rolname = 'bc_web' GROUP BY 1, 2, 3"
    ) == [(False, True, False, len(Sight) - 1)]


def test_every_view_asks_as_who_asks():
    """Check A11: a view that ran as its owner would pass every policy by. There is none today."""
    assert (
        asked(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
            " AND relnamespace = 'public'::regnamespace"
            " AND NOT COALESCE(reloptions, '{}') @> '{security_invoker=true}'"
        )
        == []
    )


def test_functions_that_run_as_the_owner_are_triggers_with_a_path_of_their_own():
    rows = asked(
        "SELECT proname, prorettype = 'trigger'::regtype, proconfig::text FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )

    assert len(rows) == 16
    assert {row[1:] for row in rows} == {(True, '{"search_path=pg_catalog, public, pg_temp"}')}
