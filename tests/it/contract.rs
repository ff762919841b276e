//! The OpenAPI document and its page.

use std::path::Path;

use serde_json::Value;

use crate::support::{Server, on_both};

on_both! {
    fn the_served_document_is_the_committed_one(server: &Server) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
        let committed = std::fs::read_to_string(file).expect("openapi/openapi.json");
        let committed: Value = serde_json::from_str(&committed).expect("openapi/openapi.json is JSON");
        let served = server.anonymous().get("/openapi.json").expect(200).json;
        assert!(
            served == committed,
            "update it: `cargo run -p api -- openapi > openapi/openapi.json`\n{}",
            first_difference("", &committed, &served).unwrap_or_default()
        );
    }

    fn the_documentation_works_without_the_internet(server: &Server) {
        let anonymous = server.anonymous();
        let page = ["/docs/", "/docs/index.html", "/docs"]
            .iter()
            .map(|path| anonymous.get(path).send())
            .find(|reply| reply.status == 200)
            .expect("a page under /docs");
        for asset in assets(&page.body) {
            assert!(!asset.contains("//"), "{asset} is not ours to serve: {page}");
            let path = if asset.starts_with('/') { asset.to_owned() } else { format!("/docs/{}", asset.trim_start_matches("./")) };
            anonymous.get(&path).expect(200);
        }
    }
}

/// What a page loads: the values of its `src` and `href` attributes.
fn assets(page: &str) -> Vec<&str> {
    let after = |name| page.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    let assets: Vec<_> = after("src=\"").chain(after("href=\"")).collect();
    assert!(!assets.is_empty(), "a page that loads nothing shows nothing: {page}");
    assets
}

/// The first place where two documents differ, for people to read.
fn first_difference(at: &str, committed: &Value, served: &Value) -> Option<String> {
    match (committed, served) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.find_map(|key| first_difference(&format!("{at}/{key}"), &committed[key], &served[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| first_difference(&format!("{at}/{i}"), a, b))
        }
        _ if committed == served => None,
        _ => Some(format!("{at}: committed {committed:.200}, served {served:.200}")),
    }
}
