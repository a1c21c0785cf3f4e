//! Lists come in pages: a cursor says where the next one begins.

/// Rows a page holds unless asked otherwise.
pub const PAGE_DEFAULT: u16 = 50;
/// Most rows a page holds.
pub const PAGE_MOST: u16 = 200;

/// How many rows, between 1 and [`PAGE_MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The size if it is within bounds.
    pub fn new(rows: u16) -> Option<Self> {
        (1..=PAGE_MOST).contains(&rows).then_some(Self(rows))
    }

    /// Rows.
    pub fn rows(self) -> u16 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(PAGE_DEFAULT)
    }
}

/// One page of a list, and where the next begins, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The key of the last row when more follow.
    pub next: Option<i64>,
}
