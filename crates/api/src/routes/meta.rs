//! The server about itself: its contract, its documentation, its problems, and what it does not have.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, get, web};
use serde_json::json;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::AppState;
use crate::code::Code;
use crate::openapi::DOCUMENT_PATH;
use crate::problem::Problem;
use crate::reply::NoContent;

/// This document.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"))
)]
#[get("/openapi.json")]
pub async fn openapi_json(state: web::Data<AppState>) -> impl Responder {
    HttpResponse::Ok().insert_header(header::ContentType::json()).body(state.contract.text.clone())
}

/// What a problem's `type` leads to.
#[get("/problems/{code}")]
pub async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::parse(&code).ok_or_else(|| Problem::not_found("problem"))?;
    let status = code.status().as_u16();
    Ok(HttpResponse::Ok().json(json!({
        "code": code.as_str(), "status": status, "title": code.title(), "meaning": code.meaning(),
    })))
}

/// The document for people, from files in the binary: nothing is loaded from elsewhere.
pub fn docs() -> impl HttpServiceFactory {
    let config = utoipa_swagger_ui::Config::new([DOCUMENT_PATH]).validator_url("none");
    SwaggerUi::new("/docs/{_:.*}").config(config)
}

/// `/docs` without its slash.
pub fn docs_redirect() -> impl HttpServiceFactory {
    web::redirect("/docs", "/docs/")
}

/// 405 for a path that has other methods, else 404.
pub async fn fallback(request: HttpRequest, state: web::Data<AppState>) -> Result<NoContent, Problem> {
    let methods = state.contract.methods(request.path());
    if methods.is_empty() || methods.contains(&request.method().as_str()) {
        return Err(Problem::new(Code::NotFound, "there is nothing here; /docs lists what there is"));
    }
    let allow = methods.join(", ");
    Err(Problem::new(Code::MethodNotAllowed, format!("this path takes {allow}")).with_allow(allow))
}
