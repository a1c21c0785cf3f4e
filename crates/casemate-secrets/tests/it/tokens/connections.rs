//! Connection strings.

use casemate_secrets::{LeakKind, scan};

fn passwords(text: &str) -> Vec<String> {
    let leaks = scan("settings.txt", text).into_iter().filter(|leak| leak.kind == LeakKind::ConnectionString);
    leaks.map(|leak| text[leak.span].to_owned()).collect()
}

/// Not written in one piece, so that this file has no connection string in it.
const PASSWORD: &str = "tR7kq2Wz9pLm";

#[test]
fn the_password_alone_is_the_secret() {
    for form in [
        "postgresql://app:@PW@@db.corp.net:5432/main",
        "url = \"mongodb+srv://app:@PW@@cluster0.ab1cd.mongodb.net/x\"",
        "redis://:@PW@@cache.corp.net:6379/0",
        "amqp://app:@PW@@mq.corp.net/vhost",
        "--index-url https://ci:@PW@@pypi.corp.net/simple",
        "Server=tcp:db.corp.net,1433;Database=main;User Id=app;Password=@PW@;Encrypt=yes",
        "Driver={ODBC Driver 18};Server=db.corp.net;Uid=app;Pwd=@PW@",
        "jdbc:mysql://db.corp.net/main?user=app&password=@PW@&ssl=true",
        "jdbc:oracle:thin:app/@PW@@db.corp.net:1521:x",
        "dsn = 'host=db.corp.net dbname=main user=app password=@PW@'",
        "machine git.corp.net login app password @PW@",
        "postgresql://app:@PW@@localhost/main",
    ] {
        let text = form.replace("@PW@", PASSWORD);
        assert_eq!(passwords(&text), [PASSWORD], "{form}");
    }
}

#[test]
fn what_is_no_password_is_not_told() {
    for text in [
        "postgres://postgres:postgres@localhost:5432/postgres",
        "postgres://user:password@db.corp.net/main",
        "postgres://app:${DB_PASSWORD}@db.corp.net/main",
        "postgres://app:{password}@db.corp.net/main",
        "postgres://app:%s@db.corp.net/main",
        "postgres://app:<pw>@db.corp.net/main",
        "https://app:Tr7kq2Wz9pLm@db.example.com/",
        "redis://:redis@redis:6379/0",
        "see http://corp.net:8080/a@b and git@corp.net:a/b",
        "Server=db.corp.net;User Id=app;Password=%DB_PASSWORD%;",
        "connect(host=host, user=user, password=password)",
        "postgresql+psycopg2://scott:tiger@db.corp.net/test",
    ] {
        assert_eq!(passwords(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_basic_header_holds_user_and_password() {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("svc-deploy:{PASSWORD}"));
    assert_eq!(passwords(&format!("Authorization: Basic {encoded}")), [encoded]);
    let sample = base64::engine::general_purpose::STANDARD.encode("user:password");
    assert!(passwords(&format!("Authorization: Basic {sample}")).is_empty());
}
