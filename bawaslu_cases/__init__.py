"""Composition root and the foundation that both domain apps stand on."""

from bawaslu_cases.celery import app as celery_app

__all__ = ["celery_app"]
