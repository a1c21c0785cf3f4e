//! What loops, generators, queues, closures and objects of the program hold by the order in which things happen.

use super::flow::check;

#[test]
fn a_loop_over_what_is_there_runs() {
    check(
        "
def over(names):
    x = source()
    for x in ['a', 'b']:
        pass
    sink(x)
    y = source()
    for i in range(3):
        y = 'a'
    sink(y)
    z = source()
    for name in names:
        z = 'a'
    sink(z) # bad
    w = source()
    for i in range(0):
        w = 'a'
    sink(w) # bad

def counted():
    x = 'a'
    i = 5
    while i < 3:
        x = source()
        i += 1
    sink(x)
    y = 'a'
    i = 0
    while i < 3:
        if i == 2:
            y = source()
        i += 1
    sink(y) # bad
",
    );
}

#[test]
fn a_column_of_a_class_is_not_what_its_objects_hold() {
    check(
        "
from typing import Any
from sqlalchemy import Column, String
from sqlalchemy.orm import Mapped, declarative_base, relationship

Base = declarative_base()

class Named:
    title = Column(String)

class Order(Named, Base):
    name = Column(String)
    note: Mapped[str]
    owner = relationship('Owner')
    kept: Any = None

def take(order: Order):
    order.name = source()
    order.note = source()
    order.owner = source()
    order.title = source()
    Order.kept = source()

def ask(order: Order):
    sink(Order.name)
    sink(Order.note)
    sink(Order.owner)
    sink(Order.title)
    sink(Order.kept) # bad
    sink(order.name) # bad
",
    );
}

#[test]
fn generators_give_out_in_order() {
    check(
        "
from contextlib import contextmanager

def both(x):
    yield 'a'
    yield x

def some(x):
    if x:
        yield 'a'
    yield x

def echo():
    got = 'a'
    while True:
        got = yield got

@contextmanager
def held(x):
    yield x

def first():
    sink(next(both(source())))
    sink(next(some(source()))) # bad
    sink(list(both(source()))[0])
    sink(list(both(source()))[1]) # bad
    with held(source()) as x:
        sink(x) # bad

def second():
    given = both(source())
    next(given)
    sink(next(given)) # bad

def sent():
    talk = echo()
    next(talk)
    sink(talk.send('b'))
    sink(talk.send(source())) # bad
",
    );
}

#[test]
fn what_a_template_asks_for() {
    check(
        "
from string import Template

def show():
    text = Template('$$ $one ${two}')
    sink(text.substitute(one=source(), two='a')) # bad
    sink(text.substitute({'one': 'a', 'two': source()})) # bad
    sink(text.substitute(one='a', two='b', three=source()))
",
    );
}

#[test]
fn answers_of_the_language_and_of_functions_that_are_asked_nothing() {
    check(
        "
LIMIT = 7
LEVEL = 1

def off():
    return False

def show():
    sink(source() if isinstance('a', int) else 'a')
    sink(source() if isinstance('a', str) else 'a') # bad
    over, left = divmod(86, 7)
    sink(source() if over > 20 else 'a')
    sink(source() if left == 2 else 'a') # bad
    sink(source() if off() else 'a')
    sink('a' if off() else source()) # bad
    sink(source() if LIMIT > 9 else 'a')
    sink(source() if LEVEL > 9 else 'a') # bad
",
    );
}

#[test]
fn a_closure_sees_what_is_there_when_it_is_called() {
    check(
        "
def late():
    held = source()
    give = lambda: held
    held = 'a'
    sink(give())

def early():
    held = source()
    give = lambda: held
    sink(give()) # bad
    held = 'a'

def perhaps(x):
    held = source()
    give = lambda: held
    if x:
        held = 'a'
    sink(give()) # bad

def filled():
    kept = []
    def put(x):
        kept.append(x)
    put(source())
    sink(kept[0]) # bad

def unfilled():
    others = []
    def put(x):
        others.append(x)
    put('a')
    sink(others[0])
",
    );
}

#[test]
fn threads_run_what_they_are_given() {
    check(
        "
import threading

class Worker(threading.Thread):
    def __init__(self, x):
        super().__init__()
        self.x = x
        self.made = 'a'

    def run(self):
        self.made = self.x

def started():
    worker = Worker(source())
    worker.start()
    sink(worker.made) # bad

def waiting():
    worker = Worker(source())
    sink(worker.made)

def target():
    kept = []
    def put(x):
        kept.append(x)
    thread = threading.Thread(target=put, args=(source(),))
    thread.start()
    sink(kept[0]) # bad
",
    );
}

#[test]
fn queues_and_lists_hand_out_in_their_order() {
    check(
        "
import queue

def fifo():
    line = queue.Queue()
    line.put('a')
    line.put(source())
    sink(line.get())
    sink(line.get(timeout=5)) # bad

def second():
    line = queue.Queue()
    line.put('a')
    line.put(source())
    line.get()
    sink(line.get()) # bad

def lifo():
    line = queue.LifoQueue()
    line.put('a')
    line.put(source())
    sink(line.get()) # bad

def taken_out():
    x = source()
    items = ['a', x]
    items.remove(x)
    sink(items[0])
    items = ['a', x, source()]
    items.remove(x)
    sink(items[1]) # bad
",
    );
}

#[test]
fn objects_that_iterate_and_replace() {
    check(
        "
from typing import NamedTuple

class Pair:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        yield 'a'
        yield self.x

class Point(NamedTuple):
    x: str
    y: str = 'a'

def show():
    sink(list(Pair(source()))[0])
    sink(list(Pair(source()))[1]) # bad
    sink(''.join(Pair(source()))) # bad
    point = Point('a')._replace(y=source())
    sink(point.x)
    sink(point.y) # bad
    sink(point[1]) # bad
",
    );
}

#[test]
fn a_store_of_its_own_keeps_keys_apart() {
    check(
        "
class Store:
    def __init__(self):
        self.data = {}

    def save(self, key, value):
        self.data[key] = value

    def load(self, key):
        return self.data[key]

def show():
    store = Store()
    store.save('a', source())
    store.save('b', 'x')
    sink(store.load('b'))
    sink(store.load('a')) # bad
    sink(store.load(whole('a'))) # bad
",
    );
}
