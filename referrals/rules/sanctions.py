"""Which sanctions a PPK may impose: by class, by how the person is employed, on a day.

PNS: the types of PP 42/2004 and PP 94/2021, with those of PP 53/2010 while the regulation on allowances is
missing. PPPK: class and free type, up to the end of the contract (PP 49/2018 ps 51-52). Non-ASN staff:
graded up to the end of the contract (SE MenPANRB 1/2023).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import Confidence, Employment, SanctionClass, SanctionType

CONTRACT_ENDS = frozenset({"PHK", "PHK_TH"})
"""Types of the registry that end a contract: for PPPK alone, and all that PPPK have of a list."""
SEVERE = frozenset({SanctionClass.SEVERE, SanctionClass.DISMISSAL})


@dataclass(frozen=True, slots=True)
class AdmissibleType:
    """One sanction that fits. ``is_free``: the regulation names no list, the decree says it in words."""

    code: str
    name: str
    basis: str
    confidence: str
    is_transitional: bool = False
    is_free: bool = False

    @property
    def stored(self) -> dict[str, str]:
        """The type as a record keeps it."""
        return {"code": self.code, "name": self.name, "basis": self.basis}


def admissible_types(
    *, sanction_class: str, employment: str, types: Iterable[SanctionType]
) -> tuple[AdmissibleType, ...]:
    """Return the sanctions of a class for such a person; ``types`` are those in force on the day.

    Empty where the list of the day holds none of the class (severe, before PP 94/2021).
    """
    wanted, kind = SanctionClass(sanction_class), Employment(employment)
    if kind is Employment.PPNPN:
        return _graded(wanted)
    is_pppk = kind is Employment.PPPK and wanted is not SanctionClass.MORAL
    free = _free_of_contract(wanted) if is_pppk else ()
    return free + tuple(
        AdmissibleType(
            code=each.code,
            name=each.name,
            basis=each.legal_basis,
            confidence=each.confidence,
            is_transitional=each.is_transitional,
        )
        for each in sorted(types, key=lambda each: (each.order, each.code))
        if each.sanction_class == wanted and (each.code in CONTRACT_ENDS) == is_pppk
    )


def every_type(
    *, employment: str, types: Iterable[SanctionType]
) -> dict[str, tuple[AdmissibleType, ...]]:
    """Return what could be imposed on such a person, by class, lightest first."""
    at_hand = list(types)
    return {
        each.value: admissible_types(sanction_class=each, employment=employment, types=at_hand)
        for each in SanctionClass
    }


def _free_of_contract(wanted: SanctionClass) -> tuple[AdmissibleType, ...]:
    """Return the type that no list names; for a dismissal only the end of the contract is left."""
    if wanted is SanctionClass.DISMISSAL:
        return ()
    free = AdmissibleType(
        "PPPK-BEBAS",
        _("Jenis hukuman menurut peraturan PPK atau perjanjian kerja"),
        "PP 49/2018 ps 51-52",
        Confidence.TWO_SOURCES,
        is_free=True,
    )
    return (free,)


def _graded(wanted: SanctionClass) -> tuple[AdmissibleType, ...]:
    basis = "SE MenPANRB 1/2023"
    graded = AdmissibleType(
        "PPNPN-BERTAHAP",
        _("Sanksi bertahap menurut perjanjian kerja"),
        basis,
        Confidence.TWO_SOURCES,
        is_free=True,
    )
    end = AdmissibleType(
        "PPNPN-AKHIR", _("Pengakhiran perjanjian kerja"), basis, Confidence.TWO_SOURCES
    )
    if wanted is SanctionClass.DISMISSAL:
        return (end,)
    return (graded, end) if wanted in SEVERE else (graded,)
