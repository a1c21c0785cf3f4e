//! `casemate review` from outside.

use std::fs;
use std::process::Command;

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let app = "from fastapi import Depends, FastAPI\n\nfrom .auth import current_user\n\napp = FastAPI()\n\n\n@app.get(\"/cases/{case_id}\")\ndef case(case_id: int, user=Depends(current_user)):\n    return find(case_id, user)\n\n\n@app.delete(\"/notes/{note_id}\")\ndef remove(note_id: int):\n    session.delete(session.get(Note, note_id))\n    session.commit()\n";
    fs::write(folder.path().join("app.py"), app).unwrap();
    fs::create_dir(folder.path().join("tests")).unwrap();
    fs::write(
        folder.path().join("tests/test_app.py"),
        "def test_case(client):\n    assert client.get(f\"/cases/{1}\")\n",
    )
    .unwrap();
    folder
}

fn review(arguments: &[&str]) -> String {
    let folder = project();
    let ran = Command::new(env!("CARGO_BIN_EXE_casemate"))
        .arg("review")
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_text_answers_for_each_endpoint() {
    let text = review(&[]);

    assert!(text.contains("GET /cases/{case_id}") && text.contains("yes: current_user"), "{text}");
    assert!(text.contains("DELETE /notes/{note_id}") && text.contains("no guard was found"), "{text}");
    assert!(text.contains("tests/test_app.py"), "{text}");
    assert!(text.contains("Threat model (draft)"), "{text}");
    assert!(text.contains("A stranger changes what is stored: DELETE /notes/{note_id}"), "{text}");
    assert!(!text.contains('\x1b'), "colour in a pipe");
}

#[test]
fn the_page_has_boxes_and_the_document_has_states() {
    let page = review(&["--format", "markdown"]);
    let document: serde_json::Value = serde_json::from_str(&review(&["--format", "json"])).unwrap();

    assert!(page.contains("- [x] Is authentication required? yes: current\\_user"), "{page}");
    assert!(page.contains("- [ ] Is authentication required? **missing:** no guard was found"), "{page}");
    let endpoints = document["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 2);
    assert_eq!(endpoints[1]["is_open"], true);
    assert_eq!(endpoints[1]["answers"].as_array().unwrap().len(), 15);
}

#[test]
fn a_project_without_routes_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.py"), "print(1)\n").unwrap();
    let ran =
        Command::new(env!("CARGO_BIN_EXE_casemate")).args(["review", "."]).current_dir(folder.path()).output().unwrap();

    assert!(ran.status.success());
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "No endpoint was found in 1 Python file.\n");
}
