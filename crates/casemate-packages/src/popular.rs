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

/// A name that others are taken for.
#[derive(Clone, Copy)]
struct Target {
    rank: usize,
    name: &'static str,
}

/// The targets of look-alikes, by the forms in which names are compared; of several of one form the most popular.
#[derive(Default)]
struct Targets {
    by_words: HashMap<String, Target>,
    by_letters: HashMap<String, Target>,
    by_looks: HashMap<String, Target>,
    /// By how long they are, each group with the most popular first.
    by_length: Vec<Vec<Target>>,
}

fn targets() -> &'static Targets {
    static KNOWN: OnceLock<Targets> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut targets = Targets::default();
        for (rank, name) in names().take(TARGETS).enumerate() {
            if name.len() < 5 || name.len() < 7 && rank >= SHORT_TARGETS {
                continue;
            }
            let target = Target { rank, name };
            if let Some(words) = in_order(name) {
                targets.by_words.entry(words).or_insert(target);
            }
            targets.by_letters.entry(without_hyphens(name)).or_insert(target);
            targets.by_looks.entry(skeleton(name)).or_insert(target);
            if targets.by_length.len() <= name.len() {
                targets.by_length.resize(name.len() + 1, Vec::new());
            }
            if let Some(group) = targets.by_length.get_mut(name.len()) {
                group.push(target);
            }
        }
        targets
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
    let targets = targets();
    let one_letter = || {
        let lengths = name.len() - 1..=name.len() + 1;
        let near = targets.by_length.get(*lengths.start()..targets.by_length.len().min(lengths.end() + 1));
        let is_near = |one: &&Target| differs_by_one(name, one.name) && !is_a_series(name, one.name);
        near.into_iter().flatten().filter_map(|group| group.iter().find(is_near)).min_by_key(|one| one.rank)
    };
    let found = [
        (in_order(name).and_then(|words| targets.by_words.get(&words)), Likeness::WordOrder),
        (targets.by_letters.get(&without_hyphens(name)), Likeness::Hyphens),
        (targets.by_looks.get(&skeleton(name)), Likeness::SameLooks),
        (one_letter(), Likeness::OneLetter),
    ];
    // Of several the most popular; of several likenesses with that one the plainest.
    let found = found.into_iter().filter_map(|(target, likeness)| Some((target?, likeness)));
    found.min_by_key(|(target, _)| target.rank).map(|(target, likeness)| (target.name, likeness))
}

fn without_hyphens(name: &str) -> String {
    name.chars().filter(|&c| c != '-').collect()
}

/// The name with what looks the same written the same.
fn skeleton(name: &str) -> String {
    name.replace('0', "o").replace(['1', 'i'], "l").replace('5', "s").replace("rn", "m").replace("vv", "w")
}

/// The words of a name in order; nothing for a single word.
fn in_order(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name.split('-').collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
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
