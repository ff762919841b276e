//! Where a list goes on: after a place in its order.
//!
//! A place is two values, what the list is ordered by and an id. The first bound follows from the others: it is the one that a
//! database enters an index by, so that a page far back costs what the first does.

/// What comes after a place, the greatest first.
macro_rules! below {
    ($column:expr, $id:expr, $place:expr) => {{
        let (key, id) = $place;
        $column.le(key).and($column.lt(key).or($id.lt(id)))
    }};
}

/// What comes after a place, the smallest first.
macro_rules! above {
    ($column:expr, $id:expr, $place:expr) => {{
        let (key, id) = $place;
        $column.ge(key).and($column.gt(key).or($id.gt(id)))
    }};
}

pub(crate) use {above, below};
