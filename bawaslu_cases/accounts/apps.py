"""Registration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles, scope."""

    name = "bawaslu_cases.accounts"
    label = "accounts"
