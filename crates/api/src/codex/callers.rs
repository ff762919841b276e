//! Who may call an operation of this wire.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::ProjectId;
use engine::access::{Credentials, Grant};
use uuid::Uuid;

use crate::app::AppState;
use crate::code::Code;
use crate::extract::credentials::credentials;
use crate::extract::{Extracting, in_turn};
use crate::problem::Problem;

/// A permission of `/v1`, such as `Caller<CanConfigure>`, refused as this wire's clients expect: 401, not 403, to an access key,
/// which they then explain to their user.
#[derive(Debug, Clone)]
pub struct Caller<T>(pub T);

impl<T> Deref for Caller<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: FromRequest<Error = Problem> + 'static> FromRequest for Caller<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (state, credentials) = (state(request), credentials(request));
        let granted = T::from_request(request, payload);
        Box::pin(async move {
            match granted.await {
                Ok(granted) => Ok(Self(granted)),
                Err(refused) if refused.code() == Code::Forbidden => {
                    Err(told(refused, &*state?, &credentials).await)
                }
                Err(refused) => Err(refused),
            }
        })
    }
}

async fn told(refused: Problem, state: &AppState, credentials: &Credentials) -> Problem {
    let person = state.engine.signed_in(credentials).await.map_err(Problem::from);
    match person {
        Err(problem) if problem.code() == Code::Forbidden => {
            Problem::new(Code::Unauthenticated, "a project access key may not do this: send a user's API key")
        }
        _ => refused,
    }
}

/// Whoever may do anything at all in the project of the path: a person with a role there, or an access key of it.
#[derive(Debug, Clone)]
pub struct Admitted(pub Grant);

impl Deref for Admitted {
    type Target = Grant;

    fn deref(&self) -> &Grant {
        &self.0
    }
}

impl FromRequest for Admitted {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (state, credentials) = (state(request), credentials(request));
        let project = request.match_info().get("project_id").and_then(|id| id.parse().ok());
        let project = project.unwrap_or(ProjectId(Uuid::nil()));
        in_turn(
            request,
            async move { Ok(Self(state?.engine.everything_granted(&credentials, project).await?)) },
        )
    }
}

/// An access key: the project it is for.
#[derive(Debug, Clone, Copy)]
pub struct KeyOf(pub ProjectId);

impl FromRequest for KeyOf {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (state, credentials) = (state(request), credentials(request));
        in_turn(request, async move { Ok(Self(state?.engine.project_of_key(&credentials).await?)) })
    }
}

fn state(request: &HttpRequest) -> Result<web::Data<AppState>, Problem> {
    request.app_data().cloned().ok_or_else(|| Problem::internal("the app has no state"))
}
