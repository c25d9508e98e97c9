"""A form half filled in: which page comes next, what was typed, and the facts it amounts to.

What is kept is what was typed, page by page, not what it was read as; reading it again when it is
sent gives one place where answers are judged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import Region
from complaints.models import SealedIdentity
from complaints.selectors.intake import agencies_named, offices_near, regency, social_media_acts
from complaints.services.drafts import Submission
from complaints.services.intake import Facts, ReportedPerson, SealedName
from complaints.states import REPORT_LANES, Lane
from complaints.vault.crypto.sealing import SealedIdentityBlob
from complaints.web.forms_intake import (
    MAX_LINKS,
    MAX_PEOPLE,
    NIP_DIGITS,
    ActsForm,
    LinksForm,
    MediaForm,
    PeopleForm,
    StepForm,
    StoryForm,
    WhoForm,
    WitnessForm,
)
from complaints.web.forms_intake_name import LaneForm, UnitsForm
from complaints.web.forms_intake_when import WhenForm
from complaints.web.intake_leaks import Trace, traces_in

CHECK, IDENTITY, LINKS = "check", "identity", "links"
STEPS_SHOWN = 8
MAX_TYPED = 20_000
"""Characters kept of one answer: enough to tell a long story by how much it is too long."""

AnyForm = StepForm | PeopleForm
_LANES = frozenset({Lane.TIP, Lane.SEALED, Lane.OPEN})
_NOT_ANSWERS = frozenset({"csrfmiddlewaretoken", "do", "step", "upload", "whole"})


class IncompleteDraftError(Exception):
    """A page is missing or no longer right; ``step`` is its key. Nothing was sent."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


@dataclass
class Draft:
    """The form so far. ``said_at`` is when each page was answered, ``done`` which are complete.

    ``report`` is the id the record will have: a name is sealed for it. ``name`` is that sealed name
    and what it was sealed for; the plain one is nowhere. ``name_gone`` says why it has to be given
    again. ``must_prove``: putting it aside has to bring a proof, because many do it at once.
    ``files`` are what services/uploads.py holds of files, ``not_taken`` names and refusal codes of those
    that the last page brought and that are not there.
    """

    began_at: str
    report: str = field(default_factory=lambda: uuid4().hex)
    at: str = "who"
    typed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    said_at: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    refused: bool = False
    reached_check: bool = False
    paused: bool = False
    name: dict[str, Any] | None = None
    name_gone: str = ""
    must_prove: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    not_taken: list[list[str]] = field(default_factory=list)

    @property
    def lane(self) -> Lane | None:
        """The lane chosen, None before."""
        said = self.values("lane").get("lane", "")
        return Lane(said) if said in _LANES else None

    @property
    def needs_name(self) -> bool:
        """Whether the lane chosen asks for a name."""
        return self.lane in REPORT_LANES

    @property
    def region_code(self) -> str:
        """Where it happened, "" before that is said."""
        return str(self.values("when").get("region", ""))

    @property
    def keep_from(self) -> list[int]:
        """The offices that must not see the report, as they were ticked."""
        if not self.values("when").get("keeps_away"):
            return []
        ticked = self.values("units").getlist("units")
        return sorted({int(each) for each in ticked if each.isascii() and each.isdigit()})

    def is_done(self, step: str) -> bool:
        """Whether a page needs no more answer."""
        return self.name is not None if step == IDENTITY else step in self.done

    def keep_name(self, name: SealedName, *, nik_is_odd: bool = False) -> None:
        """Keep a sealed name and what it was sealed for; of a wrong NIK only that it is wrong."""
        self.name = {
            "blob": name.blob.to_json(),
            "mode": str(name.mode),
            "card_key": name.card_key.hex() if name.card_key else "",
            "for": [self.lane, self.region_code, self.keep_from],
            "nik_is_odd": nik_is_odd,
        }
        self.name_gone = ""

    def drop_moved_name(self) -> None:
        """Forget a name that was sealed for another lane, place or circle of offices."""
        if self.name is None:
            return
        lane, region, keep_from = self.name["for"]
        if lane != self.lane:
            self.name, self.name_gone = None, "lane"
        elif region != self.region_code:
            self.name, self.name_gone = None, "place"
        elif keep_from != self.keep_from:
            self.name, self.name_gone = None, "units"

    def values(self, step: str) -> QueryDict:
        """Return what was typed on a page, in the shape a form reads."""
        data = QueryDict(mutable=True)
        for name, values in self.typed.get(step, {}).items():
            data.setlist(name, values)
        return data

    def keep(self, step: str, posted: QueryDict, *, at: datetime) -> None:
        """Keep what was typed on a page, right or wrong; a changed page counts as undone."""
        typed = {
            name: [value[:MAX_TYPED] for value in posted.getlist(name)]
            for name in list(posted)[:60]
            if name not in _NOT_ANSWERS
        }
        if typed != self.typed.get(step) and step in self.done:
            self.done.remove(step)
        if step not in self.done:
            self.said_at[step] = at.isoformat()
        self.typed[step] = typed

    def count(self, step: str, *, most: int) -> int:
        """Return how many blocks a page shows."""
        number = self.values(step).get("count", "1")
        return min(max(int(number), 1), most) if number.isdigit() and len(number) < 3 else 1  # noqa: PLR2004


