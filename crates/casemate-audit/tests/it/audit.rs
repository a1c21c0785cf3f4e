//! A whole audit: the brief's program, order, threads, problems.

use casemate_audit::{Settings, Severity};

use crate::support::{audit, audit_with, pedantic, told};

const OPENING: &str = r#"import hashlib
import os
from fastapi import FastAPI, Depends, HTTPException
from sqlalchemy import text

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
"#;

#[test]
fn the_opening_program_has_seven_holes() {
    let outcome = audit(&[("app.py", OPENING)]);

    assert_eq!(
        told(&outcome),
        [
            "9: password-weak-hash",
            "12: timing-unsafe-compare",
            "15: login-no-rate-limit",
            "15: credentials-in-query",
            "17: sqlalchemy-text-injection",
            "20: bearer-token-unsigned",
            "25: admin-route-unprotected",
            "25: credentials-in-query",
        ]
    );
    assert!(outcome.problems.is_empty());
}

#[test]
fn the_injection_is_shown_from_parameter_to_database() {
    let outcome = audit(&[("app.py", OPENING)]);
    let finding = outcome.findings.iter().find(|finding| finding.rule.name == "sqlalchemy-text-injection").unwrap();
    let path: Vec<String> =
        finding.path.iter().map(|step| format!("{}: {}", step.place.start.line, step.note)).collect();

    assert_eq!(
        path,
        [
            "15: `username` comes from the query string",
            "16: becomes part of `query`",
            "17: is taken for SQL by `text(query)`",
            "17: is run by `db.execute(text(query))`",
        ]
    );
    assert_eq!(finding.severity, Severity::Critical);
    assert_eq!(finding.function, "login");
}

#[test]
fn the_admin_route_names_the_todo_that_stands_for_the_check() {
    let outcome = audit(&[("app.py", OPENING)]);
    let finding = outcome.findings.iter().find(|finding| finding.rule.name == "admin-route-unprotected").unwrap();

    assert!(finding.message.contains("TODO: verify token"), "{}", finding.message);
}

#[test]
fn fingerprints_do_not_move_with_the_lines() {
    let before = audit(&[("app.py", OPENING.to_owned())]);
    let after = audit(&[("app.py", format!("\"\"\"A new first line.\"\"\"\n\n{OPENING}"))]);
    let prints = |outcome: &casemate_audit::Outcome| {
        outcome.findings.iter().map(|finding| finding.fingerprint.clone()).collect::<Vec<_>>()
    };

    assert_eq!(prints(&before), prints(&after));
    let mut unique = prints(&before);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), before.findings.len());
    assert!(unique.iter().all(|print| print.len() == 32));
}

#[test]
fn the_order_of_files_changes_nothing() {
    let other = OPENING.replace("/login", "/signin");
    let one = audit(&[("a.py", OPENING), ("b.py", other.as_str())]);
    let two = audit(&[("b.py", other.as_str()), ("a.py", OPENING)]);

    assert_eq!(format!("{:?}", one.findings), format!("{:?}", two.findings));
}

#[test]
fn a_rule_that_is_ignored_stays_silent() {
    let settings = Settings { ignore: vec!["AUT".to_owned()], ..Settings::default() };

    assert_eq!(
        told(&audit_with(&settings, &[("app.py", OPENING)])),
        ["17: sqlalchemy-text-injection", "20: bearer-token-unsigned"]
    );
}

