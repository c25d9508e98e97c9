"""The panel "Mirip" of a record: what may tell of the same event, what is related, what is joined."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from complaints.matching.scoring import AGAINST, Match, Reason, Verdict
from complaints.models import Complaint
from complaints.selectors.candidates import candidates
from complaints.selectors.clusters import Cluster, cluster_of, related_to, standing_of
from complaints.states import Lane

REASONS: dict[Reason, str | Promise] = {
    Reason.SAME_NIP: gettext_lazy("NIP sama"),
    Reason.SAME_NAME: gettext_lazy("Nama sama"),
    Reason.CLOSE_NAME: gettext_lazy("Nama mirip"),
    Reason.SAME_ACCOUNT: gettext_lazy("Akun sama"),
    Reason.SAME_POST: gettext_lazy("Unggahan sama"),
    Reason.CLOSE_IMAGE: gettext_lazy("Gambar serupa"),
    Reason.SAME_POSITION: gettext_lazy("Jabatan sama"),
    Reason.SAME_AGENCY: gettext_lazy("Instansi sama"),
    Reason.SAME_PLACE: gettext_lazy("Tempat sama"),
    Reason.SAME_REGION: gettext_lazy("Wilayah sama"),
    Reason.SAME_DAY: gettext_lazy("Hari yang sama"),
    Reason.CLOSE_DAYS: gettext_lazy("Waktu berdekatan"),
    Reason.SAME_ACTS: gettext_lazy("Perbuatan sama"),
    Reason.SAME_WORDS: gettext_lazy("Cerita serupa"),
    Reason.OTHER_NIP: gettext_lazy("NIP berbeda"),
    Reason.OTHER_NAME: gettext_lazy("Nama berbeda"),
    Reason.OTHER_POSITION: gettext_lazy("Jabatan atau unit berbeda"),
    Reason.OTHER_DAY: gettext_lazy("Waktu berjauhan"),
    Reason.OTHER_REGION: gettext_lazy("Wilayah berbeda"),
    Reason.OTHER_ACTS: gettext_lazy("Perbuatan berbeda"),
    Reason.OTHER_CANDIDATE: gettext_lazy("Calon yang disebut berbeda"),
    Reason.SAYS_OTHER: gettext_lazy("Pelapor menyebut ini orang atau peristiwa lain"),
}
VERDICTS: dict[Verdict, tuple[str | Promise, str]] = {
    Verdict.SAME: (gettext_lazy("Mungkin peristiwa yang sama"), "amber"),
    Verdict.RELATED: (gettext_lazy("Mungkin berkaitan"), "blue"),
    Verdict.NONE: (gettext_lazy("Tidak tampak serupa"), ""),
}


def likeness_panel(complaint: Complaint, user: User) -> dict[str, Any]:
    """Return what the panel "Mirip" shows of a record. Eight queries at most, six of a record on its own."""
    standing = standing_of(complaint)
    offered = candidates(complaint=complaint, viewer=user, standing=standing)
    related = related_to(complaint=complaint, viewer=user, standing=standing)
    cluster = cluster_of(complaint=complaint, viewer=user, standing=standing)
    return {
        "offered": [
            {
                **_line(complaint, found.complaint),
                "verdict": VERDICTS[found.match.verdict][0],
                "tone": VERDICTS[found.match.verdict][1],
                "why": ", ".join(reasons_of(found.match)["for"][:3]),
            }
            for found in offered
        ],
        "related": [_line(complaint, row) for row in related],
        "cluster": _cluster(complaint, cluster),
    }


def _line(own: Complaint, row: Complaint) -> dict[str, Any]:
    return {
        "title": row.title,
        "reference": row.reference,
        "lane": row.lane,
        "lane_label": Lane(row.lane).label,
        "href": reverse("desk:likeness", args=[own.public_id, row.public_id]),
    }


def _cluster(own: Complaint, cluster: Cluster | None) -> dict[str, Any] | None:
    if cluster is None:
        return None
    others = [row for row in (cluster.lead, *cluster.members) if row.pk != own.pk]
    return {
        "leads": cluster.lead.pk == own.pk,
        "lead": cluster.lead.reference,
        "lines": [_line(own, row) for row in others],
    }


def reasons_of(match: Match) -> dict[str, list[str]]:
    """Return the reasons in words, what speaks ``for`` one event and what ``against``."""
    return {
        "for": [str(REASONS[reason]) for reason in match.reasons if reason not in AGAINST],
        "against": [str(REASONS[reason]) for reason in match.reasons if reason in AGAINST],
    }
