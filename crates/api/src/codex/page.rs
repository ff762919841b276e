//! Lists by offset, with the number of all there are: without `total_count` the clients read no second page.

use domain::list::{Slice, Sliced};
use domain::{FieldCode, Invalid};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::problem::Problem;

/// Items when none are asked for.
const DEFAULT: i64 = 100;
/// The most items at once. Who asks for more gets these, and the rest with the next offset.
const MOST: i64 = 1000;

/// The stretch of a list that `limit` and `offset` ask for.
///
/// # Errors
/// One of them is negative.
pub fn slice(limit: Option<i64>, offset: Option<i64>) -> Result<Slice, Problem> {
    let at_least_zero = |name: &str, value: Option<i64>, default: i64| match value {
        Some(value) if value < 0 => {
            Err(Problem::query(Invalid::one(name, FieldCode::OutOfRange, "must be at least 0")))
        }
        value => Ok(value.unwrap_or(default)),
    };
    let limit = at_least_zero("/limit", limit, DEFAULT)?.min(MOST);
    Ok(Slice { offset: at_least_zero("/offset", offset, 0)?, limit })
}

/// One page: the items under the name of their list, `total_count`, and what a list tells beside.
#[derive(Debug)]
pub struct Listed<T> {
    list: &'static str,
    page: Sliced<T>,
    more: Vec<(&'static str, Value)>,
}

impl<T> Listed<T> {
    /// A page of the list of this name, such as `query_logs`.
    pub fn new(list: &'static str, page: Sliced<T>) -> Self {
        Self { list, page, more: Vec::new() }
    }

    /// With something beside the items.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((name, value.into()));
        self
    }
}

impl<T: Serialize> Serialize for Listed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2 + self.more.len()))?;
        map.serialize_entry(self.list, &self.page.items)?;
        map.serialize_entry("total_count", &self.page.total)?;
        for (name, value) in &self.more {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stretch_begins_at_the_offset_and_is_bounded() {
        assert_eq!(slice(None, None).unwrap(), Slice { offset: 0, limit: 100 });
        assert_eq!(slice(Some(5000), Some(7)).unwrap(), Slice { offset: 7, limit: 1000 });
        assert_eq!(slice(Some(0), None).unwrap().limit, 0);
        assert!(slice(Some(-1), None).is_err() && slice(None, Some(-1)).is_err());
    }

    #[test]
    fn a_page_names_its_list_and_counts_all() {
        let page = Listed::new("evals", Sliced { items: vec![1, 2], total: 7 }).with("filters", Value::Null);
        assert_eq!(json!(page), json!({ "evals": [1, 2], "total_count": 7, "filters": null }));
    }
}
