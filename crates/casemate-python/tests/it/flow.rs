//! Data followed through programs: `source()` hands it out, `sink(x)` is where it must not arrive.

use casemate_python::facts::{ArgumentAt, CallModel, GuardModel, Holds, Kinds, Labels, PromiseModel, SinkModel};
use casemate_python::flow::Models;
use casemate_python::flow::{Options, StepKind, Tracer, solve};
use casemate_python::names::Program;
use casemate_python::syntax::{LineIndex, read};

const TAINT: Labels = Labels::kind(0);

/// What `whole` gives.
const WHOLE: Labels = Labels::kind(1);

pub(super) fn models() -> Models {
    let argument = |position| ArgumentAt { position: Some(position), ..ArgumentAt::default() };
    let mut models = Models {
        aliases: Default::default(),
        sources: Default::default(),
        calls: Default::default(),
        methods: Default::default(),
        guards: Default::default(),
        method_guards: Default::default(),
        safe_types: ["int", "bool", "float"].into_iter().map(str::to_owned).collect(),
        by_name: |_| Labels::NONE,
        by_role: |_| TAINT,
        through_objects: TAINT,
        library: TAINT,
        callers: Labels::NONE,
        listed: 0,
        peers: Labels::NONE,
        peered: 0,
        derived_guards: Default::default(),
        without: Vec::new(),
        members: Default::default(),
        forms: Default::default(),
        promises: Vec::new(),
        words: |name| name.split('_').map(str::to_owned).collect(),
        described: std::sync::OnceLock::new(),
    };
    models.sources.insert("lab.request".to_owned(), TAINT);
    models.calls.insert("lab.source".to_owned(), CallModel { returns: TAINT, ..CallModel::default() });
    models.calls.insert("str".to_owned(), CallModel { passes: true, ..CallModel::default() });
    models.calls.insert("lab.clean".to_owned(), CallModel { passes: true, cleans: 1, ..CallModel::default() });
    let sink = SinkModel { kind: 0, argument: argument(0), when: Vec::new(), unless: Vec::new() };
    models.calls.insert("lab.sink".to_owned(), CallModel { sinks: vec![sink.clone()], ..CallModel::default() });
    let shell = casemate_python::facts::Condition {
        argument: ArgumentAt { keyword: Some("shell".to_owned()), ..ArgumentAt::default() },
        expected: casemate_python::facts::Expected::Bool(true),
    };
    // Known by its path and by its name.
    let dig = CallModel { sinks: vec![sink.clone()], ..CallModel::default() };
    models.methods.insert("dig".to_owned(), dig.clone());
    models.calls.insert("lab.Tool().dig".to_owned(), dig);
    let run = SinkModel { when: vec![shell], ..sink };
    models.calls.insert("lab.run".to_owned(), CallModel { sinks: vec![run], ..CallModel::default() });
    let tested = ArgumentAt { keyword: Some("value".to_owned()), ..argument(0) };
    let guard = GuardModel { tested, holds: Holds::Yes, clears: Kinds::MAX, needs: Labels::NONE, through: false };
    models.guards.insert("lab.is_fine".to_owned(), vec![guard.clone()]);
    models.derived_guards.insert("lab.parse().host".to_owned(), Kinds::MAX);
    models.calls.insert("lab.whole".to_owned(), CallModel { passes: true, returns: WHOLE, ..CallModel::default() });
    models.calls.insert("lab.join".to_owned(), CallModel { passes: true, ..CallModel::default() });
    let contained = GuardModel { holds: Holds::Equal, needs: WHOLE, through: true, ..guard };
    models.guards.insert("lab.common".to_owned(), vec![contained]);
    models.forms.insert("lab.Form().taken".to_owned(), "lets".to_owned());
    models.sources.insert("lab.Text().lets".to_owned(), TAINT);
    models.derived_guards.insert("lab.Parts().host".to_owned(), Kinds::MAX);
    models.sources.insert("lab.context.args".to_owned(), TAINT);
    models.without.push(("<".to_owned(), Kinds::MAX));
    models.members.insert("lab.names()".to_owned(), Kinds::MAX);
    let list = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let promise = PromiseModel {
        says: list(&["safe", "validate"]),
        about: list(&["link"]),
        except: list(&["length"]),
        clears: Kinds::MAX,
        denies: false,
        but_first: false,
    };
    let adding = PromiseModel { says: list(&["join"]), about: list(&["link"]), but_first: true, ..promise.clone() };
    let denial = PromiseModel { says: list(&["unsafe"]), denies: true, ..promise.clone() };
    models.promises = vec![promise, adding, denial];
    models
}

