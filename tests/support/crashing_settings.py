"""The product with two pages more that keep what was typed: one of them crashes."""

from bawaslu_cases.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.support.crashing_urls"
