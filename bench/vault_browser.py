"""Measure the vault's browser half: ``python -m bench.vault_browser``. One JSON line each.

Real Chromium under the policy of production, at full speed and slowed six times, as a cheap phone is.
``weight_bytes`` is what a reporter's browser loads to seal a name, compressed with gzip.
"""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bawaslu_cases.settings.test")

from playwright.sync_api import Page, sync_playwright

from tests.support.vault_keys import Custody
from tests.support.vault_modules import run_in, served

CHROMIUM = "/usr/bin/chromium"
SCRIPTS = Path(__file__).resolve().parents[1] / "static" / "js"
OF_THE_REPORTER = (
    "vault/bytes.mjs",
    "vault/hpke.mjs",
    "vault/sealing.mjs",
    "identity_step.mjs",
)
ROUNDS = 200
SLOWDOWNS = (1, 6)
MEASURE = """
  const times = { verify_keys: [], seal: [], passphrase: [] };
  const timed = async (name, work) => {
    const began = performance.now();
    const made = await work();
    times[name].push(performance.now() - began);
    return made;
  };
  let keys;
  for (let at = 0; at < 20; at += 1) {
    keys = await timed("verify_keys", () => sealing.verifyKeys(given.keys, given.root, given.at));
  }
  const identity = { name: "Uji Ukur", address: "Jalan Melati 7".repeat(20) };
  const place = { report: "ab".repeat(16), lane: "sealed", ...keys };
  for (let at = 0; at < given.rounds; at += 1) {
    await timed("seal", () => sealing.sealIdentity(identity, place));
  }
  const argon2 = await import("/static/js/vault/vendor/noble-hashes/argon2.js");
  const cost = { t: 3, m: 65536, p: 1, dkLen: 32, asyncTick: 12 };
  for (let at = 0; at < 3; at += 1) {
    await timed("passphrase", () => argon2.argon2idAsync("sandi", new Uint8Array(16), cost));
  }
  return times;
"""


def main() -> None:
    """Print a line for each operation and speed, and one for the weight."""
    now = datetime.now(UTC).date()
    custody = Custody(now)
    given = {
        "keys": custody.keys(),
        "root": custody.root_pk,
        "at": now.isoformat(),
        "rounds": ROUNDS,
    }
    with served() as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=origin)
        for slowdown in SLOWDOWNS:
            slow(page, slowdown)
            page.goto("/")
            for name, times in run_in(page, MEASURE, **given).items():
                show(name, times, slowdown)
        browser.close()
    files = [gzip.compress((SCRIPTS / name).read_bytes()) for name in OF_THE_REPORTER]
    print(json.dumps({"measure": "vault_browser_weight", "weight_bytes": sum(map(len, files))}))


def slow(page: Page, times: int) -> None:
    """Make the processor look slower to the page."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def show(name: str, times: list[float], slowdown: int) -> None:
    """Print one line; the first is what a reporter waits for."""
    ordered = sorted(times)
    values: dict[str, Any] = {
        "measure": f"vault_browser_{name}",
        "slowdown": slowdown,
        "rounds": len(times),
        "first_ms": round(times[0], 1),
        "p50_ms": round(ordered[len(ordered) // 2], 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
    }
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main()
