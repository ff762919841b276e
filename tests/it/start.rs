//! What the server says when it cannot start.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Database, Server, on_both};

const OTHER_KEY: &str = "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3Q=";

on_both! {
    fn another_secret_key_is_refused(server: Server) {
        let said = server.refuses_to_start(&[("EW_SECRET_KEY", OTHER_KEY)]);
        assert!(said.contains("EW_SECRET_KEY is not the secret key"), "{said}");
        assert!(!said.contains(OTHER_KEY), "{said}");
    }

    fn an_address_that_is_taken_is_named(server: Server) {
        let address = server.address().trim_start_matches("http://");
        let said = server.refuses_to_start(&[("EW_LISTEN", address), ("EW_DATABASE_URL", "sqlite://elsewhere/a.db"), ("EW_SECRET_KEY", "")]);
        assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
        assert!(!server.folder().join("elsewhere").exists(), "nothing else was done");
    }

    fn an_administrators_password_that_is_too_short_is_named(server: Server) {
        let fresh = ("EW_DATABASE_URL", "sqlite://short/a.db");
        let said = server.refuses_to_start(&[fresh, ("EW_ADMIN_PASSWORD", "short")]);
        assert!(said.contains("EW_ADMIN_PASSWORD: must have at least 10 characters"), "{said}");
    }
}

#[test]
fn a_lost_key_file_is_not_replaced() {
    let mut server = Server::start_with(Database::Sqlite, &[("EW_SECRET_KEY", "")]);
    server.stop();
    let (file, away) = (server.folder().join("test.key"), server.folder().join("away.key"));
    std::fs::rename(&file, &away).expect("a key file");
    let said = server.refuses_to_start(&[]);
    assert!(said.contains("test.key is missing") && said.contains("EW_SECRET_KEY"), "{said}");
    assert!(!file.exists(), "no other key was made");

    std::fs::write(&file, OTHER_KEY).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let said = server.refuses_to_start(&[]);
    assert!(said.contains("test.key is not the secret key"), "{said}");

    std::fs::rename(away, file).expect("the key file is back");
    server.restart();
    server.admin();
}

#[test]
fn why_postgresql_is_not_reached_is_told() {
    let server = Server::start(Database::Postgres);
    let (scheme, place) = server.database_url().split_once("://").expect("a URL");
    let (user, place) = place.split_once('@').unwrap_or(("postgres", place));
    let (host, name) = place.split_once('/').expect("a database");
    let user = user.split(':').next().unwrap_or(user);
    let url = |user: &str, host: &str, name: &str| format!("{scheme}://{user}:hunter2@{host}/{name}");
    for (url, why) in [
        (url(user, host, "nowhere"), "database \"nowhere\" does not exist"),
        (url("nobody", host, name), "\"nobody\""),
        (url(user, "127.0.0.1:1", name), "Connection refused"),
        (url(user, "127.0.0.1:hunter2", name), "port"),
        (format!("{}?sslmode=require", url(user, host, name)), "postgres-tls"),
    ] {
        let said = server.refuses_to_start(&[("EW_DATABASE_URL", &url)]);
        assert!(said.contains(why), "{why}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
