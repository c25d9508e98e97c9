"""A web process that starts while PostgreSQL and Valkey refuse connections still tells the last figures."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bawaslu_cases.world.demo_figures import publish_demo_figures
from referrals.selectors import figures as reads

ROOT = Path(__file__).resolve().parents[3]
READ = """
import django, json
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
told = {}
for path in ("/data", "/en/data", "/data/jawa-tengah", "/data.csv", "/data.json", "/data/umpan.atom"):
    answer = Client().get(path)
    told[path] = [answer.status_code, len(answer.content), "Oktober 2024" in answer.text]
print(json.dumps(told))
"""


@pytest.mark.long
@pytest.mark.django_db
def test_a_new_process_without_any_server(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    publish_demo_figures(datetime(2024, 11, 20, 3, tzinfo=UTC))
    reads.forget()
    reads.keep_last_good()
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": nowhere,
            "KEYRING_DATABASE_URL": nowhere,
            "AUDIT_DATABASE_URL": nowhere,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "CACHE_URL": "redis://127.0.0.1:1/0",
            "MEDIA_ROOT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    reads.forget()
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert {status for status, _, _ in told.values()} == {200}
    assert [path for path, (_, _, through) in told.items() if through] == [
        "/data",
        "/data/jawa-tengah",
        "/data/umpan.atom",
    ]
    assert min(size for _, size, _ in told.values()) > 3_000
