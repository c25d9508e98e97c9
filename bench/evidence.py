"""Files of evidence: ``python -m bench.evidence [copies] [streams] [memory]``. One JSON line a measure.

``copies``: each file goes through the real sandbox, one after the other, as the evidence worker does it:
seconds of wall clock, and of processor time of the cleaner and its decoders. Files are made anew: a photo
of 3 MB with noise like a sensor's, a dense document of 20 pages, video as a phone and as WhatsApp make it.
``streams`` and ``memory`` are told in :mod:`bench.evidence_streams` and :mod:`bench.evidence_memory`.
Without a word all three.
"""

import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pikepdf
from PIL import Image

from bench.evidence_memory import worker_memory
from bench.evidence_streams import stream_speeds
from bench.main import machine
from bench.product import ROOT
from complaints.gateways import sandbox

MEGABYTE = 1_000_000
WORDS = ("apel", "netral", "camat", "dinas")
BARS = {"photo 3 MB": 1.0, "document of 20 pages": 10.0}
"""Seconds that issue 4 asks for."""


def main() -> None:
    """Run from the command line."""
    measures = {"copies": safe_copies, "streams": _streams, "memory": _memory}
    chosen = sys.argv[1:] or list(measures)
    if unknown := set(chosen) - set(measures):
        raise SystemExit(f"no such measure: {', '.join(sorted(unknown))}")
    print(json.dumps({"measure": "machine", **machine()}), flush=True)
    for name in chosen:
        measures[name]()


def _streams() -> None:
    for line in stream_speeds():
        print(json.dumps(line), flush=True)


def _memory() -> None:
    for line in worker_memory():
        print(json.dumps(line), flush=True)


def safe_copies() -> None:
    """Make the files, clean each several times, print."""
    if trouble := sandbox.trouble():
        raise SystemExit(f"no sandbox here: {trouble}")
    with tempfile.TemporaryDirectory() as folder:
        for name, make, rounds in (
            ("text", lambda _folder: b"halo dunia\n" * 100, 9),
            ("photo 3 MB", photo, 9),
            (
                "photo of 40 megapixels",
                lambda _folder: photo(_folder, 7_700, 5_190, 12 * MEGABYTE),
                3,
            ),
            ("document of 20 pages", document, 3),
            ("video 1080p, 30 s", lambda each: video(each, "1920x1080", 30), 2),
            ("video 480p, 60 s", lambda each: video(each, "848x480", 60), 2),
            ("voice of 5 minutes", voice, 3),
        ):
            measure(name, make, rounds, Path(folder))


def measure(name: str, make: Callable[[Path], bytes], rounds: int, folder: Path) -> None:
    """Clean one file so many times and print the line."""
    content = make(folder)
    walls, processors, copy = [], [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        with sandbox.clean([content], size=len(content)) as cleaned:
            copy = cleaned.facts.main.length
        walls.append(time.perf_counter() - began)
        processors.append(processor_seconds(content))
    line = {
        "measure": "safe copy",
        "file": name,
        "megabytes": round(len(content) / MEGABYTE, 2),
        "copy_megabytes": round(copy / MEGABYTE, 2),
        "rounds": rounds,
        "seconds": round(statistics.median(walls), 3),
        "worst_seconds": round(max(walls), 3),
        "processor_seconds": round(statistics.median(processors), 3),
    }
    if name in BARS:
        line |= {"bar_seconds": BARS[name], "within": statistics.median(walls) <= BARS[name]}
    print(json.dumps(line), flush=True)


def processor_seconds(content: bytes) -> float:
    """Return the processor time of the same work without walls: bubblewrap keeps what it waits for."""
    opened = [os.memfd_create("bench") for _ in range(4)]
    try:
        os.write(opened[0], content)
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "complaints.cleaner", *map(str, opened), imageio_ffmpeg.get_ffmpeg_exe()],
            check=True, pass_fds=opened, cwd=ROOT,
        )  # fmt: skip
        after = os.times()
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def photo(
    _folder: Path, width: int = 4_000, height: int = 3_000, size: int = 3 * MEGABYTE
) -> bytes:
    """Return a JPEG of about so many bytes."""
    light = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 24)
    image = Image.merge("RGB", (light, Image.blend(light, noise, 0.4), noise))
    content = b""
    for quality in range(30, 96, 5):
        written = io.BytesIO()
        image.save(written, "JPEG", quality=quality)
        content = written.getvalue()
        if len(content) >= size:
            break
    return content


def document(_folder: Path) -> bytes:
    """Return a PDF of 20 pages of A4, each full of words and with a photo."""
    chosen = random.Random(4)
    made = pikepdf.new()
    name, dictionary = pikepdf.Name, pikepdf.Dictionary
    font = made.make_indirect(
        dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    )
    picture = pikepdf.Stream(
        made, photo(_folder, 1_600, 1_200, MEGABYTE // 4), Type=name.XObject, Subtype=name.Image,
        Width=1_600, Height=1_200, ColorSpace=name.DeviceRGB, BitsPerComponent=8,
        Filter=name.DCTDecode,
    )  # fmt: skip
    for _ in range(20):
        page = made.add_blank_page(page_size=(595, 842))
        page.Resources = dictionary(Font=dictionary(F=font), XObject=dictionary(P=picture))
        lines = [
            f"BT /F 10 Tf 40 {800 - 12 * row} Td ({' '.join(chosen.choices(WORDS, k=14))}) Tj ET"
            for row in range(45)
        ]
        page.Contents = made.make_stream(
            ("\n".join(lines) + "\nq 300 0 0 225 40 20 cm /P Do Q").encode()
        )
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def video(folder: Path, size: str, seconds: int) -> bytes:
    """Return an MP4 that moves and makes a noise."""
    return _encoded(
        folder / "a.mp4", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={seconds},noise=alls=12:allf=t",
        "-f", "lavfi", "-i", f"sine=d={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
        "-crf", "26", "-pix_fmt", "yuv420p", "-c:a", "aac",
    )  # fmt: skip


def voice(folder: Path) -> bytes:
    """Return a voice message as WhatsApp sends it."""
    return _encoded(
        folder / "a.ogg", "-f", "lavfi", "-i", "anoisesrc=d=300:c=pink", "-c:a", "libopus"
    )


def _encoded(path: Path, *words: str) -> bytes:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-nostdin", "-loglevel", "error", "-y", *words, path], check=True)
    return path.read_bytes()


if __name__ == "__main__":
    main()
