"""People sealed, tombstones, the stream of changes, kiosks that sign.

Kiosks enrolled by a bearer token must be enrolled anew: their tokens are gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import context, op

from central.db.keys import Keys
from wire import number_index

revision = "0005"
down_revision = "0004"

_OFFICE = 1
_PERSONAL = ("identity", "masked", "template")


def upgrade() -> None:
    """Create the new tables, move the citizens into theirs, clean the stored events."""
    _offices()
    _devices()
    _changes()
    _people()
    keys: Keys = context.config.attributes["keys"]
    erased = list(_erased())
    _seal_citizens(keys, {citizen for citizen, _ in erased})
    _bury(erased)
    _clean_events({citizen for citizen, _ in erased})


def _offices() -> None:
    office = op.create_table(
        "office",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("settings", sa.JSON()),
        sa.Column("stream", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(
        office, [{"id": _OFFICE, "settings": sa.null(), "stream": uuid4(), "position": 0}]
    )


def _devices() -> None:
    with op.batch_alter_table("device") as device:
        device.add_column(sa.Column("uid", sa.Uuid()))
        device.add_column(_office(server_default=str(_OFFICE)))
        device.add_column(sa.Column("public_key", sa.LargeBinary(32)))
        device.alter_column("token_sha256", existing_type=sa.String(64), nullable=True)
    table = _table("device", id=sa.Integer, uid=sa.Uuid, role=sa.String, token_sha256=sa.String)
    for (device_id,) in _rows(sa.select(table.c.id)):
        op.execute(table.update().where(table.c.id == device_id).values(uid=uuid4()))
    op.execute(table.update().where(table.c.role == "kiosk").values(token_sha256=None))
    with op.batch_alter_table("device") as device:
        device.alter_column("uid", existing_type=sa.Uuid(), nullable=False)
        device.alter_column("office_id", existing_type=sa.Integer(), server_default=None)
        device.create_unique_constraint("device_uid", ["uid"])
        device.create_foreign_key("device_office", "office", ["office_id"], ["id"])
    op.create_table(
        "enrolment_token",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        _office(sa.ForeignKey("office.id")),
        sa.Column("name", sa.String(64), nullable=False, index=True),
        _time("expires_at"),
        sa.Column("public_key", sa.LargeBinary(32)),
    )
    op.create_table(
        "spent_jti",
        sa.Column("device_id", sa.Integer(), sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("jti", sa.String(64), primary_key=True),
        _time("expires_at", index=True),
    )


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("office_id", sa.Integer(), sa.ForeignKey("office.id"), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(36), nullable=False),
        sa.UniqueConstraint("office_id", "kind", "ref", name="each_thing_once"),
    )


def _people() -> None:
    op.drop_index("ix_citizen_number", "citizen")
    op.rename_table("citizen", "plain_citizen")
    op.create_table(
        "citizen",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
        ),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        _office(sa.ForeignKey("office.id")),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("column_key", sa.String(16), nullable=False, index=True),
        sa.Column("number_index", sa.String(64), nullable=False, index=True),
        sa.Column("number_secret", sa.String(16), nullable=False, index=True),
        sa.Column("masked_name", sa.String(100)),
        sa.Column("masked_birth", sa.String(10)),
        sa.Column("sex", sa.String(1)),
        sa.Column("decade", sa.String(5), nullable=False),
        _time("enrolled_at"),
        _time("last_visit"),
        _time("told_visit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "template",
        sa.Column("citizen", sa.Uuid(), primary_key=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(16), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
    )
    op.create_table(
        "tombstone",
        sa.Column("citizen", sa.Uuid(), primary_key=True),
        _office(sa.ForeignKey("office.id")),
        _time("erased_at"),
        sa.Column("reason", sa.String(16), nullable=False),
    )
    op.create_index("ix_ticket_citizen", "ticket", ["citizen"])


def _erased() -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Whom kiosks had reported as forgotten: the earlier release only noted it."""
    event = _event_table()
    kind = event.c.body["kind"].as_string()
    rows = _rows(sa.select(event.c.at, event.c.body).where(kind == "citizen_erased"))
    for at, body in rows:
        yield UUID(body["citizen"]), {"erased_at": at, "reason": body["reason"]}


