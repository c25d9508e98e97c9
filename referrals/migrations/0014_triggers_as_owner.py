"""Triggers of the change feed run as the owner, as those of complaints (ADR 0050)."""

from importlib import import_module

from django.db import migrations

owners = import_module("complaints.migrations.0039_triggers_as_owner")

FUNCTIONS = (
    "api_referral_changed",
    "api_line_changed",
    "api_follow_up_changed",
    "api_followed_official_changed",
    "api_referred_case_moved",
    "api_referred_recusal_changed",
)


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0013_subject_requests"),
        ("complaints", "0039_triggers_as_owner"),
    ]

    operations = [
        migrations.RunSQL(owners.forward(function), owners.backward(function))
        for function in FUNCTIONS
    ]
