//! Lists come in pages.

use crate::invalid::{FieldCode, Invalid};
use crate::words::words;

/// Items on a page when none is asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most items on a page.
pub const MAX_LIMIT: u32 = 200;

/// The number of items on a page: what was asked for, from 1 to [`MAX_LIMIT`], else [`DEFAULT_LIMIT`].
pub fn page_limit(asked: Option<u32>) -> Result<u32, Invalid> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => {
            Err(Invalid::one("/limit", FieldCode::OutOfRange, format!("must be from 1 to {MAX_LIMIT}")))
        }
    }
}

/// A stretch of a list that is counted from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Items before it.
    pub offset: i64,
    /// Items in it at the most.
    pub limit: i64,
}

/// The items of a [`Slice`], and how many the whole list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sliced<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Items of the whole list.
    pub total: i64,
}

impl<T> Sliced<T> {
    /// The same stretch with its items seen otherwise.
    pub fn map<U>(self, see: impl FnMut(T) -> U) -> Sliced<U> {
        Sliced { items: self.items.into_iter().map(see).collect(), total: self.total }
    }
}

words! {
    /// Which end of a list comes first.
    Order {
        /// The smallest, or the oldest.
        Ascending = "asc",
        /// The greatest, or the newest.
        Descending = "desc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_to_two_hundred_items() {
        assert_eq!(page_limit(None), Ok(50));
        assert_eq!(page_limit(Some(200)), Ok(200));
        assert!(page_limit(Some(0)).is_err() && page_limit(Some(201)).is_err());
    }
}
