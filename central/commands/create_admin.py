"""``central create-admin``: the first administrator, or one who cannot get in any more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from central.commands.options import (
    DEFAULT,
    DatabaseUrl,
    KeyFile,
    OfficeName,
    office_of,
    opened,
    refusal,
)
from central.db.accounts import UserRole
from central.services import accounts, audit
from central.services.accounts import AccountFault

_FAULTS = {
    "name_taken": (
        "Tên {name} đã có. Để đặt lại mật khẩu và xác thực hai lớp của người đó: --reset",
        "The name {name} is taken. To give that user a new password and no second factor: --reset",
    ),
    "name_odd": (
        "Tên đăng nhập gồm 2–64 chữ cái không dấu viết thường, chữ số, dấu . _ -",
        "A name to sign in with is 2 to 64 of a–z, 0–9, . _ -",
    ),
}
_OTHER = ("Không dùng được họ tên hoặc mật khẩu này.", "This full name or password cannot be used.")


def create_admin(
    name: Annotated[str, typer.Argument(help="Tên đăng nhập. The name to sign in with.")],
    full_name: Annotated[str, typer.Option(help="Họ và tên. [default: NAME]")] = "",
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="Người này đã có: đặt lại. There is such a user: new password, no second factor.",
        ),
    ] = False,
    office: OfficeName = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Tạo người quản trị. Create an administrator; print a password to sign in with once.

    At the first sign-in they choose a password of their own and set up a second factor.
    """
    now, password = datetime.now(UTC), accounts.new_password()
    try:
        with opened(database, key_file) as central, central.writing() as session:
            user = accounts.user_named(session, name) if reset else None
            if user is not None:
                if office and user.office_id != office_of(session, office).id:
                    raise _elsewhere(name)
                user.role = UserRole.ADMINISTRATOR
                accounts.enable(user)
                accounts.remove_totp(session, user)
                accounts.set_password(session, user, password, chosen_by_user=False)
            else:
                of, role = office_of(session, office).id, UserRole.ADMINISTRATOR
                user = accounts.add_user(session, of, name, full_name or name, role, password, now)
            what, actor = "user.reset" if reset else "user.added", "command:create-admin"
            subject = f"user:{user.id}"
            audit.record(session, central.keys, now, user.office_id, actor, what, subject)
    except AccountFault as fault:
        vietnamese, english = _FAULTS.get(fault.reason, _OTHER)
        raise refusal(vietnamese.format(name=name), english.format(name=name), 2) from fault
    typer.echo(password)
    typer.echo("Mật khẩu dùng để đăng nhập lần đầu.\nThe password for the first sign-in.", err=True)


def _elsewhere(name: str) -> typer.Exit:
    return refusal(
        f"{name} là người của cơ quan khác.", f"{name} is somebody of another office.", 2
    )
