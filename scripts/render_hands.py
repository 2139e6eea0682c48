#!/usr/bin/env python3
"""Render the hand sprites of the replay camera: ``kiosk/vision/sprites``.

The mesh is the generic hand of npm ``@webxr-input-profiles/assets`` (MIT), fetched by
``scripts/media.sh hand``: a right hand with 25 joints. It is posed by linear blend skinning
(its joints are siblings, so each finger's chain is composed here), given a sleeve, and
rasterised with a depth buffer as a camera sees a person who raises a hand, palm to the camera.

    .venv/bin/python scripts/render_hands.py
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
MESH = ROOT / ".cache/media/generic-hand/right.glb"
SPRITES = ROOT / "kiosk/vision/sprites"

Floats = NDArray[np.float64]
HEIGHT = 384
SUPERSAMPLING = 3
SKIN = np.array([226.0, 172.0, 141.0])
CLOTH = np.array([52.0, 66.0, 92.0])
LIGHT = np.array([0.25, 0.85, 0.45])  # from above, as in an office
# The mesh has its palm towards −x, fingers towards −y and the thumb towards −z. As the camera
# sees it: x to the right, y up, z towards the camera.
TO_VIEW = -np.eye(3)[[2, 1, 0]]

FINGERS = ("index-finger", "middle-finger", "ring-finger", "pinky-finger")
Pose = dict[str, tuple[float, float]]
"""Finger → (curl towards the palm, spread away from the middle finger), degrees."""


def _curled(*fingers: str, by: float = 62) -> Pose:
    return dict.fromkeys(fingers, (by, 0))


FOLDED_THUMB: Pose = {"thumb": (62, 0)}
POSES: dict[str, Pose] = {
    "open": {"index-finger": (8, 0), "middle-finger": (10, 0), "ring-finger": (12, 0)},
    "point": {"thumb": (40, 0)} | _curled(*FINGERS[1:], by=58),
    "fist": FOLDED_THUMB | _curled(*FINGERS),
    "one": FOLDED_THUMB | _curled(*FINGERS[1:]),
    "two": FOLDED_THUMB | _curled(*FINGERS[2:]) | {"index-finger": (0, 5)},
    "three": FOLDED_THUMB | _curled(*FINGERS[3:]) | {"index-finger": (0, 4)},
    "four": FOLDED_THUMB | {"index-finger": (0, 4), "pinky-finger": (0, 4)},
    "five": {"index-finger": (0, 5), "ring-finger": (0, 2), "pinky-finger": (0, 6)},
    "back": dict(zip(FINGERS, ((14.0, 2.0), (16.0, 0.0), (18.0, 0.0), (20.0, 0.0)), strict=True)),
    "edge": {"thumb": (15, 0)} | _curled(*FINGERS, by=22),
    "grip": {"thumb": (20, 0)} | _curled(*FINGERS, by=40),
}
TURNS = {"back": 180.0, "edge": 70.0, "grip": 180.0}
"""How far a hand is turned about the upright, degrees; the others have their palm to the camera."""


@dataclass(frozen=True)
class Mesh:
    """A skinned mesh in metres, in view coordinates once :func:`in_view` was applied."""

    vertices: Floats
    triangles: NDArray[np.int64]
    joints: NDArray[np.int64]
    weights: Floats
    names: list[str]
    positions: Floats
    colours: Floats


def read_glb(path: Path) -> Mesh:
    """The only mesh of a binary glTF 2.0 file whose rest pose is its bind pose."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    tree: dict[str, Any] = json.loads(data[20 : 20 + length])
    blob = data[20 + length + 8 :]
    kinds = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
    widths = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}

    def column(index: int) -> NDArray[Any]:
        accessor = tree["accessors"][index]
        view = tree["bufferViews"][accessor["bufferView"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        width = widths[accessor["type"]]
        kind = kinds[accessor["componentType"]]
        return np.frombuffer(blob, kind, accessor["count"] * width, start).reshape(-1, width)

    primitive = tree["meshes"][0]["primitives"][0]
    nodes = [tree["nodes"][joint] for joint in tree["skins"][0]["joints"]]
    vertices = column(primitive["attributes"]["POSITION"]).astype(float) @ TO_VIEW.T
    return Mesh(
        vertices=vertices,
        triangles=column(primitive["indices"]).reshape(-1, 3).astype(np.int64),
        joints=column(primitive["attributes"]["JOINTS_0"]).astype(np.int64),
        weights=column(primitive["attributes"]["WEIGHTS_0"]).astype(float),
        names=[node["name"] for node in nodes],
        positions=np.array([node["translation"] for node in nodes]) @ TO_VIEW.T,
        colours=np.tile(SKIN, (len(vertices), 1)),
    )


def rotation(axis: Floats, degrees: float, centre: Floats) -> Floats:
    """4×4 rotation about an axis through ``centre`` (Rodrigues)."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = centre - turn @ centre
    return matrix


def joint_transforms(mesh: Mesh, pose: Pose) -> Floats:
    """How each joint moves from the rest pose, shape (joints, 4, 4)."""
    transforms = np.tile(np.eye(4), (len(mesh.names), 1, 1))
    toward = np.array([0.0, 0.0, 1.0])
    for finger, (curl, spread) in pose.items():
        chain = [
            index
            for index, name in enumerate(mesh.names)
            if name.startswith(finger) and not name.endswith("metacarpal")
        ]
        bone = mesh.positions[chain[1]] - mesh.positions[chain[0]]
        axis = np.cross(bone / np.linalg.norm(bone), toward)
        if finger == "thumb":  # folds across the palm rather than towards it
            axis = 0.2 * axis + toward
        side = 1.0 if finger in ("ring-finger", "pinky-finger") else -1.0
        moved = rotation(toward, side * spread, mesh.positions[chain[0]])
        for share, index in zip((1.0, 1.15, 0.8), chain, strict=False):
            moved = moved @ rotation(axis, share * curl, mesh.positions[index])
            transforms[index] = moved
        transforms[chain[-1]] = moved  # the tip bends with the bone before it
    return transforms


def posed(mesh: Mesh, pose: Pose) -> tuple[Floats, Floats]:
    """Vertices of ``mesh`` in ``pose`` by linear blend skinning, and where the index tip is."""
    transforms = joint_transforms(mesh, pose)
    points = np.c_[mesh.vertices, np.ones(len(mesh.vertices))]
    skinned = np.einsum("vj,vjab,vb->va", mesh.weights, transforms[mesh.joints], points)
    tip = mesh.names.index("index-finger-tip")
    return skinned[:, :3], (transforms[tip] @ np.append(mesh.positions[tip], 1))[:3]


def with_sleeve(mesh: Mesh, segments: int = 48) -> Mesh:
    """``mesh`` with a sleeve round its closed wrist, so that the hand belongs to an arm."""
    bottom = mesh.vertices[mesh.vertices[:, 1] < mesh.vertices[:, 1].min() + 0.01]
    centre, radii = bottom.mean(axis=0), np.ptp(bottom, axis=0) / 2
    turn = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    circle = np.stack([np.sin(turn), np.zeros(segments), np.cos(turn)], axis=1)
    rings = [  # height above the wrist (m), width in wrist radii, brightness
        (0.012, 1.1, 0.55),
        (0.012, 1.28, 1.0),
        (-0.006, 1.34, 1.0),
        (-0.1, 1.7, 0.9),
    ]
    points = [centre + circle * radii * wide + [0, up, 0] for up, wide, _ in rings]
    colours = [np.tile(CLOTH * bright, (segments, 1)) for *_, bright in rings]
    here = len(mesh.vertices) + np.arange(segments * (len(rings) - 1))
    beside = np.roll(here.reshape(-1, segments), -1, axis=1).ravel()
    halves = [(here, here + segments, beside), (beside, here + segments, beside + segments)]
    extra = segments * len(rings)
    return Mesh(
        vertices=np.concatenate([mesh.vertices, *points]),
        triangles=np.concatenate([mesh.triangles, *(np.stack(h, axis=1) for h in halves)]),
        joints=np.concatenate([mesh.joints, np.full((extra, 4), mesh.names.index("wrist"))]),
        weights=np.concatenate([mesh.weights, np.tile([1.0, 0, 0, 0], (extra, 1))]),
        names=mesh.names,
        positions=mesh.positions,
        colours=np.concatenate([mesh.colours, *colours]),
    )


def vertex_normals(points: Floats, triangles: NDArray[np.int64]) -> Floats:
    """Area-weighted unit normals; vertices at the same place share theirs (no seams)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    _, same = np.unique(points.round(6), axis=0, return_inverse=True)
    sums = np.zeros((same.max() + 1, 3))
    for k in range(3):
        np.add.at(sums, same.ravel()[triangles[:, k]], faces)
    normals = sums[same.ravel()]
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def shade(colours: Floats, normals: Floats) -> Floats:
    """Lambert shading wrapped round the edge, as light under skin does."""
    light = LIGHT / np.linalg.norm(LIGHT)
    lit = np.clip((normals @ light + 0.35) / 1.35, 0, 1)[:, None]
    edge = 1 - np.clip(normals[:, 2:], 0, 1)
    warm = np.array([1.0, 0.86, 0.8])
    return colours * (0.46 + 0.66 * lit) * (1 - 0.35 * edge * (1 - warm) - 0.18 * edge**2)


def rasterise(
    pixels: Floats, triangles: NDArray[np.int64], colours: Floats, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """RGBA picture of shaded triangles, nearest (greatest z) in front."""
    width, height = size
    depth = np.full((height, width), -np.inf)
    picture = np.zeros((height, width, 4), np.uint8)
    for corners in triangles:
        p, shades = pixels[corners], colours[corners]
        area = (p[1, 0] - p[0, 0]) * (p[2, 1] - p[0, 1]) - (p[2, 0] - p[0, 0]) * (p[1, 1] - p[0, 1])
        if abs(area) < 1e-9:
            continue
        x0, y0 = np.maximum(np.floor(p[:, :2].min(0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(p[:, :2].max(0)).astype(int) + 1, [width, height])
        y, x = np.mgrid[y0:y1, x0:x1] + 0.5
        u = ((p[1, 0] - x) * (p[2, 1] - y) - (p[2, 0] - x) * (p[1, 1] - y)) / area
        v = ((p[2, 0] - x) * (p[0, 1] - y) - (p[0, 0] - x) * (p[2, 1] - y)) / area
        share = np.stack([u, v, 1 - u - v], axis=-1)
        z = share @ p[:, 2]
        inside = (share >= -1e-6).all(-1) & (z > depth[y0:y1, x0:x1])
        depth[y0:y1, x0:x1][inside] = z[inside]
        picture[y0:y1, x0:x1][inside] = np.append(
            (share[inside] @ shades).clip(0, 255), np.full((inside.sum(), 1), 255.0), axis=1
        )
    return picture


def render(
    mesh: Mesh, pose: Pose, turn: float, metres_per_pixel: float
) -> tuple[Image.Image, Floats]:
    """The sprite of one pose turned by so many degrees, and the index fingertip in it, pixels."""
    points, tip = posed(mesh, pose)
    about = rotation(np.array([0.0, 1.0, 0.0]), turn, np.zeros(3))[:3, :3]
    points, tip = points @ about.T, about @ tip
    colours = shade(mesh.colours, vertex_normals(points, mesh.triangles))
    low, high = points.min(0), points.max(0)
    scale = SUPERSAMPLING / metres_per_pixel
    margin = 2 * SUPERSAMPLING
    size = np.ceil((high - low)[:2] * scale / SUPERSAMPLING).astype(int) * SUPERSAMPLING

    def project(p: Floats) -> Floats:
        x, y = (p[:, 0] - low[0]) * scale + margin, (high[1] - p[:, 1]) * scale + margin
        return np.stack([x, y, p[:, 2]], axis=-1)

    large = (int(size[0]) + 2 * margin, int(size[1]) + margin)
    picture = Image.fromarray(rasterise(project(points), mesh.triangles, colours, large))
    small = (large[0] // SUPERSAMPLING, large[1] // SUPERSAMPLING)
    # Straight alpha would let the black outside bleed into the edge: shrink premultiplied.
    sprite = picture.convert("RGBa").resize(small, Image.Resampling.BOX).convert("RGBA")
    return sprite, project(tip[None])[0, :2] / SUPERSAMPLING


def main() -> None:
    if not MESH.exists():
        raise SystemExit(f"{MESH} is missing: run scripts/media.sh hand")
    mesh = with_sleeve(read_glb(MESH))
    metres_per_pixel = float(np.ptp(mesh.vertices[:, 1])) / (HEIGHT - 6)
    SPRITES.mkdir(exist_ok=True)
    anchors: list[str] = []
    for name, pose in POSES.items():
        sprite, (x, y) = render(mesh, pose, TURNS.get(name, 0.0), metres_per_pixel)
        sprite.save(SPRITES / f"{name}.png", optimize=True)
        anchors.append(f"{name} = [{x:.1f}, {y:.1f}]")
        print(f"{name}: {sprite.width}×{sprite.height}, index tip at {x:.0f}, {y:.0f}")
    (SPRITES / "tips.toml").write_text(
        "# Index fingertip in each sprite, pixels. Written by scripts/render_hands.py.\n"
        f"pixels_per_metre = {1 / metres_per_pixel:.1f}\n\n[tips]\n" + "\n".join(anchors) + "\n"
    )


if __name__ == "__main__":
    main()
