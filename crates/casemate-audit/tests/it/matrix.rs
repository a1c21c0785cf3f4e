//! Sources, what carries data along, and sinks, each with each: found where data from outside arrives, silent where it does not.

use casemate_audit::Settings;

use crate::support::audit_with;

/// A handler: what comes before it, its head, and the expression in it that somebody outside fills in.
struct Server {
    name: &'static str,
    before: &'static str,
    head: &'static str,
    indent: usize,
    reads: &'static [&'static str],
}

const SERVERS: &[Server] = &[
    Server {
        name: "flask",
        before: "from flask import Flask, request\napp = Flask(__name__)\n",
        head: "@app.route('/c/<slug>', methods=['POST'])\ndef show(slug):\n",
        indent: 4,
        reads: &[
            "request.args['q']",
            "request.form.getlist('q')[0]",
            "request.get_json()['a']['b']",
            "request.cookies.get('q')",
            "request.headers['X-Name']",
            "request.files['f'].filename",
            "request.user_agent.string",
            "request.stream.read().decode()",
            "request.values['q']",
            "request.headers.getlist('X-Name')[0]",
            "request.get_data(as_text=True)",
            "request.args.to_dict()['q']",
            "list(request.form.keys())[0]",
            "next(iter(request.args))",
            "slug",
        ],
    },
    Server {
        name: "django",
        before: "from django.urls import path\n",
        head: "def show(request, slug):\n",
        indent: 4,
        reads: &[
            "request.GET['q']",
            "request.POST.get('q')",
            "request.META['HTTP_X_NAME']",
            "request.body.decode()",
            "request.GET.dict()['q']",
            "list(request.POST.keys())[0]",
            "request.get_full_path()",
            "request.read().decode()",
        ],
    },
    Server {
        name: "starlette",
        before: "from starlette.applications import Starlette\nfrom starlette.requests import Request\n",
        head: "async def show(request: Request):\n",
        indent: 4,
        reads: &[
            "request.query_params['q']",
            "(await request.json())['q']",
            "request.url.path",
            "request.path_params['q']",
            "str(request.url)",
            "request.scope['query_string'].decode()",
            "list(request.query_params.keys())[0]",
        ],
    },
    Server {
        name: "fastapi",
        before: "from typing import Annotated\nfrom fastapi import Depends, FastAPI\napp = FastAPI()\n\
                 def term(q: str):\n    return q\nclass Filters:\n    def __init__(self, q: str):\n        self.q = q\n",
        head: "@app.get('/c/{slug}')\nasync def show(slug: str, q: str, t: str = Depends(term), f: Filters = Depends()):\n",
        indent: 4,
        reads: &["slug", "q", "t", "f.q"],
    },
    Server {
        name: "websocket",
        before: "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n",
        head: "@app.websocket('/ws')\nasync def show(websocket: WebSocket):\n    await websocket.accept()\n",
        indent: 4,
        reads: &[
            "await websocket.receive_text()",
            "(await websocket.receive_json())['q']",
            "websocket.query_params['q']",
        ],
    },
    Server {
        name: "tornado",
        before: "import tornado.web\n",
        head: "class Show(tornado.web.RequestHandler):\n    def post(self):\n",
        indent: 8,
        reads: &["self.get_argument('q')", "self.request.headers['X-Name']", "self.request.body.decode()"],
    },
    Server {
        name: "cherrypy",
        before: "import cherrypy\n",
        head: "class Cases:\n    @cherrypy.expose\n    def show(self, q=None, **others):\n",
        indent: 8,
        reads: &["q", "others['a']", "cherrypy.request.json['a']"],
    },
    Server {
        name: "chalice",
        before: "from chalice import Chalice\napp = Chalice(app_name='a')\n",
        head: "@app.route('/c/{slug}')\ndef show(slug):\n",
        indent: 4,
        reads: &["slug", "app.current_request.json_body['a']", "app.current_request.query_params['a']"],
    },
    Server {
        name: "wsgi",
        before: "",
        head: "def application(environ, start_response):\n",
        indent: 4,
        reads: &["environ['QUERY_STRING']", "environ['wsgi.input'].read().decode()"],
    },
    Server {
        name: "asgi",
        before: "",
        head: "async def app(scope, receive, send):\n",
        indent: 4,
        reads: &["scope['path']", "dict(scope['headers'])[b'x-name'].decode()", "(await receive())['body'].decode()"],
    },
    Server {
        name: "websockets",
        before: "import websockets\nasync def main():\n    async with websockets.serve(show, 'localhost', 80):\n        pass\n",
        head: "async def show(websocket):\n",
        indent: 4,
        reads: &["await websocket.recv()"],
    },
    Server {
        name: "pika",
        before: "import pika\ndef main():\n    channel = pika.BlockingConnection().channel()\n    \
                 channel.basic_consume(queue='q', on_message_callback=show)\n",
        head: "def show(channel, method, properties, body):\n",
        indent: 4,
        reads: &["body.decode()", "properties.headers['a']"],
    },
    Server {
        name: "xmlrpc",
        before: "from xmlrpc.server import SimpleXMLRPCServer\ndef main():\n    server = SimpleXMLRPCServer(('localhost', 80))\n    \
                 server.register_function(show, 'show')\n",
        head: "def show(name):\n",
        indent: 4,
        reads: &["name"],
    },
    Server {
        name: "restful",
        before: "from flask_restful import Resource, reqparse\nparser = reqparse.RequestParser()\n",
        head: "class Show(Resource):\n    def get(self):\n",
        indent: 8,
        reads: &["parser.parse_args()['q']", "parser.parse_args().q"],
    },
    Server {
        name: "azure",
        before: "import azure.functions as func\n",
        head: "def main(req: func.HttpRequest):\n",
        indent: 4,
        reads: &["req.params.get('q')", "req.get_json()['q']", "req.route_params['q']"],
    },
    Server {
        name: "socketio",
        before: "import socketio\nsio = socketio.Server()\n",
        head: "@sio.event\ndef said(sid, data):\n",
        indent: 4,
        reads: &["data['q']"],
    },
];

