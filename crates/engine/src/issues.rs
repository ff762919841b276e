//! Issues: what experts work on.

pub(crate) mod state;
