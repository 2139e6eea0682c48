"""``kiosk …``: the technician's way in. Vietnamese first, English beside it."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk import __version__, config
from kiosk.commands import (
    bench,
    card,
    device,
    outbox,
    printer,
    recognition,
    store,
    technician,
    ticket,
    update,
    upkeep,
)
from kiosk.commands.doctor import doctor
from kiosk.commands.options import CameraSource, ConfigFile, Json, settings_of
from kiosk.config_words import settings_in_words
from kiosk.errors import ConfigError, DataSetError, KioskError

app = typer.Typer(
    name="kiosk",
    help="Kiosk lấy số không chạm cho bộ phận Một cửa. "
    "A touchless queue-ticket kiosk for one-stop offices.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(help="Cài đặt. The settings file.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(printer.app, name="printer")
app.add_typer(ticket.app, name="ticket")
app.add_typer(card.app, name="card")
app.add_typer(recognition.app, name="recognition")
app.add_typer(outbox.app, name="outbox")
app.add_typer(store.app, name="store")
app.add_typer(update.app, name="update")
app.add_typer(upkeep.app, name="upkeep")
app.add_typer(bench.app, name="bench")
app.command("enrol-device")(device.enrol_device)
app.add_typer(technician.app, name="technician")
app.command()(doctor)


@app.callback()
def _common(
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Nói nhiều hơn. Log every step to stderr.")
    ] = False,
) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


@app.command()
def version() -> None:
    """Phiên bản. Print the version."""
    print(__version__)


@app.command()
def run(
    config_file: ConfigFile = None,
    camera: CameraSource = None,
    *,
    safe_mode: Annotated[
        bool,
        typer.Option(
            "--safe-mode",
            help="Chế độ an toàn. No camera, recognition or voice: tickets by touch and keypad.",
        ),
    ] = False,
) -> None:
    """Chạy kiosk. Run the kiosk until it is stopped (or a replayed scene ends)."""
    from kiosk.app import run as run_kiosk

    path = config_file or config.find()
    settings = settings_of(path, camera)
    run_kiosk(config.safest(settings) if safe_mode else settings, path.resolve().parent)


@app.command()
def sync(config_file: ConfigFile = None) -> None:
    """Đồng bộ. Exchange records with the central server until stopped."""
    from kiosk.sync.service import main as run_sync

    run_sync(settings_of(config_file))


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option(help="Nơi ghi kết quả. Where screenshots and tickets go.")
    ] = Path("out/demo"),
    camera: CameraSource = None,
    as_json: Json = False,
) -> None:
    """Trình diễn. Central server, virtual printer and kiosk; three scripted visits.

    With --camera 0 you are the visitor: close the window (or press Ctrl-C) to end.
    """
    from kiosk.demo import run_demo

    raise typer.Exit(run_demo(out, camera=camera, as_json=as_json))


@app.command()
def look(
    images: Annotated[list[Path], typer.Argument(help="Ảnh. Pictures.", metavar="IMAGE…")],
    as_json: Json = False,
) -> None:
    """Xem trong ảnh có gì. Say which faces, hands and barcodes are in each picture."""
    from kiosk.vision.look import look_all

    raise typer.Exit(look_all(images, as_json=as_json))


@config_app.command("check")
def config_check(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Kiểm tra tệp cài đặt. Say whether the settings file can be used, and if not, why."""
    from kiosk.printer.template import TicketTemplate
    from kiosk.vision.embedding_card import card_of

    path = config_file or config.find()
    try:
        settings = config.load(path)
        TicketTemplate.of(settings)  # the logo is part of the settings
        card_of(settings.recognition.model)
    except ConfigError as error:
        if not as_json:
            raise
        print(json.dumps({"ok": False, "what": error.what(), "do": error.do()}))
        raise typer.Exit(2) from error
    if as_json:
        print(json.dumps({"ok": True, "file": str(path), "fields": len(settings.fields)}))
    else:
        print(f"{path}: dùng được, {len(settings.fields)} lĩnh vực.")
        print(f"{path}: good, {len(settings.fields)} fields of business.")


@config_app.command("show")
def config_show(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Mọi cài đặt. Print every setting with its value and meaning."""
    settings = settings_of(config_file)
    if as_json:
        print(settings.model_dump_json(indent=2))
    else:
        print(settings_in_words(settings))


def main() -> None:
    """Entry point: errors people can act on are said in both languages, with exit status 2 for
    what the caller can mend in their input and 1 for everything else."""
    try:
        app()
    except KioskError as error:
        print(error.both(), file=sys.stderr)
        sys.exit(2 if isinstance(error, (ConfigError, DataSetError)) else 1)
    except OSError as error:
        logging.getLogger(__name__).info("", exc_info=True)
        print(KioskError("system", reason=error).both(), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
