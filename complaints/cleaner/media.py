"""Sound and video: decoded and encoded anew by ffmpeg, one picture and one sound track at most."""

import os
import re
import resource
import signal
import subprocess
import tempfile
from dataclasses import dataclass

from PIL import Image

from complaints.cleaner import limits
from complaints.cleaner.errors import FailureError, RefusalError
from complaints.cleaner.facts import Part
from complaints.cleaner.images import as_jpeg
from complaints.cleaner.likeness import perceptual_hash
from complaints.cleaner.output import Copy, Output

SHORT_SIDE_PIXELS = 720
SLACK_SECONDS = 5
"""So much more is encoded to see that a recording goes on; the last second told may be one too few."""
FRAMES_A_SECOND = 30
ONE_ALLOCATION_BYTES = 400 * limits.MEGABYTE
SOUND = (
    "-c:a", "aac", "-b:a", "96k",
    "-af", "aformat=sample_rates=48000|44100:channel_layouts=mono|stereo",
)  # fmt: skip
"""AAC and not Opus: every browser plays it, also older ones of Apple."""
SCALE = (
    f"scale=w='if(gte(iw,ih),-2,min({SHORT_SIDE_PIXELS},trunc(iw/2)*2))'"
    f":h='if(gte(iw,ih),min({SHORT_SIDE_PIXELS},trunc(ih/2)*2),-2)',setsar=1,format=yuv420p"
)
PICTURE = (
    "-vf", SCALE, "-fpsmax", str(FRAMES_A_SECOND),
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-threads:v", "2", "-a53cc", "0",
)  # fmt: skip
BARE = (
    "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-write_tmcd", "0",
    "-fflags", "+bitexact", "-bitexact", "-movflags", "+faststart", "-f", "mp4",
)  # fmt: skip
"""No tag, no chapter, no subtitle, no data; the index before the content."""

STREAM = re.compile(
    r"^ {2,6}Stream #0:\d+.*?: (Video|Audio|Data|Subtitle|Attachment): (.*)$", re.MULTILINE
)
"""Two spaces, four within a group of streams, as phones make them."""
LENGTH = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
TAG = re.compile(r"^ {4,}([\w.-]+) *: ", re.MULTILINE)
PROGRESS = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
VERSION = re.compile(r"ffmpeg version n?([\w.]+)")
PLACES = {"location", "location-eng", "com.apple.quicktime.location.ISO6709", "xyz"}
TECHNICAL = {
    "major_brand", "minor_version", "compatible_brands", "handler_name", "vendor_id", "encoder",
    "Duration", "Stream", "Side", "Metadata", "Chapters", "Chapter",
}  # fmt: skip


@dataclass(frozen=True)
class Inside:
    """What a file holds. ``seconds`` is what it claims, None where it does not say."""

    video: bool
    audio: bool
    seconds: float | None
    left_behind: frozenset[str]
    ffmpeg: str


def clean_media(size: int, demuxer: str, ffmpeg: str, source: int, output: Output) -> Copy:
    """Write an MP4 with a still, or an M4A. ``source`` is a descriptor that can be rewound.

    Raises RefusalError, and FailureError where ffmpeg was killed.
    """
    inside = _looked_into(ffmpeg, demuxer, source)
    kind = "video" if inside.video else "audio"
    if not (inside.video or inside.audio):
        raise RefusalError("damaged")
    most = limits.VIDEO_SECONDS if inside.video else limits.AUDIO_SECONDS
    if size > limits.SIZE_BYTES[kind]:
        raise RefusalError("too_large")
    if inside.seconds is not None and inside.seconds >= most + 1:
        raise RefusalError("too_long")
    _allow_time(most if inside.seconds is None else inside.seconds)
    picture = ("-map", "0:V:0", *PICTURE) if inside.video else ("-vn",)
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/copy.mp4"
        told = _run(
            ffmpeg, demuxer, source,
            *picture, "-map", "0:a:0?", *SOUND, "-t", str(most + SLACK_SECONDS), *BARE,
            "-progress", "pipe:1", made, level="fatal",
        )  # fmt: skip
        reached = PROGRESS.findall(told.stdout)
        seconds = int(reached[-1]) / 1_000_000 if reached else 0.0
        if told.returncode or seconds <= 0:
            raise RefusalError("damaged")
        if seconds > most + 1:
            raise RefusalError("too_long")
        still = _still(ffmpeg, made, folder, seconds) if inside.video else None
        main = output.add_file(made, "main", f"{kind}/mp4")
    parts, hashes = _with_still(main, still, output)
    return Copy(
        kind,
        parts,
        seconds=round(seconds, 1),
        removed=inside.left_behind,
        image_hashes=hashes,
        tools={"ffmpeg": inside.ffmpeg},
    )


