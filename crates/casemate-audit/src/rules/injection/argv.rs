//! The arguments a program is started with, one by one.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{BinaryOp, Op, Outcome, Value};

use super::scene::Scene;
use crate::rules::Context;

/// Depth of lists in lists.
const MAX_DEPTH: u32 = 16;
/// Steps back through what changed a list.
const MAX_STEPS: usize = 256;

/// The command line of a program that is started without a shell.
pub(super) struct Argv<'c> {
    /// Where it is put together.
    pub(super) scene: Scene<'c>,
    /// Its elements, as far as they are seen.
    pub(super) elements: Vec<Value>,
}

impl<'c> Argv<'c> {
    /// The command line that arrives at a sink.
    pub(super) fn of(cx: &'c Context<'_>, hit: &Hit, wanted: Labels) -> Option<Self> {
        let scene = Scene::of(cx, hit, wanted)?;
        let called = scene.called(hit.reach.call);
        // `os.execl(path, arg0, …)` and `create_subprocess_exec(program, …)` take the elements one by one.
        let skipped = match called {
            "asyncio.create_subprocess_exec" => Some(0),
            called if called.ends_with("_loop().subprocess_exec") => Some(1),
            "os.execl" | "os.execlp" | "os.execle" | "os.execlpe" => Some(1),
            "os.spawnl" | "os.spawnlp" | "os.spawnle" | "os.spawnlpe" => Some(2),
            _ => None,
        };
        let mut elements = Vec::new();
        if let Some(skipped) = skipped {
            let arguments = scene.arguments(hit.reach.call).iter();
            for argument in arguments.skip(skipped) {
                if !matches!(argument.passing, casemate_python::syntax::Passing::Keyword(_)) {
                    flatten(&scene, argument.value, &mut elements, 0, false);
                }
            }
            return Some(Self { scene, elements });
        }
        let (scene, value) = Scene::of_text(cx, hit, wanted)?;
        flatten(&scene, value, &mut elements, 0, false);
        Some(Self { scene, elements })
    }

    /// The name of the program, if it is a constant.
    pub(super) fn program(&self) -> Option<&'c str> {
        self.scene.constant(*self.elements.first()?)
    }

    /// A program that is chosen elsewhere and told to do what those that keep versions do: `[program, "checkout", branch]`.
    pub(super) fn keeper_of_versions(&self) -> Option<&'static str> {
        let word = self.scene.constant(*self.elements.get(1)?)?;
        matches!(word, "clone" | "checkout" | "fetch" | "pull" | "push" | "update" | "switch").then_some("hg")
    }

    /// Whether the hit may be about the element at this position.
    pub(super) fn is_this(&self, at: usize, hit: &Hit) -> bool {
        let Some(&element) = self.elements.get(at) else { return false };
        // Where each argument is a sink of its own, only one of them is meant.
        let alone = !matches!(
            self.scene.function.op(self.scene.bare(hit.reach.argument)),
            Op::Build { .. } | Op::Binary { .. } | Op::Parameter(_) | Op::Spread(_)
        );
        let listed = self.scene.arguments(hit.reach.call).len() > 1
            && self.elements.contains(&hit.reach.argument)
            && self.elements.len() > 1;
        !(alone && listed) || self.scene.bare(element) == self.scene.bare(hit.reach.argument)
    }

    /// Whether the list carries data that none of its elements does: something was appended.
    pub(super) fn is_filled(&self, hit: &Hit) -> bool {
        self.elements.len() > 1
            && matches!(self.scene.function.op(self.scene.bare(hit.reach.argument)), Op::Build { .. })
            && !self.elements.iter().any(|&element| self.scene.carries(element))
            && !self.elements.iter().any(|&element| self.scene.constant(element) == Some("--"))
    }

    /// Whether an element is a text put together from several.
    pub(super) fn is_built(&self, element: Value) -> bool {
        self.scene.parts(element).len() > 1
    }
}

