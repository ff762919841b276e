//! What handlers give back, beside [`crate::extract::Json`].

use actix_web::body::BoxBody;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        page_response(request, self.next_cursor.as_deref()).json(self)
    }
}

/// What a page begins with: a link to the next one, if there is one.
pub(crate) fn page_response(request: &HttpRequest, next_cursor: Option<&str>) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = next_cursor {
        response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", with_cursor(request, cursor))));
    }
    response
}

/// This request's address with another cursor (RFC 8288).
fn with_cursor(request: &HttpRequest, cursor: &str) -> String {
    let others =
        request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = others.collect();
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{}?{}{separator}cursor={cursor}", request.path(), query.join("&"))
}

/// One thing with its version as a strong `ETag`; 304 where `If-None-Match` names it already.
#[derive(Debug)]
pub struct Etagged<T> {
    version: i64,
    body: T,
    may_be_known: bool,
}

impl<T: Serialize> Etagged<T> {
    /// For a thing that only changes with its version.
    pub fn new(version: i64, body: T) -> Self {
        Self { version, body, may_be_known: true }
    }

    /// For a thing that also shows what its version does not cover, such as counters: never 304.
    pub fn live(version: i64, body: T) -> Self {
        Self { version, body, may_be_known: false }
    }
}

impl<T: Serialize> Responder for Etagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let etag = etag(self.version);
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        if self.may_be_known && reads && is_known(request, &etag) {
            return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
        }
        HttpResponse::Ok().insert_header((header::ETAG, etag)).json(self.body)
    }
}

/// 201: something new, where it is (`Location`), and its version (`ETag`) if it has one.
#[derive(Debug)]
pub struct Created<T> {
    /// The path of the new thing.
    pub location: String,
    /// Its version, where it can be edited.
    pub version: Option<i64>,
    /// The thing itself.
    pub body: T,
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Created();
        response.insert_header((header::LOCATION, self.location));
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, etag(version)));
        }
        response.json(self.body)
    }
}

/// 204: done, nothing to say.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// RFC 9110 §13.1.2: compared weakly.
fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let values = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The path of a thing, for `Location`: the path of the list it was posted to and its id.
pub fn location(request: &HttpRequest, id: impl std::fmt::Display) -> String {
    format!("{}/{id}", request.path())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_known_version_is_not_sent_again() {
        let status = |name: &'static str, tags: &'static str, reply: Etagged<u8>| {
            let request = TestRequest::get().insert_header((name, tags)).to_http_request();
            reply.respond_to(&request).status().as_u16()
        };
        assert_eq!(status("if-none-match", "\"6\", W/\"7\"", Etagged::new(7, 0)), 304);
        assert_eq!(status("if-none-match", "*", Etagged::new(7, 0)), 304);
        assert_eq!(status("if-none-match", "\"6\"", Etagged::new(7, 0)), 200);
        assert_eq!(status("accept", "*/*", Etagged::new(7, 0)), 200);
        assert_eq!(status("if-none-match", "\"7\"", Etagged::live(7, 0)), 200);
    }

    #[test]
    fn a_page_links_to_the_next() {
        let link = |next_cursor: Option<&str>| {
            let request = TestRequest::get().uri("/v1/x?cursor=old&limit=2").to_http_request();
            let response =
                Page { items: vec![1], next_cursor: next_cursor.map(str::to_owned) }.respond_to(&request);
            response.headers().get("link").map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(link(Some("new")).unwrap(), "</v1/x?limit=2&cursor=new>; rel=\"next\"");
        assert_eq!(link(None), None);
    }
}
