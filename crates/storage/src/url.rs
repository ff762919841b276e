//! Which database, from its URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`: a file on this machine.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, passed to libpq as it is.
    Postgres(String),
}

/// A URL that names neither database.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database URL must start with sqlite:// or postgres://")]
pub struct UnknownDatabase;

impl FromStr for DatabaseUrl {
    type Err = UnknownDatabase;

    fn from_str(url: &str) -> Result<Self, UnknownDatabase> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err(UnknownDatabase),
        }
    }
}

impl DatabaseUrl {
    /// What libpq said of this database, on one line. Of a URL that it cannot read it repeats parts, the password among them: those are not
    /// shown.
    pub(crate) fn without_password(&self, message: &str) -> String {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let Self::Postgres(url) = self else { return message };
        let (in_front, in_query) = passwords(url);
        if in_front.contains(['/', '@']) {
            return "the password in its URL must have `/` written as %2F and `@` as %40".to_owned();
        }
        // Once the URL is read, only the server and the network speak.
        if message.starts_with("connection to server") {
            return message;
        }
        [in_front, in_query].into_iter().fold(message, |message, password| conceal(&message, password))
    }
}

/// Takes a password out of what stands in quotes: what libpq repeats does.
fn conceal(message: &str, password: &str) -> String {
    if password.is_empty() {
        return message.to_owned();
    }
    if password.contains('"') {
        return message.replace(password, "…");
    }
    let parts = message.split('"').enumerate();
    let parts = parts.map(|(i, part)| if i % 2 == 1 { part.replace(password, "…") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("\"")
}

/// The passwords of a URL as they are written there: after the user, and among the parameters. Empty where there is none.
fn passwords(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (address, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let address = if address.contains('@') { address } else { rest };
    let user = address.rsplit_once('@').map_or("", |(user, _)| user);
    let in_front = user.split_once(':').map_or("", |(_, password)| password);
    let in_query = parameters.split('&').find_map(|pair| pair.strip_prefix("password="));
    (in_front, in_query.unwrap_or_default())
}

/// Never shows a password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn urls_name_a_database_and_hide_passwords() {
        assert_eq!("sqlite://data/a.db".parse(), Ok(DatabaseUrl::Sqlite("data/a.db".into())));
        let postgres: DatabaseUrl = "postgres://me:hunter2@db/ew".parse().unwrap();
        assert!(!format!("{postgres:?}").contains("hunter2"));
        assert!("mysql://x".parse::<DatabaseUrl>().is_err());
        assert!("sqlite://".parse::<DatabaseUrl>().is_err());
    }

    #[test]
    fn what_libpq_says_comes_without_the_password() {
        let said = |url: &str, message: &str| url.parse::<DatabaseUrl>().unwrap().without_password(message);
        let repeated = said("postgres://me:hun%zz@db/ew", "invalid percent-encoded token: \"hun%zz\"\n");
        assert_eq!(repeated, "invalid percent-encoded token: \"…\"");
        let repeated =
            said("postgres://db/ew?password=hunter2&a=b", "invalid URI query parameter: \"hunter2\"");
        assert!(!repeated.contains("hunter2"), "{repeated}");
        for url in
            ["postgres://me:hunter/2@db/ew", "postgres://me:hunter@2@db/ew", "postgres://me:hunter/2?@db"]
        {
            let repeated = said(url, "invalid integer value \"hunter\" for connection option \"port\"");
            assert!(repeated.contains("%2F") && !repeated.contains("hunter"), "{repeated}");
        }
        let said_of_tls = said(
            "postgres://me:p@db/ew",
            "sslmode value \"require\" invalid when SSL support is not compiled in",
        );
        assert!(said_of_tls.ends_with("SSL support is not compiled in"), "{said_of_tls}");
        let told = "connection to server at \"db\", port 5432 failed: FATAL: database \"ew\" does not exist";
        assert_eq!(said("postgres://ew:ew@db/ew?user=a@b", told), told);
    }
}
