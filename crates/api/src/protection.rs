//! Headers that tell browsers and caches what they may not do with a reply (OWASP REST security cheat sheet).

use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};

/// Nothing here is a page, so nothing may be loaded, run or framed.
const NOT_A_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";
/// The documentation runs its own scripts and asks this server only. It sets styles in its markup and draws icons from `data:`.
const DOCUMENTATION: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds them to the reply to a request of this method and path.
pub fn protect(method: &Method, path: &str, headers: &mut HeaderMap) {
    let policy = if path.starts_with("/docs/") { DOCUMENTATION } else { NOT_A_PAGE };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if (path.starts_with("/v1/") || crate::codex::is_under(path)) && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control(method)));
    }
}

/// What one caller reads may be kept by that caller, who asks before it is used again: an access key or a role may be gone. Everything else,
/// tokens among it, is not kept (RFC 6749 §5.1).
fn cache_control(method: &Method) -> &'static str {
    if [Method::GET, Method::HEAD].contains(method) { "private, no-cache" } else { "no-store" }
}