/// What becomes of `x` on its way into `y`: what stands before the handler, the lines in it, and whether it arrives.
const CARRIERS: &[(&str, &str, bool)] = &[
    ("", "y = x", true),
    ("", "y = x\ny = 'fixed'", false),
    ("", "n = 106\ny = 'fixed' if 7 * 18 + n > 200 else x", false),
    ("", "n = 86\ny = x if 500 / 42 + n > 90 else 'fixed'", true),
    ("", "n = 86\ny = x if 500 / 42 + n > 200 else 'fixed'", false),
    (
        "",
        "match 'ABC'[1]:\n    case 'A':\n        y = 'fixed'\n    case 'B':\n        y = x\n    case _:\n        y = 'other'",
        true,
    ),
    ("", "match 'ABC'[0]:\n    case 'A':\n        y = 'fixed'\n    case _:\n        y = x", false),
    ("", "word = 'abc'\ny = 'fixed'\nif len(word) > 5:\n    y = x", false),
    ("", "d = {'a': 'fixed', 'b': x}\ny = d['b']", true),
    ("", "d = {'a': 'fixed', 'b': x}\ny = d.get('a')", false),
    ("", "d = {}\nd.update(a='fixed', b=x)\ny = d['b']", true),
    ("", "d = {}\nd.update(a='fixed', b=x)\ny = d['a']", false),
    ("", "d = {}\nd.setdefault('a', []).append(x)\ny = d['a'][0]", true),
    ("", "d = dict([('a', 'fixed'), ('b', x)])\ny = d['a']", false),
    ("", "l = ['safe', x, 'more']\nl.pop(0)\ny = l[0]", true),
    ("", "l = ['safe', x, 'more']\nl.pop(0)\ny = l[1]", false),
    ("", "l = []\nm = l\nm.append(x)\ny = l[0]", true),
    ("", "y = [one for _, one in zip(['a'], [x])][0]", true),
    ("", "y = ''\nfor y, _ in zip(['a'], [x]):\n    pass", false),
    ("", "y = ', '.join(map(str, map(int, x.split(','))))", false),
    ("", "y = 'fixed' or x", false),
    ("", "y = str(len(x))", false),
    ("import io", "out = io.StringIO()\nout.write(x)\ny = out.getvalue()", true),
    ("import json", "y = json.loads(json.dumps({'a': x, 'b': 'fixed'}))['a']", true),
    ("import json", "y = json.loads(json.dumps({'a': x, 'b': 'fixed'}))['b']", false),
    (
        "import configparser",
        "c = configparser.ConfigParser()\nc.set('s', 'a', 'fixed')\nc.set('s', 'b', x)\ny = c.get('s', 'b')",
        true,
    ),
    (
        "import configparser",
        "c = configparser.ConfigParser()\nc.set('s', 'a', 'fixed')\nc.set('s', 'b', x)\ny = c.get('s', 'a')",
        false,
    ),
    ("import collections\nPair = collections.namedtuple('Pair', 'a b')", "y = Pair('fixed', x).b", true),
    ("import collections\nPair = collections.namedtuple('Pair', 'a b')", "y = Pair('fixed', x).a", false),
    ("import enum\nclass State(enum.Enum):\n    OPEN = 'open'", "y = State(x).value", false),
    (
        "class Kept:\n    def __init__(self, v):\n        self.v = v\n    @classmethod\n    def of(cls, v):\n        return cls(v)",
        "y = Kept.of(x).v",
        true,
    ),
    (
        "class Kept:\n    def __init__(self, v):\n        self.v = v\n    def __str__(self):\n        return self.v",
        "y = f'{Kept(x)}'",
        true,
    ),
    (
        "class Kept:\n    def __init__(self, v):\n        self.v = v\n    def __str__(self):\n        return 'fixed'",
        "y = f'{Kept(x)}'",
        false,
    ),
    ("class Kept:\n    pass", "k = Kept()\nsetattr(k, 'v', x)\nsetattr(k, 'w', 'fixed')\ny = getattr(k, 'v')", true),
    ("class Kept:\n    pass", "k = Kept()\nsetattr(k, 'v', x)\nsetattr(k, 'w', 'fixed')\ny = getattr(k, 'w')", false),
    ("def keeper(v):\n    def inside():\n        return v\n    return inside", "y = keeper(x)()", true),
    ("def keeper(v):\n    def inside():\n        return 'fixed'\n    return inside", "y = keeper(x)()", false),
    ("import functools\ndef last(a, b):\n    return b", "y = functools.partial(last, 'a')(x)", true),
    ("import functools\ndef last(a, b):\n    return b", "y = functools.partial(last, x)('a')", false),
    ("import asyncio\nasync def same(v):\n    return v", "y = asyncio.run(same(x))", true),
    ("import asyncio\nasync def same(v):\n    return 'fixed'", "y = asyncio.run(same(x))", false),
    (
        "from concurrent.futures import ThreadPoolExecutor\ndef same(v):\n    return v",
        "with ThreadPoolExecutor() as pool:\n    y = pool.submit(same, x).result()",
        true,
    ),
    (
        "from concurrent.futures import ThreadPoolExecutor\ndef same(v):\n    return 'fixed'",
        "with ThreadPoolExecutor() as pool:\n    y = pool.submit(same, x).result()",
        false,
    ),
    ("def outer(*a, **k):\n    return inner(*a, **k)\ndef inner(a, b):\n    return b", "y = outer('a', b=x)", true),
    (
        "import contextvars\nNAME = contextvars.ContextVar('name')\ndef named():\n    return NAME.get()",
        "NAME.set(x)\ny = named()",
        true,
    ),
    (
        "HELD = {}\ndef put(k, v):\n    HELD[k] = v\ndef take(k):\n    return HELD[k]",
        "put('a', x)\ny = take('a')",
        true,
    ),
    ("", "try:\n    raise ValueError(x)\nexcept ValueError as error:\n    y = str(error)", true),
    ("", "if not all(c.isalnum() or c in '_-' for c in x):\n    return\ny = x", false),
    ("", "if set(x) - set('abc'):\n    return\ny = x", false),
    ("", "if not all(c in \"abc'\" for c in x):\n    return\ny = x", true),
    ("import re", "if not re.fullmatch('[a-z]+', x):\n    return\ny = x", false),
    // What constants decide.
    ("", "flags = 6\ny = x if flags & 1 else 'fixed'", false),
    ("", "flags = 6\ny = x if flags & 2 else 'fixed'", true),
    ("", "y = x if (1 << 4) ^ 16 else 'fixed'", false),
    ("", "y = x if 64 >> 2 == 16 else 'fixed'", true),
    ("", "y = x if ord('A') == 66 else 'fixed'", false),
    ("", "word = 'abcdef'[1:3]\ny = 'fixed' if word == 'bc' else x", false),
    ("", "y = 'fixed'\nwhile False:\n    y = x", false),
    ("", "y = ''\nn = 0\nwhile n < 2:\n    y += x\n    n += 1", true),
    // What lists and dictionaries have lost.
    ("", "l = ['a', 'b', x, 'c'][1:3]\ny = l[1]", true),
    ("", "l = ['a', 'b', x, 'c'][1:3]\ny = l[0]", false),
    ("", "l = ['a', x, 'c']\ndel l[1]\ny = l[1]", false),
    ("", "l = ['a', x]\ndel l[0]\ny = l[0]", true),
    ("", "d = {'k': x}\ndel d['k']\ny = d.get('k', 'fixed')", false),
    ("", "first, *rest = ['a', 'b', x]\ny = rest[1]", true),
    ("", "first, *rest = ['a', 'b', x]\ny = rest[0]", false),
    ("", "*most, last = ['a', x, 'b']\ny = last", false),
    (
        "import configparser",
        "c = configparser.ConfigParser()\nc.add_section('s')\nc['s']['a'] = x\nc['s']['b'] = 'fixed'\ny = c['s']['b']",
        false,
    ),
    // What a function makes of constants it is given.
    ("def pick(keeps, v):\n    if keeps:\n        return v\n    return 'fixed'", "y = pick(False, x)", false),
    ("def pick(keeps, v):\n    if keeps:\n        return v\n    return 'fixed'", "y = pick(True, x)", true),
    ("def pick(how, v):\n    r = v if how == 'as it is' else 'fixed'\n    return r", "y = pick('not', x)", false),
    (
        "def pick(how, v):\n    r = 'fixed'\n    if how != 'not':\n        r = v\n    return r",
        "y = pick('as it is', x)",
        true,
    ),
    ("def nth(items, at):\n    return items[at]", "y = nth(['a', x], 0)", false),
    ("def nth(items, at):\n    return items[at]", "y = nth(['a', x], 1)", true),
    (
        "def under(d, key):\n    return nth(d, key)\ndef nth(d, key):\n    return d[key]",
        "y = under({'a': 'b', 'c': x}, 'a')",
        false,
    ),
    // Which of several classes an object is of.
    (
        "class One:\n    def do(self, v):\n        return 'fixed'\nclass Two:\n    def do(self, v):\n        return v\n\
         def make(kind):\n    if kind == 'one':\n        return One()\n    return Two()",
        "y = make('two').do(x)",
        true,
    ),
    (
        "class One:\n    def do(self, v):\n        return 'fixed'\nclass Two:\n    def do(self, v):\n        return v\n\
         def make(kind):\n    if kind == 'one':\n        return One()\n    return Two()",
        "y = make('one').do(x)",
        false,
    ),
    (
        "class One:\n    def do(self, v):\n        return 'fixed'\nclass Two:\n    def do(self, v):\n        return v\n\
         KINDS = {'one': One, 'two': Two}\ndef make(kind):\n    return KINDS[kind]()",
        "y = make(len(x)).do(x)",
        true,
    ),
    (
        "class Base:\n    def run(self, v):\n        return self.make(v)\n    def make(self, v):\n        return v\n\
         class Own(Base):\n    def make(self, v):\n        return 'fixed'",
        "y = Own().run(x)",
        false,
    ),
    (
        "class Base:\n    def run(self, v):\n        return self.make(v)\n    def make(self, v):\n        return 'fixed'\n\
         class Own(Base):\n    def make(self, v):\n        return v",
        "y = Own().run(x)",
        true,
    ),
    // What is raised, kept outside, registered, decorated.
    (
        "def check(v):\n    raise ValueError('bad: ' + v)",
        "try:\n    check(x)\n    y = ''\nexcept ValueError as error:\n    y = str(error)",
        true,
    ),
    (
        "def check(v):\n    raise ValueError('bad')",
        "try:\n    check(x)\n    y = ''\nexcept ValueError as error:\n    y = str(error)",
        false,
    ),
    (
        "class Bad(Exception):\n    def __init__(self, what):\n        self.what = what\ndef check(v):\n    raise Bad(v)",
        "y = ''\ntry:\n    check(x)\nexcept Bad as error:\n    y = error.what",
        true,
    ),
    (
        "def keep(v):\n    held = ''\n    def put(w):\n        nonlocal held\n        held = w\n    put(v)\n    return held",
        "y = keep(x)",
        true,
    ),
    (
        "import functools\n@functools.singledispatch\ndef told(v):\n    return 'fixed'\n@told.register(str)\ndef _(v):\n    return v",
        "y = told(x)",
        true,
    ),
    (
        "def fixed(f):\n    def inner(*a):\n        f(*a)\n        return 'fixed'\n    return inner\n@fixed\ndef same(v):\n    return v",
        "y = same(x)",
        false,
    ),
    (
        "def told(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n@told\ndef same(v):\n    return v",
        "y = same(x)",
        true,
    ),
    ("def same(v):\n    return v", "y = globals()['same'](x)", true),
    ("def same(v):\n    return 'fixed'", "y = globals()['same'](x)", false),
    (
        "class Kept:\n    def __init__(self, v):\n        self.v = v\n    def __repr__(self):\n        return self.v",
        "y = repr(Kept(x))",
        true,
    ),
    (
        "class Kept:\n    def __init__(self, v):\n        self.v = v\n    def __add__(self, other):\n        return self.v + other",
        "y = Kept(x) + 'a'",
        true,
    ),
    ("import itertools\ndef last(a, b):\n    return b", "y = list(itertools.starmap(last, [('a', x)]))[0]", true),
    ("import itertools\ndef first(a, b):\n    return a", "y = list(itertools.starmap(first, [('a', x)]))[0]", false),
];

