"""Triggers that look at other rows run as the owner: what they must know is not what the asker may see.

What one office's step means for another's records, and whether a decision exists, must not depend on row-level
security (ADR 0050). A trigger's function cannot be called.
"""

from django.db import migrations

FUNCTIONS = (
    "api_complaint_changed",
    "api_case_changed",
    "api_deadline_changed",
    "api_named_changed",
    "api_joined_changed",
    "api_allegation_changed",
    "api_official_changed",
    "api_recusal_changed",
    "complaints_case_was_decided",
    "complaints_complaint_was_decided",
)


def forward(function: str) -> str:
    """Return the SQL that makes a trigger's function the owner's, with a search path of its own."""
    return (
        f"ALTER FUNCTION {function}() SECURITY DEFINER"
        " SET search_path = pg_catalog, public, pg_temp;"
    )


def backward(function: str) -> str:
    """Return the SQL that takes that back."""
    return f"ALTER FUNCTION {function}() SECURITY INVOKER RESET search_path;"


class Migration(migrations.Migration):
    dependencies = [("complaints", "0038_lists_by_office")]

    operations = [
        migrations.RunSQL(forward(function), backward(function)) for function in FUNCTIONS
    ]
