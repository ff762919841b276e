//! Where an issue is now that may be merged, or parted again, while it is looked for.

use crate::{Error, Result};
use domain::IssueId;

/// The issue's row, or that of the one it is part of now. Each statement sees what was committed before it: between two of them the issue may
/// have been merged once more, or be there again.
///
/// # Errors
/// [`Error::NotFound`] when there is neither a row nor a way on.
pub(super) fn at_the_end<X, R>(
    x: &mut X,
    mut id: IssueId,
    mut row: impl FnMut(&mut X, IssueId) -> Result<Option<R>>,
    mut redirect: impl FnMut(&mut X, IssueId) -> Result<Option<IssueId>>,
) -> Result<R> {
    loop {
        if let Some(row) = row(x, id)? {
            return Ok(row);
        }
        match redirect(x, id)? {
            Some(survivor) => id = survivor,
            None => return row(x, id)?.ok_or(Error::NotFound("issue")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    const A: IssueId = IssueId(Uuid::from_u128(1));
    const B: IssueId = IssueId(Uuid::from_u128(2));
    const C: IssueId = IssueId(Uuid::from_u128(3));

    /// What is stored, and what others write while it is read.
    #[derive(Default)]
    struct Stored {
        rows: Vec<IssueId>,
        redirects: BTreeMap<IssueId, IssueId>,
        reads: usize,
    }

    /// Looks for an issue; after so many reads, others write.
    fn found(stored: &mut Stored, id: IssueId, after: usize, write: impl Fn(&mut Stored)) -> Result<IssueId> {
        let read = |stored: &mut Stored| {
            stored.reads += 1;
            if stored.reads == after + 1 {
                write(stored);
            }
        };
        at_the_end(
            stored,
            id,
            |stored, id| {
                read(stored);
                Ok(stored.rows.contains(&id).then_some(id))
            },
            |stored, id| {
                read(stored);
                Ok(stored.redirects.get(&id).copied())
            },
        )
    }

    #[test]
    fn the_survivor_of_the_survivor_is_found() {
        for after in 0..4 {
            let redirects = BTreeMap::from([(A, B)]);
            let mut stored = Stored { rows: vec![B, C], redirects, reads: 0 };
            let merge = |stored: &mut Stored| {
                stored.rows.retain(|id| *id != B);
                stored.redirects = BTreeMap::from([(A, C), (B, C)]);
            };
            let at = found(&mut stored, A, after, merge).unwrap();
            assert_eq!(at, if after < 3 { C } else { B }, "after {after} reads");
        }
    }

    #[test]
    fn an_issue_that_is_there_again_is_found() {
        let mut stored = Stored { rows: vec![B], redirects: BTreeMap::from([(A, B)]), reads: 0 };
        let undo = |stored: &mut Stored| {
            stored.rows.push(A);
            stored.redirects.clear();
        };
        assert_eq!(found(&mut stored, A, 1, undo).unwrap(), A);
    }

    #[test]
    fn an_issue_that_never_was_is_not_found() {
        let none = found(&mut Stored::default(), A, 9, |_| ());
        assert!(matches!(none, Err(Error::NotFound("issue"))), "{none:?}");
    }
}