/// Imports, the line at which `y` arrives, and the rule that finds it.
const SINKS: &[(&str, &str, &str)] = &[
    ("import os", "os.system('show ' + y)", "os-command-injection"),
    ("import subprocess", "subprocess.run(f'show {y}', shell=True)", "os-command-injection"),
    ("import sqlite3", "sqlite3.connect('a.db').execute('SELECT * FROM t WHERE a = ' + y)", "sql-injection"),
    ("", "eval('len(' + y + ')')", "code-injection"),
    ("import requests", "requests.get('https://' + y + '/a', timeout=3)", "ssrf"),
];

/// Imports, the line at which `y` arrives, the same made harmless, and the rule.
const GUARDED: &[(&str, &str, &str, &str)] = &[
    (
        "import sqlite3",
        "sqlite3.connect('a.db').execute('SELECT * FROM t WHERE a = ' + y)",
        "sqlite3.connect('a.db').execute('SELECT * FROM t WHERE a = ?', (y,))",
        "sql-injection",
    ),
    ("import os, shlex", "os.system('show ' + y)", "os.system('show -- ' + shlex.quote(y))", "os-command-injection"),
    (
        "import subprocess",
        "argv = ['sh', '-c']\nargv.append('show ' + y)\nsubprocess.run(argv)",
        "argv = ['show', '--']\nargv.append(y)\nsubprocess.run(argv)",
        "os-command-injection",
    ),
    ("import ast", "eval(y)", "ast.literal_eval(y)", "code-injection"),
    ("import json, pickle", "pickle.loads(y.encode())", "json.loads(y.encode())", "unsafe-deserialization"),
    ("import os", "open('/srv/' + y)", "open('/srv/' + os.path.basename(y))", "path-traversal"),
    ("import zipfile", "zipfile.ZipFile('/srv/' + y)", "zipfile.ZipFile('/srv/' + str(int(y)))", "path-traversal"),
    (
        "import ldap3\nfrom ldap3.utils.conv import escape_filter_chars",
        "ldap3.Connection('x').search('dc=x', '(uid=' + y + ')')",
        "ldap3.Connection('x').search('dc=x', '(uid=' + escape_filter_chars(y) + ')')",
        "ldap-injection",
    ),
    (
        "from lxml import etree",
        "etree.parse('a.xml').xpath(\"//a[@b='\" + y + \"']\")",
        "etree.parse('a.xml').xpath('//a[@b=$b]', b=y)",
        "xpath-injection",
    ),
    ("import re", "re.compile('^' + y)", "re.compile('^' + re.escape(y))", "regex-injection"),
    (
        "import jinja2",
        "jinja2.Template('a' + y).render()",
        "jinja2.Template('{{ y }}').render(y=y)",
        "template-injection",
    ),
    (
        "import requests",
        "requests.get('https://' + y, timeout=3)",
        "requests.get('https://a.example', params={'y': y}, timeout=3)",
        "ssrf",
    ),
    ("import smtplib", "smtplib.SMTP(y)", "smtplib.SMTP('mail.example.org')", "ssrf"),
    ("from flask import session", "session[y] = 'on'", "session['setting'] = 'on'", "trust-boundary-violation"),
    (
        "from flask import make_response",
        "answer = make_response('', 302)\nanswer.headers['Location'] = y",
        "answer = make_response('', 302)\nanswer.headers['Location'] = '/show?a=' + y",
        "open-redirect",
    ),
    (
        "import xml.sax\nimport xml.sax.handler\nimport io",
        "p = xml.sax.make_parser()\np.setFeature(xml.sax.handler.feature_external_ges, True)\np.parse(io.StringIO(y))",
        "p = xml.sax.make_parser()\np.setFeature(xml.sax.handler.feature_external_ges, False)\np.parse(io.StringIO(y))",
        "xxe",
    ),
    ("import hashlib", "hashlib.new('md5', y.encode())", "hashlib.new('sha256', y.encode())", "weak-hash"),
];

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

