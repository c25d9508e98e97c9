"""The invented people of the demo: who signs in, and who is reported. No name is a real person's."""

from dataclasses import dataclass

from django.db import transaction

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.registry.models import Agency, Office, RecipientBody
from bawaslu_cases.world.staff import INVENTED_DOMAIN

PASSWORD = "demo-saja-bukan-rahasia"  # noqa: S105 -- printed on purpose, for the demo alone

RI, PROVINCE, REGENCY, CITY = "00", "00.33", "00.33.08", "00.33.74"


@dataclass(frozen=True)
class DemoPerson:
    """One account of the demo: what it may do, and the one unit it belongs to."""

    mailbox: str
    name: str
    label: str
    role: Role
    office: str = ""
    recipient_body: str = ""
    agency: str = ""
    key_group: str = ""
    key_unit: str = ""

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.mailbox}@{INVENTED_DOMAIN}"


_OFFICES = (
    (RI, "ri", "Bawaslu RI", ("Sekar Anindita", "Galih Pramana", "Ratri Mahesa", "Surya Lintang")),
    (
        PROVINCE,
        "jateng",
        "Bawaslu Jawa Tengah",
        ("Kirana Puspa", "Damar Sasongko", "Wening Larasati", "Bayu Segara"),
    ),
    (
        REGENCY,
        "magelang",
        "Bawaslu Kab. Magelang",
        ("Ayu Kemuning", "Panji Rimba", "Laksmi Arum", "Jati Wiguna"),
    ),
    (
        CITY,
        "semarang",
        "Bawaslu Kota Semarang",
        ("Melati Sukma", "Raka Bahari", "Intan Padma", "Wisnu Taruna"),
    ),
)
_DESK_ROLES = (
    (Role.INTAKE_OFFICER, "penerima"),
    (Role.CASE_OFFICER, "penanganan"),
    (Role.PLENARY_MEMBER, "pleno"),
    (Role.CHAIR, "ketua"),
)

PEOPLE: tuple[DemoPerson, ...] = (
    *(
        DemoPerson(f"{word}.{place}", name, f"{role.label}, {unit}", role, office=path)
        for path, place, unit, names in _OFFICES
        for (role, word), name in zip(_DESK_ROLES, names, strict=True)
    ),
    DemoPerson(
        "penelaah.bkn", "Nila Saraswati", "Penelaah, BKN", Role.REVIEWER, recipient_body="BKN"
    ),
    DemoPerson(
        "penelaah2.bkn", "Galih Prakosa", "Penelaah, BKN", Role.REVIEWER, recipient_body="BKN"
    ),
    DemoPerson(
        "ppk.magelang", "Tirta Wardana", "PPK, Pemkab Magelang", Role.PPK_STAFF, agency="R-33.08"
    ),
    DemoPerson(
        "ppk.semarang", "Citra Utami", "PPK, Pemkot Semarang", Role.PPK_STAFF, agency="R-33.74"
    ),
    DemoPerson("auditor", "Bima Kartika", "Auditor, Bawaslu RI", Role.AUDITOR, office=RI),
    DemoPerson("admin", "Rara Kinanti", "Administrator", Role.ADMINISTRATOR, office=RI),
    DemoPerson("admin2", "Yoga Pradana", "Administrator kedua", Role.ADMINISTRATOR, office=RI),
)

KEYHOLDERS: tuple[DemoPerson, ...] = (
    DemoPerson(
        "verifikator1.jateng",
        "Prita Wangi",
        "Verifikator, Bawaslu Jawa Tengah",
        Role.VERIFIER,
        office=PROVINCE,
        key_group="desk-00-33",
        key_unit="kantor-00-33",
    ),
    DemoPerson(
        "verifikator2.jateng",
        "Handaru Bumi",
        "Verifikator, Bawaslu Jawa Tengah",
        Role.VERIFIER,
        office=PROVINCE,
        key_group="desk-00-33",
        key_unit="kantor-00-33",
    ),
    DemoPerson(
        "verifikator.ri",
        "Gita Senandung",
        "Verifikator, Bawaslu RI",
        Role.VERIFIER,
        office=RI,
        key_group="desk-00",
        key_unit="kantor-00",
    ),
    DemoPerson(
        "kustodian1",
        "Lukman Samudra",
        "Kustodian, Inspektorat Bawaslu RI",
        Role.CUSTODIAN,
        office=RI,
        key_group="custodians-ri",
        key_unit="inspektorat",
    ),
    DemoPerson(
        "kustodian2",
        "Naya Pertiwi",
        "Kustodian, Inspektorat Bawaslu RI",
        Role.CUSTODIAN,
        office=RI,
        key_group="custodians-ri",
        key_unit="inspektorat",
    ),
)
"""Who holds keys of the vault, once the demo's ceremony was held."""

PEOPLE += KEYHOLDERS

SIGN_INS: tuple[tuple[str, str, str], ...] = tuple(
    (person.label, person.email, PASSWORD) for person in PEOPLE
)
"""(what the person does, e-mail, password) of every demo account."""

REPORTED_NAMES = (
    "Bagus Contoh",
    "Wulan Contoh",
    "Hendra Contoh",
    "Tari Contoh",
    "Yoga Contoh",
    "Nurul Contoh",
    "Eko Contoh",
    "Sinta Contoh",
    "Fajar Contoh",
    "Dian Contoh",
    "Rama Contoh",
)


@transaction.atomic
def enrol_people() -> int:
    """Enrol the demo accounts that do not exist yet and return how many were added."""
    known = set(
        User.objects.filter(email__in=[person.email for person in PEOPLE]).values_list(
            "email", flat=True
        )
    )
    missing = [person for person in PEOPLE if person.email not in known]
    for person in missing:
        enrol_staff(
            email=person.email,
            name=person.name,
            password=PASSWORD,
            roles=[person.role],
            office=Office.objects.get(path=person.office) if person.office else None,
            recipient_body=(
                RecipientBody.objects.get(code=person.recipient_body)
                if person.recipient_body
                else None
            ),
            agency=Agency.objects.get(code=person.agency) if person.agency else None,
        )
    return len(missing)