fn flatten(scene: &Scene<'_>, value: Value, elements: &mut Vec<Value>, depth: u32, in_list: bool) {
    if depth > MAX_DEPTH || elements.len() > 256 {
        return;
    }
    let bare = scene.bare(value);
    let list = root(scene, value, 0).filter(|_| !in_list);
    if let Some(items) = list.and_then(|list| scene.items(list)) {
        let start = elements.len();
        for &item in items {
            flatten(scene, item, elements, depth + 1, true);
        }
        for call in changes(scene, value) {
            let added = scene.arguments(call).first().map(|argument| argument.value);
            match (scene.method(call), added) {
                // Whatever is put in goes before what stands there, most of all `--`.
                (Some((_, "insert")), Some(_)) => {
                    if let Some(inserted) = scene.arguments(call).get(1) {
                        elements.insert(start, inserted.value);
                    }
                }
                (Some((_, "append")), Some(added)) => flatten(scene, added, elements, depth + 1, true),
                (Some((_, "extend")), Some(added)) => flatten(scene, added, elements, depth + 1, false),
                _ => {}
            }
        }
        return;
    }
    match scene.function.op(bare) {
        Op::Binary { op: BinaryOp::Add, left, right } if !in_list && holds_list(scene, bare, 0) => {
            flatten(scene, left, elements, depth + 1, false);
            flatten(scene, right, elements, depth + 1, false);
        }
        Op::Spread(of) => flatten(scene, of, elements, depth + 1, false),
        _ => elements.push(value),
    }
}

/// The list as it was made, where all ways begin with the same: `if port: command.append(port)` adds to one of them.
fn root(scene: &Scene<'_>, value: Value, depth: u32) -> Option<Value> {
    let bare = scene.bare(value);
    match scene.function.op(bare) {
        Op::Phi(list) if depth < MAX_DEPTH => {
            let mut roots = scene
                .function
                .list(list)
                .iter()
                .filter(|&&choice| choice.0 < bare.0)
                .map(|&choice| root(scene, choice, depth + 1));
            let first = roots.next()??;
            roots.all(|other| other == Some(first)).then_some(first)
        }
        _ => Some(bare),
    }
}

/// The calls that have changed a list since it was made, on whichever way, the first one first.
fn changes(scene: &Scene<'_>, value: Value) -> Vec<Value> {
    let mut calls = Vec::new();
    let mut seen = Vec::new();
    let mut todo = vec![value];
    while let Some(value) = todo.pop().filter(|_| seen.len() < MAX_STEPS) {
        if seen.contains(&value) {
            continue;
        }
        seen.push(value);
        match scene.function.op(value) {
            Op::Refine { of, test, outcome } => {
                if outcome == Outcome::Done && matches!(scene.function.op(test), Op::Call { .. }) {
                    calls.push(test);
                }
                todo.push(of);
            }
            Op::Phi(list) => {
                todo.extend(scene.function.list(list).iter().copied().filter(|choice| choice.0 < value.0));
            }
            _ => {}
        }
    }
    calls.sort_unstable_by_key(|call| call.0);
    calls.dedup();
    calls
}

