//! Every path has two forms here, with and without a slash at its end, and neither leads to the other: a redirected POST would arrive as a GET.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;

/// Takes one slash from the end of the path, before it is routed.
pub fn trim_slash(request: &mut ServiceRequest) {
    if let Some(trimmed) = trimmed(request.uri()) {
        request.match_info_mut().get_mut().update(&trimmed);
        request.head_mut().uri = trimmed;
    }
}

/// The address without the slash at the end of its path; none where there is none.
fn trimmed(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.is_empty())?;
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.parse().expect("a path is one without its last slash"));
    Some(Uri::from_parts(parts).expect("an address is one with another path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_goes_and_the_query_stays() {
        let of = |uri: &str| trimmed(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(of("/api/projects/").as_deref(), Some("/api/projects"));
        assert_eq!(of("/api/projects/?a=/&b=%2F").as_deref(), Some("/api/projects?a=/&b=%2F"));
        assert_eq!(of("http://host/api/x%2F/").as_deref(), Some("http://host/api/x%2F"));
        assert_eq!(of("/api/projects//").as_deref(), Some("/api/projects/"));
        assert_eq!(of("/api/projects?a=/"), None);
        assert_eq!(of("/"), None);
    }
}
