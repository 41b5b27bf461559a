//! How a message is signed: by the Standard Webhooks specification (version 1), for which receivers find
//! libraries in every language.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zhendi_kernel::Entropy;

/// Before the Base64 of a secret.
const MARK: &str = "whsec_";

/// A new secret as it is shown to people: 32 random bytes.
pub fn new_secret(entropy: &Entropy) -> String {
    format!("{MARK}{}", STANDARD.encode(entropy.bytes::<32>()))
}

/// What stands in `webhook-signature`: HMAC-SHA-256 over id, moment (seconds) and body with full stops
/// between. Without the secret nobody can say it, with the moment in it nobody can send it again later.
pub fn signature(secret: &str, id: &str, at: DateTime<Utc>, body: &[u8]) -> String {
    let key = STANDARD
        .decode(secret.strip_prefix(MARK).unwrap_or(secret))
        .unwrap_or_else(|_| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{}.", at.timestamp()).as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signs_as_the_specification_says() {
        let at = DateTime::from_timestamp(1_614_265_330, 0).expect("a moment");
        assert_eq!(
            signature(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                at,
                br#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn secrets_differ_and_another_body_is_signed_otherwise() {
        let (one, other) = (
            new_secret(&Entropy::system()),
            new_secret(&Entropy::system()),
        );
        assert_ne!(one, other);
        let at = DateTime::from_timestamp(0, 0).expect("a moment");
        assert_ne!(
            signature(&one, "1", at, b"a"),
            signature(&one, "1", at, b"b")
        );
        assert_ne!(
            signature(&one, "1", at, b"a"),
            signature(&other, "1", at, b"a")
        );
    }
}
