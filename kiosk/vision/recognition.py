"""Whose face it may be: probes of the tracks alive, the gallery, and an enrolment under way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kiosk.config import RecognitionSettings
from kiosk.vision.camera import Image
from kiosk.vision.enrolment import Enroller, Sample
from kiosk.vision.gallery import NOBODY, Gallery
from kiosk.vision.percepts import Candidate, Enrolment
from kiosk.vision.probe import Probe
from kiosk.vision.quality import Pose
from kiosk.vision.templates import Embedding
from kiosk.vision.tracking import Track

_SURELY = 10
"""A single frame decides when it is so many times surer than the policy asks."""


@dataclass(frozen=True, slots=True)
class FaceImage:
    """The aligned face of one frame, and what is known of it."""

    crop: Image
    """(112, 112, 3) RGB."""
    pose: Pose
    quality: float
    at: float
    """Seconds."""


class Embeds(Protocol):
    """What is asked of :class:`~kiosk.vision.embedding.Embedder`."""

    @property
    def model_id(self) -> str:
        """Which embedding makes the templates."""
        ...

    def __call__(self, crop: Image) -> Embedding:
        """The embedding of an aligned face."""
        ...


class Recogniser:
    """Holds embeddings in memory only: a probe as long as its track lives, an enrolment until it
    is taken. Nothing about a person who is not enrolled outlives their track."""

    def __init__(self, settings: RecognitionSettings, embedder: Embeds) -> None:
        self._settings = settings
        self._embedder = embedder
        self._gallery = Gallery.of([], NOBODY)
        self._probes: dict[int, Probe] = {}
        self._looked_at: int | None = None
        self._enroller: Enroller | None = None
        self._portrait: Embedding | None = None

    @property
    def model_id(self) -> str:
        """Which embedding makes the templates."""
        return self._embedder.model_id

    def set_gallery(self, gallery: Gallery) -> None:
        """Compare with these templates from the next look on: whoever is no longer among them is
        forgotten at once, candidates already given included."""
        self._gallery = gallery

    def wants(self, track: Track, face: FaceImage) -> bool:
        """Whether the track's face in this frame is worth embedding. Ask for each frame: of a
        track not looked at in the frame before it is unknown whose it has become."""
        probe = self._probes.setdefault(track.id, self._new_probe())
        steady = track.steady and track.id == self._looked_at
        self._looked_at = track.id
        enroller = self._enroller_of(track)
        wanted = probe.wants(face.crop, face.at, steady)
        wanted = wanted or bool(enroller and enroller.wants(face.quality, face.at))
        return wanted and face.quality >= self._settings.least_quality

    def take(self, track: Track, face: FaceImage) -> bool:
        """Embed the face that was wanted. False when it is plainly another person's than
        before: the track is then no longer one person's and must be given a new id."""
        probe, enroller = self._probes[track.id], self._enroller_of(track)
        embedding = self._embedder(face.crop)
        if not probe.add(embedding):
            self._forget(track.id)
            return False
        if enroller and not probe.doubted:
            enroller.add(Sample(face.at, face.quality, face.pose, embedding))
        return True

    def candidate(self, track_id: int) -> Candidate | None:
        """The nearest enrolled citizen to a track, once it is known well enough."""
        probe = self._probes.get(track_id)
        return probe and probe.candidate(self._gallery)

    def start_enrolment(self, track_id: int, portrait: Embedding | None = None) -> None:
        """Collect frames of one track from now on; ``portrait`` is the face on the holder's
        card. Whoever asks has the person's consent."""
        self._enroller = Enroller(track_id, self._settings.enrol_frames)
        self._portrait = portrait

    def enrolment(self) -> Enrolment | None:
        """The template asked for, handed over once; ``None`` until there is enough of it, and
        for good when the track ended before."""
        done = self._enroller and self._enroller.template(self._embedder.model_id)
        if not done:
            return None
        portrait, self._enroller, self._portrait = self._portrait, None, None
        if portrait is None:
            return done
        score = float(portrait @ np.frombuffer(done.template, "<f4"))
        by_chance = self._gallery.tail.false_match_probability(score) if portrait.any() else 1.0
        return replace(done, portrait=by_chance)

    def keep_only(self, alive: frozenset[int]) -> None:
        """Forget everything about tracks that have ended."""
        for track_id in self._probes.keys() - alive:
            self._forget(track_id)

    def _new_probe(self) -> Probe:
        return Probe(self._settings.probe_frames, self._is_sure)

    def _is_sure(self, candidate: Candidate) -> bool:
        expected = candidate.false_match_probability * candidate.enrolled
        return expected * self._settings.wrong_greeting_visits * _SURELY <= 1

    def _forget(self, track_id: int) -> None:
        self._probes.pop(track_id, None)
        if self._enroller and self._enroller.track_id == track_id:
            self._enroller = self._portrait = None

    def _enroller_of(self, track: Track) -> Enroller | None:
        enroller = self._enroller
        return enroller if enroller and enroller.track_id == track.id else None
