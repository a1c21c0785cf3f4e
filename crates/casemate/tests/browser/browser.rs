//! A browser of one's own: a chromedriver on a free port, a Chromium with an empty profile.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

/// Longest a page may take to show what it is to show.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser window.
pub(crate) struct Browser {
    client: Client,
    _driver: Driver,
}

/// Ends chromedriver, and with it Chromium, when the test is over, however it ends.
struct Driver(Child);

impl Driver {
    /// A chromedriver and its port; `None` when it ended without naming one.
    fn start(program: &Path) -> Option<(Self, u16)> {
        let mut child =
            Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("is piped")).lines();
        let driver = Self(child);
        let port: u16 = lines.find_map(|line| {
            let line = line.expect("chromedriver speaks");
            line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
        })?;
        // It must not block on a full pipe later.
        std::thread::spawn(move || lines.for_each(drop));
        Some((driver, port))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The programs these tests need; `None` after saying loudly that they are not there.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let on_path = |name: &str| {
        std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
    };
    let chromium = ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name));
    if let (Some(chromium), Some(driver)) = (chromium, on_path("chromedriver")) {
        return Some((chromium, driver));
    }
    let missing = "Chromium and chromedriver are not installed (Debian: `apt install chromium chromium-driver`)";
    assert!(std::env::var_os("CASEMATE_REQUIRE_ALL").is_none(), "{missing}, and CASEMATE_REQUIRE_ALL is set");
    eprintln!("\n*** SKIPPED: {missing}; the pages were not tried in a browser ***\n");
    None
}

impl Browser {
    /// A browser that has seen nothing yet.
    pub(crate) async fn open() -> Option<Self> {
        Self::open_with(json!({})).await
    }

    /// The same for somebody who lets no script run.
    pub(crate) async fn open_without_script() -> Option<Self> {
        Self::open_with(json!({ "profile.managed_default_content_settings.javascript": 2 })).await
    }

    async fn open_with(prefs: Value) -> Option<Self> {
        let (chromium, driver) = programs()?;
        // The port chromedriver finds for one family of addresses may be taken in the other; then it gives up.
        let (driver, port) = (0..5).find_map(|_| Driver::start(&driver)).expect("chromedriver names its port");
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": chromium,
                "prefs": prefs,
                // No sandbox, because tests may run as root; only pages of our own server are opened.
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--hide-scrollbars", "--window-size=1280,900",
                ],
            },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().expect("is an object").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromedriver starts Chromium");
        Some(Self { client, _driver: driver })
    }

    /// Opens an address.
    pub(crate) async fn goto(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Forgets who was signed in.
    pub(crate) async fn forget(&self) {
        self.client.delete_all_cookies().await.expect("forgets");
    }

    /// The path and query it is on.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("is somewhere");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// What a person can read.
    pub(crate) async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.expect("has a body").text().await.expect("has text")
    }

    /// Waits until a person can read this.
    pub(crate) async fn see(&self, words: &str) {
        let mut last = String::new();
        let begun = std::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            // While one page leaves and the next comes, there is a moment without either.
            if let Ok(body) = self.client.find(Locator::Css("body")).await
                && let Ok(text) = body.text().await
            {
                if text.contains(words) {
                    return;
                }
                last = text;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("`{words}` is not on {}:\n{last}", self.path().await);
    }

    /// Whether a person can read this now.
    pub(crate) async fn shows(&self, words: &str) -> bool {
        self.text().await.contains(words)
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css));
        match wait.await {
            Ok(element) => element,
            Err(error) => panic!("no `{css}` on {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("can look").len()
    }

    /// Types into a field, instead of what stood there.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("can be emptied");
        field.send_keys(text).await.expect("can be typed into");
    }

    /// Puts a value into a field that takes no typing in every language, like a date.
    pub(crate) async fn put(&self, css: &str, value: &str) {
        self.run("document.querySelector(arguments[0]).value = arguments[1]", vec![json!(css), json!(value)]).await;
    }

    /// Hands a file to a field.
    pub(crate) async fn attach(&self, css: &str, path: &Path) {
        self.find(css).await.send_keys(path.to_str().expect("is text")).await.expect("takes a file");
    }

    /// Chooses from a list by value.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        self.find(css).await.select_by_value(value).await.unwrap_or_else(|error| panic!("{css}: {value}: {error}"));
    }

    /// Clicks an element.
    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses what bears these words: a button, a link, or what opens a fold.
    pub(crate) async fn press(&self, words: &str) {
        let path = format!(
            "(//button[normalize-space()=\"{words}\"] | //a[normalize-space()=\"{words}\"] | //summary[normalize-space()=\"{words}\"])[not(ancestor::details[not(@open)]) or self::summary]"
        );
        match self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await {
            Ok(element) => element.click().await.unwrap_or_else(|error| panic!("{words}: {error}")),
            Err(error) => panic!("nothing says `{words}` on {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// Runs a script, as the tester, not as the page.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script runs")
    }

    /// What the browser complained about since it was last asked: errors, warnings, violations of the policy. That a
    /// page came with 404 or 422 is no complaint, what it shows is what was asked for.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().expect("is a list").iter();
        entries
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .filter(|message| message.contains("/assets/") || !message.contains("Failed to load resource"))
            .collect()
    }

    /// Shows pages as on this screen.
    pub(crate) async fn screen(&self, width: u32, height: u32, scheme: &str) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// A picture of the whole page.
    pub(crate) async fn picture(&self) -> Value {
        let size = self.run("return [innerWidth, document.documentElement.scrollHeight]", vec![]).await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        self.devtools("Page.captureScreenshot", asked).await["data"].clone()
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        self.client.clone().close().await.expect("closes");
    }

    async fn devtools(&self, method: &str, params: Value) -> Value {
        self.command("goog/cdp/execute", json!({ "cmd": method, "params": params })).await
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Vendor { path, body }).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// A command of chromedriver that is not in the standard.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
