//! For which Python and which platform markers are answered.

use std::fmt;

use pep440_rs::{Version, VersionSpecifier};
use pep508_rs::{MarkerExpression, MarkerTree, MarkerValueVersion};

use super::markers;

/// Where a project runs, as far as somebody has said so. What nobody says is open: what may apply anywhere applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Which Python.
    pub python: Option<PythonVersion>,
    /// Which operating system.
    pub platform: Option<Platform>,
}

impl Target {
    /// What is true there.
    pub(super) fn marker(&self) -> MarkerTree {
        let mut marker = self.platform.map_or(MarkerTree::TRUE, Platform::marker);
        if let Some(python) = &self.python {
            marker.and(python.marker());
        }
        marker
    }
}

/// A minor version of Python such as `3.12`, or exactly one such as `3.12.4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonVersion(Version);

impl PythonVersion {
    /// Understands `3.12` and `3.12.4`.
    pub fn parse(written: &str) -> Option<Self> {
        let is_plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let version: Version = written.parse().ok().filter(|_| is_plain)?;
        matches!(version.release().len(), 2 | 3).then_some(Self(version))
    }

    /// What is true of it.
    pub(super) fn marker(&self) -> MarkerTree {
        let specifier = if self.0.release().len() == 2 {
            VersionSpecifier::equals_star_version(self.0.clone())
        } else {
            VersionSpecifier::equals_version(self.0.clone())
        };
        MarkerTree::expression(MarkerExpression::Version { key: MarkerValueVersion::PythonFullVersion, specifier })
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An operating system that markers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// `sys_platform == 'linux'`
    Linux,
    /// `sys_platform == 'darwin'`
    Macos,
    /// `sys_platform == 'win32'`
    Windows,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Linux, Self::Macos, Self::Windows];

    /// The word users type and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    /// The platform of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == word)
    }

    fn marker(self) -> MarkerTree {
        let written = match self {
            Self::Linux => "sys_platform == 'linux' and platform_system == 'Linux' and os_name == 'posix'",
            Self::Macos => "sys_platform == 'darwin' and platform_system == 'Darwin' and os_name == 'posix'",
            Self::Windows => "sys_platform == 'win32' and platform_system == 'Windows' and os_name == 'nt'",
        };
        markers::parse(written).unwrap_or(MarkerTree::TRUE)
    }
}
