//! Ways that are told without an option: through what a program registers and runs later, and through helpers that are
//! given the whole request.

use casemate_audit::Settings;

use crate::support::audit_with;

/// Lines with a command are found where they are marked, and nowhere else, in an application of Flask.
fn check(code: &str) {
    check_alone(&format!("import os\nfrom flask import Flask, request\napp = Flask(__name__)\n{code}"));
}

/// The same of a file that stands for itself.
fn check_alone(code: &str) {
    let marked: Vec<u32> =
        code.lines().zip(1..).filter(|(line, _)| line.ends_with("# found")).map(|(_, number)| number).collect();
    let outcome = audit_with(&Settings::default(), &[("app.py", code)]);
    let mut told: Vec<u32> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule.id == "INJ110")
        .map(|finding| finding.place.start.line)
        .collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told, marked, "in\n{code}");
}

#[test]
fn helpers_are_given_the_whole_request() {
    check(
        r#"
def word(r): return r.args["x"]
def words(req): return {"x": req.args.get("x")}, 1
def every(r): return {key: value.strip() for key, value in r.args.items()}
def number(r): return int(r.args["x"])
class Form:
    def __init__(self, given): self.given = given
    @classmethod
    def of(cls, r): return cls(r.form.to_dict())
    def value(self, name): return self.given.get(name)
def run(r): os.system(r.args["x"])  # found
@app.route("/")
def show():
    os.system(word(request))  # found
    found, _ = words(request)
    os.system(found["x"])  # found
    os.system(every(request)["x"])  # found
    os.system("kill %d" % number(request))
    os.system(word({"args": "x"}))
    os.system(Form.of(request).value("x"))  # found
    run(request)
    return ""
"#,
    );
}

#[test]
fn observers_are_run_with_what_they_are_told() {
    check(
        r#"
import collections
class Bus:
    def __init__(self): self.held = []
    def on(self, run): self.held.append(run)
    def emit(self, x):
        for run in self.held: run(x)
class Named:
    def __init__(self): self.held = {}
    def on(self, name, run): self.held.setdefault(name, []).append(run)
    def emit(self, name, *args):
        for run in self.held.get(name, []): run(*args)
class Sorted:
    def __init__(self): self.held = collections.defaultdict(list)
    def on(self, name, run): self.held[name].append(run)
    def emit(self, name, x):
        for run in self.held[name]: run(x)
class Marked:
    def __init__(self): self.held = {}
    def on(self, name):
        def mark(run):
            self.held[name] = run
            return run
        return mark
    def emit(self, name, x): return self.held[name](x)
class Watched:
    def __init__(self): self.held = []
    def on(self, one): self.held.append(one)
    def emit(self, x):
        for one in self.held: one.notify(x)
bus, other, named, sorted_bus, marked, watched = Bus(), Bus(), Named(), Sorted(), Marked(), Watched()
def a(x): os.system(x)  # found
def b(x): os.system(x)
def c(x): os.system(x)  # found
def d(x): os.system(x)  # found
@marked.on("e")
def e(x): os.system(x)  # found
class F:
    def notify(self, x): os.system(x)  # found
class Makers:
    def __init__(self): self.held = {}
    def add(self, name, maker): self.held[name] = maker
    def get(self, name): return self.held[name]()
class G:
    def find(self, x): os.system(x)  # found
makers = Makers()
makers.add("g", G)
bus.on(a)
other.on(b)
named.on("c", c)
sorted_bus.on("d", d)
watched.on(F())
@app.route("/")
def show():
    x = request.args["x"]
    bus.emit(x)
    other.emit("ls")
    named.emit("c", x)
    sorted_bus.emit("d", x)
    marked.emit("e", x)
    watched.emit(x)
    makers.get("g").find(x)
    return ""
"#,
    );
}

