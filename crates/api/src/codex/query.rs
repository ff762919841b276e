//! Query parameters as the clients of this wire send them.

use std::future::ready;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::extract::query_text::{from_pairs, pairs};
use crate::extract::{Extracting, in_turn};
use crate::problem::Problem;

/// The query parameters of a request.
///
/// A `Vec` with `#[serde(default)]` is a comma-separated list. A parameter without a value is one that did not come; of one that
/// comes twice the last counts; unknown ones are accepted. Moments are [`super::body::Moment`]. A value it cannot have: 422. As in
/// [`crate::extract::Query`], `serde(flatten)` does not work.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(parameters(request.query_string()).map(Self)))
    }
}

fn parameters<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut last: Vec<(String, String)> = Vec::new();
    for (name, text) in pairs(query)? {
        last.retain(|(earlier, _)| *earlier != name);
        if !text.is_empty() {
            last.push((name, text));
        }
    }
    from_pairs(last)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::codex::body::Moment;

    #[derive(Debug, Deserialize)]
    struct Filter {
        limit: Option<i64>,
        guardrailed: Option<bool>,
        #[serde(default)]
        failed_evals: Vec<String>,
        created_at_start: Option<Moment>,
    }

    #[test]
    fn what_the_clients_send_is_read() {
        let query = "limit=5&guardrailed=true&failed_evals=a+b%2Cc&created_at_start=2026-01-01T00%3A00%3A00%2B02%3A00&new=1";
        let filter: Filter = parameters(query).unwrap();
        assert_eq!((filter.limit, filter.guardrailed), (Some(5), Some(true)));
        assert_eq!(filter.failed_evals, ["a b", "c"]);
        assert_eq!(filter.created_at_start.unwrap().0.to_string(), "2025-12-31T22:00:00Z");
    }

    #[test]
    fn nothing_is_no_filter_and_the_last_counts() {
        let filter: Filter = parameters("failed_evals=&limit=&created_at_start=&guardrailed=").unwrap();
        assert!(filter.limit.is_none() && filter.guardrailed.is_none() && filter.created_at_start.is_none());
        assert!(filter.failed_evals.is_empty());
        assert_eq!(parameters::<Filter>("limit=1&limit=2").unwrap().limit, Some(2));
        assert!(parameters::<Filter>("limit=2&limit=").unwrap().limit.is_none());
        for wrong in ["limit=x", "guardrailed=maybe", "created_at_start=soon"] {
            let named = parameters::<Filter>(wrong).unwrap_err().to_string();
            assert!(named.contains(wrong.split_once('=').unwrap().0), "{named}");
        }
    }
}