def _seal_citizens(keys: Keys, erased: set[UUID]) -> None:
    plain = _table(
        "plain_citizen",
        **{name: sa.Uuid if name == "id" else sa.String for name in _PLAIN},
        position=sa.BigInteger,
        issued=sa.Date,
        enrolled_at=sa.DateTime(timezone=True),
    )
    for row in _rows(sa.select(plain).order_by(plain.c.position)):
        if row.id not in erased:
            op.execute(_citizen_table().insert().values(_sealed(keys, row)))
    op.drop_table("plain_citizen")
    if op.get_bind().dialect.name == "postgresql":  # SQLite counts on from the largest by itself
        op.execute(
            "SELECT setval(pg_get_serial_sequence('citizen', 'position'),"
            " (SELECT coalesce(max(position), 0) + 1 FROM citizen), false)"
        )


_PLAIN = (
    "id", "number", "old_number", "name", "date_of_birth", "sex", "address", "source",
)  # fmt: skip


def _sealed(keys: Keys, row: Any) -> dict[str, object]:
    identity = {name: getattr(row, name) for name in _PLAIN if name != "id"}
    identity["issued"] = row.issued.isoformat() if row.issued else None
    secret = keys.secret("number")
    values: dict[str, object] = {
        "position": row.position,
        "id": row.id,
        "office_id": _OFFICE,
        "identity": keys.seal(json.dumps(identity).encode(), row.id),
        "column_key": keys.column_key,
        "number_index": number_index(secret.key, row.number),
        "number_secret": secret.id,
        "sex": row.sex,
        "decade": f"{row.date_of_birth[:3]}0s",
    }
    return values | dict.fromkeys(("enrolled_at", "last_visit", "told_visit"), row.enrolled_at)


def _bury(erased: Iterable[tuple[UUID, dict[str, Any]]]) -> None:
    tombstone = _table(
        "tombstone",
        citizen=sa.Uuid,
        office_id=sa.Integer,
        erased_at=sa.DateTime(timezone=True),
        reason=sa.String,
    )
    change = _table(
        "change", office_id=sa.Integer, position=sa.BigInteger, kind=sa.String, ref=sa.String
    )
    office = _table("office", position=sa.BigInteger)
    graves = dict(erased)
    for position, (citizen, grave) in enumerate(graves.items(), start=1):
        of = {"office_id": _OFFICE}
        op.execute(tombstone.insert().values(citizen=citizen, **of, **grave))
        told = {"position": position, "kind": "citizen", "ref": str(citizen)}
        op.execute(change.insert().values(**of, **told))
    op.execute(office.update().values(position=len(graves)))


def _clean_events(erased: set[UUID]) -> None:
    """Stored events keep nothing personal; tickets of the forgotten are nobody's."""
    event = _event_table()
    kind = event.c.body["kind"].as_string()
    rows = _rows(
        sa.select(event.c.position, event.c.body).where(
            kind.in_(("citizen_enrolled", "ticket_issued"))
        )
    )
    for position, body in rows:
        kept = {key: value for key, value in body.items() if key not in _PERSONAL}
        if kept["kind"] == "ticket_issued":
            kept["citizen"] = None
        op.execute(event.update().where(event.c.position == position).values(body=kept))
    ticket = _table("ticket", citizen=sa.Uuid)
    for citizen in erased:
        op.execute(ticket.update().where(ticket.c.citizen == citizen).values(citizen=None))


def _event_table() -> sa.TableClause:
    return _table("event", position=sa.BigInteger, at=sa.DateTime(timezone=True), body=sa.JSON)


def _citizen_table() -> sa.TableClause:
    times = dict.fromkeys(("enrolled_at", "last_visit", "told_visit"), sa.DateTime(timezone=True))
    words = dict.fromkeys(
        ("column_key", "number_index", "number_secret", "sex", "decade"), sa.String
    )
    return _table(
        "citizen",
        position=sa.BigInteger,
        id=sa.Uuid,
        office_id=sa.Integer,
        identity=sa.LargeBinary,
        **words,
        **times,
    )


def _table(table: str, /, **columns: Any) -> sa.TableClause:
    return sa.table(table, *(sa.column(column, kind) for column, kind in columns.items()))


def _rows(query: sa.Select[*tuple[Any, ...]]) -> list[Any]:
    return list(op.get_bind().execute(query))


def _office(*constraints: sa.ForeignKey, **more: Any) -> sa.Column[int]:
    return sa.Column("office_id", sa.Integer(), *constraints, nullable=False, **more)


def _time(name: str, **more: Any) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **more)