#[test]
fn data_is_followed_from_a_route_into_another_module() {
    let routes = r#"
from fastapi import APIRouter
from .dependencies import Cursor
from .store.users import Users

router = APIRouter()

@router.get("/users")
def find(name: str, cursor: Cursor):
    return Users(cursor).by_name(name.strip())
"#;
    let users = r#"
class Users:
    def __init__(self, cursor):
        self.cursor = cursor

    def by_name(self, name):
        return self.cursor.execute("SELECT id FROM users WHERE name = '" + name + "'")
"#;
    let outcome = audit(&[
        ("shop/__init__.py", ""),
        ("shop/routes.py", routes),
        (
            "shop/dependencies.py",
            "from typing import Annotated\nfrom fastapi import Depends\nCursor = Annotated[object, Depends(open_cursor)]\n",
        ),
        ("shop/store/__init__.py", "from .users import Users\n"),
        ("shop/store/users.py", users),
    ]);
    let finding = &outcome.findings[0];
    let places: Vec<String> =
        finding.path.iter().map(|step| format!("{}:{}", step.place.path, step.place.start.line)).collect();

    assert_eq!(told(&outcome), ["7: sql-injection"]);
    assert_eq!(finding.place.path, "shop/store/users.py");
    assert_eq!(places.first().map(String::as_str), Some("shop/routes.py:9"));
    assert_eq!(places.last().map(String::as_str), Some("shop/store/users.py:7"));
}

#[test]
fn a_guard_in_a_named_dependency_type_of_another_module_counts() {
    let dependencies = r#"
from typing import Annotated
from fastapi import Depends, HTTPException

def require_admin(user):
    if user.role != "admin":
        raise HTTPException(403)

Admin = Annotated[object, Depends(require_admin)]
"#;
    let routes = "from fastapi import APIRouter\nfrom dependencies import Admin\nrouter = APIRouter(prefix='/admin')\n@router.get('/stats')\ndef stats(admin: Admin):\n    return {}\n";

    let guarded = told(&audit(&[("dependencies.py", dependencies), ("routes.py", routes)]));
    assert!(!guarded.iter().any(|one| one.contains("admin-route-unprotected")), "{guarded:?}");
    assert_eq!(
        told(&audit(&[("dependencies.py", dependencies), ("routes.py", &routes.replace("admin: Admin", ""))])),
        ["5: admin-route-unprotected"]
    );
}

#[test]
fn a_name_that_was_given_away_is_no_library_any_more() {
    let source = "from hashlib import sha256 as h\n\ndef keep(password):\n    return h(password)\n";

    assert_eq!(told(&audit(&[("app.py", source)])), ["4: password-weak-hash"]);
    assert_eq!(
        told(&audit(&[("app.py", format!("{source}\ndef slow(value):\n    return value\n\nh = slow\n"))])).len(),
        0
    );
}

#[test]
fn what_tests_do_is_told_to_the_pedantic_alone() {
    let app = "import os\nfrom flask import Flask, request\nfrom tests.shared import named\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef run():\n    os.system(named(request.args['q']))\n    return 'done'\n";
    // The product imports it, so what it does to data counts.
    let shared = "import pytest\n\n\ndef named(name):\n    return 'ls ' + {'a': 'x'}[name]\n";
    let test = "import os\nimport pytest\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef run():\n    os.system(request.args['q'])\n";
    let hidden = format!("import base64\nimport pytest\n\nexec(base64.b64decode('{}'))\n", "cHJpbnQoMSk7".repeat(8));
    let files = [
        ("app.py", app),
        ("tests/shared.py", shared),
        ("tests/test_app.py", test),
        ("tests/test_more.py", hidden.as_str()),
    ];
    let of = |settings: &Settings, path: &str| {
        let outcome = audit_with(settings, &files);
        let found = outcome.findings.iter().filter(|finding| finding.place.path == path);
        found.map(|finding| finding.rule.name).collect::<Vec<_>>()
    };

    assert_eq!(of(&Settings::default(), "app.py"), Vec::<&str>::new(), "an item of a fixed table is no outside data");
    assert_eq!(of(&Settings::default(), "tests/test_app.py"), Vec::<&str>::new());
    assert_eq!(
        of(&Settings::default(), "tests/test_more.py"),
        ["backdoor-pattern"],
        "disguise is looked for everywhere"
    );
    assert!(of(&pedantic(), "tests/test_app.py").contains(&"os-command-injection"));
}
