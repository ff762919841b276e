//! Query parameters.

use std::future::ready;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::query_text::from_query;
use super::turn::{Extracting, in_turn};
use crate::problem::Problem;

/// The query parameters of a request.
///
/// The type has `#[serde(deny_unknown_fields)]`; a `Vec` is a comma-separated list. A parameter that is unknown, comes
/// twice or has a value it cannot have: 400, naming it. `serde(flatten)` does not work here (serde reads flattened
/// numbers as text).
#[derive(Debug)]
pub struct Query<T>(pub T);

/// The parameters of an operation that has none, where others of its kind do: they are refused, not ignored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(from_query(request.query_string()).map(Self)))
    }
}
