"""Links for tests: captured by an officer, their minutes written."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, EvidenceLink, LinkCapture
from complaints.services.captures import Seen, record_capture, write_minutes
from complaints.services.cleaning import clean_evidence
from complaints.services.links import add_link
from tests.support.evidence import photo

POST_URL = "https://www.instagram.com/p/AaBbCcDdEe1/"


def captured(link: EvidenceLink, officer: User, *, at: datetime, clean: bool = True) -> LinkCapture:
    """Return a capture an officer made a minute ago; its safe copy stands unless told otherwise."""
    moment = (at - timedelta(minutes=1)).astimezone(ZoneInfo(link.complaint.office.time_zone))
    capture = record_capture(
        link=link,
        seen=Seen(
            act=LinkCapture.Act.LIKE,
            account="@camat.contoh",
            captured_on=moment.date(),
            captured_time=moment.time(),
            posted_on=moment.date() - timedelta(days=1),
        ),
        content=io.BytesIO(photo()),
        name="tangkapan.jpg",
        officer=officer,
        at=at,
    )
    if clean:
        clean_evidence(subject_id=capture.evidence.public_id.hex, at=at)
        capture.evidence.refresh_from_db()
    return capture


def capture_with_minutes(complaint: Complaint, officer: User, *, at: datetime) -> LinkCapture:
    """Return a capture of a post that the officer found, with its minutes."""
    link = add_link(complaint=complaint, url=POST_URL, officer=officer, at=at)
    capture = captured(link, officer, at=at)
    write_minutes(subject_id=capture.public_id.hex, at=at)
    return capture
