//! What merely looks suspicious is told to the pedantic alone, and what is a constant to nobody.

use casemate_audit::Settings;

use crate::support::{audit, audit_with, pedantic};

/// A rule, code in which it is suspected, and the same code where it is not.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "dynamic-import",
        "import importlib\n\ndef load(name):\n    return importlib.import_module(name)\n",
        "import importlib\n\ndef load(name):\n    return importlib.import_module('plugins.csv')\n",
    ),
    (
        "template-injection",
        "from flask import render_template_string\n\ndef page(text):\n    return render_template_string(text)\n",
        "from flask import render_template_string\n\ndef page(text):\n    return render_template_string('{{ text }}', text=text)\n",
    ),
    (
        "markup-unescaped",
        "from markupsafe import Markup\n\ndef bold(text):\n    return Markup(text)\n",
        "from markupsafe import Markup\n\ndef bold(text):\n    return Markup('<b>{}</b>').format(text)\n",
    ),
    (
        "markup-unescaped",
        "from django.utils.html import format_html\n\nclass Text:\n    def bold(self):\n        return format_html(f'<b>{self.text}</b>')\n",
        "from django.utils.html import format_html\n\nTEMPLATE = '<b>{}</b>'\n\ndef bold(text):\n    return format_html(TEMPLATE, text)\n",
    ),
    (
        "markup-unescaped",
        "from django.utils.safestring import SafeString\n\nclass Letter(SafeString):\n    pass\n",
        "from collections import UserString\n\nclass Letter(UserString):\n    pass\n",
    ),
    (
        "markup-unescaped",
        "class Letter:\n    def __html__(self):\n        return self.text\n",
        "class Letter:\n    def __str__(self):\n        return self.text\n",
    ),
    (
        "markup-unescaped",
        "from django import template\n\nregister = template.Library()\n\n@register.filter(is_safe=True)\ndef bold(text):\n    return '<b>' + text\n",
        "from django import template\n\nregister = template.Library()\n\n@register.filter\ndef bold(text):\n    return '<b>' + text\n",
    ),
    (
        "reflective-call",
        "def call(name):\n    return globals()[name]()\n",
        "def call(name):\n    return globals()['known'](name)\n",
    ),
    (
        "reflective-call",
        "def call(name):\n    return globals().get(name)()\n",
        "def call(name):\n    return TABLE.get(name)()\n",
    ),
    (
        "ssrf",
        "from urllib.request import urlopen\n\nclass Feed:\n    def read(self):\n        return urlopen(self.address)\n",
        "from urllib.request import urlopen\n\nclass Feed:\n    def read(self):\n        return urlopen('https://example.org/feed')\n",
    ),
    (
        "host-header-trusted",
        "from flask import url_for\n\ndef link():\n    return url_for('reset', _external=True)\n",
        "from flask import url_for\n\ndef link():\n    return url_for('reset', _external=False)\n",
    ),
    (
        "archive-slip",
        "import shutil\n\nclass Box:\n    def open(self):\n        shutil.unpack_archive(self.file, 'out', 'zip')\n",
        "import shutil\n\nclass Box:\n    def open(self):\n        shutil.unpack_archive(self.file, 'out', filter='data')\n",
    ),
    (
        "xxe",
        "from lxml import etree\n\ndef parser():\n    return etree.XMLParser(load_dtd=True, no_network=False)\n",
        "from lxml import etree\n\ndef parser():\n    return etree.XMLParser(resolve_entities=False)\n",
    ),
    (
        "xml-bomb",
        "import xml.sax\n\ndef parser():\n    return xml.sax.make_parser()\n",
        "import defusedxml.sax\n\ndef parser():\n    return defusedxml.sax.make_parser()\n",
    ),
    (
        "tls-old-version",
        "import ssl\n\ndef context():\n    return ssl.SSLContext(ssl.PROTOCOL_TLS)\n",
        "import ssl\n\ndef context():\n    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n",
    ),
];

fn rules_of(settings: &Settings, source: &str) -> Vec<&'static str> {
    audit_with(settings, &[("app.py", source)]).findings.iter().map(|finding| finding.rule.name).collect()
}

#[test]
fn what_is_not_a_constant_is_told_to_the_pedantic_alone() {
    for (rule, suspicious, plain) in FORMS {
        let told = rules_of(&pedantic(), suspicious);
        assert!(told.contains(rule), "{rule}: {suspicious}{told:?}");
        let told = rules_of(&Settings::default(), suspicious);
        assert!(!told.contains(rule), "{rule} by default: {suspicious}{told:?}");
        let told = rules_of(&pedantic(), plain);
        assert!(!told.contains(rule), "{rule}: {plain}{told:?}");
    }
}

#[test]
fn a_hash_that_is_chosen_for_passwords_is_looked_at() {
    let chosen = "from django.contrib.auth.hashers import make_password\n\ndef keep(password):\n    return make_password(password, hasher='md5')\n";
    assert!(rules_of(&Settings::default(), chosen).contains(&"password-weak-hash"));
    let slow = chosen.replace("md5", "argon2");
    assert!(!rules_of(&pedantic(), &slow).contains(&"password-weak-hash"));
}

#[test]
fn a_part_of_the_settings_of_django_says_nothing_of_what_is_missing() {
    let part = "ALLOWED_HOSTS = ['*']\nSESSION_COOKIE_SECURE = False\n";
    let rules = |path: &str, text: &str| -> Vec<&'static str> {
        audit(&[(path, text)]).findings.iter().map(|finding| finding.rule.name).collect()
    };
    let told = rules("site/settings.py", part);
    assert!(told.contains(&"allowed-hosts-wildcard"), "{told:?}");
    assert!(!rules("site/hosts.py", part).contains(&"allowed-hosts-wildcard"), "called otherwise");
    // Elsewhere the rest may be set.
    let quiet = rules("site/settings.py", "ALLOWED_HOSTS = ['a.example.org']\n");
    assert!(quiet.is_empty(), "{quiet:?}");
}
