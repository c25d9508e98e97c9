"""``manage.py page_manifest URL``: sign what a trusted release serves to reporters (check H20)."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management.base import BaseCommand, CommandError
from django.templatetags.static import static

from bawaslu_cases.audit import notes, pages

SCRIPTS = (".js", ".mjs", ".css")


class Command(BaseCommand):
    """Print the manifest; ``bawaslu_cases/audit/pages.py`` compares a server with it."""

    help = "Sign the digests of the reporters' pages and of every script, as URL serves them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the server that is trusted: the release itself, started locally."""
        parser.add_argument("url")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch, sign, print."""
        try:
            key = notes.private_key(settings.AUDIT_SIGNING_KEY)
        except notes.NoteError as error:
            raise CommandError(str(error)) from error
        names = {
            name
            for finder in get_finders()
            for name, _storage in finder.list([])
            if name.endswith(SCRIPTS)
        }
        found = pages.digests(options["url"], [*pages.PAGES, *map(static, sorted(names))])
        missing = [address for address, digest in found.items() if " " in digest]
        if missing:
            raise CommandError(f"not served: {', '.join(missing)}")
        self.stdout.write(pages.sign_manifest(found, key), ending="")
