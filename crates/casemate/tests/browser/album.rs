//! Pages on a desk and on a phone, in light and in dark, and what is wrong with them there.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::browser::Browser;

const SCREENS: [(u32, u32); 3] = [(1280, 900), (390, 844), (360, 740)];

/// What is wrong with the page on screen, in words.
const FAULTS: &str = r#"
const faults = [];
const say = (what, element) => faults.push(what + ': ' + (element ? element.outerHTML.slice(0, 120) : ''));
const root = document.documentElement;
// not innerWidth: a phone zooms out to show what sticks out
const [width, isReport] = arguments;
if (root.scrollWidth > width) {
  const wide = [...document.querySelectorAll('body *')].find(e => e.getBoundingClientRect().right > width + 1 && !e.closest('pre'));
  say('sticks out to ' + root.scrollWidth, wide);
}
if (!root.lang) say('no language');
if (!(isReport ? document.title.startsWith('Audit of ') : document.title.endsWith('Casemate'))) say('no title');
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
// a report stands alone: it has its one style and its one script in it, and fetches nothing
const own = isReport ? ':not(head > style)' : '';
for (const e of document.querySelectorAll('[style], style' + own)) say('inline style', e);
for (const e of document.querySelectorAll('script:not([src])' + (isReport ? ':not(body > script:last-child)' : ''))) say('inline script', e);
if (isReport) for (const e of performance.getEntriesByType('resource')) say('fetched ' + e.name);

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

/// Pictures of pages, and what was wrong with them.
pub(crate) struct Album {
    dir: PathBuf,
    is_of_reports: bool,
    pub(crate) faults: Vec<String>,
}

impl Album {
    /// For pages of the tracker.
    pub(crate) fn new() -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&dir).expect("can be made");
        Self { dir, is_of_reports: false, faults: Vec::new() }
    }

    /// For reports, which are pages that stand alone.
    pub(crate) fn of_reports() -> Self {
        Self { is_of_reports: true, ..Self::new() }
    }

    /// Looks at the page on every screen, in light and dark.
    pub(crate) async fn take(&mut self, browser: &Browser, name: &str) {
        for (width, height) in SCREENS {
            for scheme in ["light", "dark"] {
                browser.screen(width, height, scheme).await;
                let faults = browser.run(FAULTS, vec![json!(width), json!(self.is_of_reports)]).await;
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
    pub(crate) async fn picture(&self, browser: &Browser, name: &str) {
        let data = browser.picture().await;
        let data = STANDARD.decode(data.as_str().expect("is text")).expect("is base64");
        std::fs::write(self.dir.join(format!("{name}.png")), data).expect("can be written");
    }
}
