//! What objects, functions and containers that are handed on do to what goes through them.

use super::flow::check;

#[test]
fn what_was_passed_in_answers_for_itself() {
    check(
        "
class Around:
    def turn(self, value):
        return value + 'a'

class Nothing:
    def turn(self, value):
        return 'a'

class Held:
    def __init__(self, text):
        self.text = text
    def turn(self, value):
        return self.text

class Saying:
    def __call__(self, value):
        return 'a'

def turned(turner, value):
    return turner.turn(value)

def twice(turner, value):
    return turner.turn(turner.turn(value))

def call(function, value):
    return function(value)

def again(function, value):
    return call(function, value)

def run(function):
    return function()

def fetch():
    return source()

def show():
    sink(turned(Around(), source())) # bad
    sink(turned(Nothing(), source()))
    sink(turned(Held(source()), 'a')) # bad
    sink(turned(Held('a'), source()))
    sink(twice(Around(), source())) # bad
    sink(call(lambda value: value, source())) # bad
    sink(call(lambda value: 'a', source()))
    sink(call(len, source()))
    sink(call(str, source())) # bad
    sink(call(Saying(), source()))
    sink(call(request, source())) # bad
    sink(again(lambda value: value, source())) # bad
    sink(again(lambda value: 'a', source()))
    sink(run(fetch)) # bad

def unknown(function, value):
    sink(function(value)) # bad

def shown(function):
    unknown(function, source())
",
    );
}

#[test]
fn what_an_object_wraps_answers_for_itself() {
    check(
        "
class Box:
    def __init__(self, item):
        self.item = item
    def map(self, function):
        return Box(function(self.item))

def show():
    sink(Box(source()).map(lambda value: value).item) # bad
    sink(Box('a').map(lambda value: value + source()).item) # bad
",
    );
}

#[test]
fn a_protocol_is_whatever_has_its_methods() {
    check(
        "
from typing import Protocol

class Turns(Protocol):
    def turn(self, value: str) -> str: ...

class Around:
    def turn(self, value: str) -> str:
        return value

class Nothing:
    def turn(self, value: str) -> str:
        return 'a'

def turned(turner: Turns, value: str) -> str:
    return turner.turn(value)

def show():
    sink(turned(Around(), source())) # bad
    sink(turned(Nothing(), source()))
",
    );
}

#[test]
fn bases_of_one_class_call_each_other() {
    check(
        "
class Handling:
    def run(self, value):
        return self.shape(value)

class Shaping:
    def shape(self, value):
        return value

class Fixing:
    def shape(self, value):
        return 'a'

class Job(Handling, Shaping):
    pass

def show():
    sink(Job().run(source())) # bad
",
    );
    check(
        "
class Handling:
    def run(self, value):
        self.end(value)

class Ending:
    def end(self, value):
        sink(value) # bad

class Job(Handling, Ending):
    pass

def show():
    Job().run(source())
",
    );
    check(
        "
class Handling:
    def run(self, value):
        return 'a' + self.shape(value)

class Shaping:
    def shape(self, value):
        return value

class Fixing:
    def shape(self, value):
        return 'a'

class Job(Handling, Shaping):
    pass

class Other(Handling, Fixing):
    pass

def show():
    sink(Job().run(source())) # bad
    sink(Other().run(source()))
",
    );
}

#[test]
fn tables_give_out_by_the_key_they_are_asked_for() {
    check(
        "
def through(value):
    return value

def fixed(value):
    return 'a'

MAKERS = {'through': through, 'fixed': fixed}

def make(kind, value):
    return MAKERS[kind](value)

def maker(kind):
    def plain(value):
        return value
    def bare(value):
        return 'a'
    return {'plain': plain, 'bare': bare}[kind]

def show():
    sink(make('through', source())) # bad
    sink(make('fixed', source()))
    sink(maker('plain')(source())) # bad
    sink(maker('bare')(source()))
",
    );
}

#[test]
fn classes_keep_tables_for_all() {
    check(
        "
class Table:
    rows = {}
    @classmethod
    def put(cls, name, value):
        cls.rows[name] = value
    @classmethod
    def take(cls, name):
        return cls.rows.get(name)

def show():
    Table.put('a', source())
    Table.put('b', 'x')
    sink(Table.take('a')) # bad
    sink(Table.take('b'))
",
    );
}

#[test]
fn classes_made_from_containers() {
    check(
        "
from collections import UserDict

class Settings(dict):
    def __missing__(self, key):
        return self['default']

class Lines(list):
    def last(self):
        return self[-1]

class Name(str):
    def shown(self):
        return self.strip()

class Lower(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.lower(), value)

def show():
    sink(Settings(default=source())['other']) # bad
    sink(Settings(default='a')['other'])
    sink(Lines(['a', source()]).last()) # bad
    sink(Lines([source(), 'a']).last())
    sink(Name(source()).shown()) # bad
    table = Lower()
    table['NAME'] = source()
    sink(table['name']) # bad
",
    );
}