#[test]
fn what_is_handed_on_is_run_where_it_ends() {
    check(
        r#"
class Node:
    def __init__(self, text): self.text = text
    def accept(self, visitor): return visitor.visit(self)
    def give(self, visitor): return visitor.take(self.text)
class Visitor:
    def visit(self, node): os.system(node.text)  # found
    def take(self, text): os.system(text)  # found
def each(runs, x):
    for run in runs: run(x)
def a(x): os.system(x)  # found
def b(x): os.system(x)  # found
class Tag(str):
    def wrapped(self): return "<" + self + ">"
class Page:
    def __init__(self, request): self.request = request
    @property
    def word(self): return "ls " + self.request.args["x"]
@app.route("/")
def show():
    x = request.args["x"]
    Node(x).accept(Visitor())
    Node(x).give(Visitor())
    each([a], x)
    kept = []
    kept.append(b)
    each(kept, x)
    os.system(Tag(x).wrapped())  # found
    os.system(Page(request).word)  # found
    return ""
"#,
    );
}

#[test]
fn functions_of_libraries_are_run_by_whom_they_are_handed_to() {
    check(
        r#"
def by(run, x): run(x)
def silent(run, x): return len(x)
@app.route("/")
def show():
    x = request.args["x"]
    by(os.system, x)  # found
    by(os.system, "ls")
    silent(os.system, x)
    by(print, x)
    return ""
"#,
    );
}

#[test]
fn classes_are_registered_as_they_are_made() {
    check(
        r#"
class Plugin:
    kept = {}
    def __init_subclass__(cls, **options): Plugin.kept[options["name"]] = cls
class Listed:
    kept = []
    def __init_subclass__(cls, **options): cls.kept.append(cls)
class Plain: pass
NAMED = {}
def named(cls):
    NAMED[cls.__name__] = cls
    return cls
class A(Plugin, name="a"):
    def run(self, x): os.system(x)  # found
class B(Listed):
    def go(self, x): os.system(x)  # found
class C(Plain):
    def start(self, x): os.system(x)  # found
@named
class D:
    def work(self, x): os.system(x)  # found
@app.route("/")
def show():
    x, name = request.args["x"], request.args["name"]
    Plugin.kept[name]().run(x)
    for one in Listed.kept: one().go(x)
    for one in Plain.__subclasses__(): one().start(x)
    NAMED[name]().work(x)
    return ""
"#,
    );
}

#[test]
fn functions_two_deep_have_what_stands_around_them() {
    check(
        r#"
def called(x):
    def middle():
        def inner():
            os.system(x)  # found
        inner()
    middle()
def handed(x):
    def middle(y):
        def inner(z):
            os.system(x)  # found
        return inner
    return middle
def fixed(x):
    def middle():
        def inner():
            os.system("ls")
        inner()
    middle()
@app.route("/")
def show():
    x = request.args["x"]
    called(x)
    handed(x)("b")("c")
    fixed(x)
    return ""
"#,
    );
}

#[test]
fn what_a_method_says_by_its_name_is_told_once() {
    let code = r#"
import sqlite3
from flask import Flask, request
app = Flask(__name__)
def rows(connection, name): return connection.execute("select * from t where name = '%s'" % name)
@app.route("/")
def show(): return str(rows(sqlite3.connect("x.db"), request.args["name"]).fetchall())
"#;
    let outcome = audit_with(&Settings::default(), &[("app.py", code)]);
    let told: Vec<u32> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule.id == "INJ101")
        .map(|finding| finding.place.start.line)
        .collect();
    assert_eq!(told, [5]);
}

#[test]
fn what_a_program_is_set_up_with_is_not_what_came_in() {
    let kept = |class: &str, held: &str| {
        format!(
            r#"
class {class}:
    {held} = {{}}
    @classmethod
    def configure(cls, values=None):
        cls.{held} = dict(values or {{}})
    @classmethod
    def value(cls, key, default=None):
        return cls.{held}.get(key, default)
    @staticmethod
    def get(key):
        return {class}.value(key)
    @staticmethod
    def put(values):
        for key, value in values.items():
            {class}.{held}[key] = value
"#
        )
    };
    let app = |class: &str| {
        format!(
            r#"
import requests
from flask import Flask, request
from kept import {class}
app = Flask(__name__)
@app.post("/kept")
def keep():
    {class}.put(request.get_json())
    return ""
@app.get("/voices")
def voices():
    return requests.get(f"{{{class}.get('speech')}}/voices").text
"#
        )
    };
    let told = |class: &str, held: &str| {
        let outcome = audit_with(&Settings::default(), &[("kept.py", &kept(class, held)), ("app.py", &app(class))]);
        outcome.findings.iter().filter(|finding| finding.rule.id == "NET301").count()
    };
    assert_eq!(told("Notes", "KEPT"), 1);
    assert_eq!(told("Config", "DEFAULTS"), 0);
    assert_eq!(told("Config", "KEPT"), 0);
}

