//! What works without credentials or data: probes, problems, documentation.

use crate::support::{Server, on_both};

on_both! {
    fn probes_answer(server: &Server) {
        server.anonymous().get("/healthz").expect(200);
        server.anonymous().get("/readyz").expect(200);
    }

    fn an_unknown_route_is_a_problem(server: &Server) {
        server.anonymous().get("/nowhere").expect_problem(404, "not_found");
        server.anonymous().get("/v1/nowhere").expect_problem(404, "not_found");
    }

    fn a_wrong_method_is_a_problem(server: &Server) {
        let refused = server.anonymous().delete("/healthz").expect_problem(405, "method_not_allowed");
        assert!(refused.header("allow").contains("GET"), "which methods are allowed: {refused}");
    }

    fn a_request_id_is_echoed_or_made(server: &Server) {
        let echoed = server.anonymous().get("/healthz").header("x-request-id", "my-own-id-42").expect(200);
        assert_eq!(echoed.header("x-request-id"), "my-own-id-42");
        let made = server.anonymous().get("/healthz").expect(200);
        assert!(!made.header("x-request-id").is_empty(), "a request without an id gets one");
        let refused = server.anonymous().get("/nowhere").expect(404);
        assert!(!refused.header("x-request-id").is_empty(), "a problem has one too");
    }

    fn sigterm_drains_and_a_restart_serves_again(server: Server) {
        let mut server = server;
        let status = server.stop();
        assert!(status.success(), "SIGTERM is an orderly end: {status}");
        server.restart();
        server.anonymous().get("/readyz").expect(200);
    }
}
