//! What exactly is hashed: every field in a fixed order, each with its length or presence before it,
//! after a word that says what is hashed, so that no two different records have the same bytes.

use sha2::{Digest, Sha256};

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// Where the chain begins.
pub(super) const GENESIS: Hash = [0; 32];

/// The fields of a record that never change.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub seq: i64,
    /// Microseconds since 1970: both databases keep this exactly.
    pub at: i64,
    pub actor_id: Option<i64>,
    pub on_behalf_of: Option<i64>,
    pub action: &'a str,
    pub subject_kind: &'a str,
    pub subject_id: i64,
    pub unit_id: Option<i64>,
    pub summary: &'a str,
    pub digest: &'a [u8],
    pub prev: &'a [u8],
}

impl Record<'_> {
    pub(super) fn hash(&self) -> Hash {
        self.hash_with(&mut Vec::with_capacity(256))
    }

    /// As [`Self::hash`], for many records: the buffer is used again.
    pub(super) fn hash_with(&self, buffer: &mut Vec<u8>) -> Hash {
        let mut fields = Fields::begin(buffer, b"zhendi audit record 1\0");
        fields.number(self.seq);
        fields.number(self.at);
        fields.optional(self.actor_id);
        fields.optional(self.on_behalf_of);
        fields.bytes(self.action.as_bytes());
        fields.bytes(self.subject_kind.as_bytes());
        fields.number(self.subject_id);
        fields.optional(self.unit_id);
        fields.bytes(self.summary.as_bytes());
        fields.bytes(self.digest);
        fields.bytes(self.prev);
        fields.end()
    }
}

/// What a record says that may be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    pub actor_name: String,
    pub address: Option<String>,
    pub detail: String,
}

impl Payload {
    pub(super) fn digest(&self, salt: &[u8]) -> Hash {
        let address = self.address.as_deref();
        digest(&mut vec![], salt, &self.actor_name, address, &self.detail)
    }
}

/// The digest of a payload.
pub(super) fn digest(
    buffer: &mut Vec<u8>,
    salt: &[u8],
    actor_name: &str,
    address: Option<&str>,
    detail: &str,
) -> Hash {
    let mut fields = Fields::begin(buffer, b"zhendi audit payload 1\0");
    fields.bytes(salt);
    fields.bytes(actor_name.as_bytes());
    match address {
        Some(address) => {
            fields.0.push(1);
            fields.bytes(address.as_bytes());
        }
        None => fields.0.push(0),
    }
    fields.bytes(detail.as_bytes());
    fields.end()
}

struct Fields<'a>(&'a mut Vec<u8>);

impl<'a> Fields<'a> {
    fn begin(buffer: &'a mut Vec<u8>, what: &[u8]) -> Self {
        buffer.clear();
        buffer.extend_from_slice(what);
        Self(buffer)
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn optional(&mut self, number: Option<i64>) {
        self.0.push(number.is_some().into());
        self.number(number.unwrap_or(0));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn end(self) -> Hash {
        Sha256::digest(self.0.as_slice()).into()
    }
}
