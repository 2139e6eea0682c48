"""One frame in, one percept out.

    faces (central square) → tracks, but for pictures → the subject → mesh → pose, quality
        → aligned crop → embedding → candidate
    hands (central square), while the subject is near → those within the subject's reach
    codes and print, while a card is looked for

The work is spent where it changes something: only the subject gets a mesh and an embedding, the
embedding only until the probe is good and seldom afterwards; the palm detector runs only while
no hand is followed, and not on every frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.config import Settings
from kiosk.vision import fingers
from kiosk.vision.align import aligned, roughly_aligned
from kiosk.vision.camera import Frame, Image
from kiosk.vision.card_finder import CardFinder
from kiosk.vision.embedding import Embedder
from kiosk.vision.embedding_card import card_of
from kiosk.vision.face_search import FaceSearch
from kiosk.vision.faces import (
    FaceDetection,
    FaceMesh,
    Mesh,
    detect_faces_still,
    region_of_detection,
)
from kiosk.vision.gallery import Gallery
from kiosk.vision.hands import INDEX_TIP, WRIST, Hand, HandTracker
from kiosk.vision.litert import Models
from kiosk.vision.open import open_face_finder
from kiosk.vision.percepts import (
    Box,
    Candidate,
    Enrolment,
    FacePercept,
    HandPercept,
    Percept,
    Point,
    View,
)
from kiosk.vision.pictures import PictureSpotter
from kiosk.vision.portrait import portrait_pixels
from kiosk.vision.quality import (
    Complaint,
    Pose,
    Quality,
    assess,
    eye_distance,
    pose_of_keypoints,
    pose_of_mesh,
)
from kiosk.vision.recognition import FaceImage, Recogniser
from kiosk.vision.region import central_square
from kiosk.vision.stages import Stages
from kiosk.vision.templates import Embedding
from kiosk.vision.tracking import FaceTracker, SubjectChooser, Track, centre
from kiosk.vision.view import view_of

_LINES = 720
"""Frame height that ``vision.near_eye_distance_px`` is meant for."""
_READY = 0.8
"""Hands are looked for a little before the person is near enough to be served."""
_LEAST_MESH_PRESENCE = 0.5
_SURE_MESH_PRESENCE = 0.995
"""The mesh must be so sure once before a track counts as a face: the detector takes knuckles and
pockets for faces at scores up to 0.77. Of 83 such detections in pictures of raised hands the
mesh gave none more than 0.990; of 1,500 portraits 99.5 % got 0.9997 and more."""
_SURE_SCORE, _MASKED_MESH_PRESENCE = 0.8, 0.1
"""A face behind a mask, of which the mesh is seldom sure, counts when the detector is: its owner
needs no face to take a ticket, but to be seen at all."""
_REACH = 5.5
"""How far from the middle of the face a wrist can be, in widths of the face (about 15 cm): half
the shoulders and an arm, a little nearer to the camera than the face."""
_LOYALTY = 1.4
"""A hand that was the subject's stays it until another face is so many times nearer."""
_SECOND_HAND_EVERY = 4
"""With one hand in view the palm detector still runs on every so many of its turns: the first
hand seen may be the one that holds the papers."""
_VIEW_EVERY_S = 5.0
"""Time between two measurements of light and focus, which take as long as a face."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """The subject as last seen."""

    track_id: int
    box: Box
    near: bool


class Pipeline:
    """Everything that is done with a frame. Not for use by several threads.

    Raises :class:`~kiosk.errors.ModelError` when a model cannot be loaded.
    """

    def __init__(self, settings: Settings, models: Models) -> None:
        self._vision = settings.vision
        self._detector = open_face_finder(settings.vision, models)
        self._search = FaceSearch(self._detector)
        self._mesh = FaceMesh(models)
        self._hands = HandTracker(models, self._vision.palm_every, self._vision.hand_presence)
        recognition = settings.recognition
        self._embedder = (
            Embedder(models, card_of(recognition.model)) if recognition.enabled else None
        )
        self._recogniser = self._embedder and Recogniser(recognition, self._embedder)
        self._tracker, self._chooser = FaceTracker(), SubjectChooser()
        self._pictures = PictureSpotter()
        self._faces_proven: set[int] = set()
        self._subject: _Subject | None = None
        self._complaint = Complaint()
        self._own_wrists: list[Point] = []
        self._cards = CardFinder(settings.reader.printed_side)
        self._viewed_at = float("-inf")
        self._frame = 0

    @property
    def model_id(self) -> str | None:
        """Which embedding makes the templates; ``None`` when recognition is off."""
        return self._recogniser and self._recogniser.model_id

    def look(self, frame: Frame) -> Percept:
        """What is in ``frame``."""
        stages = Stages()
        faces = self._faces(frame, stages)
        hands = self._hands_of_subject(frame.image, faces, stages)
        barcodes, card, text = self._cards.look(frame, self._frame, stages)
        height, width = frame.image.shape[:2]
        self._frame += 1
        return Percept(
            frame=self._frame - 1,
            at=frame.at,
            size=(width, height),
            faces=faces,
            hands=hands,
            barcodes=barcodes,
            card=card,
            text=text,
            subject=self._subject and self._subject.track_id,
            stages_ms=stages.ms,
            view=self._view(frame, stages),
        )

    def set_gallery(self, gallery: Gallery) -> None:
        """Replace the templates faces are compared with. Whoever is left out is forgotten at
        once."""
        if self._recogniser:
            self._recogniser.set_gallery(gallery)

    def look_for_card(self, on: bool) -> None:
        """Start or stop looking for a card."""
        self._cards.wanted(on)

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        """Collect frames of one track for a template, from now on; is it the face of
        ``portrait``? Only ever with consent."""
        if self._recogniser:
            known = self._portrait(portrait) if portrait else None
            self._recogniser.start_enrolment(track_id, known)

    def _portrait(self, portrait: bytes) -> Embedding | None:
        """The embedding of the picture on a chip, whoever sent it; of zeros when it shows no
        face, which is like nobody's."""
        assert self._embedder is not None  # noqa: S101 -- or there is no recogniser
        image = portrait_pixels(portrait)
        faces = [] if image is None else detect_faces_still(self._detector, image)
        if image is None or not faces:
            return np.zeros(self._embedder.card.dimensions, np.float32)
        mesh = self._mesh(image, region_of_detection(max(faces, key=lambda face: face.box[2])))
        return self._embedder(self._embedder.view(image, mesh, aligned(image, mesh)))

    def enrolment(self) -> Enrolment | None:
        """The template asked for, handed over once; ``None`` until there are enough good frames,
        and for good when the track was lost or taken by someone else before."""
        return self._recogniser.enrolment() if self._recogniser else None

    def _faces(self, frame: Frame, stages: Stages) -> tuple[FacePercept, ...]:
        image = frame.image
        with stages("face"):
            square, left, top = central_square(image)
            found = [face.moved(left, top) for face in self._search(square, self._frame)]
        tracks = self._tracker.update([f.box for f in found], [f.score for f in found], frame.at)
        tracked = [(t, f) for t, f in zip(tracks, found, strict=True) if t]
        alive = self._tracker.alive
        alive -= self._pictures.update([track for track, _ in tracked], alive, frame.at)
        living = [(t, f) for t, f in tracked if t.id in alive]
        seen = [(t, f) for t, f in living if self._is_face(image, t, f, stages)]
        self._search.proven([face.moved(-left, -top).box for _, face in seen])
        size = (image.shape[1], image.shape[0])
        subject = self._choose([track for track, _ in seen], alive, size, frame.at)
        return tuple(
            self._subject_face(frame, track, face, stages)
            if track.id == subject
            else _percept(track.id, face, *_assessed(image, track, face, stages)[:2])
            for track, face in seen
        )

    def _is_face(self, image: Image, track: Track, face: FaceDetection, stages: Stages) -> bool:
        """Whether a track is a face for certain: asked of the mesh until it says so once."""
        if track.id in self._faces_proven:
            return True
        with stages("mesh"):
            presence = self._mesh(image, region_of_detection(face)).presence
        masked = face.score >= _SURE_SCORE and presence >= _MASKED_MESH_PRESENCE
        if masked or presence >= _SURE_MESH_PRESENCE:
            self._faces_proven.add(track.id)
        return track.id in self._faces_proven

    def _choose(
        self, tracks: Sequence[Track], alive: frozenset[int], size: tuple[int, int], at: float
    ) -> int | None:
        self._faces_proven &= alive
        if self._recogniser:
            self._recogniser.keep_only(alive)
        boxes = {track.id: track.box for track in tracks}
        subject = self._chooser.update(boxes, alive, size, at, busy=bool(self._own_wrists))
        if self._subject and self._subject.track_id != subject:
            self._subject = None
            self._complaint = Complaint()
            self._hands.reset()
            self._own_wrists = []
        return subject

    def _subject_face(
        self, frame: Frame, track: Track, face: FaceDetection, stages: Stages
    ) -> FacePercept:
        with stages("mesh"):
            mesh = self._mesh(frame.image, region_of_detection(face))
        pose, quality, crop = _assessed(frame.image, track, face, stages, mesh)
        view = self._embedder.view(frame.image, mesh, crop) if self._embedder else crop
        shown = FaceImage(view, pose, quality.value, frame.at)
        track_id, candidate = self._recognised(track, shown, stages)
        flaw = self._complaint.update(quality.flaw, frame.at)
        near = self._vision.near_eye_distance_px * frame.image.shape[0] / _LINES
        is_near = eye_distance(face.keypoints) >= _READY * near
        self._subject = _Subject(track_id, face.box, is_near)
        return _percept(track_id, face, pose, quality, flaw, candidate)

    def _recognised(
        self, track: Track, face: FaceImage, stages: Stages
    ) -> tuple[int, Candidate | None]:
        """The track's id, a new one when someone else took its place, and whom it resembles."""
        if self._recogniser is None:
            return track.id, None
        if not self._recogniser.wants(track, face):
            return track.id, self._recogniser.candidate(track.id)
        with stages("embed"):
            if self._recogniser.take(track, face):
                return track.id, self._recogniser.candidate(track.id)
        renewed = self._tracker.renew(track.id)
        self._chooser.renamed(track.id, renewed)
        return renewed, None

    def _hands_of_subject(
        self, image: Image, faces: tuple[FacePercept, ...], stages: Stages
    ) -> tuple[HandPercept, ...]:
        subject = self._subject
        if subject is None or not subject.near:
            self._hands.reset()
            self._own_wrists = []
            return ()
        turn = self._vision.palm_every * _SECOND_HAND_EVERY
        search = not self._own_wrists or self._frame % turn == 0
        with stages("hand"):
            square, left, top = central_square(image)
            x, y, width, height = subject.box
            face = (x - left, y - top, width, height)
            found = self._hands(square, self._frame, search, face)
        others = [face.box for face in faces if face.track_id != subject.track_id]
        hands = [_hand_percept(hand, left, top) for hand in found]
        own = tuple(hand for hand in hands if self._is_own(hand, subject.box, others))
        self._own_wrists = [hand.landmarks[WRIST] for hand in own]
        return own

    def _is_own(self, hand: HandPercept, face: Box, others: Sequence[Box]) -> bool:
        """Whether a hand is the subject's; one that was is not lost to a face behind that is now
        and then taken for a larger one."""
        wrist = hand.landmarks[WRIST]
        before = any(math.dist(wrist, was) < face[2] for was in self._own_wrists)
        return is_within_reach(wrist, face, others, _LOYALTY if before else 1.0)

    def _view(self, frame: Frame, stages: Stages) -> View | None:
        if frame.at - self._viewed_at < _VIEW_EVERY_S:
            return None
        self._viewed_at = frame.at
        with stages("view"):
            return view_of(frame.image)


