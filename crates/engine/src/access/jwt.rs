//! Access tokens: EdDSA-signed JWTs (RFC 9068) that say who, never what. Checked as RFC 8725 asks: one algorithm, our own keys by `kid`,
//! issuer, audience, type and times; whatever else a header offers (`jwk`, `jku`, `x5u`) is not looked at.

use crate::sources::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Timestamp, UserId};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

/// How long an access token is good for, seconds.
pub(super) const LIFETIME: i64 = 900;
/// How far the clocks of two replicas may be apart, seconds.
const LEEWAY: i64 = 30;
/// RFC 9068 §2.1: no other kind of token can be taken for an access token.
const TYPE: &str = "at+jwt";
/// Our tokens have some 400 characters.
const LONGEST: usize = 2048;
/// What stands before the 32 secret bytes in the PKCS#8 document of an Ed25519 key (RFC 8410 §7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key pair, ready for use.
pub(super) struct SigningKey {
    /// The id that tokens name.
    pub(super) kid: String,
    /// The public key in base64url, as a JWK's `x`.
    pub(super) x: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// A new private key: a PKCS#8 document.
pub(super) fn new_private_key() -> Vec<u8> {
    [PKCS8_PREFIX.as_slice(), &random::<32>()].concat()
}

impl SigningKey {
    /// The key pair of this PKCS#8 document; none if it is not one of Ed25519.
    pub(super) fn new(kid: String, private_key: &[u8]) -> Option<Self> {
        let encoding = EncodingKey::from_ed_der(private_key);
        let jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).ok()?;
        let AlgorithmParameters::OctetKeyPair(public) = jwk.algorithm else { return None };
        let decoding = DecodingKey::from_ed_components(&public.x).ok()?;
        Some(Self { kid, x: public.x, encoding, decoding })
    }

    /// The 32 bytes of the public key.
    pub(super) fn public_key(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(&self.x).unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: uuid::Uuid,
}

/// A token that says: the bearer is `user`.
pub(super) fn sign(key: &SigningKey, issuer: &str, user: UserId, now: Timestamp) -> crate::Result<String> {
    let seconds = now.as_micros() / 1_000_000;
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: user,
        iat: seconds,
        nbf: seconds,
        exp: seconds + LIFETIME,
        jti: uuid::Builder::from_random_bytes(random()).into_uuid(),
    };
    let header =
        Header { typ: Some(TYPE.to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, &claims, &key.encoding)
        .map_err(|error| crate::Error::Internal(format!("an access token cannot be signed: {error}")))
}

/// The `kid` of a token that looks like one of ours, before anything else of it is believed.
pub(super) fn kid(token: &str) -> Option<String> {
    if token.len() > LONGEST || token.split('.').count() != 3 {
        return None;
    }
    let header = decode_header(token).ok()?;
    let ours = header.alg == Algorithm::EdDSA && header.typ.as_deref() == Some(TYPE) && header.crit.is_none();
    header.kid.filter(|_| ours)
}

/// Who a token speaks for, if `key` signed it for this issuer and it is good now.
pub(super) fn verify(key: &SigningKey, issuer: &str, token: &str, now: Timestamp) -> Option<UserId> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[issuer]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // The library would ask the machine's clock; times are compared below.
    validation.validate_exp = false;
    let claims = decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
    let now = now.as_micros() / 1_000_000;
    (claims.nbf <= now + LEEWAY && now < claims.exp.saturating_add(LEEWAY)).then_some(claims.sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ISSUER: &str = "expert-workspace";

    fn key() -> SigningKey {
        SigningKey::new("k1".to_owned(), &new_private_key()).unwrap()
    }

    fn noon() -> Timestamp {
        Timestamp::parse("2026-01-31T12:00:00Z").unwrap()
    }

    fn user() -> UserId {
        UserId::new(noon(), [1; 10])
    }

    /// A token of this key whose claims have these values instead; null takes a claim away.
    fn signed(key: &SigningKey, instead: &Value) -> String {
        let now = noon().as_micros() / 1_000_000;
        let mut claims = json!({
            "iss": ISSUER, "aud": ISSUER, "sub": user(), "iat": now, "nbf": now, "exp": now + 900, "jti": user(),
        });
        for (name, value) in instead.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let header =
            Header { typ: Some(TYPE.into()), kid: Some("k1".into()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &key.encoding).unwrap()
    }

    #[test]
    fn a_token_speaks_for_its_user_for_fifteen_minutes() {
        let key = key();
        let token = sign(&key, ISSUER, user(), noon()).unwrap();
        let at = |seconds| verify(&key, ISSUER, &token, noon().plus_seconds(seconds));
        assert_eq!(kid(&token).as_deref(), Some("k1"));
        assert_eq!(
            (at(0), at(-LEEWAY), at(LIFETIME + LEEWAY - 1)),
            (Some(user()), Some(user()), Some(user()))
        );
        assert_eq!((at(-LEEWAY - 1), at(LIFETIME + LEEWAY)), (None, None));
    }

    #[test]
    fn a_claim_that_is_wrong_or_missing_spoils_it() {
        let key = key();
        assert!(verify(&key, ISSUER, &signed(&key, &json!({})), noon()).is_some());
        let spoilers = [
            json!({"iss": "else"}),
            json!({"iss": null}),
            json!({"aud": "else"}),
            json!({"aud": null}),
            json!({"sub": "x"}),
            json!({"sub": null}),
            json!({"exp": null}),
            json!({"exp": "never"}),
            json!({"nbf": null}),
            json!({"nbf": 4_000_000_000_u64}),
        ];
        for spoiler in spoilers {
            assert_eq!(verify(&key, ISSUER, &signed(&key, &spoiler), noon()), None, "{spoiler}");
        }
    }

    #[test]
    fn another_key_another_type_or_another_algorithm_is_refused() {
        let (ours, theirs) = (key(), key());
        assert_eq!(verify(&ours, ISSUER, &sign(&theirs, ISSUER, user(), noon()).unwrap(), noon()), None);
        let with = |header: Header| encode(&header, &json!({}), &ours.encoding).unwrap();
        let honest =
            Header { typ: Some(TYPE.into()), kid: Some("k1".into()), ..Header::new(Algorithm::EdDSA) };
        assert!(kid(&with(honest.clone())).is_some());
        assert_eq!(kid(&with(Header { typ: Some("JWT".into()), ..honest.clone() })), None);
        assert_eq!(kid(&with(Header { kid: None, ..honest.clone() })), None);
        assert_eq!(kid(&with(Header { crit: Some(vec!["x".into()]), ..honest })), None);
        for forged in [
            json!({"alg": "none", "typ": TYPE, "kid": "k1"}),
            json!({"alg": "HS256", "typ": TYPE, "kid": "k1"}),
        ] {
            assert_eq!(kid(&format!("{}.e30.", URL_SAFE_NO_PAD.encode(forged.to_string()))), None);
        }
    }
}
