"""``kiosk look``: what the models see in a picture file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import typer
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from kiosk.errors import CameraError, KioskError
from kiosk.vision import barcode, fingers
from kiosk.vision.align import aligned
from kiosk.vision.camera import Image
from kiosk.vision.faces import (
    FaceDetection,
    FaceDetector,
    FaceMesh,
    detect_faces_still,
    region_of_detection,
)
from kiosk.vision.hands import INDEX_TIP, Hand, detect_hands
from kiosk.vision.litert import Models
from kiosk.vision.quality import assess, eye_distance, pose_of_mesh

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "PPM")
_MEGAPIXELS = 50
"""Larger pictures are refused before they are unpacked: 150 MB of pixels is what a small board
can spare, and a few kilobytes of file can claim to hold far more."""

Report = dict[str, Any]


def look_all(paths: Iterable[Path], *, as_json: bool) -> int:
    """Print what is in each picture, one JSON line or a few lines of text for each. A picture
    that cannot be read is reported on stderr and the others are still done. Returns the exit
    status: 1 when any could not be read."""
    models = Models()
    status = 0
    for path in paths:
        try:
            report = look(models, path)
        except CameraError as error:
            _complain(path, error, as_json)
            status = 1
            continue
        typer.echo(json.dumps(report, ensure_ascii=False) if as_json else as_text(report))
    return status


def look(models: Models, path: Path) -> Report:
    """``{"file", "faces", "hands", "barcodes"}`` of one picture; coordinates in its pixels, turned
    as its EXIF orientation says, angles in degrees.

    Raises :class:`CameraError` when the file cannot be read as a picture.
    """
    image = read(path)
    detector, mesh = FaceDetector(models), FaceMesh(models)
    return {
        "file": str(path),
        "faces": [_face(image, mesh, face) for face in detect_faces_still(detector, image)],
        "hands": [_hand(hand) for hand in detect_hands(models, image)],
        "barcodes": [{"text": code.text, "format": code.format} for code in barcode.scan(image)],
    }


def read(path: Path) -> Image:
    """The pixels of a picture file, RGB. Raises :class:`CameraError` as :func:`look` does."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; our own limit is lower.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            return _decoded(path)
    except UnidentifiedImageError as error:
        raise CameraError("image_unreadable", file=path, reason="unknown format") from error
    except Pillow.DecompressionBombError as error:
        raise CameraError("image_unreadable", file=path, reason="far too large") from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        reason = (error.strerror if isinstance(error, OSError) else None) or "damaged"
        raise CameraError("image_unreadable", file=path, reason=reason) from error


def _decoded(path: Path) -> Image:
    with Pillow.open(path, formats=_FORMATS) as picture:
        megapixels = picture.width * picture.height / 1e6
        if megapixels > _MEGAPIXELS:
            raise CameraError(
                "image_too_large", file=path, megapixels=round(megapixels), limit=_MEGAPIXELS
            )
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"), dtype=np.uint8)


def as_text(report: Report) -> str:
    """A report for a person to read."""
    lines = [report["file"]]
    lines += [
        "  face     {0[0]:.0f},{0[1]:.0f} {0[2]:.0f}×{0[3]:.0f}  ".format(face["box"])
        + "score {score:.2f}  quality {quality:.2f}  yaw {yaw:+.0f}°  pitch {pitch:+.0f}°  "
        "eyes {eye_distance_px:.0f} px".format_map(face)
        for face in report["faces"]
    ]
    lines += [
        "  hand     {handedness}  {fingers} fingers  presence {presence:.2f}  ".format_map(hand)
        + "pointer {0[0]:.0f},{0[1]:.0f}".format(hand["pointer"])
        for hand in report["hands"]
    ]
    lines += ["  barcode  {format}  {text!r}".format_map(code) for code in report["barcodes"]]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing"])


def _complain(path: Path, error: KioskError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"file": str(path), "error": error.key, "what": error.what()}))
    typer.echo(error.both(), err=True)


def _face(image: Image, mesh: FaceMesh, face: FaceDetection) -> Report:
    laid = mesh(image, region_of_detection(face))
    pose = pose_of_mesh(laid.landmarks)
    eyes = eye_distance(face.keypoints)
    quality = assess(aligned(image, laid), eyes, pose, laid)
    return {
        "box": [round(value, 1) for value in face.box],
        "score": round(face.score, 3),
        "yaw": round(pose.yaw, 1),
        "pitch": round(pose.pitch, 1),
        "eye_distance_px": round(eyes, 1),
        "quality": round(quality.value, 3),
    }


def _hand(hand: Hand) -> Report:
    x, y, _ = hand.landmarks[INDEX_TIP].tolist()
    return {
        "handedness": "right" if hand.right >= 0.5 else "left",
        "presence": round(hand.presence, 3),
        "fingers": fingers.count(hand.landmarks),
        "pointer": [round(x, 1), round(y, 1)],
    }