def is_within_reach(wrist: Point, face: Box, others: Sequence[Box], loyalty: float = 1.0) -> bool:
    """Whether a hand can belong to ``face``: near enough, and no other face is ``loyalty`` times
    nearer (each distance in widths of that face, so that someone in the background is far from
    it)."""
    distance = _widths_between(wrist, face)
    return distance <= _REACH and all(
        distance <= loyalty * _widths_between(wrist, other) for other in others
    )


def _widths_between(point: Point, face: Box) -> float:
    x, y = centre(face)
    return math.hypot(point[0] - x, point[1] - y) / max(face[2], 1e-6)


def _assessed(
    image: Image, track: Track, face: FaceDetection, stages: Stages, mesh: Mesh | None = None
) -> tuple[Pose, Quality, Image]:
    """Pose (roughly, from the keypoints, without a mesh that shows a face), quality and crop."""
    with stages("quality"):
        pose = pose_of_keypoints(face.keypoints)
        if mesh is not None and mesh.presence >= _LEAST_MESH_PRESENCE:
            pose = pose_of_mesh(mesh.landmarks)
        crop = aligned(image, mesh) if mesh else roughly_aligned(image, face.keypoints)
        eyes = eye_distance(face.keypoints)
        return pose, assess(crop, eyes, pose, mesh, track.speed), crop


def _percept(
    track_id: int,
    face: FaceDetection,
    pose: Pose,
    quality: Quality,
    flaw: str | None = None,
    candidate: Candidate | None = None,
) -> FacePercept:
    return FacePercept(
        track_id=track_id,
        box=face.box,
        score=face.score,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        eye_distance_px=eye_distance(face.keypoints),
        quality=quality.value,
        flaw=flaw,
        candidate=candidate,
    )


def _hand_percept(hand: Hand, left: int, top: int) -> HandPercept:
    points = [(x + left, y + top) for x, y, _ in hand.landmarks.tolist()]
    return HandPercept(
        handedness="right" if hand.right >= 0.5 else "left",
        presence=hand.presence,
        fingers=fingers.count(hand.landmarks),
        pointer=points[INDEX_TIP],
        landmarks=tuple(points),
    )
