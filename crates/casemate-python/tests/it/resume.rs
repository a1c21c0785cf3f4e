//! A program that is solved again after an edit, with what an earlier run left, comes out as one solved from the start.

use std::sync::atomic::{AtomicBool, Ordering};

use casemate_python::flow::{Memory, Models, Options, Solved, resume, solve};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::read;

use super::flow::models;

/// Modules of a program, each with what it is made of.
type Pieces = Vec<Vec<usize>>;

const MODULES: usize = 6;

/// What a module may hold at each place: nothing, or one of several forms of the same thing.
const PLACES: &[&[&str]] = &[
    &["", "from lab import source, sink, clean, is_fine, request", "from lab import *\n# all of it"],
    &["", "from m{a} import f, C", "import m{a}\nf = m{a}.f\nclass C(m{a}.C): pass", "from m{a} import *"],
    &["SHARED = None", "SHARED = {}", "from m{b} import SHARED", "SHARED = 'x'\nMORE = [SHARED]"],
    &[
        "def g(x, y=1):\n    return x",
        "def g(x, y=1):\n    return y",
        "def g(x, y=1):\n    return clean(x)",
        "def g(x, y=1):\n    sink(x)\n    return y",
        "def g(x, y=1):\n    if not is_fine(x):\n        return None\n    sink(x)\n    return [x, y]",
        "def g(x, y=1):\n    extra = lambda z: z\n    return extra(f(x))",
        "def g(x, y=1):\n    global SHARED\n    SHARED = x\n    return SHARED",
        "def g(x, y=1):\n    # a comment\n    fresh = {'k': x}\n    return fresh",
    ],
    &[
        "",
        "class C:\n    def __init__(self, v):\n        self.v = v\n    def take(self):\n        sink(self.v)\n        return self.v",
        "class C:\n    kept = None\n    def take(self):\n        return self.kept\n    def put(self, v):\n        self.kept = v",
        "class D(C):\n    def take(self):\n        sink(source())\n        return f(self)",
        "class C(dict):\n    name: int\n    def take(self):\n        return self['v']",
        "class C:\n    def fill(self, v):\n        self.fresh = v\n    def take(self):\n        return self.fresh",
        "class C:\n    def fill(self, v):\n        self.fresh = clean(v)\n    def take(self):\n        return self.fresh",
        "class C:\n    def fill(self, v):\n        self.other = v\n    def take(self):\n        return self.fresh",
    ],
    &[
        "",
        "def d(h):\n    return h",
        "def d(h):\n    KEPT = h\n    return clean",
        "def d(h):\n    sink(h())\n    return g",
        "def d(h):\n    def inner(*args):\n        return h(*args)\n    return inner",
    ],
    &["", "KEPT = g(source(), 1)", "KEPT = g('x', source())", "KEPT = g('x')"],
    &[
        "",
        "import m{a} as other\ndef use(x, y):\n    sink(other.KEPT)",
        "import m{b} as below\ndef use(x, y):\n    below.C().fill(source())\n    return below",
        "import m{b} as below\ndef use(x, y):\n    sink(below.C().fresh)\n    sink(below.C().take())",
        "def use(c: C, y):\n    sink(c.fresh)\n    c.fill(source())",
    ],
    &[
        "def f(x):\n    return g(x)",
        "def f(x):\n    import m{b}\n    return m{b}.f(x)",
        "def f(x):\n    c = C(x)\n    return c.take()",
        "def f(x):\n    def inner(y):\n        return x + y\n    return inner(x)",
        "@g\ndef f(x):\n    return source()",
        "@d\ndef f(x):\n    return source()",
        "from m{a} import d\n@d\ndef f(x):\n    return x",
        "def f(x):\n    return m{a}.SHARED if x else SHARED",
        "async def f(x):\n    yield await g(x)",
    ],
    &[
        "",
        "def run():\n    c = C(source())\n    sink(c.take())",
        "def run():\n    sink(f(source()))",
        "def run():\n    import m{b}\n    m{b}.SHARED = source()\n    sink(SHARED)",
        "def run():\n    for one in f(request.args):\n        sink(one)",
        "g(source())",
        "def run(view=f):\n    return view(source(), sink)",
    ],
];

struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % count as u64).unwrap()
    }
}