/// The files of a program: a line `# --- path` begins another one, in which lines count on.
fn files(code: &str) -> Vec<(String, String)> {
    let mut files = vec![("main.py".to_owned(), String::new())];
    for (number, line) in code.lines().enumerate() {
        if let Some(path) = line.trim().strip_prefix("# --- ") {
            files.push((path.to_owned(), "\n".repeat(number + 1)));
        } else {
            let text = &mut files.last_mut().unwrap().1;
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

fn program(code: &str) -> Program {
    Program::link(files(code).into_iter().map(|(path, text)| read(&path, text.as_bytes())).collect())
}

/// Lines of the sinks at which data arrives.
fn found(code: &str, options: Options) -> Vec<usize> {
    let program = program(code);
    let models = models();
    let solved = solve(&program, &models, options);
    assert!(solved.unsettled.is_empty(), "did not settle in {} rounds", solved.rounds);
    let mut lines = Vec::new();
    for facts in solved.modules.all() {
        for hit in &facts.hits {
            let module = program.module(hit.reach.module).unwrap();
            let span = module.function(hit.reach.function).unwrap().span_of(hit.reach.call);
            lines.push(LineIndex::new(&module.text).line(span.start) + 1);
            let trace = Tracer { program: &program, modules: &solved.modules }.trace(facts.module, hit, TAINT);
            assert!(trace.len() >= 2, "a path of {} steps", trace.len());
        }
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Lines marked `# bad` are found, all others are not.
pub(crate) fn check(code: &str) {
    check_with(code, Options::default());
}

fn check_with(code: &str, options: Options) {
    let code = format!(
        "from lab import source, sink, clean, is_fine, request, run, whole, join, common, Parts\n{}",
        code.trim_start_matches('\n')
    );
    let expected: Vec<usize> = code
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.trim_end().ends_with("# bad"))
        .map(|(_, number)| number)
        .collect();
    assert_eq!(found(&code, options), expected, "in\n{code}");
}

#[test]
fn the_way_goes_by_the_parameter_that_took_the_data() {
    let program = program(
        "from lab import source, sink
def last(start, name):
    sink(start + name)
def middle(start, key):
    last(start, key)
def first(start):
    middle(start, source())
",
    );
    let models = models();
    let solved = solve(&program, &models, Options::default());
    let mut names = Vec::new();
    for facts in solved.modules.all() {
        for hit in &facts.hits {
            let module = program.module(facts.module).unwrap();
            let tracer = Tracer { program: &program, modules: &solved.modules };
            for step in tracer.trace(facts.module, hit, TAINT) {
                if let StepKind::Parameter(symbol) = step.kind {
                    names.push(module.symbols.text(symbol).to_owned());
                }
            }
        }
    }
    assert_eq!(names, ["key", "name"]);
}

#[test]
fn the_way_goes_through_what_is_called_for_certain() {
    let program = program(
        "from lab import source, sink
class Job:
    def run(self, near):
        sink(near)
def start(thing, data):
    thing.run(data)
    Job().run(data)
start(None, source())
",
    );
    let models = models();
    let solved = solve(&program, &models, Options::default());
    let mut told = String::new();
    for facts in solved.modules.all() {
        for hit in &facts.hits {
            let module = program.module(facts.module).unwrap();
            let tracer = Tracer { program: &program, modules: &solved.modules };
            for step in tracer.trace(facts.module, hit, TAINT) {
                told.push_str(module.slice(step.span));
                told.push('\n');
            }
        }
    }
    assert!(told.contains("Job().run(data)") && !told.contains("thing.run(data)"), "{told}");
}

#[test]
fn straight_and_through_text() {
    check(
        "x = source()\nsink(x) # bad\nsink(f'a {x} b') # bad\nsink('a %s' % x) # bad\nsink('{}'.format(x)) # bad\nsink(','.join([x])) # bad\nsink('a') \nsink(clean(x))\nsink(int(x))\n",
    );
}

#[test]
fn fields_of_objects_across_methods() {
    check(
        "
class Repo:
    def __init__(self, q, n):
        self.q = q
        self.n = n

    def run(self):
        sink(self.q) # bad
        sink(self.n)


Repo(source(), 'fixed').run()
",
    );
}

#[test]
fn a_field_set_in_one_method_is_read_in_another() {
    check(
        "
class View:
    def load(self):
        self.data = source()
        self.other = 'x'

    def show(self):
        sink(self.data) # bad
        sink(self.other)
",
    );
}

#[test]
fn keys_are_told_apart() {
    check(
        "
def f():
    d = {'a': source(), 'b': 'x'}
    sink(d['a']) # bad
    sink(d['b'])
    d['a'] = 'fixed'
    sink(d['a'])
    d['c'] = source()
    sink(d['c']) # bad
    sink(d.get('b'))
    d.update(a=1)
    e = dict(u=source(), v='x')
    sink(e['u']) # bad
    sink(e['v'])
",
    );
}

#[test]
fn places_in_lists_are_told_apart() {
    check(
        "
def f():
    l = []
    l.append('safe')
    l.append(source())
    l.append('more')
    l.pop(0)
    sink(l[0]) # bad
    sink(l[1])
    a, b = source(), 'x'
    sink(a) # bad
    sink(b)
    for one in l:
        sink(one) # bad
    sink(l[-1])
",
    );
}

#[test]
fn constant_tests_prune() {
    check(
        "
def f():
    n = 86
    x = source()
    if 7 * 42 - n > 200:
        y = 'safe'
    else:
        y = x
    sink(y)
    z = 'ok' if 7 * 18 + n > 200 else x
    sink(z)
    guess = 'ABC'[1]
    match guess:
        case 'A':
            w = x
        case 'B':
            w = 'bob'
        case _:
            w = x
    sink(w)
    if n > 1000:
        sink(x)
    sink(x) # bad
",
    );
}

#[test]
fn across_functions_and_files() {
    check(
        "
from db import find, passes, cleaned

find(source())
sink(passes(source())) # bad
sink(cleaned(source()))
sink(passes('x'))
# --- db.py
from inner import low

def find(q):
    low('select ' + q)

def passes(x):
    return x.strip()

def cleaned(x):
    from lab import clean
    return clean(x)
# --- inner.py
from lab import sink

def low(text):
    sink(text) # bad
",
    );
}

#[test]
fn guards_by_early_return() {
    check(
        "
def f():
    x = source()
    if x not in ('a', 'b'):
        return
    sink(x)


def g():
    x = source()
    if not is_fine(x):
        raise ValueError
    sink(x)


def h():
    x = source()
    if is_fine(x):
        log(x)
    sink(x) # bad


def i():
    for x in source():
        if not x.isdigit():
            continue
        sink(x)
",
    );
}

#[test]
fn own_validators_are_understood() {
    check(
        "
def fine(x):
    if not x:
        return False
    return is_fine(x)


def checked(x):
    if not is_fine(x):
        raise ValueError(x)
    return x


def must(x):
    if not is_fine(x):
        raise ValueError(x)


def lazy(x):
    return True


def f():
    x = source()
    if fine(x):
        sink(x)
    else:
        sink(x) # bad
    y = source()
    must(y)
    sink(y)
    sink(checked(source()))
    z = source()
    if lazy(z):
        sink(z) # bad
",
    );
}

#[test]
fn functions_as_values() {
    check(
        "
def apply(f, x):
    return f(x)


def danger(v):
    sink(v) # bad


def other(v):
    sink(v)


apply(danger, source())
apply(other, 'x')
list(map(danger, [source()]))
",
    );
}

#[test]
fn inheritance_and_super() {
    check(
        "
class Base:
    def handle(self, x):
        self.do(x)

    def do(self, x):
        pass

    def keep(self, x):
        self.kept = x


class Child(Base):
    def do(self, x):
        sink(x) # bad

    def keep(self, x):
        super().keep(x)
        sink(self.kept) # bad


Child().handle(source())
Child().keep(source())
",
    );
}

#[test]
fn closures_generators_and_async() {
    check(
        "
def outer(x):
    def inner():
        sink(x) # bad
    inner()


outer(source())


def gen():
    yield 'a'
    yield source()


for one in gen():
    sink(one) # bad


async def fetch():
    return source()


async def use():
    sink(await fetch()) # bad
",
    );
}

#[test]
fn module_names_and_objects_of_libraries() {
    check(
        "
from lab import g

STATE = None
CACHE = {}
LIST = []


def put():
    global STATE
    STATE = source()
    CACHE['k'] = source()
    LIST.append(source())
    g.user = source()


def get():
    sink(STATE) # bad
    sink(CACHE['k']) # bad
    sink(LIST[0]) # bad
    sink(g.user) # bad
    sink(g.other)
",
    );
}

#[test]
fn conditions_on_constants_go_through_wrappers() {
    check(
        "
def wrapper(cmd, shell=False):
    run(cmd, shell=shell) # bad


def quiet(cmd, shell=False):
    run(cmd, shell=shell)


wrapper(source(), shell=True)
wrapper(source())
quiet(source())
run(source(), shell=False)
run(source())
run(source(), **{'shell': True}) # bad
",
    );
}

#[test]
fn arguments_by_star_and_name() {
    check(
        "
def f(a, b):
    sink(b) # bad


def g(a, b):
    sink(a)


def h(*args, **kwargs):
    f(*args, **kwargs)
    g(*args, **kwargs)


def k(**kw):
    sink(kw['x']) # bad
    sink(kw['y'])


h('x', source())
k(x=source(), y='u')
",
    );
}

#[test]
fn a_library_takes_its_public_parameters_for_sources() {
    let code = "
def public(x):
    sink(x) # bad


def _private(x):
    sink(x)
";
    check_with(code, Options { library: true, ..Options::default() });
}

#[test]
fn with_try_and_loops() {
    check(
        "
from contextlib import contextmanager


@contextmanager
def opened(x):
    yield x


def f():
    with opened(source()) as y:
        sink(y) # bad
    out = ''
    for i in range(3):
        out += source()
    sink(out) # bad
    try:
        v = source()
        risky()
    except ValueError:
        sink(v) # bad
        v = 'x'
    else:
        v = 'y'
    finally:
        done()
    sink(v)
    if (w := source()):
        sink(w) # bad
    z = source()
    z = 'fixed'
    sink(z)
",
    );
}

#[test]
fn properties_class_attributes_and_data_classes() {
    check(
        "
from dataclasses import dataclass


@dataclass
class Query:
    text: str
    size: int


class View:
    fixed = 'x'

    def __init__(self, request):
        self.request = request

    @property
    def wanted(self):
        return self.request

    def run(self):
        sink(self.wanted) # bad
        sink(self.fixed)


View(source()).run()
q = Query(source(), 3)
sink(q.text) # bad
sink(q.size)
p = Query(text='a', size=source())
sink(p.text)
sink(p.size)
",
    );
}

#[test]
fn an_object_of_one_kind_does_not_spoil_another() {
    check(
        "
class Box:
    def __init__(self, v):
        self.v = v

    def get(self):
        return self.v


good = Box('x')
bad = Box(source())
sink(bad.get()) # bad
sink(bad.v) # bad
sink(good.v)
",
    );
}

#[test]
fn dictionaries_in_loops_and_comprehensions() {
    check(
        "
def f():
    data = {'a': source()}
    for key, value in data.items():
        sink(value) # bad
        sink(key)
    out = [v.strip() for v in data.values()]
    sink(out[0]) # bad
    pairs = {k: 'x' for k in data}
    sink(pairs['a'])
    copy = dict(data)
    sink(copy['a']) # bad
    merged = {**data, 'b': 'y'}
    sink(merged['a']) # bad
    sink(merged['b'])
",
    );
}

#[test]
fn what_a_function_does_to_its_arguments() {
    check(
        "
def fill(d, v):
    d['k'] = v


def add(l):
    l.append(source())


def f():
    d = {}
    fill(d, source())
    sink(d['k']) # bad
    l = []
    add(l)
    sink(l[0]) # bad
    e = {}
    fill(e, 'x')
    sink(e['k'])


class Holder:
    def put(self, v):
        self.v = v


def g():
    h = Holder()
    h.put('x')
    sink(h.v)
    i = Holder()
    i.put(source())
    sink(i.v) # bad
",
    );
}

#[test]
fn methods_of_bases_in_other_files() {
    check(
        "
from base import Base


class View(Base):
    def get(self):
        sink(self.param()) # bad
        sink(self.plain())


# --- base.py
from lab import request


class Base:
    def param(self):
        return request.args['q']

    def plain(self):
        return 'x'
",
    );
}

#[test]
fn threads_and_executors() {
    check(
        "
import threading
from concurrent.futures import ThreadPoolExecutor


def work(v):
    sink(v) # bad


def calm(v):
    sink(v)


threading.Thread(target=work, args=(source(),)).start()
ThreadPoolExecutor().submit(work, source())
ThreadPoolExecutor().submit(calm, 'x')
work2 = lambda v: sink(v) # bad
work2(source())
",
    );
}

#[test]
fn circles_settle() {
    check(
        "
def even(x, n):
    if n == 0:
        sink(x) # bad
    return odd(x, n - 1)


def odd(x, n):
    return even(x, n - 1)


even(source(), 4)


class Node:
    def __init__(self, next):
        self.next = next

    def walk(self):
        return self.next.walk()


Node(Node(None)).walk()
",
    );
}

#[test]
fn what_a_test_said_is_kept_in_a_name_or_passed_by_keyword() {
    check(
        "
def by_keyword(x):
    if not is_fine(value=x):
        return ''
    return x

def kept(x):
    fine = is_fine(x)
    return x if fine else ''

def kept_and_more(x, more):
    fine = more and is_fine(x)
    if not fine:
        return ''
    return x

def of_another(x, y):
    fine = is_fine(y)
    return x if fine else ''

def changed_since(x):
    fine = is_fine(x)
    x = source()
    return x if fine else ''

sink(by_keyword(source()))
sink(kept(source()))
sink(kept_and_more(source(), True))
sink(of_another(source(), 'a')) # bad
sink(changed_since(source())) # bad
",
    );
}

#[test]
fn a_test_of_what_was_made_from_a_value() {
    check(
        "
def direct(base):
    name = source()
    path = whole(join(base, name))
    if common([base, path]) != base:
        return
    sink(join(base, name))

def not_whole(base):
    name = source()
    path = join(base, name)
    if common([base, path]) != base:
        return
    sink(path) # bad

def within(base, name):
    name = whole(join(base, name))
    return common([base]) == common([base, name])

def asked():
    name = source()
    if not within('a', name):
        return
    sink(join('a', name))

def of_something_else(base, name):
    name = whole('b')
    return common([base]) == common([base, name])

def asked_about_something_else():
    name = source()
    if not of_something_else('a', name):
        return
    sink(join('a', name)) # bad

def asked_for_nothing():
    name = source()
    within('a', name)
    sink(join('a', name)) # bad

def other():
    name = source()
    second = source()
    if not within('a', second):
        return
    sink(name) # bad
",
    );
}

#[test]
fn what_is_read_from_a_value_may_clear_it() {
    check(
        "
from lab import parse

def inside(x):
    if parse(x).host:
        return ''
    return x

def taken_apart(x):
    parts = parse(x)
    if parts.host:
        return ''
    return x

def outside(x):
    if not parse(x).host:
        return ''
    return x

def of_another(x, y):
    if parse(y).host:
        return ''
    return x

sink(inside(source()))
sink(taken_apart(source()))
sink(outside(source())) # bad
sink(of_another(source(), 'a')) # bad
",
    );
}

#[test]
fn one_of_several_tests_counts_if_each_would() {
    check(
        "
def kept_if_good(x):
    if x and not is_fine(x):
        x = None
    return x

def kept_if_asked(x, strict):
    if strict and not is_fine(x):
        x = None
    return x

def either(x):
    if is_fine(x) or is_fine(value=x):
        return x
    return ''

def either_of_two(x, y):
    if is_fine(x) or is_fine(y):
        return x
    return ''

sink(kept_if_good(source()))
sink(kept_if_asked(source(), input())) # bad
sink(either(source()))
sink(either_of_two(source(), 'a')) # bad
",
    );
}

#[test]
fn a_test_of_a_part_of_a_value() {
    check(
        "
OURS = ['a', 'b']

def listed():
    url = source()
    parts = Parts(url)
    if parts.host not in OURS:
        return
    sink(url)

def named():
    url = source()
    host = Parts(url).host
    if host not in OURS:
        return
    sink(url)

def inline():
    url = source()
    if Parts(url).host in OURS:
        sink(url)
    else:
        sink(url) # bad

def without(url):
    return not Parts(url).host

def asked():
    url = source()
    if without(url):
        sink(url)
    if Parts(url).host:
        sink(url) # bad

def another_part():
    url = source()
    if Parts(url).query not in OURS:
        return
    sink(url) # bad
",
    );
}

#[test]
fn a_guard_asked_by_keyword() {
    check(
        "
def fine(url, hosts):
    return is_fine(url)

def ask():
    url = source()
    if fine(hosts=[], url=url):
        sink(url)
    else:
        sink(url) # bad
",
    );
}

#[test]
fn what_is_left_of_a_text() {
    check(
        "
import re

PLAIN = re.compile(r'[^\\w-]+')
SIGNS = '[^a-z0-9_]'

def plain(x):
    return re.sub(r'[^A-Za-z0-9]', '', x)

sink(plain(source()))
sink(PLAIN.sub('_', source()))
sink(re.sub(SIGNS, '', source()))
sink(re.sub(r'[^A-z]', '', source())) # bad
sink(re.sub(r'[^;]', '', source())) # bad
sink(re.sub(r'[a-z]', '', source())) # bad
sink(re.sub(r'[^a-z]', source(), 'a')) # bad
",
    );
}

#[test]
fn what_the_name_of_a_function_promises() {
    check(
        "
from elsewhere import is_safe_link, is_unsafe_link, link_length_is_safe, make_safe_link, shorten, validate_link

def asked():
    x = source()
    if is_safe_link(x):
        sink(x)
    else:
        sink(x) # bad
    if is_unsafe_link(x):
        sink(x) # bad
    else:
        sink(x)
    if link_length_is_safe(x):
        sink(x) # bad

def told():
    sink(make_safe_link(source()))
    sink(shorten(source())) # bad
    x = source()
    sink(x) # bad
    validate_link(x)
    sink(x)
",
    );
}

#[test]
fn what_is_put_behind_the_first_does_not_lead() {
    check(
        "
from elsewhere import link_join

def join_link(base, more):
    return base + more

def put():
    sink(join_link('/', source()))
    sink(link_join('/', source()))
    sink(join_link(source(), '/')) # bad
    sink(link_join(source(), source())) # bad
",
    );
}

#[test]
fn how_much_there_is_says_what_is_there() {
    check(
        "
from lab import is_fine

def asked():
    x = source()
    if len(is_fine(x)):
        sink(x)
    if not bool(is_fine(x)):
        sink(x) # bad
",
    );
}

#[test]
fn a_function_that_does_nothing_keeps_no_promise() {
    check(
        "
def safe_link(x):
    return x

def validate_link(x):
    return x.startswith('a')

def ask():
    sink(safe_link(source())) # bad
    x = source()
    if validate_link(x):
        sink(x) # bad
",
    );
}

#[test]
fn what_came_as_text_is_no_object_of_the_program() {
    check(
        "
class Upload:
    def __init__(self, path):
        self.path = path

def send(x):
    if isinstance(x, Upload):
        sink(x.path)
    else:
        sink(x) # bad

send(source())

def sent():
    x = Upload(source())
    if isinstance(x, Upload):
        sink(x.path) # bad
",
    );
}

#[test]
fn what_is_replaced_is_gone() {
    check(
        "
def show(text):
    sink(text.replace(source(), '***'))
    sink(text.replace('x', source())) # bad
    sink(source().replace('x', '')) # bad
",
    );
}

#[test]
fn what_the_language_calls_itself() {
    check(
        "
import asyncio
import functools

class Case:
    def __init__(self, name):
        self.name = name
        self.state = 'open'
    @classmethod
    def named(cls, name):
        return cls(name)
    def __str__(self):
        return self.name
    def __getitem__(self, key):
        return self.name
    def __iter__(self):
        yield self.name
    def __getattr__(self, name):
        return self.name

class Fixed:
    def __init__(self, name):
        self.name = name
    def __str__(self):
        return 'a case'

async def same(x):
    return x

async def both(x):
    first, second = await asyncio.gather(same('a'), same(x))
    sink(first)
    sink(second) # bad
    return await asyncio.create_task(same(x))

def last(a, b):
    return b

sink(f'{Case(source())}') # bad
sink(str(Case(source()))) # bad
sink(f'{Fixed(source())}')
sink(Case(source())['name']) # bad
sink(Case(source()).whatever) # bad
sink(Case(source()).state)
for one in Case(source()):
    sink(one) # bad
sink(Case.named(source()).name) # bad
sink(getattr(Case(source()), 'name')) # bad
sink(getattr(Case(source()), 'state'))
sink(vars(Case(source()))['name']) # bad
sink(vars(Case(source()))['state'])
sink(asyncio.run(both(source()))) # bad
sink(functools.partial(last, 'a')(source())) # bad
sink(functools.partial(last, source())('a'))
sink(list(map(lambda x: x.strip(), [source()]))[0]) # bad
sink(list(map(lambda x: 'a', [source()]))[0])
sink(list(map(int, source().split(',')))[0])
for one, other in zip(['a'], [source()]):
    sink(one)
    sink(other) # bad
",
    );
}

#[test]
fn objects_that_are_given_their_fields_by_name() {
    check(
        "
import collections
import enum
import types

Pair = collections.namedtuple('Pair', 'first second')

class State(enum.Enum):
    OPEN = 'open'

class Empty:
    pass

sink(Pair(source(), 'a').first) # bad
sink(Pair(source(), 'a').second)
sink(Pair('a', source())[1]) # bad
sink(types.SimpleNamespace(a=source(), b='x').a) # bad
sink(types.SimpleNamespace(a=source(), b='x').b)
sink(State(source()).value)

def stored():
    thing = Empty()
    setattr(thing, 'name', source())
    setattr(thing, 'kind', 'a')
    sink(thing.name) # bad
    sink(thing.kind)

def updated():
    held = {}
    held.update(a=source(), b='x')
    sink(held['a']) # bad
    sink(held['b'])

def paired():
    held = dict([('a', source()), ('b', 'x')])
    sink(held['a']) # bad
    sink(held['b'])

def grouped():
    groups = {}
    groups.setdefault('a', []).append(source())
    sink(groups['a'][0]) # bad

def two_names():
    one = []
    other = one
    other.append(source())
    sink(one[0]) # bad

def there():
    held = {'a': 'x'}
    sink(held.get('a', source()))
    sink(held.get('b', source())) # bad
",
    );
}

#[test]
fn closures_take_along_what_they_have_captured() {
    check(
        "
def keeper(x):
    def inside():
        return x
    return inside

def reporter(x):
    def inside():
        sink(x) # bad
    return inside

def fixed(x):
    def inside():
        return 'a'
    return inside

sink(keeper(source())()) # bad
sink(fixed(source())())
reporter(source())()

def by_default():
    x = source()
    show = lambda it=x: it
    sink(show()) # bad

def passed_on(*args, **kwargs):
    return taken(*args, **kwargs)

def taken(a, b):
    return b

sink(passed_on('a', b=source())) # bad
",
    );
}

#[test]
fn what_a_function_keeps_for_others_depends_on_who_calls_it() {
    check(
        "
KEPT = {}
SAFE = {}

def put(key, x):
    KEPT[key] = x

def put_safe(key, x):
    SAFE[key] = x

def show():
    sink(KEPT['a']) # bad
    sink(SAFE['a'])

put('a', source())
put_safe('a', 'fixed')
",
    );
}

#[test]
fn an_exception_says_what_it_was_given() {
    check(
        "
class Refused(Exception):
    def __init__(self, what):
        self.what = what

def refuse():
    try:
        raise Refused(source())
    except Refused as error:
        sink(error.what) # bad

def told():
    try:
        raise ValueError('fixed')
    except ValueError as error:
        sink(str(error))
",
    );
}

#[test]
fn tests_of_every_character() {
    check(
        "
import string

ALLOWED = set(string.ascii_letters + '_-')

def each():
    x = source()
    if not all(c.isalnum() or c in '_-' for c in x):
        return
    sink(x)

def none_other():
    x = source()
    if any(c not in ALLOWED for c in x):
        return
    sink(x)

def difference():
    x = source()
    if set(x) - set('abc'):
        return
    sink(x)

def quotes():
    x = source()
    if not all(c in 'abc\\'' for c in x):
        return
    sink(x) # bad

def some():
    x = source()
    if not any(c.isalnum() for c in x):
        return
    sink(x) # bad
",
    );
}

#[test]
fn constants_that_functions_of_the_language_make() {
    check(
        "
def lengths():
    word = 'abc'
    x = 'a'
    if len(word) > 5:
        x = source()
    sink(x)
    if len(word) == 3:
        x = source()
    sink(x) # bad

def texts():
    x = 'a'
    if 'abc'.startswith('b') or 'abc'.upper() == 'abc' or max(1, 2) > 3:
        x = source()
    sink(x)

def fractions():
    number = 86
    x = source() if 500 / 42 + number > 200 else 'a'
    sink(x)
    y = source() if 500 / 42 + number > 90 else 'a'
    sink(y) # bad

def first_that_counts():
    sink('a' or source())
    sink('' or source()) # bad
    sink('a' and source()) # bad
",
    );
}

#[test]
fn a_name_first_met_where_nothing_comes_is_known_later() {
    check(
        "
def show():
    number = 3
    x = 'a'
    if number > 5:
        x = source()
    sink(x)
    if number == 3:
        x = source()
    sink(x) # bad
",
    );
}

#[test]
fn what_others_call_or_hand_on_keeps_its_places() {
    check(
        "
import asyncio
import json

def by_thread(a, b):
    sink(a)
    sink(b) # bad

def by_pool(a, b):
    sink(a)
    sink(b) # bad

async def two(x):
    return ('a', x)

async def run(pool):
    await asyncio.to_thread(by_thread, 'a', source())
    pool.submit(by_pool, 'a', source())
    pair = await asyncio.create_task(two(source()))
    sink(pair[0])
    sink(pair[1]) # bad
    read = json.loads(json.dumps({'a': source(), 'b': 'x'}))
    sink(read['a']) # bad
    sink(read['b'])
",
    );
}

#[test]
fn what_a_function_returns_depends_on_the_constants_it_is_given() {
    check(
        "
def pick(keeps, x):
    if keeps:
        return x
    return 'a'

def chosen(how, x):
    y = 'a'
    if how == 'as it is':
        y = x
    return y

def nth(items, at):
    return items[at]

def under(values, key):
    return nth(values, key)

def show(how):
    sink(pick(False, source()))
    sink(pick(True, source())) # bad
    sink(pick(how, source())) # bad
    sink(chosen('not', source()))
    sink(chosen('as it is', source())) # bad
    sink(nth(['a', source()], 0))
    sink(nth(['a', source()], 1)) # bad
    sink(nth(['a', source()], how)) # bad
    sink(under({'a': 'b', 'c': source()}, 'a'))
    sink(under({'a': 'b', 'c': source()}, 'c')) # bad
",
    );
}

#[test]
fn an_object_of_one_of_several_classes_is_each_of_them() {
    check(
        "
class One:
    def do(self, x):
        return 'a'

class Two:
    def do(self, x):
        return x

KINDS = {'one': One, 'two': Two}

def make(kind):
    if kind == 'one':
        return One()
    return Two()

def named(kind):
    return KINDS[kind]()

class Base:
    def run(self, x):
        return self.make(x)
    def make(self, x):
        return x

class Own(Base):
    def make(self, x):
        return 'a'

def show(kind):
    sink(make('one').do(source()))
    sink(make('two').do(source())) # bad
    sink(make(kind).do(source())) # bad
    sink(named(kind).do(source())) # bad
    thing = One() if kind else Two()
    sink(thing.do(source())) # bad
    sink(Own().run(source()))
    sink(Base().run(source())) # bad
",
    );
}

#[test]
fn what_a_called_function_raises_is_caught() {
    check(
        "
class Bad(Exception):
    def __init__(self, what):
        self.what = what

def refuse(x):
    raise ValueError('no ' + x)

def turn_down(x):
    raise Bad(x)

def stop(x):
    raise ValueError('no')

def show():
    try:
        refuse(source())
    except ValueError as error:
        sink(str(error)) # bad
    try:
        turn_down(source())
    except Bad as error:
        sink(error.what) # bad
    try:
        stop(source())
    except ValueError as error:
        sink(str(error))
",
    );
}

#[test]
fn constants_cut_shift_and_end_loops() {
    check(
        "
def show():
    flags = 6
    sink(source() if flags & 1 else 'a')
    sink(source() if flags & 2 else 'a') # bad
    sink(source() if 1 << 4 == 15 else 'a')
    sink(source() if 'abcd'[1:3] == 'bc' else 'a') # bad
    x = 'a'
    while False:
        x = source()
    sink(x)
    items = ['a', source(), 'b'][1:]
    sink(items[1])
    sink(items[0]) # bad
    del items[0]
    sink(items[0])
    first, *rest = ['a', 'b', source()]
    sink(rest[0])
    sink(rest[1]) # bad
    *most, last = ['a', source(), 'b']
    sink(last)
    kept = {'a': 'b'}
    kept.setdefault('a', source())
    sink(kept['a'])
    sink(source() if 'a,b'.split(',')[1] == 'a' else 'c')
",
    );
}

#[test]
fn names_of_functions_around_and_decorators() {
    check(
        "
def keep(x):
    held = ''
    def put(y):
        nonlocal held
        held = y
    put(x)
    return held

def fixed(f):
    def inner(*a):
        f(*a)
        return 'a'
    return inner

def told(f):
    def inner(*a):
        return f(*a)
    return inner

@fixed
def never(x):
    return x

@told
def always(x):
    return x

def show():
    sink(keep(source())) # bad
    sink(never(source()))
    sink(always(source())) # bad
    sink(globals()['always'](source())) # bad
",
    );
}

#[test]
fn what_runs_elsewhere_gives_back_what_it_returns() {
    check(
        "
from asyncio import create_task, to_thread

def fixed(x):
    return 'a'

def same(x):
    return x

async def two(x):
    return ('a', x)

async def run(pool):
    sink(await to_thread(fixed, source()))
    sink(await to_thread(same, source())) # bad
    sink(pool.submit(fixed, source()).result())
    sink(pool.submit(same, source()).result()) # bad
    pair = await create_task(two(source()))
    sink(pair[0])
    sink(pair[1]) # bad
",
    );
}

#[test]
fn a_form_hands_out_what_its_fields_let_through() {
    check(
        "
from lab import Form, Number, Text

class Base(Form):
    place = Text()

class Address(Base):
    street = Text()
    number = Number()

def show():
    form = Address()
    sink(form.taken['street']) # bad
    sink(form.taken.get('place')) # bad
    sink(form.taken['number'])
    sink(form.other['street'])
    for key, value in form.taken.items():
        sink(key)
        sink(value) # bad
# --- elsewhere.py
from lab import sink
from main import Address as Elsewhere

def again():
    form = Elsewhere()
    sink(form.taken['street']) # bad
    sink(form.taken['number'])
    sink(form.street.lets) # bad
    sink(form.number.lets)
",
    );
}

#[test]
fn a_long_way_against_the_imports_comes_to_its_end() {
    // Those that are imported come first, so what is handed to them goes one module a round.
    let last = 30;
    let mut code = String::from("import m0\n\ndef begin():\n    box = m0.Box()\n    box.value = source()\n");
    for at in 0..=last {
        let import = if at == last { "from lab import sink".to_owned() } else { format!("import m{}", at + 1) };
        code.push_str(&format!("# --- m{at}.py\n{import}\n\nclass Box:\n    value = None\n\ndef hand(box: Box):\n"));
        code.push_str(&match at {
            at if at == last => "    sink(box.value) # bad\n".to_owned(),
            at => format!("    next = m{}.Box()\n    next.value = box.value\n", at + 1),
        });
    }
    check(&code);
}

#[test]
fn what_is_asked_for_with_a_type_is_of_that_type() {
    check(
        "
from lab import request

def show():
    sink(request.get('page', type=int))
    sink(request.get('page', 1, int))
    sink(request.getlist('page', type=float)[0])
    sink(request.get('page', type=str)) # bad
    sink(request.get('page', 1)) # bad
    sink(request.get('page', source(), type=int)) # bad
",
    );
}

#[test]
fn what_a_library_is_given_by_an_own_constructor_is_in_the_object() {
    check(
        "
import lib

class Form(lib.Form):
    def __init__(self, *args, **kwargs):
        self.note = kwargs.get('note')
        super().__init__(*args, **kwargs)

class Named(lib.Form):
    def __init__(self, title, data):
        super().__init__(data)

class Own:
    def __init__(self, *args):
        super().__init__()

def one():
    sink(Form(source()).data['x']) # bad
    sink(Named('title', source()).data) # bad
    sink(Named(source(), 'data').data)
    sink(Own(source()).data)
",
    );
}

#[test]
fn an_object_that_is_called_hands_on_like_a_function() {
    check(
        "
import lib

class Plugin:
    shorten = lib.Shortener('x')

    def one(self, text):
        sink(self.shorten(source())) # bad
        sink(self.other.send(source()))
",
    );
}

#[test]
fn texts_take_in_what_they_ask_for() {
    check(
        "
x = source()
sink('{0}'.format(x, 'a')) # bad
sink('{1}'.format(x, 'a'))
sink('{kind}'.format(name=x, kind='a'))
sink('{name!s:>8}'.format(name=x, kind='a')) # bad
sink('{:d}'.format(x))
sink('{{{}}}'.format(x)) # bad
sink('{kind}'.format_map({'name': x, 'kind': 'a'}))
sink('%(kind)s' % {'name': x, 'kind': 'a'})
sink('%(name)s' % {'name': x, 'kind': 'a'}) # bad
sink('%d %s' % (x, 'a'))
sink('%s %d' % (x, 1)) # bad
sink('100%% %s' % x) # bad
sink('%d' % x)

class Plain:
    def __init__(self, x):
        self.x = x
    def __str__(self):
        return 'plain'

sink('{}'.format(Plain(x)))
",
    );
}

#[test]
fn lists_keep_their_order() {
    check(
        "
from collections import deque

x = source()
sink([x, 'b'][::-1][0])
sink([x, 'b'][::-1][1]) # bad
sink(list(reversed([x, 'b']))[0])
sink(list(reversed([x, 'b']))[1]) # bad
sink(sorted(['a', x])[0]) # bad
sink(['a', *[x]][0])
sink(['a', *[x]][1]) # bad
sink([*['a', 'b'], x][1])
sink([*['a', 'b'], x][2]) # bad
sink(dict(zip(['one', 'two'], ['a', x]))['one'])
sink(dict(zip(['one', 'two'], ['a', x]))['two']) # bad
items = ['a', 'b', x]
sink(items[len(items) - 2])
sink(items[len(items) - 1]) # bad
q = deque(['a'])
q.append(x)
sink(q.popleft())
sink(q.popleft()) # bad
r = deque(['a'])
r.appendleft(x)
sink(r[1])
sink(r[0]) # bad
turned = [x, 'b']
turned.reverse()
sink(turned[0])
sink(turned[1]) # bad
less = ['a', 'b', x]
less.remove('a')
sink(less[0])
sink(less[1]) # bad
mixed = [x, 'a', x, 'b']
mixed.remove('b')
sink(mixed[1]) # bad
pairs = {('a', 1): 'c', ('b', 1): x}
sink(pairs[('a', 1)])
sink(pairs[('b', 1)]) # bad
sink({True: x, False: 'a'}[False])
",
    );
}

#[test]
fn getters_give_what_their_own_object_was_given() {
    check(
        "
from lab import context

class Box:
    def __init__(self, x):
        self.x = x
    def get(self):
        return self.x.strip()
    def with_more(self, y):
        return self.x + y
    @property
    def inner(self):
        return self.x

class Wrapped:
    def __init__(self, of):
        self.of = of
    def get(self):
        return self.of.args

one, two = Box(source()), Box('a')
sink(one.get()) # bad
sink(two.get())
sink(one.inner) # bad
sink(two.inner)
sink(two.with_more(source())) # bad
sink(Wrapped(context).get()) # bad

def unknown(box: Box):
    sink(box.get()) # bad

class Table:
    def __init__(self):
        self.rows = {}
    def __setitem__(self, key, value):
        self.rows[key] = value
    def __getitem__(self, key):
        return self.rows[key]

table = Table()
table['x'] = source()
sink(table['x']) # bad
",
    );
}

#[test]
fn getters_of_operator_and_getattr() {
    check(
        "
import lab
from operator import attrgetter, itemgetter, methodcaller
from typing import NamedTuple

class Pair(NamedTuple):
    a: str
    b: str

class Box:
    def __init__(self, x):
        self.x = x
        self.y = 'y'

x = source()
sink(itemgetter(1)(['a', x])) # bad
sink(itemgetter(0)(['a', x]))
sink(attrgetter('x')(Box(x))) # bad
sink(attrgetter('y')(Box(x)))
sink(methodcaller('strip')(x)) # bad
sink(getattr(lab, 'request')) # bad
sink(Pair('a', x)[1]) # bad
sink(Pair('a', x)[0])
",
    );
}

#[test]
fn nothing_stands_behind_a_return() {
    check(
        "
def pick(x):
    return 'a'
    return x

def either(x, y):
    if y:
        return 'a'
    return x

sink(pick(source()))
sink(either(source(), y)) # bad
",
    );
}

#[test]
fn what_a_reader_cannot_do_without() {
    check(
        "
import html
from urllib.parse import unquote

x = source()
sink(x.replace('<', '&lt;'))
sink(x.replace('<', '<b>')) # bad
sink(x.replace('>', '&gt;')) # bad
if '<' in x:
    sink(x) # bad
else:
    sink(x)
if '>' not in x:
    sink(x) # bad
if '<' not in x:
    sink(x)
",
    );
}

#[test]
fn one_of_several_known() {
    check(
        "
from lab import names, parts

def show():
    x = source()
    if any(x == known for known in ('a', 'b')):
        sink(x)
    else:
        sink(x) # bad
    if any(x.startswith(known) for known in ('a', 'b')):
        sink(x) # bad
    if all(x != known for known in ('a', 'b')):
        sink(x) # bad
        return
    sink(x)

def listed():
    x = source()
    if x in names('/srv'):
        sink(x)
    if x in parts('/srv'):
        sink(x) # bad
",
    );
}

#[test]
fn patterns_of_other_modules() {
    check(
        "
from patterns import NAME, WIDE
x = source()
if NAME.match(x):
    sink(x)
if WIDE.match(x):
    sink(x) # bad
# --- patterns.py
import re
NAME = re.compile(r'^[a-z0-9]+\\Z')
WIDE = re.compile(r'^.*\\Z')
",
    );
}

#[test]
fn public_functions_take_what_callers_give_where_nothing_is_called_from_outside() {
    let callers = Labels::kind(2);
    let arrives = |code: &str, options: Options| {
        let program = program(code);
        let models = Models { callers, ..models() };
        let solved = solve(&program, &models, options);
        solved.modules.all().flat_map(|facts| &facts.hits).any(|hit| hit.labels.meets(callers))
    };
    let alone = "from lab import sink\n\n\ndef shown(x):\n    sink(x)\n";
    let hidden = "from lab import sink\n\n\ndef _shown(x):\n    sink(x)\n";
    let served = "from flask import Flask\nfrom lab import sink\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef page():\n    return ''\n\n\ndef shown(x):\n    sink(x)\n";
    let routed = "from django.urls import path\nfrom lab import sink\n\n\ndef page(request):\n    return ''\n\n\ndef shown(x):\n    sink(x)\n\n\nurlpatterns = [path('', page)]\n";
    assert!(arrives(alone, Options::default()));
    assert!(!arrives(routed, Options::default()));
    assert!(!arrives(hidden, Options::default()));
    assert!(!arrives(served, Options::default()));
    assert!(!arrives(alone, Options { library: true, ..Options::default() }));
}

#[test]
fn what_callers_give_counts_as_the_programs_own_in_comparisons() {
    let code = "
from lab import sink, source

ALLOWED = []


def register(name):
    ALLOWED.append(name)


def run():
    x = source()
    if x in ALLOWED:
        sink(x)
    sink(source())
";
    for callers in [Labels::NONE, Labels::kind(2)] {
        let program = program(code);
        let models = Models { callers, listed: 1, ..models() };
        let solved = solve(&program, &models, Options::default());
        let count = solved.modules.all().flat_map(|facts| &facts.hits).filter(|hit| hit.labels.meets(TAINT)).count();
        assert_eq!(count, 1, "with {callers:?}");
    }
}

#[test]
fn methods_of_an_object_that_a_server_runs_for_everybody() {
    check(
        "
class Api:
    def run(self, x):
        sink(x) # bad

    def _hidden(self, x):
        sink(x)


class Proxy:
    def __init__(self, api):
        self.api = api

    def _dispatch(self, method, params):
        sink(method) # bad


server.register_instance(Proxy(Api))
",
    );
}

#[test]
fn methods_that_libraries_call_by_name() {
    check(
        "
import asyncio
import cherrypy
from rest_framework import serializers
from twisted.protocols.basic import LineReceiver


class Peer(asyncio.Protocol):
    def data_received(self, data):
        sink(data) # bad

    def connection_made(self, transport):
        sink(transport)


class Lines(LineReceiver):
    def lineReceived(self, line):
        sink(line) # bad


class Own(Lines):
    def rawDataReceived(self, data):
        sink(data) # bad


class Order(serializers.Serializer):
    name = serializers.CharField()
    size = serializers.IntegerField()

    def validate_name(self, value):
        sink(value) # bad

    def validate_size(self, value):
        sink(value)


class Page:
    def shown(self, x):
        sink(x) # bad
    shown.exposed = True

    def hidden(self, x):
        sink(x)


def on_message(client, userdata, message):
    sink(message) # bad
    sink(userdata)


client.on_message = on_message
",
    );
}

#[test]
fn a_class_made_by_a_call_is_like_its_base() {
    check(
        "
class Base:
    def run(self, x):
        sink(x) # bad


class Other:
    def run(self, x):
        sink(x)


Made = type('Made', (Base,), {})
Made().run(source())
",
    );
}

#[test]
fn a_decorator_that_is_called_stands_for_what_it_was_given() {
    check(
        "
import functools
from lab import source, sink


def retrying(times):
    def around(call):
        @functools.wraps(call)
        def again(*args, **kwargs):
            for _ in range(times):
                result = call(*args, **kwargs)
                return result
        return again
    return around


def logged(call):
    @functools.wraps(call)
    def around(*args, **kwargs):
        return call(*args, **kwargs)
    return around


def quiet(call):
    @functools.wraps(call)
    def around(*args, **kwargs):
        call(*args, **kwargs)
        return None
    return around


def own():
    return source()


fetch = retrying(3)(source)
read = logged(own)
later = functools.partial(source, timeout=4)
muted = quiet(source)
write = logged(sink)


class Client:
    def __init__(self):
        self.get = logged(source)


def all_of_them():
    sink(fetch('a')) # bad
    sink(read()) # bad
    sink(later()) # bad
    sink(Client().get()) # bad
    sink(muted())
    write(source()) # bad
",
    );
}

#[test]
fn what_is_called_in_the_end_can_be_followed() {
    let code = "
from lab import source, sink

class Base:
    def run(self, x):
        self.work(x)

    def work(self, x):
        print(x)

class Made(Base):
    def work(self, x):
        sink(x) # bad

class Open:
    def run(self, x):
        self.left_to_others(x)

class Closed(Open):
    def left_to_others(self, x):
        sink(x) # bad

class Called:
    def __call__(self, x):
        sink(x) # bad

def one(x):
    sink(x) # bad

def two(x):
    sink(x) # bad

class Commands:
    def run(self, name, x):
        command = getattr(self, 'do_' + name, None)
        if command is not None:
            command(x)

    def do_list(self, x):
        sink(x) # bad

    def other(self, x):
        sink(x)

HANDLERS = {}

def handles(name):
    def keep(function):
        HANDLERS[name] = function
        return function
    return keep

@handles('a')
def handler(x):
    sink(x) # bad

def use(flag):
    Commands().run(flag, source())
    HANDLERS[flag](source())
    Made().run(source())
    Closed().run(source())
    Called()(source())
    either = one if flag else two
    either(source())
";
    check(code);
    // Each of them can be followed to its end.
    let (models, program) = (models(), program(code));
    let solved = solve(&program, &models, Options::default());
    let tracer = Tracer { program: &program, modules: &solved.modules };
    let mut ways = 0;
    for facts in solved.modules.all() {
        for hit in &facts.hits {
            assert!(tracer.way(facts.module, hit, TAINT).1);
            ways += 1;
        }
    }
    assert_eq!(ways, 7);
}
