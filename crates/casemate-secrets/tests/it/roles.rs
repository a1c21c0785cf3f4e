//! Secrets found by their role, and ordinary texts that look like them.

use casemate_secrets::{commands, scan};

use crate::support::{base64, chosen, random};

/// Where a password stands: path and text, with `§` in its place.
const PASSWORDS: &[(&str, &str)] = &[
    (".env", "DB_PASSWORD=§\n"),
    (".env", "export DB_PASSWORD=§\n"),
    (".env", "DB_PASSWORD=\"§\"\n"),
    (".env", "DB_PASSWORD='§'  # the old one\n"),
    (".env.production", "SMTP_PASS=§\nSMTP_PORT=25\n"),
    ("deploy/prod.env", "REDIS_PASSWORD = §\r\n"),
    ("compose.yaml", "services:\n  db:\n    environment:\n      - POSTGRES_PASSWORD=§\n"),
    ("compose.yaml", "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: §\n"),
    ("docker-compose.yml", "    environment:\n      MYSQL_ROOT_PASSWORD: \"§\"\n"),
    ("docker-compose.yml", "    command: redis-server --requirepass §\n"),
    ("config.yml", "database:\n  user: app\n  password: §\n"),
    ("config.yml", "database: {user: app, password: §}\n"),
    ("config.yml", "database: {user: app, password: '§', port: 5432}\n"),
    ("config.yml", "smtp:\n  password: !!str §\n"),
    ("config.yml", "smtp:\n  password: &mail §\n"),
    ("config.yml", "smtp:\n  password: |\n    §\n  port: 25\n"),
    ("deployment.yaml", "        env:\n        - name: DB_PASSWORD\n          value: §\n"),
    ("deployment.yaml", "        env:\n        - name: \"DB_PASSWORD\"\n          value: \"§\"\n"),
    ("secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  password: §\n"),
    ("secret.yaml", "kind: Secret\nmetadata:\n  name: x\nstringData:\n  config: §\n"),
    ("playbook.yml", "- hosts: all\n  vars:\n    ansible_become_pass: §\n"),
    ("group_vars/all.yml", "mysql_root_password: '§'\n"),
    ("application.yml", "spring:\n  datasource:\n    password: §\n"),
    ("application.properties", "spring.datasource.password=§\n"),
    ("gradle.properties", "signing.keyPassword=§\n"),
    ("settings.toml", "[database]\npassword = \"§\"\n"),
    ("settings.toml", "database = { user = \"app\", password = \"§\" }\n"),
    ("appsettings.json", "{\"Smtp\": {\"Password\": \"§\"}}\n"),
    ("config.json", "{\n  \"db\": {\n    \"password\": \"§\"\n  }\n}\n"),
    ("config.json", "{\"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"§\"}]}"),
    ("terraform.tfstate", "{\"attributes\": {\"master_password\": \"§\"}}"),
    ("terraform.tfvars", "db_password = \"§\"\n"),
    ("main.tf", "resource \"aws_db_instance\" \"x\" {\n  password = \"§\"\n}\n"),
    ("variables.tf", "variable \"db_password\" {\n  type = string\n  default = \"§\"\n}\n"),
    ("setup.cfg", "[db]\npassword = §\n"),
    ("app.ini", "[mail]\npassword = §\n"),
    ("app.ini", "[mail]\npasswd: §\n"),
    (".pypirc", "[pypi]\nusername = me\npassword = §\n"),
    (".my.cnf", "[client]\nuser=root\npassword=§\n"),
    (".netrc", "machine host login me password §\n"),
    (".netrc", "machine host\n  login me\n  password §\n"),
    (".pgpass", "localhost:5432:*:app:§\n"),
    ("redis.conf", "port 6379\nrequirepass §\n"),
    ("settings.xml", "<server><id>x</id><password>§</password></server>"),
    ("web.config", "<add key=\"DbPassword\" value=\"§\"/>"),
    ("beans.xml", "<property name=\"password\" value=\"§\"/>"),
    ("beans.xml", "<property name=\"password\">§</property>"),
    ("core-site.xml", "<property>\n  <name>db.password</name>\n  <value>§</value>\n</property>"),
    ("tomcat-users.xml", "<user username=\"tom\" password=\"§\" roles=\"manager\"/>"),
    ("Dockerfile", "FROM x\nENV DB_PASSWORD=§\n"),
    ("Dockerfile", "FROM x\nENV DB_PASSWORD §\n"),
    ("Dockerfile", "FROM x\nARG DB_PASSWORD=§\n"),
    ("Dockerfile", "FROM x\nENV USER=app \\\n    DB_PASSWORD=\"§\"\n"),
    ("Dockerfile", "RUN mysql -uroot -p§ -e 'select 1'\n"),
    ("deploy.sh", "export DB_PASSWORD='§'\n"),
    ("deploy.sh", "DB_PASSWORD=\"§\" ./run\n"),
    ("deploy.sh", "PGPASSWORD='§' psql -h db\n"),
    ("deploy.sh", "curl -u 'me:§' https://host/\n"),
    ("deploy.sh", "sshpass -p '§' ssh me@host\n"),
    ("deploy.sh", "mysqldump -u root -p'§' app\n"),
    ("deploy.sh", "docker login -u me -p '§' host\n"),
    ("deploy.sh", "wget --user=me --password='§' https://host/\n"),
    ("deploy.ps1", "$login = ConvertTo-SecureString '§' -AsPlainText -Force\n"),
    ("deploy.sh", "twine upload -u me -p '§' dist/*\n"),
    ("main.tf", "  user_data = <<EOF\nexport DB_PASSWORD='§'\nEOF\n"),
    ("main.go", "request.SetBasicAuth(\"bot\", \"§\")\n"),
    ("deploy.sh", "openssl rsa -passin 'pass:§' -in x\n"),
    ("deploy.sh", "mysql -u root\t-p'§' app # with a login\n"),
    ("deploy.sh", "http --auth-type basic -a me:§ https://host/login\n"),
    ("deploy.sh", "curl https://host/login --proxy-user me:§\n"),
    ("deploy.sh", "docker login -p=§ host\n"),
    ("deploy.sh", "redis-cli -h host -a §\n"),
    ("deploy.sh", "ldapsearch -x -D cn=me -w § cn=you\n"),
    ("deploy.sh", "sqlcmd -S host -U sa -P §\n"),
    ("deploy.sh", "echo 'root:§' | chpasswd\n"),
    ("init.sql", "SET PASSWORD FOR 'app'@'%' = '§';\n"),
    ("init.sql", "SET PASSWORD = '§';\n"),
    ("init.sql", "alter user app identified by '§';\n"),
    ("init.sql", "CREATE USER app WITH PASSWORD '§';\n"),
    ("init.sql", "CREATE USER 'app'@'%' IDENTIFIED BY '§';\n"),
    ("Db.java", "    String password = \"§\";\n"),
    ("Db.java", "    source.setPassword(\"§\");\n"),
    ("db.js", "const db = connect({ user: 'app', password: '§' });\n"),
    ("db.ts", "const password: string = '§';\n"),
    ("db.go", "\tcfg := Config{User: \"app\", Password: \"§\"}\n"),
    ("db.rb", "  :password => '§',\n"),
    ("wp-config.php", "define( 'DB_PASSWORD', '§' );\n"),
    ("Db.cs", "var password = @\"§\";\n"),
    (
        "analysis.ipynb",
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n    \"password = \\\"§\\\"\\n\",\n    \"x = 1\"\n]}]}",
    ),
    ("analysis.ipynb", "{\"cells\": [{\"outputs\": [{\"text\": [\n    \"{'password': '§'}\\n\"\n]}]}]}"),
];

