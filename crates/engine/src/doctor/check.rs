//! One kind of thing that is derived: how it is looked at and set right.

use super::difference::Difference;
use crate::Result;
use domain::Timestamp;
use storage::Tx;
use storage::doctor::Rows;
use uuid::Uuid;

/// What looking at a stretch gave.
#[derive(Default)]
pub(super) struct Looked {
    /// How many were looked at.
    pub(super) count: u64,
    /// Those of which something differs.
    pub(super) suspects: Vec<Uuid>,
    /// The last one: the next stretch begins after it. None: there is nothing after it.
    pub(super) last: Option<Uuid>,
}

impl Looked {
    /// At these, in the order of their ids, of which some differ. An empty stretch is the end.
    pub(super) fn at(ids: impl ExactSizeIterator<Item = Uuid>, differ: impl Fn(Uuid) -> bool) -> Self {
        let mut looked = Self { count: ids.len() as u64, ..Self::default() };
        for id in ids {
            looked.last = Some(id);
            if differ(id) {
                looked.suspects.push(id);
            }
        }
        looked
    }
}

/// One kind of thing that is derived.
pub(super) trait Check: Send + Sync + 'static {
    /// The word for what is looked at.
    fn what(&self) -> &'static str;

    /// Looks at a stretch.
    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked>;

    /// What differs of one.
    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>>;

    /// Sets right what differs of one, and tells what did.
    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, now: Timestamp) -> Result<Vec<Difference>>;
}