fn holds_list(scene: &Scene<'_>, value: Value, depth: u32) -> bool {
    depth < MAX_DEPTH
        && match scene.function.op(scene.bare(value)) {
            Op::Build { .. } => true,
            Op::Binary { op: BinaryOp::Add, left, right } => {
                holds_list(scene, left, depth + 1) || holds_list(scene, right, depth + 1)
            }
            Op::Call { .. } => matches!(scene.called(value), "shlex.split" | "list"),
            _ => false,
        }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Programs with an option that runs a command, reads or writes a file of the caller's choice, and the options of theirs
/// that take no value.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("7z", &["-y"]),
    ("ansible", &[]),
    ("ansible-playbook", &[]),
    ("aws", &[]),
    ("awk", &[]),
    ("chromium", &["--headless", "--no-sandbox"]),
    ("convert", &[]),
    (
        "curl",
        &[
            "-s",
            "-S",
            "-L",
            "-f",
            "-k",
            "-O",
            "-I",
            "-v",
            "-sS",
            "-sL",
            "-sSL",
            "-fsSL",
            "-fsS",
            "--silent",
            "--fail",
            "--location",
            "--compressed",
            "--head",
        ],
    ),
    ("docker", &["-d", "-i", "-t", "-it", "--rm"]),
    ("exiftool", &["-j", "-json", "-n", "-a", "-G"]),
    ("ffmpeg", &["-y", "-n", "-hide_banner", "-nostdin"]),
    ("ffprobe", &["-hide_banner", "-show_format", "-show_streams"]),
    ("find", &["-L", "-H", "-P"]),
    ("gdb", &[]),
    (
        "git",
        &[
            "clone",
            "-q",
            "-v",
            "--quiet",
            "--bare",
            "--mirror",
            "--recursive",
            "--recurse-submodules",
            "--single-branch",
            "--no-checkout",
            "--all",
            "--tags",
            "--force",
            "--prune",
            "--oneline",
            "--hard",
            "--soft",
            "--no-color",
            "--stat",
        ],
    ),
    ("google-chrome", &["--headless"]),
    (
        "gpg",
        &[
            "--batch",
            "--yes",
            "--verify",
            "--decrypt",
            "--import",
            "--recv-keys",
            "--send-keys",
            "--search-keys",
            "--delete-keys",
            "--delete-secret-keys",
            "--list-keys",
            "--export",
        ],
    ),
    ("grep", &["-r", "-R", "-i", "-n", "-l", "-E", "-F", "-v", "-w", "-rn", "-ri", "-rin", "-c", "-q", "-P", "-o"]),
    ("gs", &[]),
    ("helm", &[]),
    (
        "hg",
        &[
            "-q",
            "--quiet",
            "-v",
            "--verbose",
            "--debug",
            "-y",
            "--noninteractive",
            "-U",
            "--noupdate",
            "--pull",
            "--uncompressed",
            "--stream",
            "--insecure",
            "--clean",
            "-C",
        ],
    ),
    ("identify", &[]),
    ("java", &[]),
    ("kubectl", &["-it", "-i", "-t"]),
    ("less", &[]),
    ("libreoffice", &["--headless"]),
    ("magick", &[]),
    ("mail", &[]),
    ("make", &[]),
    ("man", &[]),
    ("mysql", &[]),
    ("mysqldump", &[]),
    ("nmap", &["-sV", "-sS", "-Pn", "-v", "-A", "-sn"]),
    ("node", &[]),
    ("npm", &["-g", "--save", "--global"]),
    ("openssl", &[]),
    ("pandoc", &["-s"]),
    ("pdflatex", &[]),
    ("perl", &[]),
    ("pg_dump", &[]),
    ("php", &[]),
    ("pip", &["-U", "--upgrade", "-q", "--user", "--quiet", "--no-deps"]),
    ("psql", &[]),
    ("python", &[]),
    ("python3", &[]),
    ("rsync", &["-a", "-v", "-z", "-r", "-av", "-az", "-avz", "--delete", "--archive", "--progress"]),
    ("ruby", &[]),
    ("scp", &["-r", "-q", "-C", "-p"]),
    ("sed", &["-n", "-i", "-E", "-r"]),
    ("sendmail", &["-t", "-oi"]),
    ("sftp", &["-q", "-r"]),
    ("soffice", &["--headless"]),
    ("sort", &["-u", "-n", "-r"]),
    ("sqlite3", &[]),
    ("ssh", &["-t", "-T", "-v", "-q", "-N", "-A", "-4", "-6", "-n", "-tt"]),
    ("sudo", &["-n", "-E", "-H", "-i", "-S"]),
    ("svn", &["-q", "--quiet", "--force", "--non-interactive", "--no-auth-cache", "--trust-server-cert"]),
    ("tar", &["-x", "-c", "-v", "-z", "x", "c", "xv"]),
    ("tcpdump", &["-n", "-v"]),
    ("terraform", &[]),
    ("unzip", &["-o", "-q", "-l"]),
    ("vim", &[]),
    ("wget", &["-q", "-nc", "-c", "-r", "-nv", "--quiet", "--no-check-certificate"]),
    ("wkhtmltopdf", &["-q", "--quiet"]),
    ("xargs", &[]),
    ("youtube-dl", &["-q", "-x", "-s"]),
    ("yt-dlp", &["-q", "-x", "-s", "-j", "-J", "--dump-json", "--no-playlist"]),
    ("zip", &["-r", "-q", "-j"]),
];

/// Whether a program has options that can be turned against who starts it.
pub(super) fn has_harmful_options(program: &str) -> bool {
    PROGRAMS.binary_search_by_key(&base_name(program), |(name, _)| name).is_ok()
}

/// Whether what follows an option is its value.
pub(super) fn takes_value(program: &str, option: &str) -> bool {
    let Ok(at) = PROGRAMS.binary_search_by_key(&base_name(program), |(name, _)| name) else { return false };
    let flags = PROGRAMS.get(at).map_or(&[][..], |(_, flags)| *flags);
    option.starts_with('-') && option.len() > 1 && !option.contains('=') && !flags.contains(&option)
}
