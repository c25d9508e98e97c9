"""By what one report finds another: short keys, each with how much a meeting in it is worth.

A key is a number drawn from a word, so that every kind lies in one narrow index. Keys of a place are
cut up by act and post: a storm of five thousand reports of one event fills its own keys and leaves
the rest of that kabupaten to be found.
"""

from hashlib import blake2b

from complaints.matching.names import name_keys
from complaints.matching.positions import position_words
from complaints.matching.records import Person, Record, image_bands

NIP, POST, ACCOUNT, FULL_NAME, IMAGE = 6.0, 5.0, 4.0, 4.0, 3.0
NAME_PART, ACT_AND_POSITION, UNIT, ACT, POSITION, AGENCY, PROVINCE, REGION = (
    2.0,
    1.5,
    1.0,
    1.0,
    1.0,
    0.8,
    0.4,
    0.4,
)


def keys_of(record: Record) -> dict[int, float]:
    """Return the keys of a record and their worth. Names count within the province only.

    Nothing of ``reading``: a key is kept in clear, and a reporter's words are not.
    """
    where = record.region or record.province
    told: dict[str, float] = {f"region:{where}": REGION}
    for post in record.posts:
        told[f"post:{post}"] = POST
    for band in image_bands(record.images):
        told[f"image:{band}"] = IMAGE
    for act in record.acts:
        told[f"act:{where}:{act}"] = ACT
        told[f"act:{record.province}*:{act}"] = PROVINCE
    for person in record.people:
        told |= _person_keys(person, record, where)
    return {_number(text): worth for text, worth in told.items()}


def _person_keys(person: Person, record: Record, where: str) -> dict[str, float]:
    told: dict[str, float] = {}
    if person.nip:
        told[f"nip:{person.nip}"] = NIP
    if account := person.account.strip().lower().removeprefix("@"):
        told[f"account:{account}"] = ACCOUNT
    for key in name_keys(person.name):
        told[f"name:{record.province}:{key}"] = FULL_NAME if key.startswith("=") else NAME_PART
    position = " ".join(sorted(position_words(person.position)))
    if position:
        told[f"position:{where}:{position}"] = POSITION
    if unit := " ".join(sorted(position_words(person.unit))):
        told[f"unit:{where}:{unit}"] = UNIT
    for act in record.acts:
        told[f"act:{where}:{act}:{position}"] = ACT_AND_POSITION
        if person.agency:
            told[f"agency:{person.agency}:{act}"] = AGENCY
    return told


def _number(text: str) -> int:
    """Return a signed number of 64 bits: two of ten million words share one once in 400,000 stores."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)
