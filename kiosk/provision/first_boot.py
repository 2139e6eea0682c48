"""The first boot: step after step, with a bar on the screen, again after every power cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.errors import ProvisionError
from kiosk.provision import durable
from kiosk.provision.card import Card
from kiosk.provision.console import Console
from kiosk.provision.machine import Machine
from kiosk.provision.steps import STEPS, Context, Step

UNIT = "provision-first-boot.service"


def start(machine: Machine, console: Console) -> None:
    """Called from the boot partition at each start until the card is set up: make the first boot
    a unit of the system, so that it no longer depends on who called."""
    _refuse_half_written(Card.find(machine))
    unit = machine.path(f"/usr/lib/kiosk/{UNIT}").read_bytes()
    durable.write(machine.path(f"/etc/systemd/system/{UNIT}"), unit)
    # Without a reload, which on a busy machine times out: nobody has looked for the unit before.
    machine.run("systemctl", "enable", "--quiet", "--no-reload", UNIT)
    machine.run("sync")
    console.say("started")


def run(
    machine: Machine,
    console: Console,
    restart: Callable[[], None],
    steps: Sequence[Step] = STEPS,
) -> None:
    """Do what is left to do, then start the machine again. Raises :class:`ProvisionError`, which
    is on the screen by then; the next start tries again."""
    card = Card.find(machine)
    _refuse_half_written(card)
    context = Context(machine, card)
    for number, step in enumerate(steps, start=1):
        if step.done(context):
            continue
        console.step(step.name, number, len(steps))
        step.do(context, lambda share, at=number: console.part(at, len(steps), share))
    console.say("done")
    restart()


def _refuse_half_written(card: Card) -> None:
    if not card.is_whole():
        raise ProvisionError("sd_incomplete")
