"""What is accepted and how much of it (protection.md C), and what the process may use."""

import resource

MEGABYTE = 1024 * 1024

SIZE_BYTES = {
    "image": 15 * MEGABYTE,
    "pdf": 20 * MEGABYTE,
    "video": 200 * MEGABYTE,
    "audio": 50 * MEGABYTE,
    "text": 1 * MEGABYTE,
}
"""The largest file of each kind, in bytes."""

LARGEST_BYTES = max(SIZE_BYTES.values())
IMAGE_PIXELS = 40_000_000
IMAGE_SIDE_PIXELS = 12_000
PDF_PAGES = 100
PDF_DPI = 150
VIDEO_SECONDS = 10 * 60
AUDIO_SECONDS = 3 * 60 * 60
"""No source names one for sound; three hours of speech are more than a campaign meeting."""

OUTPUT_BYTES = 300 * MEGABYTE
MEMORY_BYTES = 1024 * MEGABYTE
"""Address space of each process: measured with 40 megapixels and 4K video, see bench/evidence.py."""
CPU_SECONDS = 60
OPEN_FILES = 64
PROCESSES = 64
"""Threads count too: decoder and encoder of a video take a dozen."""


def media_cpu_seconds(seconds: float) -> int:
    """Return the processor time that re-encoding so many seconds of sound or video may take.

    60 s are too few for ten minutes of 1080p; three times its length is enough for it on a slow core.
    """
    return CPU_SECONDS + int(3 * seconds)


def confine_process() -> None:
    """Take the limits on this process and its children. They cannot be raised again but CPU time."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    longest = media_cpu_seconds(max(VIDEO_SECONDS, AUDIO_SECONDS))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, longest))