@dataclass(frozen=True)
class Step:
    """One page: its key, the number people see, what it is about, and when it is asked."""

    key: str
    number: int
    topic: str | Promise
    form: type[AnyForm] | None = None
    applies: Callable[[Draft], bool] = lambda _draft: True


def _uses_social_media(draft: Draft) -> bool:
    return bool(social_media_acts() & set(draft.values("acts").getlist("acts")))


def traces_to_ask(draft: Draft) -> list[Trace]:
    """Return the traces of the story that its writer has not been asked about yet."""
    accepted = set(draft.typed.get("leak", {}).get("accepted", []))
    traces = traces_in(draft.values("story").get("story", ""))
    return [trace for trace in traces if trace.key not in accepted]


STEPS = (
    Step("who", 1, _("Tentang Anda"), WhoForm),
    Step("lane", 2, _("Perlindungan Anda"), LaneForm),
    Step("acts", 3, _("Perbuatannya"), ActsForm),
    Step("media", 3, _("Perbuatannya"), MediaForm, _uses_social_media),
    Step("people", 4, _("Orangnya"), PeopleForm),
    Step("when", 5, _("Waktu dan tempat"), WhenForm),
    Step(
        "units",
        5,
        _("Waktu dan tempat"),
        UnitsForm,
        lambda draft: bool(draft.values("when").get("keeps_away")),
    ),
    Step("story", 6, _("Ceritanya"), StoryForm),
    Step("leak", 6, _("Ceritanya"), None, lambda draft: bool(traces_to_ask(draft))),
    Step("links", 7, _("Buktinya"), LinksForm),
    Step("witness", 8, _("Saksi"), WitnessForm),
    # Last: until then nothing of the reporter exists, whatever happens to the page or the phone.
    Step(IDENTITY, 8, _("Nama Anda"), None, lambda draft: draft.needs_name),
    Step(CHECK, 8, _("Periksa")),
)
BY_KEY: Mapping[str, Step] = {step.key: step for step in STEPS}


def form_of(draft: Draft, step: str, *, at: datetime, bound: bool) -> Any:
    """Return the page's form: bound to judge what was typed, or only showing it again."""
    kind = BY_KEY[step].form
    if kind is None:
        return None
    said_at = datetime.fromisoformat(draft.said_at[step]) if step in draft.said_at else at
    data = draft.values(step)
    extra: dict[str, Any] = {}
    if kind is PeopleForm:
        extra = {"count": draft.count(step, most=MAX_PEOPLE)}
    elif kind is LinksForm:
        extra = {
            "count": draft.count(step, most=MAX_LINKS),
            "held": draft.files,
            "not_taken": draft.not_taken,
        }
    elif kind is UnitsForm:
        place = region_of(draft)
        extra = {"offices": offices_near(place) if place else []}
    elif kind is WhenForm and not bound:
        extra = {"initial": {name: data.get(name) for name in ("province", "region")}}
    if bound:
        return kind(data, at=said_at, **extra)
    empty = kind(at=said_at, **extra)
    if step in draft.typed:
        forms = empty.persons if isinstance(empty, PeopleForm) else [empty]
        for form in forms:
            form.initial = {
                name: form_field.widget.value_from_datadict(data, {}, form.add_prefix(name))
                for name, form_field in form.fields.items()
            }
    return empty


def region_of(draft: Draft) -> Region | None:
    """Return where it happened, None before that is said. One query."""
    return regency(draft.region_code) if draft.region_code else None


def step_after(draft: Draft, step: str) -> str:
    """Return the next page that is asked; once the check was reached, the next undone one."""
    keys = [each.key for each in STEPS]
    for each in STEPS[keys.index(step) + 1 :]:
        if each.key == CHECK or (draft.reached_check and draft.is_done(each.key)):
            continue
        if each.applies(draft):
            return each.key
    return first_undone(draft)