fn text(module: usize, pieces: &[usize]) -> String {
    let mut text = String::new();
    for (place, &piece) in PLACES.iter().zip(pieces) {
        let piece = place[piece % place.len()];
        let piece = piece.replace("{a}", &((module + 1) % MODULES).to_string());
        text.push_str(&piece.replace("{b}", &((module + MODULES - 1) % MODULES).to_string()));
        text.push('\n');
    }
    text
}

fn program(pieces: &Pieces) -> Program {
    let modules = pieces.iter().enumerate();
    Program::link(modules.map(|(at, of)| read(&format!("m{at}.py"), text(at, of).as_bytes())).collect())
}

fn whole(program: &Program, solved: &Solved<'_>) -> String {
    let mut all = format!("{:?}\n{}\n", solved.web, solved.rounds);
    for id in program.ids() {
        let facts = solved.modules.get(id).unwrap();
        all.push_str(&format!("{id:?} {:?}\n{:?}\n{:?}\n", facts.hits, facts.summaries, facts.values));
    }
    all
}

fn written(program: &Program, solved: &Solved<'_>, shows_secret: &(dyn Fn(&str, &[u8]) -> bool + Sync)) -> Vec<u8> {
    solved.modules.left(program, solved.trails.as_ref().expect("it came to an end"), shows_secret).unwrap()
}

/// What a run from the start leaves for the next.
fn left(program: &Program, models: &Models) -> Memory {
    let solved = solve(program, models, Options { remembers: true, ..Options::default() });
    Memory::read(&written(program, &solved, &|_, _| false)).unwrap()
}

#[test]
fn a_program_solved_again_is_the_program_solved_anew() {
    let models = models();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let (mut resumed, mut rested) = (0, 0);
    for _ in 0..60 {
        let before: Pieces =
            (0..MODULES).map(|_| PLACES.iter().map(|place| chance.below(place.len())).collect()).collect();
        // Of some modules nothing may be kept: the first thing that is asked about is what one told.
        let secret = format!("m{}.py", chance.below(2 * MODULES));
        let memory = {
            let program = program(&before);
            let solved = solve(&program, &models, Options { remembers: true, ..Options::default() });
            let asked = AtomicBool::new(false);
            let shows = |path: &str, _: &[u8]| path == secret && !asked.swap(true, Ordering::Relaxed);
            Memory::read(&written(&program, &solved, &shows)).unwrap()
        };
        for _ in 0..8 {
            let mut after = before.clone();
            let mut changed = Vec::new();
            for _ in 0..=chance.below(2) {
                let (module, place) = (chance.below(MODULES), chance.below(PLACES.len()));
                after[module][place] = chance.below(PLACES[place].len());
                changed.push(ModuleId(u32::try_from(module).unwrap()));
            }
            changed.sort_unstable();
            changed.dedup();
            let now = program(&after);
            let Some(again) = resume(&now, &models, Options::default(), &memory, &changed) else { continue };
            resumed += 1;
            rested += usize::from(again.evaluated.len() < MODULES);
            let anew = solve(&now, &models, Options::default());
            assert_eq!(
                whole(&now, &again),
                whole(&now, &anew),
                "{before:?} became {after:?}; evaluated were {:?}",
                again.evaluated
            );
        }
    }
    // What cannot be resumed is solved from the start; but that is not to be the rule.
    assert!(resumed > 150, "{resumed} of 480 were resumed");
    assert!(rested > 60, "in {rested} of {resumed} some module could rest");
}

#[test]
fn an_edit_inside_a_function_that_tells_the_same_touches_nobody_else() {
    let models = models();
    let files = |inner: &str| {
        Program::link(vec![
            read("a.py", format!("from lab import sink\ndef low(x, y):\n    {inner}\n    sink(y)\n").as_bytes()),
            read("b.py", b"from a import low\ndef high(x, y):\n    low(x, y)\n"),
            read("c.py", b"from lab import source\nfrom b import high\nhigh(1, source())\n"),
        ])
    };
    let before = files("z = 1");
    let memory = left(&before, &models);
    let same = files("z = 2  # two");
    let again = resume(&same, &models, Options::default(), &memory, &[ModuleId(0)]).unwrap();
    assert_eq!(again.evaluated, [ModuleId(0)]);
    assert_eq!(again.modules.get(ModuleId(2)).unwrap().hits.len(), 1, "asked for, it is found again");
    // What is told otherwise reaches whoever relied on it.
    let other = files("y = 1");
    let again = resume(&other, &models, Options::default(), &memory, &[ModuleId(0)]).unwrap();
    assert!(again.evaluated.len() > 1);
    assert!(again.modules.get(ModuleId(2)).unwrap().hits.is_empty());
}

