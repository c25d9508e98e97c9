"""The roles. Which action a role carries stands in the state tables of the apps, not here."""

from django.db import models


class Role(models.TextChoices):
    """What a person is appointed to (Perbawaslu 7/2022 ps 25(4): by the chair's decree)."""

    INTAKE_OFFICER = "intake_officer", "Petugas penerima"
    CASE_OFFICER = "case_officer", "Petugas penanganan"
    PLENARY_MEMBER = "plenary_member", "Anggota pleno"
    CHAIR = "chair", "Ketua"
    REVIEWER = "reviewer", "Penelaah lembaga penerima"
    PPK_STAFF = "ppk_staff", "Staf PPK instansi"
    VERIFIER = "verifier", "Verifikator identitas"
    CUSTODIAN = "custodian", "Kustodian kunci"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


BAWASLU_ROLES = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.PLENARY_MEMBER, Role.CHAIR})
"""Roles that work on complaints and cases inside an office's scope."""

WORKING_ROLES = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER})
"""Roles that have records and cases in hand; a deputy must hold those of whom they stand in for."""

PLENARY_ROLES = frozenset({Role.PLENARY_MEMBER, Role.CHAIR})
"""Roles that vote in the plenary, which decides everything (Perbawaslu 7/2022 ps 16, 37)."""

APART = frozenset({Role.VERIFIER, Role.CUSTODIAN, Role.AUDITOR, Role.ADMINISTRATOR})
"""Nobody holds two of these (protection.md E): the vault rests on their being different people."""
