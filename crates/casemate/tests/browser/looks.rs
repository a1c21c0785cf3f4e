//! Every page on a desk and on a phone, in light and in dark: nothing sticks out, everything has its label, words can
//! be read, the browser complains about nothing. Pictures go to `target/screenshots/`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use casemate_model::member::Role;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{House, report};
use crate::pages::open_case;

const SCREENS: [(u32, u32); 3] = [(1280, 900), (390, 844), (360, 740)];

/// What is wrong with the page on screen, in words.
const FAULTS: &str = r#"
const faults = [];
const say = (what, element) => faults.push(what + ': ' + (element ? element.outerHTML.slice(0, 120) : ''));
const root = document.documentElement;
// not innerWidth: a phone zooms out to show what sticks out
const width = arguments[0];
if (root.scrollWidth > width) {
  const wide = [...document.querySelectorAll('body *')].find(e => e.getBoundingClientRect().right > width + 1 && !e.closest('pre'));
  say('sticks out to ' + root.scrollWidth, wide);
}
if (!root.lang) say('no language');
if (!document.title.endsWith('Casemate')) say('no title');
if (document.querySelectorAll('h1').length !== 1) say('not one h1');
if (document.querySelectorAll('main').length !== 1) say('not one main');
let last = 0;
for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
  const level = Number(h.tagName[1]);
  if (level > last + 1 && last) say('heading leaves out a level', h);
  last = level;
}
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
for (const id of ids.filter((id, n) => ids.indexOf(id) !== n)) say('id twice ' + id);
for (const field of document.querySelectorAll('input:not([type=hidden]):not([aria-hidden=true]), select, textarea')) {
  if (![...(field.labels || [])].some(l => l.textContent.trim()) && !field.getAttribute('aria-label')) say('no label', field);
}
for (const e of document.querySelectorAll('[aria-describedby]'))
  for (const id of e.getAttribute('aria-describedby').split(' ')) if (!document.getElementById(id)) say('describes nothing ' + id, e);
for (const e of document.querySelectorAll('button, a, summary'))
  if (!e.textContent.trim() && !e.getAttribute('aria-label')) say('no name', e);
for (const e of document.querySelectorAll('[style], style')) say('inline style', e);
for (const e of document.querySelectorAll('script:not([src])')) say('inline script', e);

// WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for large text
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const rgba = text => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, under) => [0, 1, 2].map(n => top[n] * top[3] + under[n] * (1 - top[3])).concat(1);
const behind = e => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
};
const light = colour => {
  const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest('.hush, .skip, option, datalist')) continue;
  const style = getComputedStyle(e);
  const ground = behind(e);
  const [a, b] = [light(over(rgba(style.color), ground)), light(ground)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) say('contrast ' + ratio.toFixed(2) + ' ' + style.color + ' on ' + ground, e);
}
return faults;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_read_on_every_screen_in_light_and_dark() {
    let (house, admin) = House::with_admin().await;
    house.member(&admin, "Rita Reviewer", Role::Reviewer).await;
    house.member(&admin, "Wilhelmina Featherstonehaugh-Cholmondeley", Role::SeniorReviewer).await;
    let Some(browser) = Browser::open().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let report = report(&dir);
    let mut album = Album::new();

    for path in ["/sign-in", "/setup/none", "/invitation/none", "/reset/none"] {
        browser.goto(&house.at(path)).await;
        album.take(&browser, &name_of(path)).await;
    }
    let bare = House::bare().await;
    browser.goto(&bare.setup_link().await).await;
    album.take(&browser, "setup").await;

    house.sign_in(&browser, &admin).await;
    album.take(&browser, "cases-none").await;
    browser.goto(&house.at("/import")).await;
    browser.fill("#project", "payments").await;
    browser.attach("#report", &report).await;
    browser.click("form[enctype] button").await;
    browser.see("report taken in").await;
    album.take(&browser, "import-done").await;

    let long = "A title as long as they come, with aVeryLongWordThatCannotBeBrokenAnywhereBecauseItHasNoBlanksInItAtAllNotEvenOne";
    open_case(&house, &browser, long, "critical").await;
    let case = browser.path().await.replace("?done=case_opened", "");
    browser.press("Edit case").await;
    browser.put("#edit-due_on", "2020-02-29").await;
    browser.fill("#edit-tags", "pci, customer data, aVeryLongTagWithoutAnyBlanks").await;
    browser.choose("#edit-resolution", "accepted_risk").await;
    browser.put("#edit-until", "2020-01-01").await;
    album.take(&browser, "case-editing").await;
    browser.choose("#edit-resolution", "").await;
    browser.press("Keep changes").await;
    browser.see("The changes are kept").await;
    browser.fill("#note", "One line.\nAnother:\n    curl 'https://api.example.org/users?name=%27%20OR%201%3D1--&a=aVeryLongQueryWithoutAnyBlanks'\n").await;
    browser.press("Add note").await;
    browser.see("The note is kept").await;
    browser.press("Assign to me").await;
    browser.see("The case has its assignee").await;
    for (action, label) in [("start_review", "Start review"), ("request_evidence", "Request evidence")] {
        browser.press(label).await;
        browser.fill(&format!("#{action}-reason"), "Because it must be done, and done well.").await;
        browser.click(&format!("details[name=act][open] input[value={action}] ~ button")).await;
        browser.see("Done; the history has it").await;
    }
    album.take(&browser, "case-moved").await;

    browser.goto(&house.at("/findings?rule=INJ103")).await;
    browser.click(".rows a").await;
    browser.see("How to mend it").await;
    let finding = browser.path().await;
    browser.goto(&house.at("/cases?text=sql")).await;
    browser.click(".rows a").await;
    browser.see("The path from source to sink").await;
    let found = browser.path().await;

    for path in [
        "/cases",
        "/cases?status=all&severity=high&assignee=me",
        "/cases?text=nothing-is-called-this",
        "/cases/new",
        &case,
        &found,
        "/findings",
        "/findings?text=nothing-is-called-this",
        &finding,
        "/import",
        "/members",
        "/clients",
        "/settings",
        "/trail",
        "/me",
        "/confirm",
        "/cases/CASE-999",
        "/nowhere",
    ] {
        browser.goto(&house.at(path)).await;
        let name = if path == case {
            "case".to_owned()
        } else if path == found {
            "case-found".to_owned()
        } else if path == finding {
            "finding".to_owned()
        } else {
            name_of(path)
        };
        album.take(&browser, &name).await;
    }

    browser.goto(&house.at("/cases/new")).await;
    browser.fill("#title", " ").await;
    browser.press("Open the case").await;
    browser.see("Must not be empty").await;
    album.take(&browser, "new-wrong").await;
    browser.goto(&house.at("/clients")).await;
    browser.fill("#name", "nightly scan").await;
    browser.click("input[name=scope][value='findings:write']").await;
    browser.press("Make client").await;
    browser.see("nightly scan is ready").await;
    album.take(&browser, "client-made").await;
    browser.goto(&house.at("/members")).await;
    browser.fill("#email", "new.colleague@example.org").await;
    browser.press("Make an invitation link").await;
    browser.see("Invitation for").await;
    let link = browser.find("#link").await.prop("value").await.unwrap().unwrap();
    album.take(&browser, "invited").await;
    browser.goto(&house.at("/trail")).await;
    browser.press("Verify the chain").await;
    browser.see("The chain holds.").await;
    album.take(&browser, "verified").await;
    browser.screen(390, 844, "light").await;
    browser.goto(&house.at("/cases")).await;
    browser.press("Menu").await;
    album.picture(&browser, "menu-390-light").await;
    browser.forget().await;
    browser.goto(&link).await;
    album.take(&browser, "invitation").await;
    browser.goto(&house.at("/sign-in")).await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", "wrong").await;
    browser.press("Sign in").await;
    browser.see("is wrong").await;
    album.take(&browser, "sign-in-wrong").await;

    browser.close().await;
    assert!(album.faults.is_empty(), "{} faults:\n{}", album.faults.len(), album.faults.join("\n"));
}

fn name_of(path: &str) -> String {
    path.trim_matches('/').chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Pictures of pages, and what was wrong with them.
struct Album {
    dir: PathBuf,
    faults: Vec<String>,
}

impl Album {
    fn new() -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&dir).expect("can be made");
        Self { dir, faults: Vec::new() }
    }

    /// Looks at the page on every screen, in light and dark.
    async fn take(&mut self, browser: &Browser, name: &str) {
        for (width, height) in SCREENS {
            for scheme in ["light", "dark"] {
                browser.screen(width, height, scheme).await;
                let faults = browser.run(FAULTS, vec![json!(width)]).await;
                let faults = faults.as_array().into_iter().flatten().filter_map(Value::as_str);
                self.faults.extend(faults.map(|fault| format!("{name} at {width} in {scheme}: {fault}")));
                if width != 360 {
                    self.picture(browser, &format!("{name}-{width}-{scheme}")).await;
                }
            }
        }
        let complaints = browser.complaints().await;
        self.faults.extend(complaints.into_iter().map(|one| format!("{name}: {one}")));
    }

    /// Keeps a picture.
    async fn picture(&self, browser: &Browser, name: &str) {
        let data = browser.picture().await;
        let data = STANDARD.decode(data.as_str().expect("is text")).expect("is base64");
        std::fs::write(self.dir.join(format!("{name}.png")), data).expect("can be written");
    }
}
