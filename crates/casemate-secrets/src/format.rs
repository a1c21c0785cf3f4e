//! How a file is written, told from its name.

/// How a file is written, as far as it matters for the role a text plays in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Python source; the roles of its literals are judged with its syntax, by the auditor.
    Python,
    /// Jupyter notebook: cells and their outputs.
    Notebook,
    /// `NAME=value` lines.
    Env,
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// JSON.
    Json,
    /// INI, `.cfg`, `.properties`.
    Ini,
    /// XML.
    Xml,
    /// Dockerfile, Containerfile.
    Dockerfile,
    /// Shell script.
    Shell,
    /// Anything else that is text.
    Other,
}

impl Format {
    /// The format of a file with this path.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "py" | "pyw" | "pyi" => return Self::Python,
            "ipynb" => return Self::Notebook,
            "yaml" | "yml" => return Self::Yaml,
            "toml" => return Self::Toml,
            "json" | "jsonc" | "json5" | "tfstate" | "dockercfg" | "webmanifest" => return Self::Json,
            "ini" | "cfg" | "conf" | "cnf" | "properties" | "npmrc" | "pypirc" | "yarnrc" | "s3cfg" | "boto"
            | "condarc" | "gitconfig" | "editorconfig" | "wgetrc" | "curlrc" | "toolrc" | "hgrc" => return Self::Ini,
            "xml" | "config" | "xsd" | "plist" | "csproj" | "pubxml" | "targets" | "props" => return Self::Xml,
            "sh" | "bash" | "command" | "zsh" | "ksh" | "bats" => return Self::Shell,
            "dockerfile" | "containerfile" => return Self::Dockerfile,
            _ => {}
        }
        match name.as_str() {
            "pipfile" => return Self::Toml,
            "credentials" | "hgrc" | "pip.conf" | "odbc.ini" => return Self::Ini,
            _ => {}
        }
        let begins = |start: &str| name == start || name.strip_prefix(start).is_some_and(|rest| rest.starts_with('.'));
        if begins("dockerfile") || begins("containerfile") {
            Self::Dockerfile
        } else if begins(".env") || extension == "env" || begins(".flaskenv") || begins(".envrc") {
            Self::Env
        } else {
            Self::Other
        }
    }
}