#[test]
fn a_test_speaks_of_the_part_it_looks_at() {
    check(
        r#"
import re
@app.post("/a")
def a():
    body = request.json
    if body["kind"] not in ("a", "b"):
        return "", 400
    os.system(body["kind"])
    os.system(body["name"])  # found
    return ""
@app.post("/b")
def b():
    body = request.get_json()
    if not re.fullmatch("[a-z]+", body.get("kind")):
        return "", 400
    os.system(body.get("kind"))
    os.system(body.get("name"))  # found
    return ""
@app.post("/c")
def c():
    body = request.get_json() or {"kind": "a"}
    os.system(body["kind"])  # found
    return ""
"#,
    );
}

#[test]
fn decorators_that_look_at_what_they_hand_on_are_believed() {
    check(
        r#"
from functools import partial
import subprocess
def guarded(run):
    def inner(x):
        if x not in ("a", "b"):
            raise ValueError(x)
        return run(x)
    return inner
def plain(run):
    def inner(x):
        return run(x)
    return inner
@guarded
def a(x): return "a " + x
@plain
def b(x): return "b " + x
class Page:
    def __init__(self, given): self.given = given
    @property
    def word(self): return "ls " + self.given["x"]
def show_page(page): os.system(page.word)  # found
class Names(dict):
    def __getattr__(self, name): return self[name]
@app.route("/")
def show():
    x = request.args["x"]
    os.system(a(x))
    os.system(b(x))  # found
    show_page(Page(request.args))
    os.system(Names(x=x).x)  # found
    run = partial(subprocess.run, shell=True)
    run(x)  # found
    return ""
"#,
    );
}

#[test]
fn dependencies_are_classes_and_objects_too() {
    check_alone(
        r#"
import os
from typing import Annotated
from dataclasses import dataclass
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field, field_validator
app = FastAPI()
class Filters:
    def __init__(self, request: Request, q: str = ""):
        self.q = q
class Joined:
    def __init__(self, name): self.name = name
    def __call__(self, word: str = ""): return self.name + word
@dataclass
class Listed:
    text: str = ""
    count: int = 1
def known(kind: str) -> str:
    if kind not in ("a", "b"):
        raise HTTPException(400)
    return kind
class Line(BaseModel):
    name: str
    count: int
    code: str = Field(pattern="^[a-z]+$")
    kind: str = "a"
    @field_validator("kind")
    @classmethod
    def check(cls, value):
        if value not in ("a", "b"):
            raise ValueError(value)
        return value
class Order(BaseModel):
    lines: list[Line]
@app.get("/a")
def a(filters: Filters = Depends(Filters), joined: str = Depends(Joined("x"))):
    os.system(filters.q)  # found
    os.system(joined)  # found
@app.get("/b")
def b(listed: Annotated[Listed, Depends()], kind: str = Depends(known)):
    os.system(listed.text)  # found
    os.system(f"x {listed.count}")
    os.system(kind)
@app.post("/c")
def c(order: Order):
    for line in order.lines:
        os.system(f"x {line.count} {line.code} {line.kind}")
        os.system(line.name)  # found
@app.middleware("http")
async def named(request: Request, call_next):
    request.state.client = request.headers["x-client"]
    return await call_next(request)
@app.get("/d")
def d(request: Request):
    os.system(request.state.client)  # found
"#,
    );
}

#[test]
fn attributes_options_and_matches_are_followed() {
    check(
        r#"
from flask import g
@app.before_request
def before():
    setattr(g, "name", request.args["x"])
    setattr(g, "other", "fixed")
def run(name=None, other=None):
    os.system(name)  # found
    os.system(other)
@app.route("/")
def show():
    os.system(g.name)  # found
    os.system(g.other)
    options = {"name": request.args["x"], "other": "y"}
    run(**options)
    return ""
@app.post("/m")
def matched():
    match request.get_json()["x"]:
        case int(x):
            os.system(f"kill {x}")
        case str(x):
            os.system(f"kill {x}")  # found
    return ""
"#,
    );
}

