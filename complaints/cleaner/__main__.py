"""One file: ``python -m complaints.cleaner INPUT OUTPUT ANSWER ORDERS FFMPEG``, the first four descriptors.

Always leaves one line of JSON in ANSWER, unless it is killed. Exit code 0 says it came to its end.
"""

import json
import os
import sys

from complaints.cleaner.clean import clean
from complaints.cleaner.errors import FailureError, RefusalError
from complaints.cleaner.limits import confine_process
from complaints.cleaner.marks import ORDERS_BYTES, read_orders


def main(source: int, target: int, answer: int, orders: int, ffmpeg: str) -> None:
    """Clean and answer."""
    confine_process()
    line: bytes
    try:
        with os.fdopen(target, "wb", buffering=0) as output:
            ordered = os.pread(orders, ORDERS_BYTES, 0)
            line = clean(
                source, output, ffmpeg=ffmpeg, orders=read_orders(ordered) if ordered else None
            ).to_json()
    except RefusalError as error:
        line = json.dumps({"refused": error.code}).encode()
    except FailureError as error:
        line = json.dumps({"failed": error.code}).encode()
    except MemoryError:
        line = json.dumps({"failed": "memory"}).encode()
    os.write(answer, line)


if __name__ == "__main__":
    opened = [int(number) for number in sys.argv[1:5]]
    main(opened[0], opened[1], opened[2], opened[3], sys.argv[5])
