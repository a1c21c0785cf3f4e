//! The HTML report: it can be read on every screen, nothing in it runs that a project wrote, and it fetches nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use casemate_packages::advisories::{Collection, Provenance, build};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::album::Album;
use crate::browser::Browser;

/// Each of these runs `window.broken = true`, where a page lets it.
const PAYLOADS: [&str; 5] = [
    "<script>window.broken = true</script>",
    "\"><img src=x onerror=\"window.broken = true\">",
    "' autofocus onfocus='window.broken = true' x='",
    "</title></style></pre></details><svg onload=\"window.broken = true\">",
    "<b>bold</b>&lt;i&gt;",
];

/// Put together here, so that they stand nowhere as such.
fn token(number: usize) -> String {
    ["glp", "at-", "x7Qz", "9LmR", "2vTb", "K4wN", "e6Y"].concat() + &number.to_string()
}

/// A folder with files in it, and a report about it.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        fs::create_dir(folder.path().join(".git")).expect("is made");
        Self { folder }
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("is made");
        fs::write(path, text).expect("is written");
        self
    }

    /// The vulnerable program of the examples.
    fn with_example(mut self) -> Self {
        for entry in
            fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/vulnerable")).expect("is there")
        {
            let entry = entry.expect("is read");
            let name = format!("shop/{}", entry.file_name().to_string_lossy());
            if name.ends_with(".py") {
                self = self.with(&name, fs::read(entry.path()).expect("is read"));
            }
        }
        self
    }

    /// What is known about packages from now on.
    fn with_advisories(self, records: &[Value]) -> Self {
        let mut collection = Collection::new();
        for (at, record) in records.iter().enumerate() {
            collection.add(&format!("{at}.json"), record.to_string().as_bytes());
        }
        let provenance = Provenance { fetched_at: 1_790_000_000, ..Provenance::default() };
        self.with(".git/advisories.index", build(collection, provenance).expect("is built"))
    }

    fn run(&self, arguments: &[&str]) {
        let status = Command::new(env!("CARGO_BIN_EXE_casemate"))
            .arg("audit")
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CASEMATE_ADVISORIES", self.folder.path().join(".git/advisories.index"))
            .stderr(std::process::Stdio::null())
            .status();
        assert!(status.expect("runs").code().is_some_and(|code| code < 2), "{arguments:?}");
    }

    /// The address of a report.
    fn report(&self, arguments: &[&str]) -> String {
        let path: PathBuf = self.folder.path().join(".git/report.html");
        self.run(&[&[".", "--format", "html", "--output", &path.to_string_lossy()], arguments].concat());
        format!("file://{}", path.display())
    }
}

fn advisory(number: usize, package: &str, vector: &str, summary: &str) -> Value {
    json!({
        "id": format!("GHSA-aaaa-bbbb-{number:04}"), "summary": summary, "aliases": [format!("CVE-2026-{number:04}")],
        "severity": [{"type": "CVSS_V3", "score": vector}],
        "references": [{"type": "WEB", "url": "https://advisories.example.org/a/very/long/address/of/it"}],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }],
    })
}

const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:L/I:L/A:N";

/// Something of every kind.
fn full() -> Project {
    let long = "a_name_as_long_as_they_come_with_no_place_to_break_it_in_two_anywhere_at_all_not_even_one";
    let leaks: String = (1..4).map(|number| format!("TOKEN_{number} = \"{}\"\n", token(number))).collect();
    Project::new()
        .with_example()
        .with("app/settings.py", leaks)
        .with(&format!("app/{long}/{long}.py"), format!("import os\n{long} = os.getenv(\"SECRET_KEY\", \"dev\")\nSECRET_KEY = os.getenv(\"SECRET_KEY\", \"{long}\")\n"))
        .with("broken.py", "def f(:\n")
        .with("Dockerfile", "FROM python:latest\nUSER root\nCMD [\"python\", \"app.py\"]\n")
        .with("quiet.py", format!("TOKEN = \"{}\"  # casemate: ignore[SEC] -- revoked, see the ticket\n", token(5)))
        .with("requirements.txt", "django-extensions-with-a-long-name==1.0\nother==1.2.3\n")
        .with_advisories(&[
            advisory(1, "django-extensions-with-a-long-name", CRITICAL, "Everything can be read by everybody."),
            advisory(2, "django-extensions-with-a-long-name", MEDIUM, "It leaks a little."),
            advisory(3, "other", MEDIUM, "It leaks a little."),
        ])
}