#[test]
fn operators_are_methods() {
    check(
        "
class Text:
    def __init__(self, parts):
        self.parts = parts
    def __lshift__(self, other):
        self.parts.append(other)
        return self
    def __invert__(self):
        return self.parts
    def __rsub__(self, other):
        return other
    def __matmul__(self, other):
        return 'a'

def show():
    sink((Text([]) << source()).parts) # bad
    sink(~Text(source())) # bad
    sink(source() - Text([])) # bad
    sink(Text([]) @ source())
",
    );
}

#[test]
fn attributes_by_names_that_are_worked_out() {
    check(
        "
class Options:
    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)

class Others:
    def __init__(self, **given):
        self.__dict__.update(given)

class Known:
    kind = 'a'
    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)
    def shown(self):
        return self.kind

class Proxy:
    def __init__(self, target):
        self.target = target
    def __getattr__(self, name):
        return getattr(self.target, name)

class Real:
    def __init__(self, text):
        self.text = text

class Plain:
    pass

def show():
    sink(getattr(source(), 'strip')()) # bad
    sink(getattr(source(), 'isalpha')())
    how = 'strip' if len('ab') == 2 else 'lower'
    sink(getattr(source(), how)()) # bad
    sink(Options(a='x', b=source()).b) # bad
    sink(Options(a='x', b='y').b)
    sink(Others(a='x', b=source()).b) # bad
    sink(Others(a='x', b=source()).a)
    sink(Known(b=source()).kind)
    sink(Known(b=source()).shown())
    sink(Proxy(Real(source())).text) # bad
    plain = Plain()
    vars(plain).update(word=source())
    sink(plain.word) # bad
    sink(plain.other)
",
    );
}

#[test]
fn properties_take_in_by_their_setters() {
    check(
        "
class Person:
    def __init__(self):
        self._name = 'a'
    @property
    def name(self):
        return self._name
    @name.setter
    def name(self, value):
        self._name = value

class Counting:
    def __init__(self):
        self._name = 'a'
    @property
    def name(self):
        return self._name
    @name.setter
    def name(self, value):
        self._size = len(value)

def show():
    person = Person()
    person.name = source()
    sink(person.name) # bad
    counting = Counting()
    counting.name = source()
    sink(counting.name)
",
    );
}

#[test]
fn what_returns_itself_is_what_was_made_of_it() {
    check(
        "
class Address:
    def host(self, value):
        self.named = value
        return self
    def port(self, value):
        self.number = value
        return self

def show():
    sink(Address().host(source()).port('80').named) # bad
    sink(Address().host('a').port('80').named)
    sink(Address().port('80').host('a').number)
",
    );
}

#[test]
fn managers_are_entered_by_other_means() {
    check(
        "
import contextlib

@contextlib.contextmanager
def lent(value):
    yield value

@contextlib.contextmanager
def kept(value):
    yield 'a'

class Lease:
    def __init__(self, value):
        self.value = value
    async def __aenter__(self):
        return self.value
    async def __aexit__(self, *args):
        pass

class Fixed:
    def __init__(self, value):
        self.value = value
    async def __aenter__(self):
        return 'a'
    async def __aexit__(self, *args):
        pass

def show():
    with contextlib.ExitStack() as stack:
        sink(stack.enter_context(lent(source()))) # bad
        sink(stack.enter_context(kept(source())))

async def later():
    async with Lease(source()) as value:
        sink(value) # bad
    async with Fixed(source()) as value:
        sink(value)
",
    );
}

#[test]
fn what_functions_of_the_language_take_out_of_containers() {
    check(
        "
import copy
import heapq
from concurrent.futures import Future
from urllib.parse import parse_qs, urlencode

class Sheet:
    def __init__(self, text):
        self.text = text
    def __copy__(self):
        return Sheet('a')

class Holder:
    kind = 'a'
    def __init__(self, word):
        self.word = word

def show(found):
    sink(next(iter(found), source())) # bad
    names, values = zip(*[('a', 'b'), ('c', source())])
    sink(values[1]) # bad
    sink(names[1])
    sink(min([(1, source()), (2, 'a')])[1]) # bad
    sink(min([(1, source()), (2, 'a')])[0])
    sink(sum(source()))
    sink(source() if sum([1, 2]) == 4 else 'a')
    sink(source() if sum([1, 2]) == 3 else 'a') # bad
    heap = []
    heapq.heappush(heap, (1, source()))
    sink(heapq.heappop(heap)[1]) # bad
    sink(heapq.heappop(heap)[0])
    query = parse_qs(urlencode({'a': source(), 'b': 'x'}))
    sink(query['a'][0]) # bad
    sink(query['b'][0])
    sink((list('ab') + [source()])[2]) # bad
    sink((list('ab') + [source()])[1])
    sink(source() if len('a b c'.split()) == 3 else 'a') # bad
    sink(source() if len('a b c'.split()) == 4 else 'a')
    promise = Future()
    promise.set_result(source())
    sink(promise.result()) # bad
    sink(copy.copy(Sheet(source())).text)
    sink('{h.word}'.format(h=Holder(source()))) # bad
    sink('{h.kind}'.format(h=Holder(source())))
",
    );
}

