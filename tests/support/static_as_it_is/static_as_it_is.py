"""Production's settings, of whatever release, whose static files are not compressed."""

from bawaslu_cases.settings.base import *  # noqa: F403

STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "bawaslu_cases.shared.static_files.UncompressedStaticFilesStorage"}
}
