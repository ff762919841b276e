//! JSON bodies, in and out.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use domain::text::excerpt;
use domain::{FieldCode, FieldError, Invalid};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::timeout;

use super::place::{object_at, pointer_at};
use super::turn::{Extracting, in_turn};
use crate::code::Code;
use crate::problem::Problem;

/// How long a body may take to arrive: no connection is held for a client that sends a byte now and then.
const PATIENCE: Duration = Duration::from_secs(30);
/// Characters of what was sent that a fault repeats at the most.
const REPEATED: usize = 300;

/// As an argument, the body of the request; as a result, a 200 with this body.
///
/// A body type has `#[serde(deny_unknown_fields)]`. Not sent as JSON: 415. Too large: 413. Not JSON: 400, with line and
/// column. JSON of another shape: 422, with the place.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = kind(request);
        let body = web::Bytes::from_request(request, payload);
        in_turn(request, async move {
            let body = received(kind, body).await?;
            parse(&body).map(Self)
        })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

/// The body of a request as [`Json`], or the default where none was sent.
#[derive(Debug)]
pub struct JsonOrNothing<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for JsonOrNothing<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = kind(request);
        let body = web::Bytes::from_request(request, payload);
        in_turn(request, async move {
            let body = received(kind, body).await?;
            if body.is_empty() { Ok(Self(T::default())) } else { parse(&body).map(Self) }
        })
    }
}

/// How a body says it is written.
enum Kind {
    Json,
    Unsaid,
    Other,
}

fn kind(request: &HttpRequest) -> Kind {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Kind::Other;
    }
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else { return Kind::Unsaid };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") { Kind::Json } else { Kind::Other }
}

/// The whole body, if it may be JSON.
async fn received(
    kind: Kind,
    body: impl Future<Output = actix_web::Result<web::Bytes>>,
) -> Result<web::Bytes, Problem> {
    if matches!(kind, Kind::Other) {
        return Err(unsupported());
    }
    let body = arrived(body).await?;
    if matches!(kind, Kind::Unsaid) && !body.is_empty() {
        return Err(unsupported());
    }
    Ok(body)
}

/// The whole body, whatever it says it is.
pub(crate) async fn arrived(
    body: impl Future<Output = actix_web::Result<web::Bytes>>,
) -> Result<web::Bytes, Problem> {
    timeout(PATIENCE, body).await.map_err(|_| too_slow())?.map_err(unreadable)
}

pub(crate) fn unsupported() -> Problem {
    Problem::new(
        Code::UnsupportedMediaType,
        "send the body as `content-type: application/json`, not compressed",
    )
}

fn too_slow() -> Problem {
    let seconds = PATIENCE.as_secs();
    Problem::new(Code::BadRequest, format!("the body did not arrive within {seconds} seconds"))
}

fn unreadable(error: actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => {
            Problem::new(Code::PayloadTooLarge, "the body is larger than this server takes")
        }
        _ => Problem::new(Code::BadRequest, "the body ended early or cannot be read"),
    }
}

/// The value of a body. Every body is an object: serde would also take a list of its fields' values, in their order.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.trim_ascii_start().starts_with(b"[") {
        let list: Result<IgnoredAny, _> = serde_json::from_slice(body);
        return Err(list.map_or_else(no_json, |_| {
            Invalid::one("", FieldCode::WrongType, "the body must be an object").into()
        }));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Invalid { errors: vec![fault(body, &error)] }.into(),
        _ => no_json(error),
    })
}

fn no_json(error: serde_json::Error) -> Problem {
    Problem::new(Code::InvalidJson, format!("the body is not JSON: {error}"))
}

/// A fault of the shape, in the words of the parser without its position, at its place.
fn fault(body: &[u8], error: &serde_json::Error) -> FieldError {
    let text = error.to_string();
    let detail = text.rsplit_once(" at line ").map_or(text.as_str(), |(detail, _)| detail);
    let mut pointer = pointer_at(body, error.line(), error.column());
    let code = if let Some(rest) = detail.strip_prefix("missing field `") {
        let object = object_at(body, error.line(), error.column());
        pointer = domain::invalid::pointer_to(&object, rest.trim_end_matches('`'));
        FieldCode::Required
    } else if detail.starts_with("unknown ") {
        FieldCode::Unknown
    } else if detail.starts_with("duplicate field") {
        FieldCode::Duplicate
    } else if detail.starts_with("invalid type") {
        FieldCode::WrongType
    } else {
        FieldCode::BadFormat
    };
    if pointer.len() > REPEATED {
        pointer = object_at(body, error.line(), error.column());
    }
    FieldError { pointer, code, detail: excerpt(detail, REPEATED) }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Outer {
        name: String,
        #[serde(default)]
        items: Vec<Inner>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Inner {
        score: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Response,
    }

    #[test]
    fn a_wrong_shape_is_told_with_its_place() {
        use FieldCode::*;
        for (body, pointer, code) in [
            ("{}", "/name", Required),
            (r#"{"items": [{"score": 1}], "kind": "response"}"#, "/name", Required),
            (r#"{"name": "a", "nam": 1}"#, "/nam", Unknown),
            (r#"{"name": "a", "name": "b"}"#, "/name", Duplicate),
            (r#"{"name": 7}"#, "/name", WrongType),
            (r#"{"name": "a", "items": [{"score": 1}, {"score": "x"}]}"#, "/items/1/score", WrongType),
            (r#"{"name": "a", "items": [{"score": 1}, {}]}"#, "/items/1/score", Required),
            (r#"{"name": "a", "items": [{"score": 300}]}"#, "/items/0/score", BadFormat),
            (r#"{"name": "a", "items": [{"score": 1, "a/b": 2}]}"#, "/items/0/a~1b", Unknown),
            (r#"{"name": "a", "kind": "other"}"#, "/kind", Unknown),
            ("7", "", WrongType),
        ] {
            let error = serde_json::from_slice::<Outer>(body.as_bytes()).unwrap_err();
            let fault = fault(body.as_bytes(), &error);
            assert_eq!((fault.pointer.as_str(), fault.code), (pointer, code), "{body}: {}", fault.detail);
            assert!(!fault.detail.contains(" line "), "{}", fault.detail);
        }
    }

    #[test]
    fn a_list_is_no_object() {
        for body in [r#"["a", [], null]"#, " \n[]", "[7]"] {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), Code::ValidationFailed, "{body}");
        }
        assert_eq!(parse::<Outer>(b"[1").unwrap_err().code(), Code::InvalidJson);
    }

    #[test]
    fn what_is_not_json_says_where() {
        for body in ["", "{", "{\"name\": \"a\"}}", "nul", "\u{feff}{}"] {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidJson, "{body}");
            assert!(problem.to_string().contains("line 1 column"), "{problem}");
        }
        assert!(parse::<serde_json::Value>("[".repeat(100_000).as_bytes()).is_err());
        assert!(parse::<serde_json::Value>(b"\"\xff\"").is_err());
    }
}
