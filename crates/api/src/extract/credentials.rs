//! What a request brings to prove who sends it.

use actix_web::HttpRequest;
use actix_web::http::header;
use engine::access::Credentials;

/// All credentials of a request; which of them counts is the engine's rule.
pub fn credentials(request: &HttpRequest) -> Credentials {
    Credentials {
        api_key: value(request, "x-api-key"),
        bearer: authorization(request),
        access_key: value(request, "x-access-key"),
    }
}

/// A header's value. One that is not plain text is a credential nobody knows, rather than none.
fn value(request: &HttpRequest, name: &str) -> Option<String> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or_default().trim().to_owned())
}

/// The bearer token of `Authorization`. A value that is not plain text is a token nobody knows, as for [`value`].
fn authorization(request: &HttpRequest) -> Option<String> {
    match request.headers().get(header::AUTHORIZATION)?.to_str() {
        Ok(text) => bearer(text.trim()),
        Err(_) => Some(String::new()),
    }
}

/// The token of a `Bearer` scheme, whose name is read in any case (RFC 9110 §11.1); none of another scheme.
fn bearer(authorization: &str) -> Option<String> {
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_the_bearer_scheme_carries_a_token() {
        let of = |authorization: &str| {
            credentials(&TestRequest::get().insert_header(("authorization", authorization)).to_http_request())
                .bearer
        };
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of("bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(of("Bearer").as_deref(), Some(""));
        assert_eq!(of("Basic abc"), None);
        assert_eq!(of("Bearerabc"), None);
    }

    #[test]
    fn what_is_no_text_is_a_credential_all_the_same() {
        for name in ["authorization", "x-api-key", "x-access-key"] {
            let value = actix_web::http::header::HeaderValue::from_bytes(b"Bearer \xff").unwrap();
            let all = credentials(&TestRequest::get().insert_header((name, value)).to_http_request());
            let came: Vec<String> = [all.api_key, all.bearer, all.access_key].into_iter().flatten().collect();
            assert_eq!(came, [""], "{name}");
        }
    }
}
