//! Which packages many people use, and which names are easily taken for theirs.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::manifest::PackageName;

/// Names by how often they are downloaded.
static NAMES: &str = include_str!("popular.txt");

/// Targets of look-alikes are among the most popular; below that, one letter of difference means little.
const TARGETS: usize = 4000;
/// Short names have many neighbours by chance, so only the best known of them are targets.
const SHORT_TARGETS: usize = 400;

/// Names that are imported, and the package they come from where it is called otherwise. Who installs the name that is
/// imported gets a package of somebody else, or an empty one.
const IMPORTED: [(&str, &str); 39] = [
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("corsheaders", "django-cors-headers"),
    ("crypto", "pycryptodome"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("discord", "discord-py"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("fitz", "pymupdf"),
    ("gi", "pygobject"),
    ("git", "gitpython"),
    ("github", "pygithub"),
    ("gitlab", "python-gitlab"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("ldap", "python-ldap"),
    ("magic", "python-magic"),
    ("multipart", "python-multipart"),
    ("mysqldb", "mysqlclient"),
    ("nacl", "pynacl"),
    ("openssl", "pyopenssl"),
    ("pil", "pillow"),
    ("pkg-resources", "setuptools"),
    ("pptx", "python-pptx"),
    ("rest-framework", "djangorestframework"),
    ("rest-framework-simplejwt", "djangorestframework-simplejwt"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("socks", "pysocks"),
    ("telegram", "python-telegram-bot"),
    ("usb", "pyusb"),
    ("win32api", "pywin32"),
    ("win32com", "pywin32"),
    ("wx", "wxpython"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// Why a name is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// One letter is missing, added, changed or swapped with its neighbour.
    OneLetter,
    /// Letters or digits that look the same: `0` and `o`, `1` and `l`, `rn` and `m`.
    SameLooks,
    /// The same words in another order.
    WordOrder,
    /// The same letters with hyphens elsewhere.
    Hyphens,
    /// The name that is imported, which is not that of the package.
    ImportName,
}

/// Place of a package among the most downloaded, from 1; `None` if it is not among them.
pub fn rank(name: &PackageName) -> Option<usize> {
    table().get(name.as_str()).copied()
}

fn names() -> impl Iterator<Item = &'static str> {
    NAMES.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// A name that others are taken for, with the forms in which names are compared.
struct Target {
    rank: usize,
    name: &'static str,
    plain: String,
    looks: String,
    ordered: Option<Vec<&'static str>>,
}

/// The targets of look-alikes, the most popular first.
fn targets() -> &'static [Target] {
    static KNOWN: OnceLock<Vec<Target>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let long = names().take(TARGETS).enumerate();
        let long = long.filter(|(rank, name)| name.len() >= 7 || (name.len() >= 5 && *rank < SHORT_TARGETS));
        let forms = |(rank, name): (usize, &'static str)| {
            let (plain, looks, ordered) = (without_hyphens(name), skeleton(name), in_order(name));
            Target { rank, name, plain, looks, ordered }
        };
        long.map(forms).collect()
    })
}

fn table() -> &'static HashMap<&'static str, usize> {
    static TABLE: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
    TABLE.get_or_init(|| names().enumerate().map(|(at, name)| (name, at + 1)).collect())
}

/// The popular package a name is easily taken for. Names that are well known themselves are nobody's look-alike, except
/// those that are known only because they are imported so.
pub fn look_alike(name: &PackageName) -> Option<(&'static str, Likeness)> {
    let name = name.as_str();
    if let Some((_, package)) = IMPORTED.iter().find(|(imported, _)| *imported == name) {
        return Some((package, Likeness::ImportName));
    }
    if table().contains_key(name) || name.len() < 4 {
        return None;
    }
    let (plain, looks, ordered) = (without_hyphens(name), skeleton(name), in_order(name));
    let mut best: Option<(usize, &'static str, Likeness)> = None;
    for target in targets() {
        if name.len().abs_diff(target.name.len()) > 2 {
            continue;
        }
        let likeness = if ordered.is_some() && target.ordered == ordered {
            Likeness::WordOrder
        } else if target.plain == plain {
            Likeness::Hyphens
        } else if target.looks == looks {
            Likeness::SameLooks
        } else if differs_by_one(name, target.name) && !is_a_series(name, target.name) {
            Likeness::OneLetter
        } else {
            continue;
        };
        if best.is_none_or(|(known, ..)| target.rank < known) {
            best = Some((target.rank, target.name, likeness));
        }
    }
    best.map(|(_, target, likeness)| (target, likeness))
}

fn without_hyphens(name: &str) -> String {
    name.chars().filter(|&c| c != '-').collect()
}

/// The name with what looks the same written the same.
fn skeleton(name: &str) -> String {
    name.replace('0', "o").replace(['1', 'i'], "l").replace('5', "s").replace("rn", "m").replace("vv", "w")
}

/// The words of a name, sorted; nothing for a single word.
fn in_order(name: &str) -> Option<Vec<&str>> {
    let mut words: Vec<&str> = name.split('-').collect();
    words.sort_unstable();
    (words.len() > 1).then_some(words)
}

/// Names that tell versions or variants apart by a digit or a plural are a series, not an error: `psycopg2`, `psycopg3`.
fn is_a_series(name: &str, target: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    digits(name) != digits(target) && letters(name).trim_end_matches('-') == letters(target).trim_end_matches('-')
}

/// Whether one letter missing, added, changed or swapped with its neighbour makes one the other.
fn differs_by_one(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same_start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let after = |from: usize| (short.get(from..).unwrap_or_default(), long.get(from..).unwrap_or_default());
    let (x, y) = after(same_start);
    let (skipped, [_, rest @ ..]) = (after(same_start + 1), y) else { return false };
    if short.len() < long.len() {
        return x == rest;
    }
    skipped.0 == skipped.1 || matches!((x, y), ([a, b, x @ ..], [c, d, y @ ..]) if a == d && b == c && x == y)
}
