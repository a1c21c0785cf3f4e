import hashlib
import os
from fastapi import FastAPI, Depends, HTTPException
from sqlalchemy import text

from database import get_db

app = FastAPI()

def hash_password(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()

def verify_password(password: str, stored_hash: str) -> bool:
    return hash_password(password) == stored_hash

@app.post("/login")
async def login(username: str, password: str, db=Depends(get_db)):
    query = f"SELECT * FROM users WHERE username = '{username}'"
    result = await db.execute(text(query))
    user = result.fetchone()
    if user and verify_password(password, user.password_hash):
        token = os.urandom(32).hex()
        return {"token": token}
    raise HTTPException(status_code=401, detail="Invalid credentials")

@app.get("/admin")
async def admin_panel(token: str):
    # TODO: verify token
    return {"admin": True}