fn program(server: &Server, read: &str, carrier: (&str, &str), sink: (&str, &str)) -> String {
    let body = format!("x = {read}\n{}\n{}", carrier.1, sink.1);
    format!("{}\n{}\n{}\n{}{}", sink.0, carrier.0, server.before, server.head, indented(&body, server.indent))
}

/// Audits all programs at once, and compares what is found in each.
fn compare(programs: &[(String, String, &str, bool)]) {
    let files: Vec<(&str, &str)> = programs.iter().map(|(path, text, _, _)| (path.as_str(), text.as_str())).collect();
    let outcome = audit_with(&Settings::default(), &files);
    let mut wrong = Vec::new();
    for (path, text, rule, arrives) in programs {
        let is_found = outcome.findings.iter().any(|finding| finding.rule.name == *rule && finding.place.path == *path);
        if is_found != *arrives {
            wrong.push(format!("{path}: {rule} {}\n{text}", if *arrives { "is missed" } else { "is false" }));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

#[test]
fn every_source_arrives_at_every_sink() {
    let mut programs = Vec::new();
    for server in SERVERS {
        for (at, read) in server.reads.iter().enumerate() {
            for (number, &(imports, line, rule)) in SINKS.iter().enumerate() {
                for (carrier, arrives) in [("y = x", true), ("y = x\ny = 'fixed'", false)] {
                    let path = format!("{}_{at}_{number}_{arrives}.py", server.name);
                    programs.push((path, program(server, read, ("", carrier), (imports, line)), rule, arrives));
                }
            }
        }
    }
    compare(&programs);
}

#[test]
fn every_carrier_carries_what_it_carries() {
    let mut programs = Vec::new();
    for (at, &(before, lines, arrives)) in CARRIERS.iter().enumerate() {
        for server in &SERVERS[..2] {
            for (number, &(imports, line, rule)) in SINKS.iter().enumerate().take(3) {
                let path = format!("{}_{at}_{number}.py", server.name);
                let text = program(server, server.reads[0], (before, lines), (imports, line));
                programs.push((path, text, rule, arrives));
            }
        }
    }
    compare(&programs);
}

#[test]
fn every_guard_silences_what_is_found_without_it() {
    let mut programs = Vec::new();
    for (number, &(imports, open, guarded, rule)) in GUARDED.iter().enumerate() {
        for server in &SERVERS[..2] {
            for (line, arrives) in [(open, true), (guarded, false)] {
                for (carrier, carries) in [("y = x", true), ("y = x\ny = 'fixed'", false)] {
                    // Some rules look at more than what arrives.
                    if !carries && rule == "weak-hash" {
                        continue;
                    }
                    let path = format!("{}_{number}_{arrives}_{carries}.py", server.name);
                    let text = program(server, server.reads[0], ("", carrier), (imports, line));
                    programs.push((path, text, rule, arrives && carries));
                }
            }
        }
    }
    compare(&programs);
}
