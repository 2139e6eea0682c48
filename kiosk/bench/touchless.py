"""``kiosk bench touchless``: simulated people choose with a hand in the air.

Each of them is drawn, seen by the real models, and closes the loop as a person does
(:mod:`kiosk.bench.visitor`); what the visit takes from it is right, wrong or nothing at all.
Others stand there for minutes and choose nothing (:mod:`kiosk.bench.idling`).
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import typer

from kiosk import config
from kiosk.bench import clips
from kiosk.bench.booth import (
    Background,
    Booth,
    Canvas,
    Drawn,
    Layout,
    Orientation,
    Standing,
    at_screen,
    idle_hand,
    on_stage,
)
from kiosk.bench.conditions import Advance, one_opencv_thread, progress
from kiosk.bench.idling import BYSTANDER, MOTIONS, Held
from kiosk.bench.layouts import choosing
from kiosk.bench.touchless_report import Attempt, Idle, Report
from kiosk.bench.touchless_table import show
from kiosk.bench.visitor import Channel, Traits, Visitor, drawn, one_of
from kiosk.config import Settings
from kiosk.vision.cutouts import Skin
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Handedness, Point

Second = Literal["nobody", "behind", "behind, hand up"]
_FPS = 15
_STANDS_S = 0.6
"""How long somebody stands there before they raise a hand."""
_PATIENCE_S = 8.0
"""Whoever has chosen nothing so long after the hand was up has failed."""
_EPISODE_S = 20.0
_OPEN_HAND = Held((-1.1, -0.1), "open")
FACES = (80.0, 100.0, 100.0, 120.0, 120.0, 120.0, 150.0, 150.0)
"""Widths of a face at 720 lines: about 2, 1.6, 1.3 and 1 m from a camera that sees 66°, as often
as people stop there: the footprints are a good metre away."""
HEIGHTS = (0.30, 0.42, 0.58)
"""Of a face in the picture: a tall person, most people, a child or somebody in a wheelchair."""
FINGERS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Trial:
    """One person in one place, and what they want."""

    channel: Channel
    wanted: str
    """Option id."""
    fingers: int
    """How many they raise; 0 for whoever points."""
    traits: Traits
    standing: Standing
    background: Background
    orientation: Orientation
    dropped: float
    """Share of the pictures that never arrive."""
    noise: float
    second: Second


@dataclass(frozen=True, slots=True)
class Episode:
    """Somebody who wants nothing for a while."""

    motion: str
    side: Handedness
    skin: Skin
    standing: Standing
    background: Background
    orientation: Orientation


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    selections: int = 300
    fingers: int = 100
    idle_min: float = 10.0
    seed: int = 0
    jobs: int = 0
    """Processes; 0: one for each core."""
    media: Path | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    settings: Settings
    layouts: dict[Orientation, Layout]


def main(*, as_json: bool, effort: Effort = Effort()) -> None:
    """Simulate, measure and print. Raises :class:`~kiosk.errors.KioskError` when settings, models
    or the portrait are missing."""
    settings = config.load(config.find())
    episodes = round(effort.idle_min * 60 / _EPISODE_S)
    with progress(effort.selections + effort.fingers + episodes) as advance:
        report = measure(settings, effort, advance)
    if as_json:
        typer.echo(json.dumps(report.summary(), ensure_ascii=False))
    else:
        show(report)


def measure(settings: Settings, effort: Effort, advance: Advance) -> Report:
    """Everything; ``advance`` is called after each person."""
    layouts = choosing(settings, ("portrait", "landscape"))
    rng = np.random.default_rng(effort.seed)
    trials = [*pointing(rng, effort.selections, layouts), *raising(rng, effort.fingers, layouts)]
    episodes = idling(rng, round(effort.idle_min * 60 / _EPISODE_S))
    attempts: list[Attempt] = []
    idle: list[Idle] = []
    jobs = effort.jobs or os.cpu_count() or 1
    for outcome in _all(_Work(settings, layouts), [*trials, *episodes], jobs):
        if isinstance(outcome, Attempt):
            attempts.append(outcome)
        else:
            idle.append(outcome)
        advance()
    seen = clips.measure(settings, effort.media, layouts["portrait"]) if effort.media else None
    return Report(attempts, idle, seen)


# ── who comes ─────────────────────────────────────────────────────────────────────────────────


def pointing(
    rng: np.random.Generator, count: int, layouts: dict[Orientation, Layout]
) -> list[Trial]:
    """People who point, every option of the page as often as every other."""
    options = [target.id for target in layouts["portrait"].targets]
    return [_trial(rng, "pointing", options[n % len(options)], 0) for n in range(count)]


def raising(
    rng: np.random.Generator, count: int, layouts: dict[Orientation, Layout]
) -> list[Trial]:
    """People who raise as many fingers as what they want has for a number."""
    numbered = {t.digit: t.id for t in layouts["portrait"].targets if t.digit in FINGERS}
    meant = [(digit, numbered[digit]) for digit in sorted(numbered)]
    return [
        _trial(rng, "fingers", meant[n % len(meant)][1], meant[n % len(meant)][0] or 0)
        for n in range(count)
    ]


def idling(rng: np.random.Generator, count: int) -> list[Episode]:
    """People who want nothing."""
    kinds = [*MOTIONS, BYSTANDER]
    return [
        Episode(
            kinds[n % len(kinds)],
            one_of(rng, "right", "left"),
            one_of(rng, "light", "medium", "dark"),
            _standing(rng),
            one_of(rng, "wall", "window", "shelves"),
            one_of(rng, "portrait", "landscape"),
        )
        for n in range(count)
    ]


def _trial(rng: np.random.Generator, channel: Channel, wanted: str, fingers: int) -> Trial:
    return Trial(
        channel=channel,
        wanted=wanted,
        fingers=fingers,
        traits=drawn(rng, channel, fingers),
        standing=_standing(rng),
        background=one_of(rng, "wall", "window", "shelves"),
        orientation=one_of(rng, "portrait", "landscape"),
        dropped=one_of(rng, 0.0, 0.0, 0.1, 0.25),
        noise=one_of(rng, 2.0, 6.0),
        second=one_of(rng, "nobody", "nobody", "behind", "behind, hand up"),
    )


def _standing(rng: np.random.Generator) -> Standing:
    return Standing(x=rng.uniform(0.44, 0.56), y=one_of(rng, *HEIGHTS), face=one_of(rng, *FACES))


# ── what they do ──────────────────────────────────────────────────────────────────────────────


def attempt(work: _Work, models: Models, trial: Trial) -> Attempt:
    """One person before the kiosk, until something was chosen or they give up."""
    layout = work.layouts[trial.orientation]
    size = (work.settings.camera.width, work.settings.camera.height)
    canvas = Canvas(size, trial.background, trial.noise)
    booth = Booth(work.settings, models, layout)
    goal = layout.place(trial.wanted) if trial.channel == "pointing" else None
    visitor = Visitor(trial.traits, goal, layout.stage, _STANDS_S)
    drops = np.random.default_rng(trial.traits.seed)
    others = _second(trial, size)
    path: list[tuple[Point, Point | None]] = []
    picked, number, at = None, 0, 0.0
    while picked is None and at < visitor.up_at + _PATIENCE_S:
        at = number / _FPS
        place, pose = visitor.hand(at)
        here = _swaying(trial.standing, at)
        tip = at_screen(place, here, trial.traits.side, work.settings, size)
        number += 1
        if drops.random() < trial.dropped:
            continue
        hand = Drawn(
            tip,
            pose,
            trial.traits.side,
            trial.traits.hand_faces * here.box(size)[2],
            trial.traits.skin,
            trial.traits.lean,
        )
        picture = canvas.picture(number, [*others, (here, [hand])])
        pointing, picked = booth.look(picture, at)
        visitor.sees(at, pointing)
        true = on_stage(tip, here, trial.traits.side, work.settings, layout, size)
        path.append((true, pointing.position))
    return Attempt(
        channel=trial.channel,
        wanted=trial.wanted,
        picked=picked,
        took_s=at - visitor.up_at,
        from_start_s=at - visitor.started_at,
        lag_frames=_lag(path) if not trial.dropped else None,
        groups={
            "tile": trial.wanted,
            "hand": trial.traits.side,
            "skin": trial.traits.skin,
            "face_px": f"{trial.standing.face:.0f}",
            "height": f"{trial.standing.y:.2f}",
            "tremor": f"{trial.traits.tremor:.0%}",
            "pose": trial.traits.points,
            "raised_as": trial.traits.shows,
            "background": trial.background,
            "dropped": f"{trial.dropped:.0%}",
            "second": trial.second,
            "orientation": trial.orientation,
        },
    )


def _second(trial: Trial, size: tuple[int, int]) -> list[tuple[Standing, list[Drawn]]]:
    """Somebody farther back, on the side of the hand or the other, now and then with a hand up."""
    if trial.second == "nobody":
        return []
    away = 0.17 if trial.traits.seed % 2 else -0.17
    behind = Standing(trial.standing.x + away, trial.standing.y - 0.05, 0.55 * trial.standing.face)
    if trial.second == "behind":
        return [(behind, [])]
    return [(behind, [idle_hand(_OPEN_HAND, behind, "right", "medium", size)])]


def idle(work: _Work, models: Models, episode: Episode) -> Idle:
    """Somebody who wants nothing, and what was chosen all the same."""
    layout = work.layouts[episode.orientation]
    size = (work.settings.camera.width, work.settings.camera.height)
    canvas = Canvas(size, episode.background, 2.0)
    booth = Booth(work.settings, models, layout)
    picks, engaged, before = 0, 0, False
    for number in range(round(_EPISODE_S * _FPS)):
        at = number / _FPS
        here = _swaying(episode.standing, at)
        people = _idle_people(episode, here, at, size)
        pointing, picked = booth.look(canvas.picture(number, people), at)
        picks += picked is not None
        now = pointing.hand == "engaged"
        engaged += now and not before
        before = now
    return Idle(episode.motion, _EPISODE_S, picks, engaged)


def _idle_people(
    episode: Episode, here: Standing, at: float, size: tuple[int, int]
) -> list[tuple[Standing, list[Drawn]]]:
    if episode.motion != BYSTANDER:
        held = MOTIONS[episode.motion](at)
        return [(here, [idle_hand(held, here, episode.side, episode.skin, size)])]
    away = 0.16 if episode.side == "right" else -0.16
    other = Standing(here.x + away, here.y - 0.04, 0.65 * here.face)
    own = idle_hand(MOTIONS["hanging"](at), here, episode.side, episode.skin, size)
    theirs = idle_hand(_OPEN_HAND, other, episode.side, "medium", size)
    return [(other, [theirs]), (here, [own])]


def _swaying(standing: Standing, at: float) -> Standing:
    """Nobody stands still: a hundredth of a face width or two."""
    side = math.sin(1.3 * at) + 0.5 * math.sin(2.9 * at)
    x = standing.x + 0.015 * side * standing.face / 1280
    y = standing.y + 0.01 * math.sin(1.7 * at) * standing.face / 720
    return Standing(x, y, standing.face, standing.portrait)


def _lag(path: list[tuple[Point, Point | None]]) -> float | None:
    """How many frames the pointer is behind the fingertip: where the two paths fit best."""
    seen = [n for n, (_, shown) in enumerate(path) if shown is not None]
    if len(seen) < 12:
        return None
    true = np.array([place for place, _ in path])
    shown = np.array([path[n][1] for n in seen])
    moves = np.hypot(*np.diff(true[seen], axis=0).T)
    if moves.sum() < 400:
        return None  # too little movement to tell
    lags = np.arange(0, 6.01, 0.25)
    frames = np.arange(len(path))
    errors = []
    for lag in lags:
        late = np.stack([np.interp(np.array(seen) - lag, frames, true[:, k]) for k in (0, 1)], 1)
        errors.append(float(np.abs(late - shown).mean()))
    return float(lags[int(np.argmin(errors))])


# ── on every core ─────────────────────────────────────────────────────────────────────────────


def _all(work: _Work, jobs: list[Trial | Episode], processes: int) -> Iterator[Attempt | Idle]:
    if processes == 1:
        with one_opencv_thread():
            models = Models()
            yield from (_outcome(work, models, job) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _prepare, (work,)) as pool:
        yield from pool.imap_unordered(_in_process, jobs)


def _outcome(work: _Work, models: Models, job: Trial | Episode) -> Attempt | Idle:
    return attempt(work, models, job) if isinstance(job, Trial) else idle(work, models, job)


_mine: list[tuple[_Work, Models]] = []


def _prepare(work: _Work) -> None:
    import cv2

    cv2.setNumThreads(1)
    _mine.append((work, Models()))


def _in_process(job: Trial | Episode) -> Attempt | Idle:
    return _outcome(*_mine[0], job)