def step_before(draft: Draft, step: str) -> str | None:
    """Return the page before, or None before the first."""
    keys = [each.key for each in STEPS]
    for each in reversed(STEPS[: keys.index(step)]):
        if each.key != "leak" and each.applies(draft):
            return each.key
    return None


def first_undone(draft: Draft) -> str:
    """Return the first page that still has to be answered, else the check."""
    for each in STEPS:
        if each.key != CHECK and not draft.is_done(each.key) and each.applies(draft):
            return each.key
    return CHECK


def submission_of(stored: Mapping[str, Any], *, at: datetime) -> Submission:
    """Judge every page anew and return what is sent.

    Raises IncompleteDraftError for the first page that is missing or refused. About seven queries.
    """
    draft = Draft(**stored)
    read = read_forms(draft, at=at)
    lane, units = Lane(read["lane"].cleaned_data["lane"]), read["units"]
    return Submission(
        facts=_facts(read, at=at),
        lane=lane,
        keep_from=units.cleaned_data["units"] if units else (),
        public_id=UUID(draft.report),
        name=sealed_name(draft) if lane in REPORT_LANES else None,
    )


def sealed_name(draft: Draft) -> SealedName | None:
    """Return the name as it lies in the draft, sealed."""
    if draft.name is None:
        return None
    return SealedName(
        SealedIdentityBlob.from_json(draft.name["blob"]),
        SealedIdentity.Mode(draft.name["mode"]),
        # Drafts that were begun under the release before have none.
        bytes.fromhex(draft.name.get("card_key", "")) or None,
    )


def _facts(read: Mapping[str, Any], *, at: datetime) -> Facts:
    who, acts, media = read["who"].cleaned_data, read["acts"].cleaned_data, read["media"]
    people: PeopleForm = read["people"]
    when: WhenForm = read["when"]
    witness = read["witness"].cleaned_data
    agencies = agencies_named([person["agency"] for person in people.known], on=at.date())
    links = ([media.cleaned_data["link"]] if media else []) + read["links"].links
    assert when.regency is not None  # noqa: S101 -- judged above
    return Facts(
        acts=acts["acts"],
        people=[
            ReportedPerson(
                name=person["name"],
                position=person["position"],
                agency=agencies.get(person["agency"]),
                agency_text=person["agency"],
                account=person["account"],
                nip=person["nip"].replace(" ", "")[:NIP_DIGITS],
            )
            for person in people.known
        ],
        region=when.regency,
        story=read["story"].cleaned_data["story"],
        event_on=when.event_day,
        event_precision=when.precision,
        known_on=when.known_day,
        place=when.cleaned_data["place"],
        platform=_platform(media),
        links=list(dict.fromkeys(link for link in links if link)),
        other_act=acts["other_act"],
        witness=_witness(witness),
        has_files=read["links"].cleaned_data["has_files"],
        reporter_kind=reporter_kind(who),
    )


def read_forms(draft: Draft, *, at: datetime) -> dict[str, Any]:
    """Return page → judged form, None for a page that is not asked.

    Raises IncompleteDraftError for the first page that is missing or refused. Four queries.
    """
    read = {step.key: _judged(draft, step, at=at) for step in STEPS if step.form}
    if draft.needs_name and draft.name is None:
        raise IncompleteDraftError(IDENTITY)
    return read


def _judged(draft: Draft, step: Step, *, at: datetime) -> Any:
    if not step.applies(draft):
        return None
    form = form_of(draft, step.key, at=at, bound=True)
    if step.key not in draft.typed or not is_answered(form):
        raise IncompleteDraftError(step.key)
    return form


def is_answered(form: Any) -> bool:
    """Say whether a judged page is right and asks nothing more."""
    return bool(form.is_valid()) and not getattr(form, "asks_more", False)


def reporter_kind(who: Mapping[str, str]) -> str:
    """Return the category a reporter put themselves in."""
    if who["kind"] != "asn":
        return who["kind"]
    return {"yes": "asn_same", "no": "asn_other"}.get(who["same_agency"], "asn")


def _platform(media: MediaForm | None) -> str:
    said = media.cleaned_data["platform"] if media else ""
    return "" if said == "unknown" else str(said)


def _witness(said: Mapping[str, str]) -> str:
    """Return what the officer reads about witnesses; sealed with the story."""
    match said["witness"]:
        case "yes":
            return said["contact"]
        case "silent":
            return "Ada, tetapi jangan dihubungi"
        case _:
            return ""
