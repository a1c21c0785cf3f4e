//! The source of a module until it is parsed.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A source.
pub enum Text {
    /// As it is.
    Read(Vec<u8>),
    /// As it was when somebody read it before, to be fetched if it is needed.
    Later(Later),
}

/// Fetches a source; nothing if it is not what it was any more.
pub type Later = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(bytes) => f.debug_tuple("Read").field(&bytes.len()).finish(),
            Self::Later(_) => f.debug_tuple("Later").finish(),
        }
    }
}

/// A source that is given up when it is parsed, for the module has a text of its own.
#[derive(Debug, Default)]
pub(super) struct Source {
    text: Mutex<Option<Text>>,
    is_as_it_was: bool,
}

impl From<Text> for Source {
    fn from(text: Text) -> Self {
        Self { is_as_it_was: matches!(text, Text::Later(_)), text: Mutex::new(Some(text)) }
    }
}

impl Source {
    /// Whether it is as it was when somebody read it before.
    pub(super) fn is_as_it_was(&self) -> bool {
        self.is_as_it_was
    }

    /// The source; nothing if it is not what it was, or was taken before.
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner).take();
        match text? {
            Text::Read(bytes) => Some(bytes),
            Text::Later(fetch) => fetch(),
        }
    }

    /// Whether it holds something; nothing if it is not what it was, or was taken.
    pub(super) fn holds(&self, is_in: impl Fn(&[u8]) -> bool) -> Option<bool> {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Text::Later(fetch)) = &*text {
            *text = Some(Text::Read(fetch()?));
        }
        match &*text {
            Some(Text::Read(bytes)) => Some(is_in(bytes)),
            Some(Text::Later(_)) | None => None,
        }
    }
}
