//! Typed ids: UUIDv7, so that they sort by the time they were made and never name the wrong kind of thing.

use uuid::Uuid;

use crate::time::Timestamp;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
        pub struct $name(pub Uuid);

        impl $name {
            /// A UUIDv7 of this moment (its millisecond) and these ten random bytes.
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(version_7(now, random))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )+ };
}

ids! {
    /// An organization.
    OrganizationId,
    /// A user.
    UserId,
    /// A project.
    ProjectId,
    /// An access key.
    AccessKeyId,
    /// A user's API key.
    ApiKeyId,
    /// A refresh token.
    RefreshTokenId,
    /// An evaluation of a project.
    EvaluationId,
    /// A deterministic guardrail of a project.
    GuardrailId,
    /// A recorded interaction.
    InteractionId,
    /// An issue.
    IssueId,
    /// A centroid of an issue.
    CentroidId,
    /// A review.
    ReviewId,
    /// An answer.
    AnswerId,
    /// One immutable version of an answer.
    AnswerVersionId,
    /// One immutable version of a review.
    ReviewVersionId,
    /// A phrasing of an answer, or of guidance.
    PhrasingId,
    /// A piece of guidance.
    GuidanceId,
    /// One immutable version of guidance.
    GuidanceVersionId,
    /// One time a remediation acted, or nearly did.
    MatchId,
    /// A user's feedback on an interaction.
    FeedbackId,
}

/// A UUIDv7 (RFC 9562 §5.7) of this moment's millisecond and these random bytes.
fn version_7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_micros() / 1000).expect("a timestamp is not before 1970");
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let now = Timestamp::from_micros(1_700_000_000_123_456).unwrap();
        let early = InteractionId::new(now, [255; 10]);
        let late = InteractionId::new(now.plus_seconds(1), [0; 10]);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
        assert_eq!(early.to_string().parse::<InteractionId>().unwrap(), early);
        assert_eq!(serde_json::to_value(early).unwrap(), early.to_string());
    }
}
