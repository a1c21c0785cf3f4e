"""Signs in to a demo tracker on this machine as its administrator, makes an API client, and prints an access token.

Started by `cargo xtask bench`: `sign_in.py ADDRESS E-MAIL PASSWORD`.
"""

import base64
import http.client
import json
import re
import sys
from urllib.parse import urlencode

address, email, password = sys.argv[1:]
origin = f"http://{address}"
cookies = {}


def ask(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers["Origin"] = origin
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status >= 400:
        sys.exit(f"{method} {path} was answered with {answer.status}: {text[:500]}")
    for header in answer.headers.get_all("Set-Cookie") or []:
        name, _, value = header.split(";")[0].partition("=")
        cookies[name] = value
    return text


form = "application/x-www-form-urlencoded"
page = ask("GET", "/sign-in")
csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
ask("POST", "/sign-in", urlencode({"csrf": csrf, "next": "/cases", "email": email, "password": password}), Content_Type=form)
me = json.loads(ask("GET", "/api/v1/me"))
client = json.loads(
    ask(
        "POST",
        "/api/v1/clients",
        json.dumps({"name": "bench", "scopes": ["cases:read"]}),
        Content_Type="application/json",
        X_CSRF_Token=me["csrf_token"],
    )
)
cookies.clear()
basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
token = json.loads(
    ask(
        "POST",
        "/oauth/token",
        urlencode({"grant_type": "client_credentials", "scope": "cases:read"}),
        Content_Type=form,
        Authorization=f"Basic {basic}",
    )
)
print(token["access_token"])
