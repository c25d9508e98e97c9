"""The demo on a laptop (``./up``): plain HTTP on loopback, second factor not demanded."""

import os

os.environ.setdefault("SECRET_KEY", "demo-only-not-a-secret-demo-only-not-a-secret-demo-only")
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
os.environ.setdefault("DATABASE_URL", "postgresql://localhost/bawaslu_cases")
os.environ.setdefault("REDIS_URL", "redis://localhost:6379/0")
os.environ.setdefault("DATA_KEYRING", "demo1:ZGVtby1vbmx5LWRlbW8tb25seS1kZW1vLW9ubHktMDA=")
os.environ.setdefault("RECEIPT_PEPPER", "ZGVtby1vbmx5LXBlcHBlci1kZW1vLW9ubHktcGVwcGU=")
# Enough for a demo; 300 would keep a laptop's fan busy for the first minute.
os.environ.setdefault("RECEIPT_POOL_SIZE", "20")

from bawaslu_cases.settings.base import *  # noqa: F403

DEMO = True
VAULT_DEMO_FOLDER = os.environ.get("VAULT_DEMO_FOLDER", "")
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "p"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_NAME = "t"
CSRF_COOKIE_SECURE = False
REPORTER_COOKIE_NAME = "l"
REPORTER_COOKIE_SECURE = False
MFA_REQUIRED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# Hashed names as in production, but not compressed: brotli takes 30 s and loopback gains nothing.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": EVIDENCE_STORAGE,  # noqa: F405
    "staticfiles": {"BACKEND": "bawaslu_cases.shared.static_files.UncompressedStaticFilesStorage"},
}
