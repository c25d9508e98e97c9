"""The product as a server runs it: production settings, restricted web role, gunicorn, no demo."""

import base64
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bawaslu_cases.embedded.postgres import Postgres
from bawaslu_cases.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "bawaslu_cases"
WEB_ROLE = "bc_web"
PORT = int(os.environ.get("BENCH_PORT", "8765"))
START_SECONDS = 60

SERVER_SETTINGS = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
}
"""What a small server is given; durability stays as PostgreSQL ships it."""


@dataclass
class Product:
    """The servers and the environments of owner and web."""

    postgres: Postgres
    owner: dict[str, str]
    web: dict[str, str]
    gunicorn: "subprocess.Popen[bytes] | None" = None
    port: int = PORT
    root: Path = ROOT

    def manage(self, *arguments: str) -> None:
        """Run a management command as the owner; raises CalledProcessError."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env=self.owner,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def bring_up_to_date(self) -> None:
        """Do what a release does before its first request: migrate, grant, load, collect."""
        # Files each time: pages of today would miss some in a kept folder of yesterday.
        self.manage("set_up", "migrate", "grant_roles", "load_registry", "collectstatic")

    def module(self, name: str, *arguments: str, stdin: str = "") -> str:
        """Run a module as the owner; return what it printed. Raises CalledProcessError."""
        return subprocess.run(
            [sys.executable, "-m", name, *arguments],
            cwd=self.root,
            env=self.owner,
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def show(self, name: str, *arguments: str) -> None:
        """Run a module as the owner that prints its figures itself. Raises CalledProcessError."""
        subprocess.run(
            [sys.executable, "-m", name, *arguments], cwd=self.root, env=self.owner, check=True
        )

    def start_web(self, **environment: str) -> float:
        """Start gunicorn, with ``environment`` added to the web's; return when it was started."""
        began = time.perf_counter()
        self.gunicorn = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "bawaslu_cases.wsgi:application"),
                *("--config", "python:bawaslu_cases.web_server"),
                *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
                *("--workers", "2", "--threads", "8", "--log-level", "warning"),
                *("--keep-alive", "75", "--no-control-socket"),
            ],
            cwd=self.root,
            env=self.web | environment,
        )
        return began

    def stop_web(self) -> None:
        """Stop gunicorn and its workers."""
        if self.gunicorn and self.gunicorn.poll() is None:
            self.gunicorn.send_signal(signal.SIGTERM)
            try:
                self.gunicorn.wait(20)
            except subprocess.TimeoutExpired:
                self.gunicorn.kill()
                self.gunicorn.wait(10)
        self.gunicorn = None

    def web_process(self) -> int:
        """Return the process id of gunicorn."""
        return self.gunicorn.pid if self.gunicorn else 0

    def database_process(self) -> int:
        """Return the process id of PostgreSQL."""
        return self.postgres.process.pid if self.postgres.process else 0

    def web_workers(self) -> list[int]:
        """Return the process ids of gunicorn's workers."""
        if self.gunicorn is None:
            return []
        children = Path(f"/proc/{self.gunicorn.pid}/task/{self.gunicorn.pid}/children")
        return [int(pid) for pid in children.read_text(encoding="ascii").split()]


@contextlib.contextmanager
def running_product(
    folder: Path | None = None,
    *,
    root: Path = ROOT,
    port: int = PORT,
    server_settings: Mapping[str, str] = SERVER_SETTINGS,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Product]:
    """Start PostgreSQL and Valkey in a folder of their own, migrate, load the reference data.

    ``root`` is the checkout whose code runs: another one for a release before this. ``port`` is the web's.
    ``environment`` is added to the owner's and the web's.
    """
    base = folder or Path(tempfile.mkdtemp(prefix="bc-bench-"))
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o755)
    postgres = Postgres(base / "postgres")
    valkey = Valkey(base / "valkey", throwaway=True)
    product: Product | None = None
    try:
        postgres.start()
        if server_settings:
            for name, value in server_settings.items():
                postgres.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            postgres.stop()
            postgres = Postgres(base / "postgres")
            postgres.start()
        valkey.start()
        product = _prepared(
            base, postgres, valkey, root=root, port=port, environment=environment or {}
        )
        yield product
    finally:
        if product:
            product.stop_web()
        valkey.stop()
        postgres.stop()
        if folder is None:
            shutil.rmtree(base, ignore_errors=True)


def _test_root() -> str:
    """Return the public half of the root that tests/support/vault.py signs keys with."""
    root = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"root of the tests").digest())
    return base64.b64encode(root.public_key().public_bytes_raw()).decode()


def _prepared(
    base: Path,
    postgres: Postgres,
    valkey: Valkey,
    *,
    root: Path,
    port: int,
    environment: Mapping[str, str],
) -> Product:
    postgres.ensure_databases()
    password = secrets.token_urlsafe(18)
    postgres.ensure_role(WEB_ROLE, password)
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATA_KEYRING": "bench1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "RECEIPT_PEPPER": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    kept = base / "keys"
    if kept.exists():
        keys = dict(line.split("=", 1) for line in kept.read_text(encoding="ascii").splitlines())
    else:
        kept.write_text("\n".join(f"{k}={v}" for k, v in keys.items()), encoding="ascii")
    (base / "media").mkdir(exist_ok=True)
    owner = {
        **os.environ,
        **keys,
        "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.base",
        "ALLOWED_HOSTS": "localhost",
        "CSRF_TRUSTED_ORIGINS": "https://localhost",
        "SECURE_SSL_REDIRECT": "0",
        **postgres.urls(),
        "REDIS_URL": valkey.url(1),
        "CACHE_URL": valkey.url(1),
        "BROKER_URL": valkey.broker_url(0),
        "MEDIA_ROOT": str(base / "media"),
        "STATIC_ROOT": str(base / "static"),
        "WEB_ROLE": WEB_ROLE,
        "VAULT_ROOT_PUBLIC_KEY": _test_root(),
        "LOG_LEVEL": "WARNING",
        # Asked once for each person and case; what is measured are the pages behind it.
        "CASE_STATEMENTS": "0",
        **environment,
    }
    web = owner | postgres.urls(user=WEB_ROLE, password=password)
    product = Product(postgres, owner, web, port=port, root=root)
    product.bring_up_to_date()
    return product
