//! Which routes a program serves: one line each, method, path, handler and guards.

use casemate_python::facts::Labels;
use casemate_python::flow::Models;
use casemate_python::flow::{Options, solve};
use casemate_python::names::Program;
use casemate_python::syntax::read;

fn models() -> Models {
    Models {
        aliases: Default::default(),
        sources: Default::default(),
        calls: Default::default(),
        methods: Default::default(),
        guards: Default::default(),
        method_guards: Default::default(),
        safe_types: Default::default(),
        by_name: |_| Labels::NONE,
        by_role: |_| Labels::NONE,
        through_objects: Labels::NONE,
        library: Labels::NONE,
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
    }
}

/// A line `# --- path` begins another file.
fn routes(code: &str) -> Vec<String> {
    let mut files = vec![("main.py".to_owned(), String::new())];
    for line in code.lines() {
        match line.strip_prefix("# --- ") {
            Some(path) => files.push((path.to_owned(), String::new())),
            None => {
                let text = &mut files.last_mut().unwrap().1;
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let program = Program::link(files.into_iter().map(|(path, text)| read(&path, text.as_bytes())).collect());
    let models = models();
    let mut web = solve(&program, &models, Options::default()).web;
    web.settle();
    let mut lines: Vec<String> = web
        .routes
        .iter()
        .map(|route| {
            let (guards, path) = web.chain(route);
            let module = program.module(route.module).unwrap();
            let handler = module.function(route.handler).unwrap();
            let view = route.view.and_then(|(module, class)| program.module(module)?.class(class));
            let name = match view {
                Some(class) if handler.name.is_empty() || handler.name == class.name => class.name.clone(),
                _ => handler.qualified.clone(),
            };
            let guards: Vec<&str> = guards.iter().map(|guard| guard.written.as_str()).collect();
            let guards = if guards.is_empty() { String::new() } else { format!(" [{}]", guards.join(", ")) };
            format!("{} {path} {name}{guards}", route.methods.join("|"))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn aiohttp_by_calls_tables_decorators_and_classes() {
    let found = routes(
        r#"
from aiohttp import web

routes = web.RouteTableDef()

async def index(request):
    return web.Response()

async def show(request):
    return web.Response()

@routes.get("/decorated")
async def decorated(request):
    return web.Response()

@routes.view("/cases")
class Cases(web.View):
    async def get(self):
        return web.Response()

    async def post(self):
        return web.Response()

def make():
    app = web.Application(middlewares=[check_login])
    app.router.add_get("/", index)
    app.router.add_route("DELETE", "/one", show)
    app.add_routes([web.post("/posted", show)])
    app.add_routes(routes)
    return app
"#,
    );
    assert_eq!(
        found,
        [
            "DELETE /one show [check_login]",
            "GET / index [check_login]",
            "GET /cases Cases.get [check_login]",
            "GET /decorated decorated [check_login]",
            "POST /cases Cases.post [check_login]",
            "POST /posted show",
        ]
    );
}

#[test]
fn tornado_by_tables() {
    let found = routes(
        r#"
import tornado.web

class Base(tornado.web.RequestHandler):
    def prepare(self):
        pass

class Case(Base):
    @tornado.web.authenticated
    def get(self, pk):
        pass

    def post(self, pk):
        pass

app = tornado.web.Application([(r"/cases/(\d+)", Case), tornado.web.url(r"/again", Case)])
"#,
    );
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(found[0], r"GET /again Case.get [Base, prepare, tornado.web.authenticated]");
    assert_eq!(found[3], r"POST /cases/(\d+) Case.post [Base, prepare]");
}

#[test]
fn django_of_before_1_10_names_its_views() {
    let found = routes(
        r#"
from django.conf.urls.defaults import *

urlpatterns = patterns("",
    (r"^shop/", include("shop.urls")),
    ("^open/$", "shop.views.one"),
)
# --- shop/__init__.py
# --- shop/urls.py
from django.conf.urls import patterns, url
from shop.views import one

urlpatterns = patterns("shop.views",
    ("^all/$", "every"),
    url("^named/$", "one", name="named"),
    ("^plain/$", one),
    ("^missing/$", "nowhere"),
)
# --- shop/views.py
def every(request):
    pass

def one(request):
    pass
"#,
    );
    assert_eq!(found, [" /open/ one", " /shop/all/ every", " /shop/named/ one", " /shop/plain/ one"]);
}

#[test]
fn django_by_urlconfs_class_views_and_routers() {
    let found = routes(
        r#"
from django.urls import include, path
from rest_framework import routers
from shop import views

router = routers.DefaultRouter()
router.register("orders", views.OrderViewSet)

urlpatterns = [
    path("shop/", include("shop.urls")),
    path("api/", include(router.urls)),
    path("nested/", include([path("one/", views.index)])),
]
# --- shop/__init__.py
# --- shop/urls.py
from django.contrib.auth.decorators import login_required
from django.urls import path
from . import views

urlpatterns = [
    path("", login_required(views.index)),
    path("cases/<int:pk>/", views.CaseView.as_view(), name="case"),
]
# --- shop/views.py
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views import View
from django.views.decorators.http import require_POST
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated

@require_POST
def index(request):
    pass

class CaseView(LoginRequiredMixin, View):
    def get(self, request, pk):
        pass

class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    permission_classes = [IsAuthenticated]

    def retrieve(self, request, pk):
        pass

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        pass

    @action(["put"], detail=True)
    def rename(self, request, pk):
        pass
"#,
    );
    let mixin = "LoginRequiredMixin";
    assert_eq!(
        found,
        [
            "GET /api/orders/{pk}/ OrderViewSet.retrieve [IsAuthenticated]".to_owned(),
            format!("GET /shop/cases/<int:pk>/ CaseView.get [{mixin}]"),
            "POST /api/orders/{pk}/cancel/ OrderViewSet.cancel [IsAuthenticated]".to_owned(),
            "POST /nested/one/ index".to_owned(),
            "POST /shop/ index [login_required]".to_owned(),
            "PUT /api/orders/{pk}/rename/ OrderViewSet.rename [IsAuthenticated]".to_owned(),
        ]
    );
}

#[test]
fn a_list_of_patterns_may_be_guarded_as_a_whole() {
    let found = routes(
        r#"
from django.urls import path
from . import views
from .guards import login_required, guarded

urlpatterns = [path("inner/", views.inner)]
for more in plugins():
    if more:
        urlpatterns += more
urlpatterns = guarded(urlpatterns, login_required)
urlpatterns += [path("login/", views.login)]
# --- views.py
def inner(request):
    pass

def login(request):
    pass
"#,
    );
    assert_eq!(found, [" /inner/ inner [login_required]", " /login/ login"]);
}

#[test]
fn rest_defaults_hold_where_a_view_says_nothing() {
    let found = routes(
        r#"
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

class Kept(APIView):
    def get(self, request):
        pass

class Opened(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        pass
# --- settings.py
REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]}
NAMES = []
for name in os.environ:
    if name in NAMES:
        continue
    NAMES.append(name)
"#,
    );
    assert_eq!(found, ["GET  Kept.get [IsAuthenticated]", "GET  Opened.get [AllowAny]"]);
}

#[test]
fn flask_by_classes_rules_and_resources() {
    let found = routes(
        r#"
from flask import Flask
from flask.views import MethodView
from flask_restful import Api, Resource

app = Flask(__name__)
api = Api(app)

class Users(MethodView):
    decorators = [login_required]

    def get(self):
        pass

    def post(self):
        pass

class Note(Resource):
    def delete(self, pk):
        pass

def plain():
    pass

app.add_url_rule("/users", view_func=Users.as_view("users"))
app.add_url_rule("/plain", "plain", plain, methods=["PUT"])
api.add_resource(Note, "/notes/<pk>", "/n/<pk>")
"#,
    );
    assert_eq!(
        found,
        [
            "DELETE /n/<pk> Note.delete",
            "DELETE /notes/<pk> Note.delete",
            "GET /users Users.get [login_required]",
            "POST /users Users.post [login_required]",
            "PUT /plain plain",
        ]
    );
}

#[test]
fn a_router_changed_in_place_is_still_the_same() {
    let found = routes(
        r#"
from fastapi import APIRouter, Depends, FastAPI
from one import router as one

app = FastAPI()
app.include_router(one, prefix="/api", dependencies=[Depends(current_user)])
# --- one.py
from fastapi import APIRouter

router = APIRouter(prefix="/one")
router.add_event_handler("startup", print)

@router.get("/x")
def x():
    pass
"#,
    );
    assert_eq!(found, ["GET /api/one/x x [current_user]"]);
}

#[test]
fn bottle_sanic_falcon_and_pyramid() {
    let found = routes(
        r#"
import bottle

@bottle.route("/b", method="POST")
def in_bottle():
    pass
# --- s.py
from sanic import Blueprint, Sanic
from sanic.views import HTTPMethodView

app = Sanic("a")
bp = Blueprint("b", url_prefix="/v1")
app.blueprint(bp)

@bp.get("/s")
async def in_sanic(request):
    pass

class View(HTTPMethodView):
    async def delete(self, request):
        pass

app.add_route(View.as_view(), "/view")
# --- f.py
import falcon

class Thing:
    def on_get(self, req, resp, pk):
        pass

app = falcon.App()
app.add_route("/f/{pk}", Thing())
# --- p.py
from pyramid.view import view_config

@view_config(route_name="home", permission="edit", request_method="POST")
def in_pyramid(request):
    pass
# --- q.py
from pyramid.config import Configurator

def main():
    config = Configurator()
    config.add_route("home", "/p")
"#,
    );
    assert_eq!(
        found,
        [
            "DELETE /view View.delete",
            "GET /f/{pk} Thing.on_get",
            "GET /v1/s in_sanic",
            "POST /b in_bottle",
            "POST /p in_pyramid [edit]",
        ]
    );
}

#[test]
fn starlette_mounts_and_sockets() {
    let found = routes(
        r#"
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route, WebSocketRoute

async def home(request):
    pass

async def feed(websocket):
    pass

class Case(HTTPEndpoint):
    async def put(self, request):
        pass

app = Starlette(routes=[Route("/", home), Mount("/v1", routes=[Route("/case", Case), WebSocketRoute("/feed", feed)])])
"#,
    );
    assert_eq!(found, ["GET / home", "PUT /v1/case Case.put", "WEBSOCKET /v1/feed feed"]);
}

#[test]
fn a_decorator_that_is_called_makes_a_route() {
    let found = routes(
        r#"
from flask import Flask

app = Flask(__name__)

def shown(name):
    pass

def posted():
    pass

app.route("/shown/<name>")(shown)
app.route("/posted", methods=["POST"])(posted)
print("x")(shown)
"#,
    );
    assert_eq!(found, ["GET /shown/<name> shown", "POST /posted posted"]);
}
