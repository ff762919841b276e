//! One extractor after the other.

use std::pin::Pin;

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::oneshot;

use crate::problem::Problem;

/// What an extractor of this crate returns from `from_request`.
pub type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// Resolves once the extractor that stands before has succeeded.
struct Turn(oneshot::Receiver<()>);

/// Runs the work of an extractor when those before it in the handler's signature have succeeded.
///
/// The framework polls all extractors of a handler together, so a body that does not parse would be told to somebody
/// who may not even call the operation. With this, a permission that stands first is decided first, and nothing of a
/// stranger's body is read.
pub fn in_turn<T: 'static>(
    request: &HttpRequest,
    work: impl Future<Output = Result<T, Problem>> + 'static,
) -> Extracting<T> {
    let (done, next) = oneshot::channel();
    let before = request.extensions_mut().insert(Turn(next));
    Box::pin(async move {
        if let Some(Turn(before)) = before {
            // An error is the other side dropped, on success: on failure nobody polls this any more.
            let _ = before.await;
        }
        let extracted = work.await?;
        drop(done);
        Ok(extracted)
    })
}

#[cfg(test)]
mod tests {
    use actix_web::dev::Payload;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, FromRequest, web};

    use super::*;
    use crate::code::Code;
    use crate::extract::Json;

    /// Says no, after a while.
    struct Refused;

    impl FromRequest for Refused {
        type Error = Problem;
        type Future = Extracting<Self>;

        fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
            in_turn(request, async {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                Err(Problem::new(Code::Forbidden, "no"))
            })
        }
    }

    #[actix_web::test]
    async fn the_first_extractor_decides_however_slow_it_is() {
        async fn refusing(_: Refused, _: Json<u32>) -> &'static str {
            "reached"
        }
        async fn reading(_: Json<u32>, _: Refused) -> &'static str {
            "reached"
        }
        let app = App::new().route("/a", web::post().to(refusing)).route("/b", web::post().to(reading));
        let app = init_service(app).await;
        let send = |path: &str| TestRequest::post().uri(path).insert_header(("content-type", "text/csv"));
        assert_eq!(call_service(&app, send("/a").to_request()).await.status(), 403);
        assert_eq!(call_service(&app, send("/b").to_request()).await.status(), 415);
    }
}
