"""What a regional office's own system may tell: one serializer for each kind of record, field by field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Employment, Office, Region, UnitKind
from bawaslu_cases.shared.api_inputs import (
    NEEDED,
    CodeField,
    DayField,
    FlagField,
    ManyField,
    ObjectField,
    StrictSerializer,
    TextField,
)
from bawaslu_cases.shared.errors import DomainError
from complaints.links import MAX_LENGTH
from complaints.models import Complaint
from complaints.selectors.choices import region_of_area
from complaints.selectors.intake import acts_for_reporters, agencies_named
from complaints.selectors.record_page import PLATFORM_NAMES
from complaints.services.intake import MAX_STORY, MIN_STORY, Facts, ReportedPerson
from complaints.services.links import as_pasted
from complaints.services.relays import RELAY_LANES, Told
from complaints.states import Lane

MAX_PEOPLE, MAX_LINKS, MAX_ACTS = 5, 5, 20
NIP_DIGITS = 18
OTHER_ACT = "OTHER"
Precision = Complaint.DatePrecision
KINDS = [kind for kind in Complaint.ReporterKind.values if kind != Complaint.ReporterKind.OFFICER]
PLATFORMS = sorted(PLATFORM_NAMES)


class LinkField(TextField):
    """A link as people paste it. It goes into the seal; a cleaned form of a public one beside it."""

    def to_internal_value(self, data: Any) -> str:
        """Return the link. Raises ValidationError for what is no web address."""
        text = super().to_internal_value(data)
        try:
            return as_pasted(text)
        except DomainError as error:
            raise serializers.ValidationError(str(error.message)) from error


@extend_schema_field(OpenApiTypes.STR)
class AreaField(serializers.Field[Region, str, str, Any]):
    """The code of a regency or city of the client's own area (check P03)."""

    default_error_messages = NEEDED | {
        "area": _("Pilih kabupaten atau kota di wilayah kantor Anda.")
    }

    def to_internal_value(self, data: Any) -> Region:
        """Return the region."""
        office: Office = self.context["office"]
        found = region_of_area(office=office, code=data) if isinstance(data, str) else None
        if found is None:
            self.fail("area")
        return found

    def to_representation(self, value: Region) -> str:
        """Return its code."""
        return value.code


