//! An audit that remembers an earlier one says exactly what one without memory says.

use std::sync::{Arc, Mutex};

use casemate_audit::{Audit, Memory, Outcome, Persona, Settings, Source, SourceSet, Stamp, Unread};

use super::support::Texts;

type Files = Vec<(&'static str, String)>;

const TOOL: &str = "the auditor itself";

/// A web application with helpers, a model, tests, a template, settings of other kinds and what it depends on.
fn project() -> Files {
    let files: &[(&str, &str)] = &[
        ("app/__init__.py", ""),
        (
            "app/main.py",
            "from flask import Flask, request, session\nfrom app import store, texts\nfrom app.guards import login_required\n\napp = Flask(__name__)\n\n\n\
             @app.get('/find')\ndef find():\n    return store.find(request.args['name'])\n\n\n\
             @app.post('/note')\n@login_required\ndef note():\n    store.keep(request.form['text'])\n    return texts.shown(request.form['text'])\n\n\n\
             @app.get('/read')\ndef read():\n    return open(texts.path_of(request.args['file'])).read()\n",
        ),
        (
            "app/store.py",
            "import sqlite3\nfrom app.texts import quoted\n\nDB = sqlite3.connect('x.db')\nKEPT = []\n\n\ndef find(name):\n    limit = 10\n    sql = \"select * from t where n = '\" + name + \"'\"\n    return DB.execute(sql).fetchmany(limit)\n\n\ndef keep(text):\n    KEPT.append(text)\n    DB.execute('insert into t values (?)', (quoted(text),))\n",
        ),
        (
            "app/texts.py",
            "import os\n\n\ndef quoted(text):\n    return text.strip()\n\n\ndef shown(text):\n    return '<p>' + text + '</p>'\n\n\ndef path_of(name):\n    base = '/srv/files'\n    return os.path.join(base, name)\n",
        ),
        (
            "app/guards.py",
            "import functools\nfrom flask import session, abort\n\n\ndef login_required(view):\n    @functools.wraps(view)\n    def inner(*args, **kwargs):\n        if not session.get('user'):\n            abort(401)\n        return view(*args, **kwargs)\n    return inner\n",
        ),
        (
            "app/jobs.py",
            "import subprocess\n\n\ndef run(name):\n    subprocess.run(['ls', name], check=True)  # casemate: ignore[INJ104] -- a list\n",
        ),
        (
            "app/crypto.py",
            "import hashlib\nimport os\n\nos.umask(0o077)\n\n\ndef digest(password):\n    return hashlib.md5(password).hexdigest()\n",
        ),
        ("tests/test_app.py", "import pytest\nfrom app import main\n\n\ndef test_find():\n    assert main.find()\n"),
        ("templates/page.html", "<html><body>{{ text|safe }}</body></html>\n"),
        ("docker-compose.yml", "services:\n  web:\n    image: web\n    privileged: true\n"),
        ("requirements.txt", "flask==3.0.0\nlxml==5.0.0\n"),
        ("broken.py", "def f(:\n    pass\n"),
        (
            "work.ipynb",
            r##"{"cells": [{"cell_type": "code", "source": ["from app import texts\n", "import os\n", "os.system('ls ' + input())\n"], "outputs": []}, {"cell_type": "code", "source": "x = eval(input())  # casemate: ignore -- mine"}]}"##,
        ),
        ("env/site-packages/flask-3.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: flask\nVersion: 3.0.0\n"),
    ];
    files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect()
}

fn run(settings: &Settings, files: &Files, memory: Option<Memory<'_>>) -> Outcome {
    Audit { memory, ..Audit::new(settings) }.run(&Texts::new(files))
}

/// What an audit leaves for the next.
fn left(settings: &Settings, files: &Files) -> Vec<u8> {
    run(settings, files, Some(Memory { earlier: None, tool: TOOL })).memory.expect("something is left")
}

/// Everything an outcome says.
fn said(outcome: &Outcome) -> String {
    let counts = (outcome.files, outcome.lines, outcome.texts, outcome.packages, outcome.unlocked);
    format!("{:#?}\n{:#?}\n{:#?}\n{counts:?}", outcome.findings, outcome.suppressed, outcome.problems)
}

/// Edits of one file: its path, what is replaced and what by.
const EDITS: &[(&str, &str, &str)] = &[
    ("app/store.py", "limit = 10", "limit = 20"),
    ("app/store.py", "    limit = 10\n", ""),
    ("app/store.py", "+ name +", "+ str(int(name)) +"),
    ("app/store.py", "KEPT = []", "KEPT = []\n\n\ndef more(x):\n    DB.execute('select ' + x)\n"),
    ("app/texts.py", "return text.strip()", "return text.strip().lower()"),
    ("app/texts.py", "'<p>' + text + '</p>'", "'<p>' + str(len(text)) + '</p>'"),
    ("app/texts.py", "import os\n", "import os\nimport re\n\n# a comment\n"),
    ("app/texts.py", "os.path.join(base, name)", "os.path.join(base, os.path.basename(name))"),
    ("app/main.py", "@login_required\n", ""),
    ("app/main.py", "@app.get('/read')\n", "@app.get('/read')\n@login_required\n"),
    ("app/main.py", "@app.get('/find')", "@app.get('/look')"),
    ("app/guards.py", "            abort(401)\n", "            pass\n"),
    ("app/guards.py", "functools.wraps(view)", "functools.wraps(view)  # keeps the name"),
    ("app/jobs.py", "  # casemate: ignore[INJ104] -- a list", ""),
    ("app/jobs.py", "['ls', name], check=True", "'ls ' + name, shell=True"),
    ("app/crypto.py", "os.umask(0o077)\n", ""),
    ("app/crypto.py", "hashlib.md5", "hashlib.sha256"),
    ("app/crypto.py", "os.umask(0o077)", "PASSWORD = 'hunter2-hunter2-x'"),
    ("tests/test_app.py", "assert main.find()", "assert main.find() is not None"),
    ("tests/test_app.py", "import pytest\n", ""),
    ("templates/page.html", "{{ text|safe }}", "{{ text }}"),
    ("docker-compose.yml", "    privileged: true\n", ""),
    ("requirements.txt", "lxml==5.0.0", "lxml==4.9.0"),
    ("broken.py", "def f(:", "def f():"),
    ("app/__init__.py", "", "from app.store import KEPT\n"),
    ("work.ipynb", r#""outputs": []"#, r#""outputs": [{"text": "some"}]"#),
    ("work.ipynb", r#""import os\n", "#, r#""import os\n", "\n", "import re\n", "#),
    ("work.ipynb", "input())", "'x')"),
    ("env/site-packages/flask-3.0.0.dist-info/METADATA", "3.0.0", "3.0.1"),
];

#[test]
fn an_audit_after_an_edit_says_what_one_without_memory_says() {
    for persona in [Persona::Default, Persona::Pedantic] {
        let settings = Settings { persona, ..Settings::default() };
        let before = project();
        let memory = left(&settings, &before);
        let mut remembered = 0;
        for (path, from, to) in EDITS {
            let mut after = project();
            let text = &mut after.iter_mut().find(|(known, _)| known == path).unwrap().1;
            let edited = if from.is_empty() { format!("{to}{text}") } else { text.replacen(from, to, 1) };
            assert_ne!(*text, edited, "{path}: {from}");
            *text = edited;
            let again = run(&settings, &after, Some(Memory { earlier: Some(&memory), tool: TOOL }));
            let anew = run(&settings, &after, None);
            assert_eq!(said(&again), said(&anew), "{path}: {from:?} became {to:?}");
            remembered += again.remembered;
            // What was kept serves on, or something new is kept.
            assert_eq!(again.memory.is_none(), again.rounds > 0 && again.remembered > 0, "{path}: {from:?}");
        }
        let all = EDITS.len() * before.iter().filter(|(path, _)| path.ends_with(".py")).count();
        assert!(remembered * 4 > all, "{remembered} of {all}");
    }
}

#[test]
fn nothing_changed_is_nothing_asked() {
    let settings = Settings::default();
    let files = project();
    let memory = left(&settings, &files);
    let again = run(&settings, &files, Some(Memory { earlier: Some(&memory), tool: TOOL }));
    assert_eq!(again.remembered, again.files);
    assert!(again.memory.is_none(), "what is kept is kept");
    assert_eq!(said(&again), said(&run(&settings, &files, None)));
}

#[test]
fn a_memory_serves_on_the_next_day() {
    let on = |day| Settings { today: Some((2026, 10, day)), ..Settings::default() };
    let mut files = project();
    files.push(("Dockerfile", "FROM python:3.10\n".to_owned()));
    let reason = "import os\nos.system(input())  # casemate: ignore[INJ] until=2026-10-31 -- later\n";
    files.push(("app/later.py", reason.to_owned()));
    let memory = left(&on(31), &files);
    let after = Settings { today: Some((2026, 11, 1)), ..Settings::default() };
    let again = run(&after, &files, Some(Memory { earlier: Some(&memory), tool: TOOL }));
    assert_eq!(again.remembered, again.files);
    let anew = run(&after, &files, None);
    assert_eq!(said(&again), said(&anew));
    assert_ne!(said(&anew), said(&run(&on(31), &files, None)), "a day makes a difference");
}

/// Files with stamps, as a file system has them.
struct Stamped {
    texts: Texts,
    files: Files,
    /// Where the stamp says nothing of what has changed.
    stale: Vec<&'static str>,
    /// Added to all stamps.
    epoch: u64,
    read: Arc<Mutex<Vec<String>>>,
}

impl Stamped {
    fn new(files: &Files) -> Self {
        Self { texts: Texts::new(files), files: files.clone(), stale: Vec::new(), epoch: 0, read: Arc::default() }
    }

    fn run(&self, memory: Option<&[u8]>) -> Outcome {
        self.read.lock().unwrap().clear();
        let memory = Some(Memory { earlier: memory, tool: TOOL });
        let settings = Settings::default();
        Audit { memory, ..Audit::new(&settings) }.run(self)
    }

    fn python_read(&self) -> Vec<String> {
        let mut read: Vec<String> = self.read.lock().unwrap().clone();
        read.retain(|path| path.ends_with(".py"));
        read.sort();
        read.dedup();
        read
    }
}

impl SourceSet for Stamped {
    fn sources(&self) -> &[Source] {
        self.texts.sources()
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        self.read.lock().unwrap().push(source.path.clone());
        self.texts.read(source)
    }

    fn unread(&self, source: &Source) -> Option<Unread> {
        let text = self.files.iter().find(|(path, _)| *path == source.path)?.1.clone();
        let (path, read) = (source.path.clone(), Arc::clone(&self.read));
        let sum = text.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let sum = if self.stale.contains(&path.as_str()) { 0 } else { sum };
        let bytes = text.into_bytes();
        let fetch = move || {
            read.lock().unwrap().push(path.clone());
            Ok(bytes.clone())
        };
        Some(Unread { stamp: Stamp([sum, self.epoch, 0, 0]), read: Box::new(fetch) })
    }
}

#[test]
fn what_has_its_stamp_still_is_not_read() {
    let mut files = Stamped::new(&project());
    let anew = files.run(None);
    let memory = anew.memory.clone().unwrap();
    let again = files.run(Some(&memory));
    assert_eq!(files.python_read(), [""; 0]);
    let told: Vec<String> = files.read.lock().unwrap().clone();
    assert!(!told.contains(&"docker-compose.yml".to_owned()), "{told:?}");
    assert_eq!(said(&again), said(&anew));
    // After a checkout everything has a new stamp: it is read, and found to be the same.
    files.epoch = 1;
    let again = files.run(Some(&memory));
    assert_eq!((again.remembered, files.python_read().len()), (again.files, 9));
    assert_eq!(said(&again), said(&anew));
}

#[test]
fn many_new_stamps_are_kept() {
    let mut files = project();
    let paths = (0..40).map(|number| format!("more/m{number}.py").leak() as &str);
    files.extend(paths.map(|path| (path, "x = 1\n".to_owned())));
    let mut files = Stamped::new(&files);
    let anew = files.run(None);
    files.epoch = 1;
    let again = files.run(anew.memory.as_deref());
    assert_eq!(again.remembered, again.files);
    let newer = again.memory.expect("the new stamps are kept");
    let again = files.run(Some(&newer));
    assert_eq!((files.python_read(), again.memory), (Vec::new(), None));
    assert_eq!((again.remembered, again.findings.len()), (again.files, anew.findings.len()));
}

#[test]
fn a_stamp_that_lies_is_found_out_when_the_file_is_needed() {
    let mut before = Stamped::new(&project());
    before.stale = vec!["app/texts.py"];
    let memory = before.run(None).memory.unwrap();
    let mut after = project();
    for (path, text) in &mut after {
        match *path {
            "app/store.py" => *text = text.replace("limit = 10", "limit = 20"),
            "app/texts.py" => *text = text.replace("os.path.join(base, name)", "os.path.join(base, 'fixed')"),
            _ => {}
        }
    }
    let mut after = Stamped::new(&after);
    after.stale = before.stale.clone();
    let again = after.run(Some(&memory));
    assert!(after.python_read().contains(&"app/texts.py".to_owned()), "{:?}", after.python_read());
    let anew = after.run(None);
    assert_eq!(said(&again), said(&anew));
    assert_ne!(said(&anew), said(&before.run(None)), "what changed unseen makes a difference");
}

#[test]
fn a_memory_serves_only_who_left_it() {
    let settings = Settings::default();
    let files = project();
    let memory = left(&settings, &files);
    let asked = |settings: &Settings, files: &Files, memory: &[u8], tool: &str| {
        run(settings, files, Some(Memory { earlier: Some(memory), tool })).remembered
    };
    assert!(asked(&settings, &files, &memory, TOOL) > 0);
    assert_eq!(asked(&settings, &files, &memory, "another auditor"), 0);
    let library = Settings { library: true, ..Settings::default() };
    assert_eq!(asked(&library, &files, &memory, TOOL), 0);
    let mut more = project();
    more.push(("app/new.py", "x = 1\n".to_owned()));
    assert_eq!(asked(&settings, &more, &memory, TOOL), 0);
    for (at, length) in [(10, memory.len()), (memory.len() / 2, memory.len()), (0, 5), (0, memory.len() - 1)] {
        let mut broken = memory[..length].to_vec();
        broken[at.min(length - 1)] ^= 1;
        assert_eq!(asked(&settings, &files, &broken, TOOL), 0, "byte {at} of {length}");
    }
}

#[test]
fn no_secret_is_kept() {
    let token = ["ghp", "_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"].concat();
    let password = "Tr0ub4dor-and-3-horses";
    let mut files = project();
    files.push(("app/secret.py", format!("TOKEN = '{token}'\nDB_PASSWORD = '{password}'\n")));
    files.push((
        "app/user.py",
        format!("# nosec: not {password}\nimport os\nos.system('login ' + input() + ' {password}')\n"),
    ));
    files.push(("deploy.yml", format!("env:\n  DB_PASSWORD: {password}\n  # casemate: ignore[CFG] -- {password}\n")));
    for persona in [Persona::Default, Persona::Pedantic] {
        let settings = Settings { persona, ..Settings::default() };
        let anew = run(&settings, &files, Some(Memory { earlier: None, tool: TOOL }));
        assert!(anew.findings.iter().any(|finding| finding.secret().is_some()), "there are secrets");
        let memory = anew.memory.clone().unwrap();
        for secret in [token.as_str(), password] {
            assert!(!memory.windows(secret.len()).any(|window| window == secret.as_bytes()), "a secret is kept");
        }
        let again = run(&settings, &files, Some(Memory { earlier: Some(&memory), tool: TOOL }));
        assert!(again.remembered > 0 && again.remembered < again.files);
        assert_eq!(said(&again), said(&anew));
    }
}

/// A file of a project, and what it holds.
type File = (&'static str, &'static str);

/// Edits of a file that nothing imports, or that looks from outside as it did, which change what is said of another.
const ELSEWHERE: &[(&[File], &str, &str, &str)] = &[
    // A word anywhere in the project.
    (
        &[
            (
                "views.py",
                "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.post('/up')\ndef up():\n    request.files['f'].save('/srv/one')\n    return ''\n",
            ),
            ("limits.py", "LIMIT = 1\n"),
        ],
        "limits.py",
        "LIMIT",
        "MAX_CONTENT_LENGTH",
    ),
    // What a guard does that stands in another file.
    (
        &[
            (
                "views.py",
                "from fastapi import Depends, FastAPI\nfrom auth import get_current_user\nfrom doors import gate\nfrom kept import session\n\napp = FastAPI()\n\n\n@app.post('/cases')\ndef create_case(body: dict, user=Depends(get_current_user)):\n    session.add(Case(body, user))\n    session.commit()\n\n\n@app.delete('/notes/{note_id}')\ndef delete_note(note_id: int, g=Depends(gate)):\n    session.delete(session.get(Note, note_id))\n    session.commit()\n",
            ),
            (
                "doors.py",
                "from fastapi import HTTPException, Request\n\n\ndef gate(request: Request, more: str = ''):\n    if request.headers.get('Authorization') != more:\n        raise HTTPException(401)\n    return more\n",
            ),
        ],
        "doors.py",
        "    if request.headers.get('Authorization') != more:\n        raise HTTPException(401)\n",
        "    more = 'nobody'\n",
    ),
    // The path under which routes of another file are served.
    (
        &[
            (
                "rows.py",
                "from fastapi import APIRouter, Depends\nfrom auth import get_current_user\nfrom kept import session\n\nrouter = APIRouter()\n\n\n@router.post('/cases')\ndef create_case(body: dict, user=Depends(get_current_user)):\n    session.add(Case(body, user))\n    session.commit()\n\n\n@router.delete('/notes/{note_id}')\ndef delete_note(note_id: int):\n    session.delete(session.get(Note, note_id))\n    session.commit()\n",
            ),
            (
                "main.py",
                "from fastapi import FastAPI\nimport rows\n\napp = FastAPI()\napp.include_router(rows.router, prefix='/one')\n",
            ),
        ],
        "main.py",
        "/one",
        "/admin",
    ),
    // A template that a view names.
    (
        &[
            (
                "views.py",
                "from flask import Flask, render_template, request\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef show():\n    return render_template('page.html', text=request.args['q'])\n",
            ),
            ("templates/page.html", "<p>{{ text|safe }}</p>\n"),
        ],
        "templates/page.html",
        "|safe",
        "",
    ),
    // Lines on the way of the data.
    (
        &[
            (
                "views.py",
                "from flask import Flask, request\nfrom store import find\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef first():\n    return find(request.args['q'], 1)\n",
            ),
            (
                "store.py",
                "import sqlite3\n\n\ndef find(q, more):\n    return sqlite3.connect('x').execute('select ' + q).fetchall()\n",
            ),
        ],
        "store.py",
        "import sqlite3\n",
        "# above\nimport sqlite3\n",
    ),
];

#[test]
fn what_is_said_of_a_file_follows_what_it_rests_on_in_others() {
    let settings = Settings::default();
    for &(files, path, from, to) in ELSEWHERE {
        let aside = ("aside.py", "def f(a, b):\n    return a\n");
        let before: Files = files.iter().chain([&aside]).map(|(path, text)| (*path, (*text).to_owned())).collect();
        let mut after = before.clone();
        let text = &mut after.iter_mut().find(|(known, _)| *known == path).unwrap().1;
        assert!(text.contains(from));
        *text = text.replacen(from, to, 1);
        let memory = left(&settings, &before);
        let again = run(&settings, &after, Some(Memory { earlier: Some(&memory), tool: TOOL }));
        let anew = run(&settings, &after, None);
        assert_eq!(said(&again), said(&anew), "{path}: {from:?} became {to:?}");
        let matters = said(&anew) != said(&run(&settings, &before, None));
        assert!(matters, "the edit changes nothing: {path}: {from:?}");
    }
}