/// Where a random secret stands.
const KEYS: &[(&str, &str)] = &[
    (".env", "SECRET_KEY=§\n"),
    (".env", "API_KEY=\"§\"\n"),
    (".env", "# ACCESS_TOKEN=§\n"),
    ("config.yml", "client_secret: §\n"),
    ("config.yml", "jwt:\n  secret: '§'\n"),
    ("values.yaml", "auth:\n  apiKey: \"§\"\n"),
    ("secrets.yml", "production:\n  secret_key_base: §\n"),
    ("settings.toml", "api_key = \"§\"\n"),
    ("data.json", "{\"clientSecret\": \"§\"}"),
    ("data.json", "{\"API Key\": \"§\"}"),
    ("config.json", "{\"token\": \"§\"}"),
    ("app.ini", "secret_key = §\n"),
    ("app.properties", "jwt.signing.key=§\n"),
    (".npmrc", "//host/:_authToken=§\n"),
    ("web.config", "<add key=\"ApiKey\" value=\"§\"/>"),
    ("strings.xml", "<string name=\"api_key\">§</string>"),
    ("Dockerfile", "ARG NPM_TOKEN=§\n"),
    ("Dockerfile", "ENV AWS_SECRET_ACCESS_KEY §\n"),
    ("deploy.sh", "export API_TOKEN=§\n"),
    ("deploy.sh", "tool --api-key §\n"),
    ("deploy.sh", "curl -H \"Authorization: Bearer §\" https://host/\n"),
    ("deploy.sh", "curl -H 'X-Api-Key: §' https://host/\n"),
    ("terraform.tfvars", "client_secret = \"§\"\n"),
    ("app.js", "const apiKey = '§';\n"),
    ("app.js", "headers: { 'X-Auth-Token': '§' },\n"),
    ("app.js", "if (token === '§') return;\n"),
    ("Main.kt", "val clientSecret: String = \"§\"\n"),
    ("main.go", "apiToken := \"§\"\n"),
    ("main.rs", "const API_KEY: &str = \"§\";\n"),
    ("app.php", "$config['secret_key'] = '§';\n"),
    ("README.md", "Call it with `api_key=§`.\n"),
    ("notes.txt", "token: §\n"),
    ("notes.txt", "The API key: §\n"),
    ("wireless.conf", "psk=\"§\"\n"),
    ("app.js", "fetch('https://api.corp.net/v1?page=1&api_key=§');\n"),
    ("app.rb", "URI(\"https://api.corp.net/v1?access_token=§&page=1\")\n"),
    ("analysis.ipynb", "{\"source\": [\"api_key = '§'\\n\"]}"),
    ("analysis.ipynb", "{\"cells\":[{\"source\":[\"import os\\n\",\"API_TOKEN = \\\"§\\\"\"]}]}"),
    (".gitlab-ci.yml", "variables:\n  DEPLOY_TOKEN: §\n"),
    (".github/workflows/ci.yml", "env:\n  API_TOKEN: §\n"),
];

