//! Lists come in pages.

use crate::invalid::{FieldCode, Invalid};

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