#[test]
fn a_memory_that_is_cut_or_changed_is_no_memory() {
    let models = models();
    let pieces: Pieces = vec![vec![1; PLACES.len()]; MODULES];
    let program_before = program(&pieces);
    let solved = solve(&program_before, &models, Options { remembers: true, ..Options::default() });
    let whole = written(&program_before, &solved, &|_, _| false);
    for length in 0..whole.len().min(400) {
        assert!(Memory::read(&whole[..length]).is_none(), "{length} bytes");
    }
    // Whatever else is in it, nothing panics; what is read of it later is given up.
    let mut chance = Chance(7);
    for _ in 0..1500 {
        let mut broken = whole.clone();
        let at = chance.below(broken.len());
        broken[at] ^= 1 << chance.below(8);
        if let Some(memory) = Memory::read(&broken) {
            let now = program(&pieces);
            let _ = resume(&now, &models, Options::default(), &memory, &[ModuleId(0)]);
        }
    }
}

/// Three modules; the first is edited inside a function, so that from outside it looks as it did.
const INSIDE: &[(&str, &str, &str, &str)] = &[
    // What a module holds under a name.
    (
        "from lab import source\ndef make(x, y):\n    return x\nKEPT = make(source(), 'y')\n",
        "return x",
        "return y",
        "import a\nfrom lab import sink\nsink(a.KEPT)\n",
    ),
    // Under which names anything is kept at all.
    (
        "from lab import source\nclass C:\n    def fill(self, v):\n        self.other = v\nC().fill(source())\n",
        "self.other",
        "self.fresh",
        "from a import C\nfrom lab import sink\ndef use(x, y):\n    sink(C().fresh)\n",
    ),
    // Which names of a module functions assign to.
    (
        "from lab import source\nSHARED = None\nLATER = None\ndef put(x, y):\n    global SHARED, LATER\n    LATER = x\nput(source(), 1)\n",
        "LATER = x",
        "SHARED = x",
        "import a\nfrom lab import sink\ndef use(x, y):\n    sink(a.SHARED)\n",
    ),
    // What a function returns, and where its inputs arrive.
    (
        "from lab import sink, clean\ndef low(x, y):\n    sink(x)\n    return y\n",
        "sink(x)",
        "sink(clean(x))",
        "from a import low\nfrom lab import sink, source\nsink(low(source(), source()))\n",
    ),
];

#[test]
fn what_is_told_otherwise_reaches_whoever_asked() {
    let models = models();
    for &(first, from, to, second) in INSIDE {
        let files = |first: &str| {
            let third = b"from b import *\nimport a\n";
            Program::link(vec![read("a.py", first.as_bytes()), read("b.py", second.as_bytes()), read("c.py", third)])
        };
        let (before, after) = (files(first), files(&first.replace(from, to)));
        let solved = solve(&before, &models, Options { remembers: true, ..Options::default() });
        // Once with all that it told, once as if that held a secret.
        for is_secret in [false, true] {
            let asked = AtomicBool::new(false);
            let shows = |path: &str, _: &[u8]| is_secret && path == "a.py" && !asked.swap(true, Ordering::Relaxed);
            let memory = Memory::read(&written(&before, &solved, &shows)).unwrap();
            let again = resume(&after, &models, Options::default(), &memory, &[ModuleId(0)]).unwrap();
            let anew = solve(&after, &models, Options::default());
            assert_eq!(whole(&after, &again), whole(&after, &anew), "{first}{second}");
            assert!(again.evaluated.contains(&ModuleId(1)), "{first}{second}");
            let hits = |solved: &Solved<'_>| solved.modules.all().map(|facts| facts.hits.len()).sum::<usize>();
            assert_ne!(hits(&anew), hits(&solved), "the edit matters: {first}{second}");
        }
    }
}
