"""The command line. Secrets are asked for or read with ``--secrets-fd``, never given as arguments."""

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bawaslu_api import (
    AccessError,
    AnswerError,
    ApiError,
    LineError,
    Patience,
    ProblemError,
    QuotaError,
    Trust,
)
from bawaslu_api.sealing import VaultError
from bawaslu_sync.account import account_of, api_of, keep_account
from bawaslu_sync.errors import SyncError, UsageError
from bawaslu_sync.exits import Exit
from bawaslu_sync.lockbox import Secret
from bawaslu_sync.pulling import KINDS, Pulled, Puller
from bawaslu_sync.pushing import Pusher
from bawaslu_sync.queue import Queue, read_json
from bawaslu_sync.secrets import SecretSource
from bawaslu_sync.showing import ProgressBar, as_json, lines_of
from bawaslu_sync.store import Store
from bawaslu_sync.watching import Stop, watch
from bawaslu_sync.words import LANGUAGES, say, speak

FOLDER = "~/.bawaslu-sync"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    asked = _parser().parse_args(arguments)
    speak(asked.lang)
    try:
        return int(asked.do(asked))
    except SyncError as error:
        _complain(str(error))
        return int(error.exit)
    except ApiError as error:
        return int(_told(error))
    except KeyboardInterrupt:
        _complain(say("Berhenti."))
        return int(Exit.WAITING)


# --- commands --------------------------------------------------------------------------------------