#[test]
fn pages_and_events_of_other_frameworks_are_entries() {
    check_alone(
        r#"
import os
import falcon
class Things:
    def on_get_one(self, req, resp, name):
        os.system(req.get_param("x"))  # found
        os.system(name)  # found
    def helper(self, req):
        os.system(req)
app = falcon.App()
app.add_route("/things/{name}", Things(), suffix="one")
"#,
    );
    check_alone(
        r#"
import os
from sanic import Sanic
app = Sanic("a")
@app.websocket("/feed")
async def feed(request, ws):
    os.system(await ws.recv())  # found
"#,
    );
    check_alone(
        r#"
import os
import gradio as gr
def run(text):
    os.system(text)  # found
def idle(text):
    os.system(text)
with gr.Blocks() as demo:
    gr.Button("Go").click(run, inputs=[gr.Textbox()])
"#,
    );
    check_alone(
        r#"
import os
import cherrypy
class Root:
    @cherrypy.expose
    def index(self, name="x"):
        os.system(name)  # found
    def hidden(self, name):
        os.system(name)
cherrypy.quickstart(Root())
"#,
    );
    check_alone(
        r#"
import os
from litestar import Litestar, get
@get("/x")
async def show(name: str, size: int) -> str:
    os.system(f"x {size}")
    os.system(name)  # found
    return name
app = Litestar([show])
"#,
    );
}

#[test]
fn handlers_are_handed_on_and_requests_carry_what_runs_before() {
    check_alone(
        r#"
import os
import tornado.web
def run(handler):
    os.system(handler.get_argument("x"))  # found
class Main(tornado.web.RequestHandler):
    def get(self):
        run(self)
"#,
    );
    check_alone(
        r#"
import os
from aiohttp import web
@web.middleware
async def named(request, handler):
    request["user"] = request.headers["X-User"]
    return await handler(request)
class Store:
    def run(self, x): os.system(x)  # found
async def setup(app):
    app["store"] = Store()
async def show(request):
    os.system(request["user"])  # found
    os.system(request["other"])
    request.app["store"].run(request.query["x"])
app = web.Application(middlewares=[named])
app.router.add_get("/", show)
"#,
    );
    check_alone(
        r#"
import os
from django import forms
from django.http import HttpResponse
from django.views.generic import FormView
from django.db import models
class Shop(models.Model):
    name = models.TextField()
class Domain(models.Model):
    name = models.TextField()
    page = models.TextField()
def with_team(view):
    def inner(request):
        request.team = request.GET["team"]
        request.domain = Domain.objects.filter(name=request.GET["name"]).first()
        if request.GET["page"]:
            page = Domain.objects.get(name=request.GET["page"]).page
        else:
            page = None
        request.page = page
        request.shop = Shop.objects.get(name=request.GET["shop"])
        request.owner = request.GET["owner"]
        request.lot = request.owner.lots.using("x").get(pk=1)
        request.part = request.owner.lots.get(pk=2).part
        if request.GET["page"]:
            row = request.owner.lots.first()
        else:
            row = None
        request.row = row
        request.ticket = request.shop.tickets.get(code=request.GET["code"])
        return view(request)
    return inner
@with_team
def show(request):
    os.system(request.team)  # found
    os.system(request.page)
    os.system(request.shop.name)
    os.system(request.domain.name)
    os.system(request.ticket.name)
    os.system(request.owner)  # found
    os.system(request.lot)
    os.system(request.part)
    os.system(request.row)
    return HttpResponse("")
class Search(forms.Form):
    text = forms.CharField()
    size = forms.IntegerField()
    kind = forms.CharField()
    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        if kind not in ("a", "b"):
            raise forms.ValidationError("kind")
        return kind
class Found(FormView):
    form_class = Search
    def form_valid(self, form):
        os.system("x %s" % form.cleaned_data["size"])
        os.system("x " + form.cleaned_data["kind"])
        os.system("x " + form.cleaned_data["text"])  # found
"#,
    );
}
