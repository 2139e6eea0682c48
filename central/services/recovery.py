"""Recovery codes: each good once in place of the second factor, for whoever lost the telephone."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from central.db.accounts import RecoveryCode, User
from central.db.keys import Keys

COUNT = 10
FEW = 3
"""With so many left it is time for new ones."""
_DIGITS = 12
"""40 bits. Who guesses is stopped by the limit of tries; who has the database alone learns nothing,
for what is kept of a code is keyed with the key file's key."""


def new_codes(session: Session, keys: Keys, user: User) -> list[str]:
    """Codes to be written down, shown this once; earlier ones are void."""
    void_codes(session, user)
    codes = [f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}" for _ in range(COUNT)]
    session.add_all(
        RecoveryCode(user_id=user.id, digest=_digest(keys, user, code)) for code in codes
    )
    session.flush()
    return ["-".join(re.findall("....", code)) for code in codes]


def use_code(session: Session, keys: Keys, user: User, said: str, now: datetime) -> bool:
    """Whether ``said`` is one of the user's codes; of two at once who say the same, one is
    right."""
    code = re.sub(r"[\s-]", "", said)
    if not re.fullmatch(rf"[0-9]{{{_DIGITS}}}", code):
        return False
    mine = update(RecoveryCode).where(
        RecoveryCode.user_id == user.id,
        RecoveryCode.digest == _digest(keys, user, code),
        RecoveryCode.used_at.is_(None),
    )
    used = session.execute(mine.values(used_at=now))
    return cast("CursorResult[Any]", used).rowcount == 1


def codes_left(session: Session, user: User) -> int:
    """How many are still good."""
    counted = select(func.count()).where(
        RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(counted) or 0


def void_codes(session: Session, user: User) -> None:
    """None is good any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _digest(keys: Keys, user: User, code: str) -> str:
    key = keys.derived("recovery codes")
    return hmac.new(key, user.uid.bytes + code.encode(), sha256).hexdigest()
