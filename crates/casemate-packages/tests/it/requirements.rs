//! `requirements.txt` as pip reads it.

use casemate_packages::manifest::{IndexKind, Origin, decode};

use crate::support::{manifest, pin, pins, problems};

#[test]
fn lines_comments_continuations_and_markers_are_read() {
    let text = "# head\nFlask==3.0.0  # web\nrequests[socks]>=2.31 ; python_version >= '3.8' \\\n    --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \\\n    --hash=sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\nPy.YAML == 6.0\nenum34; python_version < '3'\n";
    let read = manifest("requirements.txt", text);

    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.dependencies.iter().map(pin).collect::<Vec<_>>(), ["flask 3.0.0", "requests", "py-yaml 6.0"]);
    let requests = &read.dependencies[1];
    assert_eq!(requests.hashes.len(), 2);
    assert_eq!(requests.extras, ["socks"]);
    assert_eq!(&text[requests.version_span.clone().unwrap()], ">=2.31");
    assert_eq!(&text[read.dependencies[2].span.clone()], "Py.YAML");
}

#[test]
fn addresses_paths_and_editables_are_told_apart() {
    let text = "\
git+https://github.com/pallets/click.git@8.1.7#egg=click
-e git+ssh://git@example.com/team/tool.git@0123456789012345678901234567890123456789#egg=tool
rich @ https://example.com/rich-13.7.0-py3-none-any.whl#sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
./vendor/thing-1.2.tar.gz
-e .
https://example.com/six-1.16.0.tar.gz
attrs @ git+https://example.com/attrs ; python_version > '3.9'
";
    let read = manifest("requirements.txt", text);

    assert_eq!(problems(&read), [""; 0]);
    let told: Vec<String> = read.dependencies.iter().map(|one| format!("{} {:?}", pin(one), one.origin)).collect();
    assert_eq!(
        told,
        [
            "click Repository { url: \"https://github.com/pallets/click.git\", revision: Some(\"8.1.7\"), is_commit: false }",
            "tool Repository { url: \"ssh://git@example.com/team/tool.git\", revision: Some(\"0123456789012345678901234567890123456789\"), is_commit: true }",
            "rich 13.7.0 Url(\"https://example.com/rich-13.7.0-py3-none-any.whl\")",
            "thing 1.2 Local(\"./vendor/thing-1.2.tar.gz\")",
            "six 1.16.0 Url(\"https://example.com/six-1.16.0.tar.gz\")",
            "attrs Repository { url: \"https://example.com/attrs\", revision: None, is_commit: false }",
        ]
    );
    assert!(read.dependencies[1].is_editable);
    assert_eq!(read.dependencies[2].hashes.len(), 1);
}

#[test]
fn options_say_where_packages_come_from() {
    let text = "-i https://user:word@pypi.example.com/simple\n--extra-index-url=https://x.example.com\n--trusted-host x.example.com\n--find-links ./wheels\n--require-hashes\n--pre\n-r base.txt\n-c ../constraints.txt\n--no-binary :all:\n";
    let read = manifest("deploy/requirements.txt", text);

    assert_eq!(problems(&read), [""; 0]);
    let kinds: Vec<IndexKind> = read.indexes.iter().map(|index| index.kind).collect();
    assert_eq!(kinds, [IndexKind::Default, IndexKind::Extra, IndexKind::Trusted, IndexKind::Links]);
    assert_eq!(read.indexes[0].shown(), "https://pypi.example.com/simple");
    assert!(read.requires_hashes);
    let includes: Vec<(&str, bool)> =
        read.includes.iter().map(|include| (include.path.as_str(), include.is_constraint)).collect();
    assert_eq!(includes, [("deploy/base.txt", false), ("constraints.txt", true)]);
}

