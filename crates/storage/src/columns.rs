//! Column types that are native in both databases, and the Rust types that travel through them.
//!
//! | SQL type | PostgreSQL | SQLite |
//! |---|---|---|
//! | [`sql::Uid`] | `uuid` | 16-byte blob |
//! | [`sql::Instant`] | `timestamptz`, µs from 2000-01-01 | Unix microseconds |

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary};
use diesel::sqlite::{Sqlite, SqliteValue};
use domain::Timestamp;
use std::io::Write as _;
use uuid::Uuid;

/// The SQL side of the column types.
pub mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// An id.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951))]
    #[diesel(sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// A point in time, exact to the microsecond.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185))]
    #[diesel(sqlite_type(name = "Long"))]
    pub struct Instant;
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The characters of a text from `start` (1 is the first), `length` of them: alike in both databases.
    fn substr(
        text: diesel::sql_types::Text,
        start: diesel::sql_types::Integer,
        length: diesel::sql_types::Integer,
    ) -> diesel::sql_types::Text;
}

/// An id in a column. Converts to and from every typed id of `domain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Uid)]
pub struct Uid(pub Uuid);

macro_rules! typed_ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<domain::$id> for Uid {
            fn from(id: domain::$id) -> Self {
                Self(id.0)
            }
        }
        impl From<Uid> for domain::$id {
            fn from(id: Uid) -> Self {
                Self(id.0)
            }
        }
    )+};
}
typed_ids!(
    OrganizationId,
    UserId,
    ProjectId,
    AccessKeyId,
    ApiKeyId,
    RefreshTokenId,
    EvaluationId,
    GuardrailId,
    InteractionId,
    IssueId,
    CentroidId,
    ReviewId,
    ReviewVersionId,
    AnswerId,
    AnswerVersionId,
    PhrasingId,
    GuidanceId,
    GuidanceVersionId,
    MatchId,
    FeedbackId,
);

impl ToSql<sql::Uid, Pg> for Uid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Uid, Pg> for Uid {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<sql::Uid, Sqlite> for Uid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Uid, Sqlite> for Uid {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// A point in time in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Instant)]
pub struct At(pub Timestamp);

/// 2000-01-01T00:00:00Z in Unix microseconds: where PostgreSQL starts counting.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl At {
    fn from_micros(micros: i64) -> deserialize::Result<Self> {
        Ok(Self(Timestamp::from_micros(micros)?))
    }
}

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<At> for Timestamp {
    fn from(at: At) -> Self {
        at.0
    }
}

impl ToSql<sql::Instant, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.as_micros() - POSTGRES_EPOCH_MICROS;
        ToSql::<BigInt, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<sql::Instant, Pg> for At {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::from_micros(<i64 as FromSql<BigInt, Pg>>::from_sql(value)? + POSTGRES_EPOCH_MICROS)
    }
}

impl ToSql<sql::Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Instant, Sqlite> for At {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::from_micros(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
    }
}
