"""The registry: dated reference data that everything else looks up and nothing else writes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    """Regions, offices, agencies, rules, contests, holidays and time limits."""

    name = "bawaslu_cases.registry"
    label = "registry"
    verbose_name = _("Data rujukan")