class PersonIn(StrictSerializer):
    """One reported person: whatever is known, at least a name, a position or an account."""

    name = TextField(required=False, allow_blank=True, default="", max_length=200)
    position = TextField(required=False, allow_blank=True, default="", max_length=120)
    agency = TextField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="As it is called; the agency of that full or short name is linked.",
    )
    account = TextField(required=False, allow_blank=True, default="", max_length=120)
    nip = TextField(
        required=False, allow_blank=True, default="", max_length=40, help_text="18 digits."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Demand something to go by."""
        if not (attrs["name"] or attrs["position"] or attrs["account"]):
            raise serializers.ValidationError(
                {"name": [_("Tulis nama, jabatan, atau nama akun orang yang dilaporkan")]}
            )
        return attrs


class ColleagueIn(PersonIn):
    """One reported person as an officer describes them."""

    unit = TextField(required=False, allow_blank=True, default="", max_length=160)
    unit_kind = CodeField(choices=UnitKind.values, required=False, default=UnitKind.GENERAL)
    employment = CodeField(
        choices=Employment.values,
        required=False,
        default=Employment.UNKNOWN,
        help_text="Read from the position where it is left out.",
    )


class FactsIn(StrictSerializer):
    """What happened, when and where. Both kinds of record tell this."""

    region = AreaField(help_text="Code of the regency or city, such as 33.08.")
    place = TextField(required=False, allow_blank=True, default="", max_length=200)
    platform = CodeField(choices=PLATFORMS, required=False, allow_blank=True, default="")
    story = TextField(min_length=MIN_STORY, max_length=MAX_STORY, help_text="Sealed on arrival.")
    links = ManyField(
        child=LinkField(max_length=MAX_LENGTH),
        required=False,
        max_length=MAX_LINKS,
        default=list,
        help_text="As they were pasted; sealed with the story.",
    )
    known_on = DayField(required=False, allow_null=True, default=None)


class ComplaintIn(FactsIn):
    """What a reporter told an office at its counter or over its own tool."""

    lane = CodeField(
        choices=[lane.value for lane in Lane if lane in RELAY_LANES],
        help_text="tip: nobody's name exists. open, sealed: the name comes as `identity`.",
    )
    acts = ManyField(child=TextField(max_length=40), allow_empty=False, max_length=MAX_ACTS)
    other_act = TextField(required=False, allow_blank=True, default="", max_length=200)
    people = ManyField(child=PersonIn(), allow_empty=False, max_length=MAX_PEOPLE)
    event_on = DayField(required=False, allow_null=True, default=None)
    event_precision = CodeField(
        choices=Precision.values,
        required=False,
        default=Precision.DAY,
        help_text="month: `event_on` is its first day. unknown: leave `event_on` out.",
    )
    reporter_kind = CodeField(
        choices=KINDS, required=False, default=Complaint.ReporterKind.UNDISCLOSED
    )
    witness = TextField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="How a witness may be reached; sealed with the story.",
    )
    has_files = FlagField(
        required=False,
        default=False,
        help_text="True: the answer brings an `upload_token` for the reporter's files.",
    )
    keep_from = ManyField(
        child=TextField(max_length=13),
        required=False,
        max_length=2,
        default=list,
        help_text="Codes of the regency's or province's office that must not see it.",
    )
    identity = ObjectField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A sealed identity (docs/vault-format.md, 3) made against `/vault/keys`.",
    )
    card_key = TextField(
        required=False,
        allow_blank=True,
        default="",
        max_length=64,
        help_text="What the reporter's identity card is sealed to (docs/vault-format.md, 13): 64 hex"
        " digits that the same sealing gives. Without it the reporter draws no visit code.",
    )

    def validate_acts(self, value: list[str]) -> list[str]:
        """Take what a reporter can tick, each once."""
        known = {code for _heading, acts in acts_for_reporters() for code, _label in acts}
        return _known_acts(value, known)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check words against each other."""
        if OTHER_ACT in attrs["acts"] and not attrs["other_act"]:
            raise serializers.ValidationError(
                {"other_act": [_("Ceritakan singkat perbuatan lainnya")]}
            )
        if attrs["event_on"] is None:
            attrs["event_precision"] = Precision.UNKNOWN
        elif attrs["event_precision"] == Precision.UNKNOWN:
            raise serializers.ValidationError(
                {"event_on": [_("Kosongkan tanggal kejadian yang tidak diketahui.")]}
            )
        if attrs["event_precision"] == Precision.MONTH:
            attrs["event_on"] = attrs["event_on"].replace(day=1)
        return attrs


class FindingIn(FactsIn):
    """What the office itself found (temuan, B.2), in its own words: no reporter exists."""

    acts = ManyField(child=TextField(max_length=40), allow_empty=False, max_length=MAX_ACTS)
    people = ManyField(child=ColleagueIn(), allow_empty=False, max_length=MAX_PEOPLE)
    event_on = DayField()
    known_on = DayField(help_text="Since when the office knows; its clock runs from there.")
    witness = TextField(required=False, allow_blank=True, default="", max_length=300)

    def validate_acts(self, value: list[str]) -> list[str]:
        """Take every act, also the finer ones that only officers use."""
        return _known_acts(value, set(registry.acts_by_code()))


class BatchItemIn(StrictSerializer):
    """One complaint of a batch under a key of its own."""

    key = TextField(max_length=255, help_text="As an Idempotency-Key, for this item alone.")
    complaint = ObjectField(help_text="As the body of POST /complaints.")


class BatchIn(StrictSerializer):
    """Complaints at once; each is judged and kept by itself."""

    items = ManyField(child=BatchItemIn(), allow_empty=False, max_length=100)


def told_of(data: Mapping[str, Any], *, on: date) -> Told:
    """Return what valid input of a complaint amounts to."""
    return Told(
        facts=Facts(
            people=_people(data["people"], on=on),
            event_on=data["event_on"],
            event_precision=data["event_precision"],
            other_act=data["other_act"],
            has_files=data["has_files"],
            reporter_kind=data["reporter_kind"],
            **_shared(data),
        ),
        lane=Lane(data["lane"]),
        keep_from=data["keep_from"],
        sealed=data["identity"],
        card_key=data["card_key"],
        has_files=data["has_files"],
    )


def finding_of(data: Mapping[str, Any], *, on: date) -> Facts:
    """Return what valid input of a finding amounts to. One query for each unknown employment."""
    people = [
        ReportedPerson(
            **vars(person)
            | {"unit": told["unit"], "unit_kind": told["unit_kind"]}
            | {"employment": _employment(told, data["region"])}
        )
        for person, told in zip(_people(data["people"], on=on), data["people"], strict=True)
    ]
    return Facts(
        people=people,
        event_on=data["event_on"],
        reporter_kind=Complaint.ReporterKind.OFFICER,
        **_shared(data),
    )


def _shared(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "acts": data["acts"],
        "region": data["region"],
        "story": data["story"],
        "known_on": data["known_on"],
        "place": data["place"],
        "platform": data["platform"],
        "links": list(dict.fromkeys(link for link in data["links"] if link)),
        "witness": data["witness"],
    }


def _people(told: list[dict[str, Any]], *, on: date) -> list[ReportedPerson]:
    agencies = agencies_named([person["agency"] for person in told], on=on)
    return [
        ReportedPerson(
            name=person["name"],
            position=person["position"],
            agency=agencies.get(person["agency"]),
            agency_text=person["agency"],
            account=person["account"],
            nip=person["nip"].replace(" ", "")[:NIP_DIGITS],
        )
        for person in told
    ]


def _employment(told: Mapping[str, Any], region: Region) -> str:
    if told["employment"] != Employment.UNKNOWN or not told["position"]:
        return str(told["employment"])
    return registry.employment_of(told["position"], region=region)


def _known_acts(value: list[str], known: set[str]) -> list[str]:
    if not known >= set(value):
        raise serializers.ValidationError(_("Perbuatan ini tidak dikenal"))
    return list(dict.fromkeys(value))
