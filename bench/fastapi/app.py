"""The tracker's case read as a FastAPI team would write it: a verified token, a policy, one row through SQLAlchemy.

Started by `cargo xtask bench`; `prepare.py` makes the database, the key and the token first.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

FOLDER = Path(os.environ["BENCH_FOLDER"])
ISSUER = "http://127.0.0.1/bench"
AUDIENCE = "http://127.0.0.1/bench/api/v1"
PUBLIC_KEY = (FOLDER / "public.pem").read_bytes()

engine = create_engine(f"sqlite:///{FOLDER / 'cases.db'}", pool_size=8)
make_session = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "connect")
def use_write_ahead_log(connection, _record) -> None:
    connection.execute("PRAGMA journal_mode = WAL")


class Base(DeclarativeBase):
    pass


class CaseRow(Base):
    __tablename__ = "cases"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str]
    severity: Mapped[str]
    assignee_id: Mapped[str | None]
    opened_by: Mapped[str]
    restricted: Mapped[bool]
    version: Mapped[int]
    opened_at: Mapped[str]
    changed_at: Mapped[str]


class CaseOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int
    title: str
    description: str
    status: str
    severity: str
    assignee_id: str | None
    opened_by: str
    restricted: bool
    version: int
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Caller:
    client: str
    tenant: str
    scopes: frozenset[str]


bearer = HTTPBearer(auto_error=False)


def current_caller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Caller:
    if credentials is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(
            credentials.credentials,
            PUBLIC_KEY,
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from None
    return Caller(claims["sub"], claims["tenant"], frozenset(claims["scope"].split()))


def session():
    with make_session() as opened:
        yield opened


def may_read(caller: Caller, case: CaseRow) -> bool:
    return case.tenant_id == caller.tenant and "cases:read" in caller.scopes and not case.restricted


app = FastAPI()


@app.get("/api/v1/cases/{reference}")
def read_case(
    reference: str,
    caller: Annotated[Caller, Depends(current_caller)],
    session: Annotated[Session, Depends(session)],
) -> CaseOut:
    prefix, _, number = reference.partition("-")
    if prefix != "CASE" or not number.isdecimal():
        raise HTTPException(404)
    case = session.scalar(
        select(CaseRow).where(CaseRow.tenant_id == caller.tenant, CaseRow.number == int(number))
    )
    if case is None or not may_read(caller, case):
        raise HTTPException(404)
    return CaseOut.model_validate(case)
