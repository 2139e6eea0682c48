"""Users: who may sign in, and what to do when somebody cannot or must not any more."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, HTTPException
from fastapi.responses import Response
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.services import accounts
from central.services.accounts import AccountFault
from central.web.page import Page, PageDep, RowId, pages

router = pages(UserRole.ADMINISTRATOR)
Text = Annotated[str, Form(max_length=200)]
Step = Literal["role", "password", "second_factor", "disable", "enable"]


@router.get("/users")
def get_users(page: PageDep) -> Response:
    """Everybody who can sign in."""
    return _list(page)


@router.post("/users")
def post_users(
    page: PageDep, name: Text, full_name: Text, role: Annotated[UserRole, Form()]
) -> Response:
    """Let somebody sign in; shows their first password, this once."""
    password = accounts.new_password()
    try:
        with page.database.writing() as session:
            user = accounts.add_user(
                session, page.me.office_id, name, full_name, role, password, page.now
            )
            page.record(session, "user.added", f"user:{user.id}", role=role)
            return _told(page, user, password)
    except AccountFault as fault:
        typed = {"name": name, "full_name": full_name, "role": role}
        return _list(page, 422, f"users.fault.{fault.reason}", typed)


@router.get("/users/{number}")
def get_user(page: PageDep, number: RowId) -> Response:
    """What can be done for one."""
    with page.database.reading() as session:
        return page.show("user.html", user=_user(page, session, number), roles=_roles(page))


@router.post("/users/{number}")
def post_user(
    page: PageDep,
    number: RowId,
    step: Annotated[Step, Form()],
    role: Annotated[UserRole | None, Form()] = None,
) -> Response:
    """Do it; whoever is signed in as them is signed out."""
    password = accounts.new_password()
    try:
        with page.database.writing() as session:
            user = _user(page, session, number)
            if step == "role" and role:
                accounts.change_role(session, user, role)
            elif step == "password":
                accounts.set_password(session, user, password, chosen_by_user=False)
            elif step == "second_factor":
                accounts.remove_totp(session, user)
            elif step == "disable":
                accounts.disable(session, user, page.now)
            elif step == "enable":
                accounts.enable(user)
            page.record(session, f"user.{step}", f"user:{number}", role=user.role)
            if step == "password":
                return _told(page, user, password)
    except AccountFault as fault:
        return page.go(f"/users/{number}", f"users.fault.{fault.reason}")
    return page.go(f"/users/{number}", f"users.{step}_said")


def _list(
    page: Page, status: int = 200, fault: str = "", typed: dict[str, str] | None = None
) -> Response:
    with page.database.reading() as session:
        return page.show(
            "users.html",
            status,
            users=accounts.users_of(session, page.me.office_id),
            roles=_roles(page),
            fault=page.text(fault, least=accounts.SHORTEST) if fault else "",
            typed=typed or {"name": "", "full_name": "", "role": UserRole.OFFICER},
        )


def _told(page: Page, user: User, password: str) -> Response:
    return page.show("user_password.html", user=user, password=password, back="/users")


def _roles(page: Page) -> list[tuple[str, str]]:
    return [(role, page.text(f"web.role.{role}")) for role in UserRole]


def _user(page: Page, session: Session, number: int) -> User:
    user = session.get(User, number)
    if user is None or user.office_id != page.me.office_id:
        raise HTTPException(404)
    return user
