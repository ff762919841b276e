//! The Python clients that are in people's code, unmodified, against the real server: `tests/clients/`.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::builders::unique;
use crate::support::client::Caller;
use crate::support::{Server, on_both};

/// Runs one module of `tests/clients/`, as a new member of the organization.
fn run(server: &Server, module: &str) {
    let python = std::env::var_os("EW_TEST_PYTHON").expect("scripts/test.sh says where the clients are");
    let (person, _) = server.user("member");
    let key = |somebody: &Caller, name: &str| {
        let key = somebody.post("/v1/me/api-keys", json!({ "name": name })).expect(201);
        key.text("/token").to_owned()
    };
    // One for each way in which every method is called: that uses one up.
    let spare = ["spare", "strictly spare", "spare, awaited", "strictly spare, awaited"]
        .map(|name| key(&person, name));
    let ran = Command::new(python)
        .args(["-m", "unittest", module])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CODEX_BASE_URL", server.address())
        .env("CODEX_API_KEY", key(&person, "tests"))
        .env("EW_TEST_ADMIN_API_KEY", key(&server.admin(), &unique("administrator")))
        .env("EW_TEST_SPARE_API_KEYS", spare.join(","))
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{module}:\n{said}");
    // A module without tests would pass as well.
    assert!(said.contains("Ran ") && !said.contains("Ran 0 tests"), "{module}:\n{said}");
}

on_both! {
    fn programs_start(server: &Server) {
        run(server, "test_start_up");
    }

    fn every_method_there_is(server: &Server) {
        run(server, "test_every_method");
    }

    fn what_apps_rely_on(server: &Server) {
        run(server, "test_semantics");
    }

    fn a_thousand_logs_page_by_page(server: &Server) {
        run(server, "test_paging");
    }
}
