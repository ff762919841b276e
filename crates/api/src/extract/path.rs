//! Ids in the path. One that is not written as an id names nothing: 404, as for any absent thing.

use std::future::ready;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::turn::{Extracting, in_turn};
use crate::problem::Problem;

/// The last id of the path, as `answer_id` in `/v1/projects/{project_id}/answers/{answer_id}/publish`.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: FromStr + 'static> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let last = request.match_info().iter().last();
        // No database text holds a NUL character, so nothing is called so.
        let id = last.filter(|(_, text)| !text.contains('\0')).and_then(|(_, text)| text.parse().ok());
        in_turn(request, ready(id.map(Self).ok_or_else(|| Problem::not_found("resource"))))
    }
}

/// All ids of the path, as a tuple in their order.
#[derive(Debug, Clone, Copy)]
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Ids<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ids = web::Path::<T>::from_request(request, payload);
        in_turn(request, async move {
            let ids = ids.await.map_err(|_| Problem::not_found("resource"))?;
            Ok(Self(ids.into_inner()))
        })
    }
}
