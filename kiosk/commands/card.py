"""``kiosk card …``: what an identity card says."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.errors import CardError
from kiosk.idcard.document import FIELDS, IdentityDocument
from kiosk.idcard.places import ward_today

if TYPE_CHECKING:
    from kiosk.idcard.chip.access import AccessKey
    from kiosk.idcard.chip.reading import ChipReading
    from kiosk.idcard.chip.virtual import Abilities, VirtualChip

app = typer.Typer(help="Thẻ căn cước. The identity card.", no_args_is_help=True)

Code = Annotated[
    Path | None,
    typer.Option("--qr", help="Nội dung mã QR. What the QR code holds; - for standard input."),
]
Zone = Annotated[
    Path | None,
    typer.Option(
        "--mrz",
        help="Ba dòng mặt sau thẻ. The three lines on the back; - for standard input.",
    ),
]


AccessDigits = Annotated[
    str | None, typer.Option("--can", help="Sáu số in trên thẻ. The six digits on the card.")
]
Authorities = Annotated[
    Path | None,
    typer.Option(help="Thư mục chứng thư của cơ quan cấp. Folder of the issuers' certificates."),
]


@app.command("parse")
def parse(
    qr_code: Code = None,
    mrz: Zone = None,
    fields: Annotated[
        bool,
        typer.Option(
            "--fields", help="Nguồn từng mục, phường nay. Each field's source, the ward of today."
        ),
    ] = False,
) -> None:
    """Đọc thẻ. Print what a card says as JSON, nothing is kept; code and zone are put together.

    Exit status 2 and one line that says why when it is not an identity card's.
    """
    try:
        document = _read_document(qr_code, mrz)
    except CardError as error:
        print(" / ".join(error.both().splitlines()), file=sys.stderr)
        raise typer.Exit(2) from error
    more = _told_of_fields(document) if fields else {}
    print(json.dumps(_told(document) | more, ensure_ascii=False))


@app.command("read")
def read(
    can: AccessDigits = None,
    mrz: Zone = None,
    trust: Authorities = None,
    reader: Annotated[str, typer.Option(help="Tên đầu đọc. Part of the reader's name.")] = "",
) -> None:
    """Đọc chip. Read the chip of the card on the reader and print what it says as JSON.

    The portrait is not shown and nothing is kept. Exit status 0: verified; 3: consistent, the
    issuer is unknown; 1: changed or forged, or it could not be read; 2: the key is wrong.
    """
    from kiosk.idcard.chip.passive import Authenticity

    try:
        reading = _read_chip(can, mrz, trust, reader)
    except CardError as error:
        print(" / ".join(error.both().splitlines()), file=sys.stderr)
        raise typer.Exit(2 if error.key in ("chip_key", "card_mrz") else 1) from error
    verdict = reading.verdict
    told = {"authenticity": verdict.authenticity, "reason": verdict.reason}
    told |= {"genuine": reading.genuine, "portrait_bytes": len(reading.portrait)}
    print(json.dumps(_told(reading.document) | told, ensure_ascii=False))
    status = {Authenticity.VERIFIED: 0, Authenticity.ISSUER_UNKNOWN: 3, Authenticity.FAILED: 1}
    raise typer.Exit(status[verdict.authenticity])


@app.command("virtual")
def virtual(
    seed: Annotated[int, typer.Option(help="Chọn người. Chooses the invented holder.")] = 1,
    portrait: Annotated[Path | None, typer.Option(help="Ảnh JPEG. A JPEG picture.")] = None,
    trust: Annotated[
        Path | None,
        typer.Option(help="Nơi ghi chứng thư. Where to write its issuer's certificate."),
    ] = None,
    bac: Annotated[
        bool, typer.Option("--bac", help="Thẻ cũ. An older card, which knows BAC only.")
    ] = False,
) -> None:
    """Thẻ ảo. Lay a virtual card on pcscd's virtual reader until stopped.

    Needs Debian's vsmartcard-vpcd and pcscd.
    """
    from kiosk.idcard.chip.virtual import Abilities
    from kiosk.idcard.chip.vpcd import VirtualReader

    abilities = Abilities(pace=None) if bac else Abilities()
    chip = _virtual_chip(seed, portrait, trust, abilities)
    with VirtualReader() as there:
        print(json.dumps({"can": abilities.access_number, "mrz": chip.zone.splitlines()}))
        sys.stdout.flush()
        there.serve(chip)


def _virtual_chip(
    seed: int, portrait: Path | None, trust: Path | None, abilities: Abilities
) -> VirtualChip:
    from cryptography.hazmat.primitives.serialization import Encoding

    from kiosk.idcard.chip.issuing import VirtualIssuer
    from kiosk.idcard.chip.virtual import BLANK, VirtualChip
    from kiosk.idcard.synthetic import synthetic

    issuer = VirtualIssuer(datetime.now(UTC))
    if trust is not None:
        trust.mkdir(parents=True, exist_ok=True)
        (trust / "virtual.pem").write_bytes(issuer.authority.public_bytes(Encoding.PEM))
    picture = portrait.read_bytes() if portrait else BLANK
    return VirtualChip(synthetic(seed), picture, issuer, abilities)


def _read_chip(can: str | None, zone: Path | None, trust: Path | None, reader: str) -> ChipReading:
    from kiosk.idcard.chip.passive import TrustStore
    from kiosk.idcard.chip.pcsc import inserted_card
    from kiosk.idcard.chip.reading import read_chip

    key = _access_key(can, zone)
    store = TrustStore.load(trust) if trust else TrustStore()
    card = inserted_card(reader)
    if card is None:
        raise CardError("chip_none")
    try:
        return read_chip(card, key, store, datetime.now(UTC), monotonic)
    finally:
        card.close()


def _access_key(can: str | None, zone: Path | None) -> AccessKey:
    from kiosk.idcard import mrz
    from kiosk.idcard.chip.access import AccessNumber, ZoneKey

    if (can is None) == (zone is None):
        raise typer.BadParameter("--can hoặc --mrz. Either --can or --mrz.")
    if zone is not None:
        text = _read(zone, mrz.LIMIT_CHARACTERS).decode("ascii", "replace")
        return ZoneKey.of(mrz.parse(text))
    try:
        return AccessNumber(can or "")
    except ValueError as error:
        raise typer.BadParameter("--can: sáu chữ số. Six digits.") from error


def _read_document(qr_code: Path | None, zone: Path | None) -> IdentityDocument:
    """Of a card's code and zone, either or both put together."""
    from kiosk.idcard import mrz, qr
    from kiosk.idcard.document import merged

    read: list[IdentityDocument] = []
    if qr_code is not None:
        read.append(qr.parse(_read(qr_code, qr.LIMIT_BYTES)))
    if zone is not None:
        text = _read(zone, mrz.LIMIT_CHARACTERS).decode("ascii", "replace")
        read.append(mrz.parse(text).document())
    if not read:
        raise typer.BadParameter("--qr hoặc --mrz. Either --qr or --mrz, or both.")
    return merged(*read)


def _read(source: Path, limit: int) -> bytes:
    """One byte more than anything that would be looked at, whatever stands there."""
    if str(source) == "-":
        return sys.stdin.buffer.read(limit + 1)
    with source.open("rb") as file:
        return file.read(limit + 1)


def _told(document: IdentityDocument) -> dict[str, object]:
    keys = ("number", "old_number", "name", "date_of_birth", "sex", "address", "issued", "source")
    told: dict[str, object] = {key: getattr(document, key) for key in keys}
    return told | {"warnings": list(document.warnings)}


def _told_of_fields(document: IdentityDocument) -> dict[str, object]:
    """Where each field comes from, and the ward of today beside the address."""
    ward = ward_today(document.address)
    certain = {
        field: {"source": document.source_of(field), "certainty": document.certainty_of(field)}
        for field in FIELDS
        if document.source_of(field)
    }
    return {
        "ward": ward and {"code": ward.code, "name": ward.name, "province": ward.province},
        "fields": certain,
    }