#[test]
fn what_is_cut_off_is_told() {
    let hash = "a".repeat(63);
    for (text, word) in [
        (format!("flask==3.0.0 --hash=sha256:{hash}"), "not a whole hash"),
        ("flask==3.0.0 \\".to_owned(), "ends in the middle"),
        ("flask==3.0.0 --has".to_owned(), "means nothing"),
        ("-r".to_owned(), "has no value"),
        ("flask==".to_owned(), "not a requirement"),
        ("flask[asy".to_owned(), "not a requirement"),
        ("--index".to_owned(), "has no value"),
        ("${SECRET_PACKAGE}".to_owned(), "environment"),
        ("<<<<<<< HEAD".to_owned(), "not a requirement"),
        ("git+https://example.com".to_owned(), ""),
    ] {
        let read = manifest("requirements.txt", &text);
        assert!(
            read.problems.iter().any(|problem| problem.message.contains(word)) || word.is_empty(),
            "{text}: {:?}",
            read.problems
        );
    }
}

#[test]
fn what_windows_writes_is_read() {
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("requests==2.0\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (text, problem) = decode(&wide);
    assert_eq!(problem, None);
    assert_eq!(pins(&manifest("requirements.txt", &text)), ["requests 2.0"]);

    let (text, problem) = decode(b"\xef\xbb\xbfrequests==2.0\n");
    assert_eq!(problem, None);
    assert_eq!(pins(&manifest("requirements.txt", &text)), ["requests 2.0"]);

    let (_, problem) = decode(b"# caf\xe9\nrequests==2.0\n");
    assert_eq!(problem, None, "a comment in another encoding changes nothing");
    let (_, problem) = decode(b"requ\xe9sts==2.0\n");
    assert!(problem.is_some());
}

#[test]
fn a_marker_nobody_can_work_out_applies_everywhere() {
    let long = (0..60).map(|number| format!("extra == 'a{number}'")).collect::<Vec<_>>().join(" and ");
    let read = manifest(
        "requirements.txt",
        &format!("flask==1.0 ; {long}\nweb==2.0 ; {}python_version > '3'", "(".repeat(5000)),
    );

    assert_eq!(pins(&read), ["flask 1.0", "web 2.0"]);
    assert!(matches!(read.dependencies[0].origin, Origin::Index(None)));
}

#[test]
fn a_name_that_ends_in_a_sign_is_told_and_nothing_panics() {
    let read =
        manifest("requirements.txt", "reasons. And more\nwhat- is\nflask[async-]\nrequests [a., b]\nattrs[x]==1.0\n");

    assert_eq!(problems(&read).len(), 4);
    assert_eq!(read.dependencies.iter().map(pin).collect::<Vec<_>>(), ["attrs 1.0"]);
}

#[test]
fn prose_is_told_from_requirements() {
    let prose = "Requirements of the shop\n\nThe system shall accept orders (see chapter 2) at any time.\n\
                 - It must be fast, as others say [1], and cheap.\nPerformance\nNote: an order has at most 20 lines.\n";
    let document = manifest("docs/requirements/functional.txt", prose);
    assert_eq!((document.dependencies.len(), problems(&document)), (0, vec![]));
    // A file that is called so may be meant; its reader hears of it, once.
    let named = manifest("requirements.txt", prose);
    assert_eq!(problems(&named), ["this reads like sentences and not like requirements, so it was not read"]);
    assert!(named.dependencies.is_empty());
}

#[test]
fn requirements_with_remarks_between_them_are_requirements() {
    for text in [
        "django==4.2\nthis one is not needed any more\n",
        "django\nflask\nplease install these with pip now\n",
        "-r base.txt\nand then something else comes\nDjango >= 2.0 , < 3\n",
        "requests [socks] >= 2.0 , < 3 ; python_version > '3'\n",
        "a==1\nb==2\nthis file was merged by hand\nand some lines were broken\nc==3\n",
        "flask 1.0\ndjango 2.0\n",
    ] {
        let read = manifest("requirements/base.txt", text);
        let is_told = !problems(&read).is_empty() || text.starts_with("requests");
        assert!(is_told && (!read.dependencies.is_empty() || text.starts_with("flask")), "{text}{read:?}");
    }
}
