//! Bodies as the clients of this wire send them.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use domain::Timestamp;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::extract::json::{arrived, parse, unsupported};
use crate::extract::{Extracting, in_turn};
use crate::problem::Problem;

/// The body of a request: an object of JSON, whatever its content type says. None at all is one without fields.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let encoding = request.headers().get(header::CONTENT_ENCODING);
        let compressed = encoding.is_some_and(|encoding| encoding != "identity");
        let body = web::Bytes::from_request(request, payload);
        in_turn(request, async move {
            if compressed {
                return Err(unsupported());
            }
            let body = arrived(body).await?;
            parse(if body.is_empty() { b"{}" } else { &body }).map(Self)
        })
    }
}

/// A moment as the clients send it: with any offset, without one (UTC), or a date only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse_loosely(&text).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Note {
        text: Option<String>,
        until: Option<Moment>,
    }

    async fn note(body: &'static str) -> Result<Note, Problem> {
        let (request, mut payload) = TestRequest::post().set_payload(body).to_http_parts();
        Body::from_request(&request, &mut payload).await.map(|Body(note)| note)
    }

    #[actix_web::test]
    async fn nothing_null_and_the_unknown_are_accepted() {
        let empty = Note { text: None, until: None };
        for body in ["", "{}", r#"{"text": null, "until": null}"#, r#"{"more": {"of": ["this"]}}"#] {
            assert_eq!(note(body).await.unwrap(), empty, "{body}");
        }
        let until = Moment(Timestamp::parse("2026-01-01T00:00:00Z").unwrap());
        assert_eq!(note(r#"{"until": "2026-01-01T00:00:00"}"#).await.unwrap().until, Some(until));
        for body in ["[]", "7", "{", r#"{"text": 7}"#, r#"{"until": "soon"}"#] {
            assert!(note(body).await.is_err(), "{body}");
        }
    }
}
