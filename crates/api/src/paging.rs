//! Lists that only have `limit` and `cursor`.

use domain::list::page_limit;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::app::AppState;
use crate::problem::Problem;
use crate::reply::Page;

/// For `serde(skip_serializing_if)` on parameters that say which page of a list, not which list: a cursor is good for all of them. With
/// `serde(skip_serializing)` they would not be in the contract.
pub fn of_a_page<T>(_: &T) -> bool {
    true
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items on the page, 1 to 200; 50 if not given.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of `list` (what the order and the choice of items depend on). `fetch` gives at most so many items after a position; `position` is
/// where an item stands.
pub async fn page<T, P: Serialize + DeserializeOwned>(
    state: &AppState,
    list: &impl Serialize,
    query: PageQuery,
    fetch: impl AsyncFnOnce(Option<P>, i64) -> engine::Result<Vec<T>>,
    position: impl Fn(&T) -> P,
) -> Result<Page<T>, Problem> {
    let limit = page_limit(query.limit).map_err(Problem::query)? as usize;
    let after = state.cursors.open(list, query.cursor.as_deref())?;
    let mut items = fetch(after, limit as i64 + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let ending = items.last().filter(|_| more);
    let next_cursor = ending.map(|item| state.cursors.seal(list, &position(item)));
    Ok(Page { items, next_cursor })
}
