"""Tests: the demo's relaxations, cheaper passwords, warnings become errors in pyproject.toml."""

import os

from bawaslu_cases.settings.dev import *  # noqa: F403

DEMO = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": EVIDENCE_STORAGE,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Argon2id at full cost takes 135 ms a receipt; one test runs at the real cost by name.
RECEIPT_ARGON2 = {"time_cost": 1, "memory_cost_kib": 1024}
# No thread makes receipts behind a test's back; the store has tests of its own.
RECEIPT_POOL_SIZE = 0
# No thread looks at workers behind a test's back; the watch has tests of its own.
WORKER_WATCH_SECONDS = int(os.environ.get("TEST_WORKER_WATCH_SECONDS", "0"))
# Asked once for each person and case; tests/complaints/web/test_case_statements.py turns it on.
CASE_STATEMENTS = False
# A test changes reference data and sees it at once; remembering has tests of its own.
REGISTRY_KEPT_SECONDS = 0
# Serve static files from where they lie; nothing is collected for a test run.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# A pair that only tests have.
CLEANER_PUBLIC_KEY = "42575d5c8a93833255e09f04054a4f6246d36ed163c1c7f80c1fc9a58a0e912d"
CLEANER_PRIVATE_KEY = "c1" * 32
# The public half of a root that only tests have (tests/support/vault.py).
VAULT_ROOT_PUBLIC_KEY = "FE2rzcRlnjWB4zolWfJO1KY0Cf7nWqwWjdc56Kz8wNs="
# A key that only tests sign packets with.
PACKET_SIGNING_KEY = "cGFja2V0LXNpZ25pbmcta2V5LW9mLXRlc3RzLW9ubHk="
