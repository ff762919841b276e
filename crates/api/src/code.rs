//! The closed list of problem codes. A client may rely on every one: they are added, never renamed.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $status:ident, $title:literal;)+) => {
        /// What went wrong, stable for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As it stands in a reply: snake_case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The status it is sent with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// A few words for people, the same every time.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// When it is sent, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The request cannot be read at all.
    BadRequest = "bad_request", BAD_REQUEST, "Bad request";
    /// The body is not JSON; the detail says where it stops being so.
    InvalidJson = "invalid_json", BAD_REQUEST, "Invalid JSON";
    /// A query parameter is unknown or has a value it cannot have.
    InvalidQuery = "invalid_query", BAD_REQUEST, "Invalid query parameter";
    /// A header has a value it cannot have.
    InvalidHeader = "invalid_header", BAD_REQUEST, "Invalid header";
    /// The cursor was not made by this list, or was made with another filter or order.
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "Invalid cursor";
    /// No credential came, or one that is not valid.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Not authenticated";
    /// The credential is valid and may not do this.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed";
    /// There is no such thing, or it is not the caller's to see.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The path exists, not with this method; `Allow` lists those it has.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// What is stored stands against it; `reason` says what.
    Conflict = "conflict", CONFLICT, "Conflict";
    /// It has changed since the version that `If-Match` names.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "Changed in the meantime";
    /// The body is larger than this server takes.
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "Body too large";
    /// The body is not sent as `application/json`.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// The body is JSON and breaks a rule; `errors` lists each fault with its place.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Invalid input";
    /// The `external_id` came before with another body.
    ExternalIdReused = "external_id_reused", UNPROCESSABLE_ENTITY, "External id used twice";
    /// An edit needs `If-Match` with the version it is based on.
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "If-Match is missing";
    /// Too many requests; `Retry-After` says when to come back.
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "Too many requests";
    /// A fault of the server; its log has the cause under the request id.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error";
    /// More work than the server can take now; nothing was done. `Retry-After` says when to come back.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Overloaded";
    /// Something the server needs did not answer in time. `Retry-After` says when to come back.
    Timeout = "timeout", SERVICE_UNAVAILABLE, "Timed out";
    /// There is no room left to store anything; nothing was done. `Retry-After` says when to come back.
    StorageFull = "storage_full", INSUFFICIENT_STORAGE, "Storage is full";
}

impl Code {
    /// The code a status stands for when nothing more is known.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => Self::Overloaded,
            StatusCode::INSUFFICIENT_STORAGE => Self::StorageFull,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }

    /// The code of this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_statuses_are_errors() {
        for (i, code) in Code::ALL.iter().enumerate() {
            assert_eq!(Code::ALL.iter().position(|other| other.as_str() == code.as_str()), Some(i));
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(code.meaning().ends_with('.'), "{code:?}");
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