async fn show(browser: &Browser, is_open: bool) {
    let script = "for (const fold of document.querySelectorAll('details')) fold.open = arguments[0]";
    browser.run(script, vec![json!(is_open)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_can_be_read_on_every_screen_in_light_and_dark() {
    let Some(browser) = Browser::open().await else { return };
    let mut album = Album::of_reports();
    let project = full();
    browser.goto(&project.report(&[])).await;
    browser.see("What to do first").await;
    album.take(&browser, "report").await;
    show(&browser, true).await;
    album.take(&browser, "report-open").await;

    project.run(&[".", "--write-baseline", "--ignore", "SEC"]);
    browser.goto(&project.report(&[])).await;
    show(&browser, true).await;
    browser.see("Known before").await;
    album.take(&browser, "report-baseline").await;

    for (name, project, words) in [
        ("report-clean", Project::new().with("app.py", "x = 1\n"), "No findings."),
        ("report-few", Project::new().with("app.py", format!("TOKEN = \"{}\"\n", token(1))), "Failed"),
        ("report-blind", Project::new().with("requirements.txt", "other==1.2.3\n"), "NOT looked up"),
        ("report-empty", Project::new(), "No findings."),
    ] {
        browser.goto(&project.report(&[])).await;
        browser.see(words).await;
        album.take(&browser, name).await;
    }
    browser.close().await;
    assert!(album.faults.is_empty(), "{} faults:\n{}", album.faults.len(), album.faults.join("\n"));
}

// CWE-79: what a project, an advisory or a settings file says is text
#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_that_a_project_wrote() {
    let Some(browser) = Browser::open().await else { return };
    let secret = |number: usize| format!("TOKEN = \"{}\"", token(number));
    let mut project = Project::new();
    for (number, evil) in PAYLOADS.iter().enumerate() {
        // A name with a `/` in it is a folder and a file.
        project = project
            .with(&format!("{evil}.py"), format!("{}  # {evil}\ndef f(:\n", secret(number)))
            .with(&format!("quiet{number}.py"), format!("{}  # casemate: ignore[SEC] -- {evil}\n", secret(number)))
            .with(
                &format!("config{number}.json"),
                json!({ format!("{evil} password"): "Gams4-Horn!31Kx" }).to_string(),
            );
    }
    let sql = "def find(cursor, name):\n    cursor.execute(\"SELECT '<script>window.broken = true</script>' WHERE n = '\" + name)\n";
    let routes = format!(
        "from flask import Flask, request\napp = Flask(__name__)\n\n{sql}\n@app.get('/')\ndef g():\n    find(app.cursor, request.args['n'])\n"
    );
    let mut record = advisory(1, "other", CRITICAL, &PAYLOADS.concat());
    record["aliases"] = json!(PAYLOADS);
    record["references"] = json!([{"type": "WEB", "url": "javascript:window.broken = true"}]);
    let project = project.with("app.py", routes).with("requirements.txt", "other==1.2.3\n").with_advisories(&[record]);

    for arguments in [&[][..], &["--persona", "pedantic"]] {
        browser.goto(&project.report(arguments)).await;
        show(&browser, true).await;
        for words in ["<script>window.broken = true</script>", PAYLOADS[1], PAYLOADS[2], PAYLOADS[4]] {
            browser.see(words).await;
        }
        browser.fill("input[type=search]", PAYLOADS[1]).await;
        browser.click("[data-do=close]").await;
        browser.click("[data-do=open]").await;
        assert_eq!(browser.run("return window.broken === true", vec![]).await, json!(false), "a script ran");
        let planted = "return document.querySelectorAll('img, svg, iframe, object, b, i, body script:not(body > script), [onerror], [onfocus], [onload], [autofocus], a[href^=\"javascript:\" i]').length";
        assert_eq!(browser.run(planted, vec![]).await, json!(0), "markup was planted");
        let scripts = "return [document.scripts.length, document.styleSheets.length, performance.getEntriesByType('resource').length]";
        assert_eq!(browser.run(scripts, vec![]).await, json!([1, 1, 0]), "one script, one style, nothing fetched");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
    browser.close().await;
}

// The second wall: if markup were planted after all, the page's own policy would keep it from running.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_in_a_report_does_not_run_and_sends_nothing_home() {
    let Some(browser) = Browser::open().await else { return };
    browser.goto(&full().report(&[])).await;
    let planted = "
        const script = document.createElement('script');
        script.textContent = 'window.broken = true';
        document.body.append(script);
        const host = document.createElement('div');
        host.innerHTML = '<img src=\"https://elsewhere.example/x\" onerror=\"window.broken = true\"><p id=styled style=\"color: rgb(1, 2, 3)\">x</p>';
        document.body.append(host);
        return fetch('https://elsewhere.example/').then(() => true, () => false);
    ";
    assert_eq!(browser.run(planted, vec![]).await, json!(false), "the page could send something elsewhere");
    assert_eq!(browser.run("return window.broken === true", vec![]).await, json!(false));
    let colour = browser.run("return getComputedStyle(document.getElementById('styled')).color", vec![]).await;
    assert_ne!(colour, json!("rgb(1, 2, 3)"), "an inline style took effect");
    let complaints = browser.complaints().await;
    let policy = complaints.iter().filter(|one| one.contains("Content Security Policy")).count();
    assert!(policy >= 4, "{complaints:#?}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_filtered_and_without_script_all_are_there() {
    let project = full();
    let address = project.report(&[]);
    let Some(browser) = Browser::open().await else { return };
    browser.goto(&address).await;
    let all = browser.count("#findings .finding").await;
    let hidden = browser.count("#findings .finding[hidden]").await;
    assert!(all > 5 && hidden == 0, "{all} findings, {hidden} hidden");
    browser.fill("input[type=search]", "settings.py token").await;
    browser.see(&format!("3 of {all} shown")).await;
    browser.fill("input[type=search]", " ").await;
    browser.see(&format!("{all} of {all} shown")).await;
    browser.click("input[value=critical]").await;
    let critical = browser.count("#findings [data-severity=critical]").await;
    browser.see(&format!("{} of {all} shown", all - critical)).await;
    browser.close().await;

    let Some(browser) = Browser::open_without_script().await else { return };
    browser.goto(&address).await;
    browser.see("What to do first").await;
    assert_eq!(browser.count("#findings .finding").await, all);
    assert!(!browser.shows("Open all").await, "what needs the script is not shown");
    browser.close().await;
}
