"""A pipeline and a clock: pictures in, percepts out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kiosk.config import Settings
from kiosk.vision.camera import Frame, Image
from kiosk.vision.gallery import NOBODY, Gallery
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Enrolment, Percept
from kiosk.vision.pipeline import Pipeline

FPS = 15.0


class Booth:
    """A pipeline and a clock: pictures in, percepts out."""

    def __init__(self, settings: Settings, models: Models, fps: float = FPS) -> None:
        self.pipeline = Pipeline(settings, models)
        self.fps = fps
        self.at = 0.0

    def show(self, images: Iterable[Image]) -> list[Percept]:
        percepts: list[Percept] = []
        for image in images:
            percepts.append(self.pipeline.look(Frame(image, self.at)))
            self.at += 1 / self.fps
        return percepts

    def enrol(self, image: Image) -> Enrolment:
        """Somebody stands still until their template is made."""
        track = self.show([image])[0].subject
        assert track is not None
        self.pipeline.start_enrolment(track)
        for _ in range(60):
            self.show([image])
            done = self.pipeline.enrolment()
            if done:
                return done
        raise AssertionError("no template")

    def set_gallery(self, **templates: Enrolment) -> None:
        rows = [np.frombuffer(done.template, "<f4") for done in templates.values()]
        matrix = np.array(rows, np.float32) if rows else NOBODY
        self.pipeline.set_gallery(Gallery.of(list(templates), matrix))


def candidates(percepts: list[Percept]) -> list[str | None]:
    faces = [percept.subject_face() for percept in percepts]
    return [face.candidate.citizen_id if face and face.candidate else None for face in faces]