def _login(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        store = _opened(asked, stack, is_new=not Store.is_there(asked.folder))
        secrets: SecretSource = asked.secrets
        named = {"url": asked.server, "client_id": asked.client, "ca_file": str(asked.ca or "")}
        if asked.key:
            password = secrets.ask(say("Kata sandi kunci")) if asked.key_password else ""
            keep_account(store, **named, key=asked.key, key_password=password)
        else:
            keep_account(store, **named, secret=secrets.ask(say("Kata rahasia klien")))
        if asked.trust:
            _keep_trust(store, asked.trust)
        api = api_of(store, language=asked.lang, patience=_patience(asked))
        stack.callback(api.close)
        try:
            me = api.me()
        except LineError as error:
            _show(say("Disimpan. Server belum dapat dihubungi: {why}", why=error))
            return Exit.WAITING
        with store.together():
            told = {"name": me.name, "office": me.office.name, "until": str(me.expires_at.date())}
            store.put("me", told)
        _show(say("Terhubung: {name}, kantor {office}, berlaku sampai {until}.", **told))
    return Exit.DONE


def _pull(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        store = _opened(asked, stack)
        stack.enter_context(store.alone("pull"))
        api = api_of(store, language=asked.lang, patience=_patience(asked))
        stack.callback(api.close)
        bar: tqdm[Any] = tqdm(desc=say("Menarik"), disable=None, file=sys.stderr, leave=False)
        stack.callback(bar.close)

        def told(pulled: Pulled) -> None:
            bar.update(pulled.kept + pulled.removed - bar.n)

        done = Puller(api, store, clock=_now, told=told).run()
    if done.began_anew:
        _show(say("Server meminta mulai dari awal; cermin disusun ulang."))
    _show(
        say(
            "Cermin diperbarui: {kept} catatan, {removed} dihapus.",
            kept=done.kept,
            removed=done.removed,
        )
    )
    return Exit.DONE


def _push(asked: argparse.Namespace, may_go_on: Callable[[], bool] = lambda: True) -> Exit:
    with ExitStack() as stack:
        store = _opened(asked, stack)
        stack.enter_context(store.alone("push"))
        queue = Queue(store)
        waiting = sum(item.state == "waiting" for item in queue.items())
        bar = ProgressBar(waiting)
        stack.callback(bar.close)
        api = api_of(store, language=asked.lang, patience=_patience(asked))
        stack.callback(api.close)
        done = Pusher(api, store, bar, clock=_now).run(may_go_on=may_go_on)
        items = queue.items()
    waiting = sum(item.state == "waiting" for item in items)
    parked = sum(item.state == "parked" for item in items)
    for item in items:
        if item.state == "parked" or item.receipt:
            _show(*lines_of(item, items))
    _show(
        say(
            "Terkirim {sent}, perlu diperbaiki {parked}, menunggu {waiting}.",
            sent=done.sent,
            parked=parked,
            waiting=waiting,
        )
    )
    if done.stopped_by is not None:
        return _told(done.stopped_by)
    if parked:
        return Exit.PARKED
    return Exit.WAITING if waiting else Exit.DONE


def _watch(asked: argparse.Namespace) -> Exit:
    stop = Stop()
    stop.listen()
    # Asked once: the next rounds open the store with what was given.
    asked.kept_secret = _secret(asked)

    def once() -> Exit:
        worst = Exit.DONE
        steps: tuple[Callable[[], Exit], ...] = (
            lambda: _push(asked, lambda: not stop.is_asked),
            lambda: _pull(asked),
        )
        for step in steps:
            if stop.is_asked:
                break
            try:
                ended = step()
            except ApiError as error:
                ended = _told(error)
            except SyncError as error:
                _complain(str(error))
                ended = error.exit
            worst = max(worst, ended)
        return worst

    return watch(once, stop, every_s=asked.every)


def _status(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        store = _opened(asked, stack)
        account, me = account_of(store), store.get("me")
        _show(
            say("Server: {url}, klien {client}.", url=account["url"], client=account["client_id"])
        )
        if me:
            _show(say("Terhubung: {name}, kantor {office}, berlaku sampai {until}.", **me))
        pulled_at = store.get("pulled_at")
        if pulled_at:
            counts = ", ".join(f"{kind} {store.mirror_count(kind)}" for kind in KINDS)
            _show(say("Cermin: {counts}. Diperbarui {at}.", counts=counts, at=pulled_at[:16]))
        else:
            _show(say("Cermin belum pernah diperbarui: bawaslu-sync pull"))
        items = Queue(store).items()
        for item in items:
            if item.state in ("waiting", "parked") or item.receipt:
                _show(*lines_of(item, items))
    if any(item.state == "parked" for item in items):
        return Exit.PARKED
    if any(item.state == "waiting" for item in items):
        return Exit.WAITING
    return Exit.DONE


def _list(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        for record in _opened(asked, stack).mirrored(asked.kind):
            _show(as_json(record))
    return Exit.DONE


def _show_record(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        record = _opened(asked, stack).mirror_one(asked.kind, asked.id)
    if record is None:
        raise UsageError(say("Catatan tidak ada di cermin."))
    _show(as_json(record))
    return Exit.DONE


def _receipt(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        queue = Queue(_opened(asked, stack))
        item = queue.item(asked.number)
        if not item.receipt:
            raise UsageError(say("Butir {n} tidak menyimpan tanda terima.", n=item.number))
        if asked.handed:
            queue.hand_over(item.number)
            _show(say("Tanda terima butir {n} dihapus dari simpanan.", n=item.number))
        else:
            _show(item.receipt)
            _show(
                say(
                    "Serahkan kepada pelapor, lalu: bawaslu-sync receipt {n} --handed",
                    n=item.number,
                )
            )
    return Exit.DONE


def _queue_add(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        queue = Queue(_opened(asked, stack))
        if asked.kind == "evidence":
            if not asked.to:
                raise UsageError(say("Sebut nomor butir atau ID laporan."))
            try:
                file = stack.enter_context(Path(asked.file).open("rb"))
            except OSError as error:
                raise UsageError(
                    say("Berkas {file} tidak dapat dibaca.", file=asked.file)
                ) from error
            item = queue.add_evidence(
                file, name=asked.name or Path(asked.file).name, to=asked.to, at=_now()
            )
        elif asked.kind == "finding":
            item = queue.add_finding(_given(asked.file), at=_now())
        else:
            item = queue.add_complaint(_given(asked.file), at=_now())
        _show(say("Butir {n} masuk antrean.", n=item.number))
    return Exit.DONE


def _queue_list(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        items = Queue(_opened(asked, stack)).items()
    if not items:
        _show(say("Antrean kosong."))
    for item in items:
        if asked.all or item.state not in ("sent", "dropped") or item.receipt:
            _show(*lines_of(item, items))
    return Exit.DONE


def _queue_show(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        item = Queue(_opened(asked, stack)).item(asked.number)
    told = item.body | ({"identity": item.name} if item.name else {})
    _show(as_json(told or item.file or item.answer), *lines_of(item))
    return Exit.DONE


def _queue_edit(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        Queue(_opened(asked, stack)).edit(asked.number, _given(asked.file))
        _show(say("Butir {n} menunggu dikirim lagi.", n=asked.number))
    return Exit.DONE


def _queue_retry(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        Queue(_opened(asked, stack)).retry(asked.number)
        _show(say("Butir {n} menunggu dikirim lagi.", n=asked.number))
    return Exit.DONE


def _queue_drop(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        Queue(_opened(asked, stack)).drop(asked.number)
        _show(say("Butir {n} sudah dibuang.", n=asked.number))
    return Exit.DONE


def _queue_settle(asked: argparse.Namespace) -> Exit:
    with ExitStack() as stack:
        queue = Queue(_opened(asked, stack))
        queue.settle_unsure(asked.number, is_there=asked.answer == "there")
        _show(say("Butir {n} selesai.", n=asked.number))
    return Exit.DONE


# --- what they share -------------------------------------------------------------------------------


def _opened(asked: argparse.Namespace, stack: ExitStack, *, is_new: bool = False) -> Store:
    if not is_new and not Store.is_there(asked.folder):
        raise UsageError(say("Belum ada simpanan di map ini. Mulai dengan: bawaslu-sync login"))
    secret = getattr(asked, "kept_secret", None) or _secret(asked, is_new=is_new)
    store = (Store.create if is_new else Store.open)(asked.folder, secret)
    stack.callback(store.close)
    return store


def _secret(asked: argparse.Namespace, *, is_new: bool = False) -> Secret:
    if asked.store_key:
        try:
            return Secret.key_file(asked.store_key.read_bytes())
        except OSError as error:
            raise UsageError(
                say("Berkas {file} tidak dapat dibaca.", file=asked.store_key)
            ) from error
    again = say("Kata sandi simpanan (ulangi)") if is_new else ""
    return Secret.passphrase(asked.secrets.ask(say("Kata sandi simpanan"), again=again))


def _keep_trust(store: Store, path: Path) -> None:
    try:
        trust = Trust.read(path)
    except (VaultError, OSError) as error:
        raise UsageError(say("Berkas kepercayaan tidak dapat dibaca.")) from error
    with store.together():
        store.put("trust", trust.to_json())


def _given(file: str) -> object:
    """Return what a file, or "-" the standard input, says."""
    try:
        return read_json(sys.stdin.read() if file == "-" else Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(say("Berkas {file} tidak dapat dibaca.", file=file)) from error


def _told(error: Exception) -> Exit:
    """Say why the server was not reached or did not take us, and return the exit code for it."""
    if isinstance(error, AccessError):
        _complain(say("Server menolak klien ini: {detail}", detail=error.detail or error.code))
        return Exit.ACCESS
    if isinstance(error, QuotaError):
        seconds = round(error.retry_after or 60)
        _complain(say("Kuota menit ini habis; coba lagi dalam {seconds} detik.", seconds=seconds))
        return Exit.WAITING
    if isinstance(error, ProblemError) and error.status >= 500:  # noqa: PLR2004 -- a server's failure
        _complain(say("Server sedang bermasalah ({status}); coba lagi nanti.", status=error.status))
        return Exit.WAITING
    if isinstance(error, LineError):
        _complain(say("Sambungan terputus; yang menunggu dikirim pada jalan berikutnya."))
        return Exit.WAITING
    if isinstance(error, AnswerError):
        _complain(say("Jawaban server tidak dipahami; perbarui bawaslu-sync."))
        return Exit.REFUSED
    _complain(str(error))
    return Exit.REFUSED


def _patience(asked: argparse.Namespace) -> Patience:
    return Patience(tries=asked.tries, first_s=asked.wait)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _show(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def _complain(line: str) -> None:
    sys.stderr.write(f"bawaslu-sync: {line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bawaslu-sync", description="docs/sync.md")
    folder = Path(os.environ.get("BAWASLU_SYNC_FOLDER", FOLDER)).expanduser()
    parser.add_argument("--folder", type=Path, default=folder, help=FOLDER)
    parser.add_argument("--lang", choices=LANGUAGES, default="id")
    parser.add_argument("--store-key", type=Path, help="key file instead of a passphrase")
    parser.add_argument("--tries", type=int, default=8, help="how often a request is tried")
    parser.add_argument("--wait", type=float, default=0.5, help="seconds after the first failure")
    parser.add_argument(
        "--secrets-fd", type=_source, default=SecretSource(), dest="secrets", metavar="N"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    login = commands.add_parser("login")
    login.add_argument("--server", required=True, help="https://NAME")
    login.add_argument("--client", required=True, help="client_id")
    login.add_argument("--key", type=Path, help="PEM of the client's own key, instead of a secret")
    login.add_argument("--key-password", action="store_true", help="the PEM has a passphrase")
    login.add_argument("--trust", type=Path, help="trust.json: the pinned root (docs/vaultctl.md)")
    login.add_argument("--ca", type=Path, help="certificates to trust instead of the system's")
    login.set_defaults(do=_login)

    for name, do in (("pull", _pull), ("push", _push), ("status", _status)):
        commands.add_parser(name).set_defaults(do=do)
    watching = commands.add_parser("watch")
    watching.add_argument("--every", type=float, default=60.0, help="seconds")
    watching.set_defaults(do=_watch)
    listing = commands.add_parser("list")
    listing.add_argument("kind", choices=KINDS)
    listing.set_defaults(do=_list)
    showing = commands.add_parser("show")
    showing.add_argument("kind", choices=KINDS)
    showing.add_argument("id")
    showing.set_defaults(do=_show_record)
    receipt = commands.add_parser("receipt")
    receipt.add_argument("number", type=int)
    receipt.add_argument("--handed", action="store_true", help="forget it: its reporter has it")
    receipt.set_defaults(do=_receipt)
    _queue_parser(commands.add_parser("queue").add_subparsers(required=True, metavar="WHAT"))
    return parser


def _queue_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = commands.add_parser("add")
    add.add_argument("kind", choices=("complaint", "finding", "evidence"))
    add.add_argument("file", help='"-": standard input (JSON)')
    add.add_argument(
        "--for", dest="to", default="", help="item or complaint ID that evidence is for"
    )
    add.add_argument("--name", default="", help="what the file is called")
    add.set_defaults(do=_queue_add)
    listing = commands.add_parser("list")
    listing.add_argument("--all", action="store_true", help="what is sent or dropped too")
    listing.set_defaults(do=_queue_list)
    edit = commands.add_parser("edit")
    edit.add_argument("number", type=int)
    edit.add_argument("file", help='"-": standard input (JSON)')
    edit.set_defaults(do=_queue_edit)
    for name, do in (("show", _queue_show), ("retry", _queue_retry), ("drop", _queue_drop)):
        parser = commands.add_parser(name)
        parser.add_argument("number", type=int)
        parser.set_defaults(do=do)
    settle = commands.add_parser("settle")
    settle.add_argument("number", type=int)
    settle.add_argument("answer", choices=("there", "missing"))
    settle.set_defaults(do=_queue_settle)


def _source(text: str) -> SecretSource:
    return SecretSource(int(text))
