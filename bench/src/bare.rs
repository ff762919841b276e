//! The bare handler: what HTTP and JSON cost, with nothing behind them. Every figure of the real server is also a share of this one's.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `validate`, as the real handler reads it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed as the real one is, and not looked at")]
struct Body {
    query: String,
    response: Value,
    context: Option<String>,
    metadata: Option<Value>,
    scores: Option<BTreeMap<String, Option<f64>>>,
    session_id: Option<String>,
}

async fn reply(_: web::Json<Body>) -> HttpResponse {
    HttpResponse::Ok()
        .json(json!({ "interaction_id": null, "blocked": false, "escalated": false, "serve": "response" }))
}

/// Serves until the process ends, with a thread for each core, as the real server does.
///
/// # Errors
/// There is no port.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("listening on http://{} ", listener.local_addr()?);
    let app = || App::new().route("/v1/projects/{project_id}/validate", web::post().to(reply));
    actix_web::rt::System::new().block_on(HttpServer::new(app).listen(listener)?.run())
}