/// Whether a text gives exactly this secret away; if not, what was found instead.
fn missed(path: &str, template: &str, secret: &str) -> Option<String> {
    let text = template.replace('§', secret);
    let place = template.find('§').unwrap();
    let leaks = scan(path, &text);
    let is_found = leaks.iter().any(|leak| leak.span == (place..place + secret.len()));
    (!is_found).then(|| format!("{path}: {text}{leaks:?}"))
}

#[test]
fn a_password_is_found_wherever_it_stands() {
    let mut misses = Vec::new();
    for (path, template) in PASSWORDS {
        for secret in chosen().into_iter().chain(random()) {
            // Without quotes such a sign ends a word on a command line.
            let is_bare = !template.contains("'§") && !template.contains("\"§") && !template.contains("§'");
            if !(is_bare && secret.contains(['&', '!'])) {
                misses.extend(missed(path, template, &secret));
            }
        }
    }
    assert!(misses.is_empty(), "{} missed:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn a_random_secret_is_found_wherever_it_stands() {
    let misses: Vec<String> = KEYS
        .iter()
        .flat_map(|(path, template)| random().into_iter().filter_map(|secret| missed(path, template, &secret)))
        .collect();
    assert!(misses.is_empty(), "{} missed:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn a_secret_of_kubernetes_is_decoded() {
    let secret = chosen().remove(1);
    let encoded = base64(&secret);
    let text = format!("apiVersion: v1\nkind: Secret\ndata:\n  username: {}\n  password: {encoded}\n", base64("admin"));
    let leaks = scan("secret.yaml", &text);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert_eq!(leaks[0].decoded.as_deref(), Some(secret.as_str()));
    assert_eq!(&text[leaks[0].span.clone()], encoded);
}

#[test]
fn a_secret_of_kubernetes_may_have_any_name() {
    let encoded = base64(&random()[1]);
    let text = format!(
        "kind: Secret\ntype: Opaque\ndata:\n  settings: {encoded}\n---\nkind: ConfigMap\ndata:\n  settings: {encoded}\n"
    );
    let leaks = scan("k8s/all.yaml", &text);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert!(leaks[0].span.start < text.find("---").unwrap());
}

#[test]
fn user_and_password_of_docker_are_decoded() {
    for path in ["config.json", ".dockercfg", ".docker/config.json"] {
        let secret = chosen().remove(4);
        let text = format!("{{\"auths\": {{\"host\": {{\"auth\": \"{}\"}}}}}}", base64(&format!("me:{secret}")));
        let leaks = scan(path, &text);
        assert_eq!(leaks.len(), 1, "{path}: {leaks:?}");
        assert!(leaks[0].decoded.as_deref().is_some_and(|decoded| decoded.ends_with(&secret)), "{path}: {leaks:?}");
    }
}

#[test]
fn user_and_password_of_a_header_are_decoded() {
    let secret = chosen().remove(0);
    let text = format!("curl -H 'Authorization: Basic {}' https://host/\n", base64(&format!("me:{secret}")));
    let leaks = scan("call.sh", &text);
    assert_eq!(leaks.iter().filter_map(|leak| leak.decoded.as_deref()).collect::<Vec<_>>(), [secret.as_str()]);
    assert_eq!(scan("call.sh", &format!("curl -H 'Authorization: Basic {}'\n", base64("user:password"))), []);
}

/// Ordinary texts: none of them gives anything away.
const ORDINARY: &[(&str, &str)] = &[
    (".env", "DB_PASSWORD=\nDB_PORT=5432\n"),
    (".env", "DB_PASSWORD=changeme\n"),
    (".env", "DB_PASSWORD=${VAULT_DB_PASSWORD}\n"),
    (".env", "DB_PASSWORD=$OTHER\n"),
    (".env", "DB_PASSWORD=$(pass show db)\n"),
    (".env", "API_KEY=your-api-key-here\n"),
    (".env", "API_KEY=<your key>\n"),
    (".env", "API_KEY=xxxxxxxxxxxxxxxx\n"),
    (".env", "API_KEY=op://vault/item/field\n"),
    (".env", "TOKEN_URL=https://host/oauth/token\n"),
    (".env", "PASSWORD_RESET_TIMEOUT=3600\n"),
    (".env", "SECRET_FILE=/run/secrets/db\n"),
    (".env", "TOKEN_TYPE=bearer\n"),
    (".env", "DB_PASSWORD_FILE=/run/secrets/db_password\n"),
    (".env.example", "DB_PASSWORD=secret\nAPI_KEY=\n"),
    ("config.yml", "password: \"{{ vault_password }}\"\n"),
    ("config.yml", "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  62313365396662343061393464336163\n"),
    ("config.yml", "password: ENC[AES256_GCM,data:8f2kLm3Qx9,type:str]\n"),
    ("config.yml", "password: null\ntoken: ~\nsecret: true\n"),
    ("config.yml", "token: *default_token\n"),
    ("deployment.yaml", "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n"),
    ("deployment.yaml", "- name: DB_PASSWORD\n- name: OTHER\n  value: s4mething-e1se\n"),
    ("sealed.yaml", "kind: SealedSecret\nspec:\n  template: x\n"),
    ("action.yml", "inputs:\n  token:\n    description: The token to use\n    default: ${{ github.token }}\n"),
    (".github/workflows/ci.yml", "env:\n  TOKEN: ${{ secrets.TOKEN }}\n"),
    (".github/workflows/ci.yml", "env:\n  POSTGRES_PASSWORD: postgres\n"),
    (".github/workflows/ci.yml", "permissions:\n  id-token: write\n"),
    ("locale/de.yml", "de:\n  password: Passwort\n  new_password: Neues Passwort1\n"),
    ("locales/de.json", "{\"password\": \"Passwort!\", \"token\": \"Kennzeichen\"}"),
    ("messages_fr.properties", "label.password=Mot de passe !\npassword=Mot2passe\n"),
    (
        "openapi.yaml",
        "openapi: 3.0.0\ncomponents:\n  schemas:\n    User:\n      properties:\n        password:\n          type: string\n          example: pa55word!\n",
    ),
    (
        "openapi.json",
        "{\"openapi\": \"3.0.0\", \"password\": {\"type\": \"string\"}, \"example\": {\"password\": \"s3cret!\"}}",
    ),
    ("schema.json", "{\"properties\": {\"password\": {\"type\": \"string\"}, \"token\": {\"type\": \"string\"}}}"),
    ("package-lock.json", "{\"key\": \"x\", \"integrity\": \"sha512-abc\", \"token\": \"q8Zr1kPv0sXw4tYb7uNc2mLd\"}"),
    (
        "package.json",
        "{\"dependencies\": {\"keytar\": \"^7.9.0\", \"jsonwebtoken\": \"^9.0.2\", \"passport\": \"0.7.0\"}}",
    ),
    ("tsconfig.json", "{\"key\": \"value\", \"keyboard\": \"qwertz-layout-2\"}"),
    ("data.json", "{\"primaryKey\": \"a81bc81b\", \"sort_key\": \"created_at_2\", \"cache_key\": \"v2:users\"}"),
    ("data.json", "{\"password_hash\": \"5f4dcc3b5aa765d61d8327deb882cf99\"}"),
    ("data.json", "{\"password\": \"$2b$12$KIXQ0u5ev9Yw1yX3hF2p1e3rT7oE5nQ0w1uV8zL4mC6dB9aG2hJ3k\"}"),
    ("data.json", "{\"password\": \"pbkdf2_sha256$600000$abc$def\"}"),
    ("app.ini", "password = %(db_password)s\n"),
    ("app.ini", "password_policy = strong-2\ntoken_ttl = 30m\n"),
    ("app.ini", "; password = \n"),
    ("application.properties", "spring.datasource.password=${DB_PASSWORD:}\n"),
    ("application.properties", "spring.security.token.header=X-Auth-1\n"),
    ("settings.toml", "password = \"@format {env[PW]}\"\n"),
    ("settings.toml", "secret-key-file = \"/etc/key.pem\"\n"),
    ("pyproject.toml", "keywords = [\"password\", \"token\", \"auth2\"]\n"),
    ("pom.xml", "<password>${env.PASS}</password>"),
    ("layout.xml", "<EditText android:hint=\"Password1\" android:inputType=\"textPassword\"/>"),
    ("web.config", "<add key=\"PasswordField\" value=\"txtPassword1\"/>"),
    ("web.config", "<add key=\"ApiKey\" value=\"#{ApiKey}#\"/>"),
    ("login.html", "<input type=\"password\" name=\"password\" placeholder=\"Passw0rd!\">"),
    ("login.html", "<input type=\"hidden\" name=\"csrf_token\" value=\"q8Zr1kPv0sXw4tYb7uNc2mLd\">"),
    ("Dockerfile", "ARG DB_PASSWORD\nENV DB_PASSWORD=$DB_PASSWORD\n"),
    ("Dockerfile", "RUN --mount=type=secret,id=token pip install x\n"),
    ("Dockerfile", "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D\n"),
    ("deploy.sh", "read -s PASSWORD\nexport PASSWORD\n"),
    ("deploy.sh", "PASSWORD=$1\nTOKEN=$(cat token)\nSECRET=`cat secret`\n"),
    ("deploy.sh", "curl -u \"$USER:$PASSWORD\" https://host/\n"),
    ("deploy.sh", "mysql -u root -p\"$PASSWORD\" -e 'x'\n"),
    ("deploy.sh", "mysql -u root -p app\n"),
    ("deploy.sh", "curl -H \"Authorization: Bearer $TOKEN\" https://host/\n"),
    ("deploy.sh", "tool --password --verbose\n"),
    ("deploy.sh", "if [ \"$PASSWORD\" == \"\" ]; then exit; fi\n"),
    ("main.tf", "password = var.db_password\n"),
    ("main.tf", "password = \"${random_password.db.result}\"\n"),
    ("variables.tf", "variable \"db_password\" {\n  description = \"Password of db1\"\n}\n"),
    ("app.js", "const password = req.body.password;\nconst token = getToken('x-auth-2');\n"),
    ("app.js", "const PASSWORD = 'password';\nconst tokenName = 'x-token-1';\n"),
    ("app.js", "errors.password = 'Password must have 8 characters!';\n"),
    ("app.js", "const url = base + '?token=' + encodeURIComponent(token2);\n"),
    ("app.js", "createElement('label', null, \"Password:\", input2)\n"),
    ("app.js", "const FORMAT_KEY = '%rP%yY%mM%dDT%hH';\n"),
    ("Keys.java", "public static final String PASSWORD_KEY = \"user.password\";\n"),
    ("Keys.java", "String password = props.getProperty(\"db.password2\");\n"),
    ("main.go", "Token string `json:\"token\" yaml:\"token2\"`\n"),
    ("main.c", "static const char *token = \"<!DOCTYPE\";\n"),
    ("lexer.js", "token = 'operator2'; this.token = \"##\";\n"),
    ("README.md", "Set `password: hunter-two` and log in with password: s3cret!\n"),
    ("README.md", "Your API key: `<api-key>`, token=abc123\n"),
    ("CHANGELOG.md", "- auth: Fix token=2 handling, password: rename\n"),
    ("icon.svg", "<svg><path key=\"M0 0h24v24H0zq8Zr1kPv0sXw4tYb7uNc2mLd\"/></svg>"),
    ("app.min.js", "var apiKey=\"q8Zr1kPv0sXw4tYb7uNc2mLd\";"),
    ("django.po", "msgid \"password=s3cret!\"\nmsgstr \"token=q8Zr1kPv0sXw4tYb7uNc2mLd\"\n"),
    ("people.csv", "name,password\nme,s3cret!\ntoken,q8Zr1kPv0sXw4tYb7uNc2mLd\n"),
    ("LICENSE", "secret: q8Zr1kPv0sXw4tYb7uNc2mLd\n"),
    ("analysis.ipynb", "{\"source\": [\"password = os.environ[\\\"DB_PASSWORD\\\"]\\n\", \"token = getpass()\"]}"),
    (
        "analysis.ipynb",
        "{\"source\": [\"tokenizer = AutoTokenizer.from_pretrained(\\\"bert-base-v2\\\")\\n\"], \"pad_token\": \"[PAD]\"}",
    ),
];

#[test]
fn a_pattern_of_a_token_is_none() {
    for pattern in ["(?:\"(?:[^\"]|\"\")+\"|[w]+?)", "(?P<x>[A-Z]{20}Q7)", "[^a-z0-9]{7}Zq9"] {
        assert_eq!(scan("lexer.js", &format!("const token = '{pattern}';\n")), [], "{pattern}");
        assert_eq!(scan("app.yml", &format!("password: '{pattern}'\n")), [], "{pattern}");
    }
}

#[test]
fn a_file_in_a_secret_of_kubernetes_is_read() {
    let auth = base64(&format!("ci:{}", chosen().remove(1)));
    let file = base64(&format!("{{\"auths\": {{\"registry.corp.net\": {{\"auth\": \"{auth}\"}}}}}}"));
    let text = format!("kind: Secret\ndata:\n  .dockerconfigjson: {file}\n");
    let leaks = scan("pull.yaml", &text);
    assert!(leaks.iter().any(|leak| text.get(leak.span.clone()) == Some(file.as_str())), "{leaks:?}");
    let file = base64("{\"auths\": {\"registry.corp.net\": {\"auth\": \"\"}}}");
    assert_eq!(scan("pull.yaml", &format!("kind: Secret\ndata:\n  .dockerconfigjson: {file}\n")), []);
}

#[test]
fn a_token_of_npm_in_the_form_of_a_uuid_is_found() {
    let digits = random().remove(0);
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map(|(from, to)| digits[from..to].to_owned());
    let secret = parts.join("-");
    assert_eq!(missed(".npmrc", "//npm.corp.net/:_authToken=§\n", &secret), None);
}

#[test]
fn commands_are_read_in_any_text() {
    let secret = chosen().remove(4);
    for template in [
        "PGPASSWORD='§' psql -h db -U app",
        "--password='§'",
        "host=db user=app password='§' dbname=app",
        "CREATE USER app WITH PASSWORD '§'",
        "curl -u 'me:§' https://host/",
    ] {
        let text = template.replace('§', &secret);
        let leaks = commands(&text);
        assert!(leaks.iter().any(|leak| text.get(leak.span.clone()) == Some(secret.as_str())), "{text}: {leaks:?}");
    }
    for text in [
        "PGPASSWORD=%s psql -h db",
        "password=password",
        "The password: Wrong1 or missing",
        "token expired2 for user",
        "Set --password to change it",
        "https://codecov.corp.net/badge.svg?token=f3Kq9ZtX2vLm8RwY",
        "CREATE USER app WITH PASSWORD '{}'",
    ] {
        assert_eq!(commands(text), [], "{text}");
    }
}

#[test]
fn parameters_of_addresses_that_are_no_secrets() {
    let random = random();
    for template in [
        "fetch('https://api.corp.net/x?page=§')",
        "fetch('https://api.corp.net/x?session=§')",
        "fetch('https://codecov.corp.net/badge.svg?token=§')",
        "fetch('https://s3.corp.net/x?X-Amz-Security-Token=§&X-Amz-Signature=§')",
        "fetch('https://api.example.com/x?api_key=§')",
        "fetch('https://api.corp.net/x?api_key=your_api_key_value')",
    ] {
        for secret in &random {
            let text = template.replace('§', secret);
            assert_eq!(scan("app.js", &text), [], "{text}");
        }
    }
}

#[test]
fn ordinary_texts_give_nothing_away() {
    for (path, text) in ORDINARY {
        assert_eq!(scan(path, text), [], "{path}: {text}");
    }
}

#[test]
fn a_plain_word_is_a_password_where_settings_are_made() {
    let word = ["sun", "shine"].concat();
    for (path, template) in [
        (".env", "DB_PASSWORD=§\n"),
        ("compose.yaml", "environment:\n  POSTGRES_PASSWORD: §\n"),
        (".netrc", "machine host login me password §\n"),
    ] {
        assert_eq!(missed(path, template, &word), None);
    }
    assert_eq!(scan("tests/compose.yaml", &format!("POSTGRES_PASSWORD: {word}\n")), []);
}