def _looked_into(ffmpeg: str, demuxer: str, source: int) -> Inside:
    """Ask ffmpeg what it sees. It describes and then complains that no output is named."""
    told = _run(ffmpeg, demuxer, source, level="info").stderr.decode("utf-8", "replace")
    streams = STREAM.findall(told)
    pictures = [about for kind, about in streams if kind == "Video" and "attached pic" not in about]
    sounds = [about for kind, about in streams if kind == "Audio"]
    found = set()
    for kind, category in (("Data", "data_streams"), ("Subtitle", "subtitles")):
        if any(each == kind for each, _about in streams):
            found.add(category)
    if any("attached pic" in about for _kind, about in streams):
        found.add("cover_art")
    if len(pictures) > 1 or len(sounds) > 1 or any(kind == "Attachment" for kind, _ in streams):
        found.add("other_streams")
    if "\n  Chapters:" in told:
        found.add("chapters")
    tags = set(TAG.findall(told)) - TECHNICAL
    if tags & PLACES:
        found.add("location")
    if tags - PLACES:
        found.add("tags")
    length = LENGTH.search(told)
    seconds = int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]) if length else None
    version = VERSION.match(told)
    return Inside(
        bool(pictures), bool(sounds), seconds, frozenset(found), version[1] if version else "?"
    )


def _still(ffmpeg: str, made: str, folder: str, seconds: float) -> Image.Image | None:
    """Return a picture of the copy: its first second is often black."""
    path = f"{folder}/still.ppm"
    command = (
        ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file",
        "-ss", f"{min(1.0, seconds / 2):.2f}", "-f", "mov", "-i", made,
        "-frames:v", "1", "-f", "image2", "-c:v", "ppm", path,
    )  # fmt: skip
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 -- fixed words
    try:
        with Image.open(path, formats=["PPM"]) as image:
            return image.convert("RGB")
    except OSError:
        return None


def _with_still(
    main: Part, still: Image.Image | None, output: Output
) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    if still is None:
        return (main,), ()
    poster = output.add(
        as_jpeg(still), "poster", "image/jpeg", width=still.width, height=still.height
    )
    found = perceptual_hash(still)
    return (main, poster), () if found is None else (found,)


def _run(
    ffmpeg: str, demuxer: str, source: int, *rest: str, level: str
) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg on the descriptor: this demuxer, this protocol, nothing else may be opened."""
    os.lseek(source, 0, os.SEEK_SET)
    command = (
        ffmpeg, "-nostdin", "-loglevel", level, "-max_alloc", str(ONE_ALLOCATION_BYTES),
        "-threads", "2", "-max_pixels", str(limits.IMAGE_PIXELS), "-f", demuxer,
        "-format_whitelist", demuxer, "-protocol_whitelist", "fd", "-fd", str(source), "-i", "fd:",
        *rest,
    )  # fmt: skip
    told = subprocess.run(command, check=False, capture_output=True, pass_fds=(source,))  # noqa: S603 -- fixed words
    if told.returncode < 0:
        raise FailureError("time" if told.returncode == -signal.SIGXCPU else "crashed")
    return told


def _allow_time(seconds: float) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = limits.media_cpu_seconds(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard < 0 else min(wanted, hard), hard))
