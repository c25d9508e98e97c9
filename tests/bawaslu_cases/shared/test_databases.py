"""Which database an app lives in, and how the two beside the first one get their names."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections

from bawaslu_cases.settings import env
from bawaslu_cases.shared.databases import APP_OF_ALIAS, AppRouter, alias_of


@pytest.mark.django_db
def test_every_table_stands_in_one_database_only():
    found = {alias: set(connections[alias].introspection.table_names()) for alias in connections}

    for model in apps.get_models(include_auto_created=True):
        home = alias_of(model._meta.app_label)
        standing = {alias for alias, tables in found.items() if model._meta.db_table in tables}
        assert standing == {home}, model
    # Three databases, not three names of one.
    assert len({connections[alias].settings_dict["NAME"] for alias in connections}) == 3


def test_an_app_beside_is_read_written_and_migrated_there_only():
    router = AppRouter()
    for alias, app in APP_OF_ALIAS.items():
        assert router.allow_migrate(alias, app)
        assert not router.allow_migrate("default", app)
        assert not router.allow_migrate(alias, "complaints")
    assert set(settings.DATABASES) == {"default", *APP_OF_ALIAS}


def test_no_foreign_key_crosses_databases():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.is_relation and field.related_model and not field.auto_created:
                assert alias_of(model._meta.app_label) == alias_of(
                    field.related_model._meta.app_label
                ), field


def test_a_database_without_a_url_lies_beside_the_first(monkeypatch):
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://web:p%40ss@db.example:5433/cases?sslmode=require"
    )
    monkeypatch.delenv("KEYRING_DATABASE_URL", raising=False)
    monkeypatch.setenv("AUDIT_DATABASE_URL", "postgresql://other@audit.example/log")

    keyring = env.database("KEYRING_DATABASE_URL", beside="DATABASE_URL", suffix="_keyring")
    audit = env.database("AUDIT_DATABASE_URL", beside="DATABASE_URL", suffix="_audit")

    wanted = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert [keyring[key] for key in wanted] == [
        "cases_keyring",
        "web",
        "p@ss",
        "db.example",
        "5433",
        {"options": "-c max_parallel_workers_per_gather=0", "sslmode": "require"},
    ]
    assert [audit[key] for key in wanted[:4]] == ["log", "other", "", "audit.example"]


def test_options_of_ones_own_replace_the_products(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://web@db.example/cases?options=-c%20jit%3Doff")

    assert env.database("DATABASE_URL")["OPTIONS"] == {"options": "-c jit=off"}