#[test]
fn tests_that_objects_and_patterns_make() {
    check(
        "
import enum
import re

class Allowed:
    names = ('a', 'b')
    def __contains__(self, name):
        return name in self.names

class Long:
    def __contains__(self, name):
        return len(name) > 2

class Colour(enum.Enum):
    RED = 'red'

ALLOWED = Allowed()
LONG = Long()
DATE = r'(?P<year>\\d{4})-(?P<rest>.*)'

def show(kind):
    x = source()
    if x in ALLOWED:
        sink(x)
    y = source()
    if y in LONG:
        sink(y) # bad
    z = source()
    if z in Colour.__members__:
        sink(z)
    found = re.match(DATE, source())
    sink(found['year'])
    sink(found.group('rest')) # bad
    sink(re.match(r'\\A(\\d+)(.*)', source()).group(1))
    sink(re.match(r'\\A(\\d+)(.*)', source()).group(2)) # bad
    match source():
        case 'one' | 'two' as chosen:
            sink(chosen)
        case other:
            sink(other) # bad
",
    );
}

#[test]
fn decorators_that_answer_for_the_function() {
    check(
        "
import functools

class Counted:
    def __init__(self, function):
        self.function = function
        self.calls = 0
    def __call__(self, *args):
        return str(self.calls)

class Logged:
    def __init__(self, function):
        self.function = function
    def __call__(self, *args):
        return self.function(*args)

def constant(text):
    def outer(function):
        @functools.wraps(function)
        def wrapper(*args):
            function(*args)
            return text
        return wrapper
    return outer

@Counted
def one(value):
    return value

@Logged
def two(value):
    return value

@constant('a')
def three(value):
    return value

def show():
    sink(one(source()))
    sink(two(source())) # bad
    sink(three(source()))
",
    );
}

#[test]
fn what_is_picked_out_of_texts_and_containers() {
    check(
        "
import contextvars
import dataclasses
import operator
import queue

@dataclasses.dataclass
class Spot:
    x: str
    y: str

class Words:
    def __init__(self, word):
        self.word = word
    def __iter__(self):
        return self
    def __next__(self):
        return self.word

def show():
    sink(''.join(filter(str.isdigit, source())))
    sink(''.join(c for c in source() if c in '0123456789abcdef'))
    sink(''.join(c for c in source() if c in '<>')) # bad
    sink(operator.getitem(['a', source()], 1)) # bad
    sink(operator.getitem(['a', source()], 0))
    box = {'b': 'b'}
    operator.setitem(box, 'a', source())
    sink(box['a']) # bad
    sink(box['b'])
    sink(dataclasses.astuple(Spot('a', source()))[1]) # bad
    sink(dataclasses.astuple(Spot('a', source()))[0])
    for word in Words(source()):
        sink(word) # bad
    flags = [False, 0, 'x']
    none = [False, 0, '']
    sink(source() if any(flags) else 'a') # bad
    sink(source() if any(none) else 'a')
    sink(source() if all([1, True]) else 'a') # bad
    sink(source() if all([1, 0]) else 'a')
    line = queue.PriorityQueue()
    line.put((1, source()))
    rank, word = line.get_nowait()
    sink(word) # bad
    sink(rank)

def chosen():
    y = source()
    def inner():
        return y
    sink(contextvars.copy_context().run(inner)) # bad
",
    );
}

#[test]
fn a_method_known_by_its_name_is_told_where_it_is_called() {
    check(
        "
from lab import Tool

def use(tool, x):
    tool.dig(x) # bad

def show():
    use(Tool(), source())
",
    );
}

#[test]
fn what_is_passed_in_and_passes_itself_on_comes_to_an_end() {
    check(
        "
def menu(pages, controls, key):
    return controls[key](pages, controls, key)

def following(pages, controls, key):
    return menu(pages, controls, key)

def last(pages, controls, key):
    return pages

def show(key):
    sink(menu(source(), {'next': following, 'again': menu, 'last': last}, key)) # bad
",
    );
}
