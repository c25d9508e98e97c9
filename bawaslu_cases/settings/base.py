"""Production. Nothing permissive stands here; ``dev`` and ``test`` are the only files that relax it.

Every value that differs between servers comes from the environment through :mod:`env`.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.settings import env

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = env.text("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# The public name until Bawaslu chooses one (ux/experience.md, heading).
PRODUCT_NAME = env.text("PRODUCT_NAME", "JagaNetral")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "csp",
    "bawaslu_cases.shared",
    "bawaslu_cases.audit",
    "bawaslu_cases.keyring",
    "bawaslu_cases.registry",
    "bawaslu_cases.accounts",
    "complaints",
    "referrals",
    "bawaslu_cases.world",
]

MIDDLEWARE = [
    # Outermost, so that redirects to https, static files and refused hosts carry the headers too.
    "bawaslu_cases.shared.middleware.SecurityHeadersMiddleware",
    "bawaslu_cases.shared.middleware.ContentPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Slow phones pay by the kilobyte. Django pads the length at random against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    # Outside of all that asks the database: until who asks is known, no row is in sight (ADR 0050).
    "bawaslu_cases.shared.row_scopes.RowScopeMiddleware",
    # Inside of it: what it has compressed stays as it is. Outside of all that may refuse.
    "bawaslu_cases.shared.api_answers.ApiAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bawaslu_cases.shared.middleware.AddressLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bawaslu_cases.accounts.middleware.MfaRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bawaslu_cases.audit.middleware.AuditReadsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "complaints.web.case_statements.CaseStatementMiddleware",
    # Innermost, so that what it refuses carries every header too.
    "bawaslu_cases.shared.middleware.EvidenceHostMiddleware",
]

ROOT_URLCONF = "bawaslu_cases.urls"
WSGI_APPLICATION = "bawaslu_cases.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bawaslu_cases.shared.context.product",
                "bawaslu_cases.shared.context.other_language",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "bawaslu_cases.shared.templatetags.parts",
            ],
        },
    },
]

# --- data -----------------------------------------------------------------------------------------
# One URL per database role: the owner migrates, web and worker own nothing (protection.md D).
# Three databases, because their backups are kept for different times (shared/databases.py); without
# URLs of their own the two lesser ones lie beside the first, named after it.
DATABASES = {
    "default": env.database("DATABASE_URL"),
    "keyring": env.database("KEYRING_DATABASE_URL", beside="DATABASE_URL", suffix="_keyring"),
    "audit": env.database("AUDIT_DATABASE_URL", beside="DATABASE_URL", suffix="_audit"),
}
# The role the web signs in as; for a request it becomes one of its lesser roles (ADR 0050).
WEB_ROLE = env.text("WEB_ROLE", "bc_web")
DATABASE_ROUTERS = ["bawaslu_cases.shared.databases.AppRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "bawaslu_cases.shared.cache.StandByRedisCache",
        "LOCATION": env.text("CACHE_URL", REDIS_URL),
        "KEY_PREFIX": "bc",
        # A server that hangs is as gone as one that refuses; no page waits for it longer.
        "OPTIONS": {"socket_timeout": 1},
    }
}

# Keys that open statements and files, outside the database: "id:base64key,id:base64key", the first
# seals, all open. And the pepper of the receipt code. Losing them loses the data they sealed.
DATA_KEYRING = env.text("DATA_KEYRING")
RECEIPT_PEPPER = env.text("RECEIPT_PEPPER")
# The public half of the offline root key (base64 of 32 bytes), printed at its ceremony. Pinned here,
# outside every database: keys that it does not vouch for are never sealed to. Empty: no vault yet.
VAULT_ROOT_PUBLIC_KEY = env.text("VAULT_ROOT_PUBLIC_KEY", "")

# Who may open a backup: age keys whose private halves lie offline, others for the keyring's copies.
BACKUP_RECIPIENTS = env.words("BACKUP_RECIPIENTS")
BACKUP_KEYRING_RECIPIENTS = env.words("BACKUP_KEYRING_RECIPIENTS")

MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / "media")))
# Evidence, sealed (shared/object_storage.py): a folder, or a bucket of an S3-compatible server where one
# is named. So many bytes of the folder's disk, or 5 % of a smaller disk, are never filled with files:
# the database needs them.
EVIDENCE_ROOT = Path(env.text("EVIDENCE_ROOT", str(MEDIA_ROOT / "evidence")))
EVIDENCE_RESERVE_BYTES = env.number("EVIDENCE_RESERVE_MB", 2048) * 1024 * 1024
# What a day may bring in files, everybody's together; more is refused until the next one, and told.
UPLOADS_DAILY_BYTES = env.number("UPLOADS_DAILY_MB", 51200) * 1024 * 1024
EVIDENCE_STORAGE: dict[str, Any] = {
    "BACKEND": "bawaslu_cases.shared.object_storage_disk.DiskStorage",
    "OPTIONS": {"location": EVIDENCE_ROOT, "reserve_bytes": EVIDENCE_RESERVE_BYTES},
}
if EVIDENCE_S3_BUCKET := env.text("EVIDENCE_S3_BUCKET", ""):
    EVIDENCE_STORAGE = {
        "BACKEND": "bawaslu_cases.shared.object_storage_s3.S3ObjectStorage",
        "OPTIONS": {
            "bucket": EVIDENCE_S3_BUCKET,
            "endpoint": env.text("EVIDENCE_S3_ENDPOINT", ""),
            "region": env.text("EVIDENCE_S3_REGION", ""),
            "access_key": env.text("EVIDENCE_S3_ACCESS_KEY", ""),
            "secret_key": env.text("EVIDENCE_S3_SECRET_KEY", ""),
            "prefix": env.text("EVIDENCE_S3_PREFIX", ""),
        },
    }
# Days that evidence is kept after its record ended, "closed:1825,archived:365" (complaints/rules/
# retention.py); what is not named is kept. And how old the oldest backup of the database is: from then
# on nothing opens what was erased.
EVIDENCE_KEPT_DAYS = env.words("EVIDENCE_KEPT_DAYS")
DATABASE_BACKUPS_KEPT_DAYS = env.number("DATABASE_BACKUPS_KEPT_DAYS", 35)
# Never Django's temporary-file handler: it writes large uploads in plain text (protection.md 0.6).
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Copies of evidence are shown from an address of their own, such as https://salinan.example.go.id: it
# knows no session, so whatever a copy might do it does nowhere (check E15). Empty: the desk's own address.
EVIDENCE_ORIGIN = env.text("EVIDENCE_ORIGIN", "")
if EVIDENCE_ORIGIN:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, EVIDENCE_ORIGIN.partition("://")[2].partition(":")[0]]

# The cleaner's key pair (64 hex signs each): every process may seal a file to it, only the evidence worker
# opens one, and only until its safe copy is made (protection.md C).
CLEANER_PUBLIC_KEY = env.text("CLEANER_PUBLIC_KEY", "")
CLEANER_PRIVATE_KEY = env.text("CLEANER_PRIVATE_KEY", "")
# ClamAV's daemon on the same machine: the path of its socket, or host:port. Empty: not scanned, and said so.
CLAMD_SOCKET = env.text("CLAMD_SOCKET", "")

# The audit log's signed checkpoints lie outside every database. Only the worker holds the key (base64
# of 32 bytes); without one nothing is signed and audit_verify says so.
AUDIT_ORIGIN = env.text("AUDIT_ORIGIN", "bawaslu/audit")
AUDIT_CHECKPOINT_DIR = Path(env.text("AUDIT_CHECKPOINT_DIR", str(BASE_DIR / "checkpoints")))
AUDIT_SIGNING_KEY = env.text("AUDIT_SIGNING_KEY", "")
# What leaves the house is signed with a key of its own, which the worker alone holds (base64 of 32
# bytes). Without one no referral is issued: its message waits where staff see it.
PACKET_SIGNING_KEY = env.text("PACKET_SIGNING_KEY", "")

# --- background work ------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("BROKER_URL", REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_CONSUMER = "bawaslu_cases.broker_watch:WatchedConsumer"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The nudge after a commit must not hold a request when the broker is gone: the outbox sweep sends it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
# The outbox (bawaslu_cases/shared/outbox). All in seconds but the batch: how long a dead worker holds
# a message, when the sweep takes over from a lost hint and repeats its own, the first wait after a
# failure (then three times as long each time) and the longest, the rest after a broker failed.
OUTBOX_LEASE_SECONDS = env.number("OUTBOX_LEASE_SECONDS", 60)
OUTBOX_SWEEP_AFTER_SECONDS = env.number("OUTBOX_SWEEP_AFTER_SECONDS", 10)
OUTBOX_HINT_AGAIN_SECONDS = env.number("OUTBOX_HINT_AGAIN_SECONDS", 60)
OUTBOX_BACKOFF_SECONDS = env.number("OUTBOX_BACKOFF_SECONDS", 5)
OUTBOX_BACKOFF_CEILING_SECONDS = env.number("OUTBOX_BACKOFF_CEILING_SECONDS", 3600)
OUTBOX_NUDGE_REST_SECONDS = env.number("OUTBOX_NUDGE_REST_SECONDS", 5)
# How often a web process looks whether the workers finish anything; 0: never.
WORKER_WATCH_SECONDS = env.number("WORKER_WATCH_SECONDS", 60)
OUTBOX_SWEEP_BATCH = env.number("OUTBOX_SWEEP_BATCH", 200)
CELERY_BEAT_SCHEDULE_FILENAME = env.text("BEAT_SCHEDULE_FILE", str(BASE_DIR / ".run" / "beat"))

# --- people ---------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "bawaslu_cases.accounts.backends.PasswordBackend",
    "bawaslu_cases.accounts.backends.StaffBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/masuk/"
LOGIN_REDIRECT_URL = "/kerja/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/masuk/"
ACCOUNT_ADAPTER = "bawaslu_cases.accounts.adapter.StaffAccountAdapter"
ACCOUNT_FORMS = {
    "login": "bawaslu_cases.accounts.forms.StaffLoginForm",
    "reauthenticate": "bawaslu_cases.accounts.forms.StaffReauthenticateForm",
    "change_password": "bawaslu_cases.accounts.forms.StaffChangePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Notices have no content; without a host none is sent and the desk's own pages say the same.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
EMAIL_MESSAGE_DOMAIN = env.text("EMAIL_MESSAGE_DOMAIN", "kasus.invalid")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"tidak-dibalas@{EMAIL_MESSAGE_DOMAIN}")

# Where staff open the product, such as https://kasus.example.go.id: invitations lead there. Empty: no
# link is mailed, the administrator hands it over.
DESK_ORIGIN = env.text("DESK_ORIGIN", "")
# Time to answer a data subject: 3 x 24 hours (UU 27/2022 ps 32(2); background knowledge, for counsel).
SUBJECT_ANSWER_HOURS = env.number("SUBJECT_ANSWER_HOURS", 72)
# An account nobody signed in with for so long is shut, a week after a notice. Ninety days is the usual
# term for unused accounts and one quarter: whoever works at all signs in within it (working rule).
STAFF_DORMANT_DAYS = env.number("STAFF_DORMANT_DAYS", 90)

# Single sign-on of staff by OpenID Connect (ADR 0046). No issuer: there is none, passwords and second
# factors alone. The secret may come from a file (OIDC_CLIENT_SECRET_FILE). What the provider's token must
# say (``acr`` or ``amr``) for its second factor to count; otherwise ours is asked.
OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.text("OIDC_NAME", "SSO")
OIDC_SECOND_FACTOR_ACR = env.words("OIDC_SECOND_FACTOR_ACR")
OIDC_SECOND_FACTOR_AMR = env.words("OIDC_SECOND_FACTOR_AMR", "mfa")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and DESK_ORIGIN):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and DESK_ORIGIN beside it")

# Hosts of one's own network that referrals may be sent to; every other address must be a public one.
OUTGOING_PRIVATE_HOSTS: frozenset[str] = frozenset(env.words("OUTGOING_PRIVATE_HOSTS"))
# Where the channel "folder" writes; empty: there is none.
REFERRAL_DROP_ROOT = env.text("REFERRAL_DROP_ROOT", "")

ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PRODUCT_NAME
# Staff without a second factor see nothing but the page that sets one up.
MFA_REQUIRED = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-p"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-t"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
# Ends with the browser: nothing of the form may outlive it on a shared phone.
CSRF_COOKIE_AGE = None
# Gone with the browser window: Django's year-long default would tell who opened the form.
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "complaints.web.public.csrf_failure"
REPORTER_COOKIE_NAME = "__Host-l"
REPORTER_COOKIE_SECURE = True

# --- web hardening (protection.md F) --------------------------------------------------------------
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
# Nothing is told to another site. "no-referrer" would also make browsers send "Origin: null" with
# every form of our own, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}
# Where "Keluar cepat" leads: fixed, light, not personalised (ux/experience.md 2.3).
QUICK_EXIT_URL = env.text("QUICK_EXIT_URL", "https://www.google.com/search?q=cuaca")

# --- language, time -------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
# The address decides: /en/… is English where the routes have it (bawaslu_cases/urls.py, ADR 0020).
LANGUAGES = [("id", _("Indonesia")), ("en", _("Inggris"))]
LOCALE_PATHS = [BASE_DIR / "bawaslu_cases" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": EVIDENCE_STORAGE,
    "staticfiles": {"BACKEND": "bawaslu_cases.shared.static_files.StaticFilesStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "bawaslu_cases.shared.api_errors.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Bawaslu Cases API",
    "DESCRIPTION": "For the systems of Bawaslu's offices: send, read and follow what lies in the office's "
    "own region. Access is by OAuth 2.0 client credentials (docs/api.md); figures and rules are public.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "bawaslu_cases.shared.api_document.problems_by_their_type",
        "bawaslu_cases.accounts.api.examples.named_bodies",
    ],
}

# --- API clients (ADR 0041) -------------------------------------------------------------------------
# The models must be named outside the dictionary: the library's migrations read them there.
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 -- the name of a model
OAUTH2_PROVIDER = {
    # Client credentials, and no other grant.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_BACKEND_CLASS": "bawaslu_cases.accounts.oauth.ClientBackend",
    "OAUTH2_VALIDATOR_CLASS": "bawaslu_cases.accounts.oauth.ClientValidator",
    "SCOPES_BACKEND_CLASS": "bawaslu_cases.accounts.oauth.ClientScopes",
    "ACCESS_TOKEN_GENERATOR": "bawaslu_cases.accounts.oauth.new_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": env.number("API_TOKEN_SECONDS", 600),
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            *("IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT"),
            *("AUTHZ_RESPONSE_ISS", "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_SCHEME"),
            *("REDIRECT_URI_MATCHING", "PKCE_REQUIRED"),
        )
    },
}
# Our token refers to no refresh token: the circle that the check warns of is not there.
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W011"]
# Calls a minute of each client where its own row names no other number, and tokens a minute.
API_CALLS_A_MINUTE = env.number("API_CALLS_A_MINUTE", 600)
API_TOKENS_A_MINUTE = env.number("API_TOKENS_A_MINUTE", 30)
# What a process lets a client do in a minute while Valkey does not answer.
API_CALLS_WITHOUT_VALKEY = env.number("API_CALLS_WITHOUT_VALKEY", 60)
# How long a rotated secret or key stays good beside the new one, at most.
API_OVERLAP_DAYS = env.number("API_OVERLAP_DAYS", 14)
# Days that the call log and answers kept for a repeated request are kept.
API_CALLS_KEPT_DAYS = env.number("API_CALLS_KEPT_DAYS", 180)
API_ANSWERS_KEPT_DAYS = env.number("API_ANSWERS_KEPT_DAYS", 14)
# A webhook whose address took nothing for so long is turned off; its client turns it on again.
WEBHOOK_DISABLED_AFTER_DAYS = env.number("WEBHOOK_DISABLED_AFTER_DAYS", 5)

# --- logging: event codes and ids only. No path, no query, no address, no exception text ------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "bawaslu_cases.shared.logging.AllowListFormatter"},
        "json": {"()": "bawaslu_cases.shared.logging.JsonLinesFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT", "text", "json"),
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "django.server": {"level": "ERROR"},
        # One line for every task that went well would bury the ones that did not.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "bawaslu_cases.shared.logging.BlindExceptionReporterFilter"

# Before a case is shown to somebody for the first time they say that no tie keeps them away (ADR 0049).
CASE_STATEMENTS = env.flag("CASE_STATEMENTS", default=True)

# Cost of one receipt guess: Argon2id t=3, 64 MiB (protection.md B.3).
RECEIPT_ARGON2 = {"time_cost": 3, "memory_cost_kib": 65536}
# Receipts each web process makes ahead of need, in memory alone (ADR 0012). 0 makes none.
RECEIPT_POOL_SIZE = env.number("RECEIPT_POOL_SIZE", 500)
# How long a process keeps answers of the registry in memory (registry/remembered.py). 0 keeps none.
REGISTRY_KEPT_SECONDS = env.number("REGISTRY_KEPT_SECONDS", 60)
# True only in the demo world: pages then say that people and places are invented.
DEMO = False
# Where the demo's invented people keep their keys; only ./up sets it, and only for its own folder.
VAULT_DEMO_FOLDER = ""
