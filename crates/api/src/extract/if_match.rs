//! `If-Match`: an edit names the version it is based on (RFC 9110 §13.1.1, RFC 6585 §3).

use std::future::ready;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::turn::{Extracting, in_turn};
use crate::code::Code;
use crate::problem::Problem;

/// Which version an edit is for. The header is required; `params(IfMatch)` describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever is there.
    Any,
    /// `"7"`: this version only.
    Version(i64),
}

impl IfMatch {
    /// The version that must be stored; none for any.
    pub fn version(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "*" => Some(Self::Any),
            tag => {
                let version = tag.strip_prefix('"')?.strip_suffix('"')?;
                let digits = version.bytes().all(|byte| byte.is_ascii_digit());
                if digits { version.parse().ok().map(Self::Version) } else { None }
            }
        }
    }

    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let missing = "send If-Match with the ETag of the version this edit is based on, or `*` for any";
        let invalid = "If-Match takes one strong ETag as this server gave it, such as \"7\", or `*`";
        let mut values = request.headers().get_all(header::IF_MATCH);
        let value = values.next().ok_or_else(|| Problem::new(Code::PreconditionRequired, missing))?;
        let parsed = value.to_str().ok().and_then(Self::parse).filter(|_| values.next().is_none());
        parsed.ok_or_else(|| Problem::new(Code::InvalidHeader, invalid))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(Self::of(request)))
    }
}

/// As [`IfMatch`], for an edit that may also be made without it: none is any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatchOptional(pub Option<i64>);

impl FromRequest for IfMatchOptional {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = request.headers().contains_key(header::IF_MATCH);
        let version = if sent { IfMatch::of(request).map(IfMatch::version) } else { Ok(None) };
        in_turn(request, ready(version.map(Self)))
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(Required::True)]
    }
}

impl IntoParams for IfMatchOptional {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(Required::False)]
    }
}

fn parameter(required: Required) -> Parameter {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some("The ETag of the version this edit is based on, or `*` for any."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn one_strong_tag_or_a_star() {
        assert_eq!(IfMatch::parse("*"), Some(IfMatch::Any));
        assert_eq!(IfMatch::parse("\"42\""), Some(IfMatch::Version(42)));
        for odd in [
            "",
            "42",
            "W/\"42\"",
            "\"\"",
            "\"-1\"",
            "\"+1\"",
            "\"1\", \"2\"",
            "\"99999999999999999999\"",
            "\"",
        ] {
            assert_eq!(IfMatch::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn missing_and_malformed_differ() {
        let code = |request: TestRequest| IfMatch::of(&request.to_http_request()).unwrap_err().code();
        assert_eq!(code(TestRequest::default()), Code::PreconditionRequired);
        assert_eq!(code(TestRequest::default().insert_header(("if-match", "7"))), Code::InvalidHeader);
    }
}
