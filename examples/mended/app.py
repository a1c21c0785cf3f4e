"""The application of ../vulnerable with its seven holes mended."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

import passwords
import tokens
from database import User, create_tables, get_db


@asynccontextmanager
async def lifespan(app: FastAPI):
    await create_tables()
    yield


limiter = Limiter(key_func=get_remote_address)
app = FastAPI(lifespan=lifespan)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
bearer = HTTPBearer(auto_error=False)


class Credentials(BaseModel):
    """Travels in the body, where no access log and no browser history keeps it."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=64)
    password: SecretStr = Field(min_length=1, max_length=256)


@app.exception_handler(RequestValidationError)
async def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    # The default answer repeats the input, which may be a password.
    places = [{"place": list(map(str, item["loc"])), "message": item["msg"]} for item in error.errors()]
    return JSONResponse(status_code=422, content={"errors": places})


@app.post("/login")
@limiter.limit("5/minute")
async def login(
    request: Request,
    response: Response,
    credentials: Credentials,
    db: Annotated[AsyncSession, Depends(get_db)],
):
    user = await db.scalar(select(User).where(User.username == credentials.username))
    password = credentials.password.get_secret_value()
    # An unknown user costs as much time as a known one, and gets the same answer.
    stored_hash = user.password_hash if user else passwords.DUMMY_HASH
    is_right = await run_in_threadpool(passwords.verify, stored_hash, password)
    if user is None or not is_right:
        raise HTTPException(status_code=401, detail="Invalid credentials")
    if passwords.needs_rehash(stored_hash):
        renewed = await run_in_threadpool(passwords.hash_password, password)
        await db.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
        await db.commit()
    response.headers["Cache-Control"] = "no-store"
    return {"access_token": tokens.issue(user.username, user.role), "token_type": "bearer", "expires_in": tokens.LIFETIME_SECS}


async def current_claims(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> tokens.Claims:
    claims = tokens.verify(credentials.credentials) if credentials else None
    if claims is None:
        raise HTTPException(status_code=401, detail="Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return claims


async def require_admin(claims: Annotated[tokens.Claims, Depends(current_claims)]) -> tokens.Claims:
    if claims.role != "admin":
        raise HTTPException(status_code=403, detail="Not allowed")
    return claims


@app.get("/admin")
async def admin_panel(admin: Annotated[tokens.Claims, Depends(require_admin)]):
    return {"admin": True, "name": admin.subject}
