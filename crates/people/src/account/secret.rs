//! Passwords and one-time codes as they are kept: argon2id, a bounded number at once.

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, Salt},
    },
};
use std::{
    cell::RefCell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};
use tokio::sync::{Semaphore, oneshot};
use unicode_normalization::UnicodeNormalization;
use zhendi_kernel::{Entropy, Fault};

/// The hash of a password or code (PHC text). It does not show itself in logs.
#[derive(Clone, PartialEq, Eq, sea_orm::DeriveValueType)]
pub struct SecretHash(String);

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// What the secret of a login that does not exist is compared with: the same work as for one that does.
static NOBODY: LazyLock<SecretHash> = LazyLock::new(|| {
    hash_now(b"nobody has this password", b"and no salt hides it").expect("argon2 hashes")
});

/// So many hashes at once: each takes 19 MiB and a processor for some 30 ms.
const AT_ONCE: usize = 2;

/// So many may wait for their turn (about a second); more are sent away.
const IN_LINE: usize = 64;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
static WAITING: AtomicUsize = AtomicUsize::new(0);

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    /// What a hash works in: taken once by each of the hashing threads and used again and again. Given back and
    /// taken anew, an allocator keeps several of it for every thread that ever had one.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(vec![]) };
}

/// The threads that hash, always the same.
static HASHERS: LazyLock<mpsc::Sender<Job>> = LazyLock::new(|| {
    let (jobs, queue) = mpsc::channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..AT_ONCE {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(job) = next else { break };
                // Whoever waits for a job that panicked is told so by its dropped channel.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        });
    }
    jobs
});

/// Counts who waits, also when a request is dropped while it does.
struct Waiting;

impl Waiting {
    fn enter() -> Result<Self, Fault> {
        if WAITING.fetch_add(1, Ordering::Relaxed) >= IN_LINE {
            WAITING.fetch_sub(1, Ordering::Relaxed);
            return Err(Fault::Unavailable("too many sign-ins at once".into()));
        }
        Ok(Self)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does hashing work away from the threads that serve requests, when it is its turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let waiting = Waiting::enter()?;
    let turn = TURNS.acquire().await.map_err(Fault::internal)?;
    drop(waiting);
    let (done, told) = oneshot::channel();
    // The turn goes into the job: work cannot be stopped when its request is dropped.
    let job = move || {
        let result = work();
        drop(turn);
        let _ = done.send(result);
    };
    HASHERS
        .send(Box::new(job))
        .map_err(|_| Fault::internal("the hashing threads are gone"))?;
    told.await.map_err(Fault::internal)
}

fn digest(argon2: &Argon2<'_>, secret: &[u8], salt: &[u8], out: &mut [u8]) -> argon2::Result<()> {
    MEMORY.with_borrow_mut(|memory| {
        memory.resize(argon2.params().block_count(), Block::new());
        argon2.hash_password_into_with_memory(secret, salt, out, memory)
    })
}

fn hash_now(secret: &[u8], salt: &[u8]) -> Result<SecretHash, password_hash::Error> {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    digest(&ARGON2, secret, salt, &mut out)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(ARGON2.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&out)?),
    };
    Ok(SecretHash(hash.to_string()))
}

/// Whether the secret is the one of this hash, by the parameters that stand in it.
fn matches_now(secret: &[u8], hash: &SecretHash) -> Result<bool, password_hash::Error> {
    let hash = PasswordHash::new(&hash.0)?;
    let (Some(salt), Some(wanted)) = (&hash.salt, &hash.hash) else {
        return Ok(false);
    };
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash)?);
    let mut out = [0; Output::MAX_LENGTH];
    let out = &mut out[..wanted.len()];
    digest(&argon2, secret, salt, out)?;
    Ok(subtle::ConstantTimeEq::ct_eq(&*out, wanted.as_bytes()).into())
}

/// One text for one password, whichever way a keyboard or an input method wrote it (full width,
/// composed or not), as NIST SP 800-63B advises.
fn normal(secret: &str) -> String {
    secret.nfkc().collect()
}

/// The hash of a new secret.
///
/// # Errors
/// `Fault::Unavailable` when too many wait already.
pub async fn hash(entropy: &Entropy, secret: &str) -> Result<SecretHash, Fault> {
    let (secret, salt) = (normal(secret), entropy.bytes::<16>());
    in_turn(move || hash_now(secret.as_bytes(), &salt))
        .await?
        .map_err(Fault::internal)
}

/// Whether a secret is the one that was hashed. With no hash it takes as long and says no.
///
/// # Errors
/// `Fault::Unavailable` when too many wait already.
pub async fn matches(secret: &str, hash: Option<&SecretHash>) -> Result<bool, Fault> {
    let (secret, hash) = (normal(secret), hash.cloned());
    in_turn(move || {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        matches_now(secret.as_bytes(), &hash).unwrap_or(false) && exists
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_match_themselves_only() {
        let entropy = Entropy::system();
        let one = hash(&entropy, "Ａbc-密码-１").await.unwrap();
        assert!(
            one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            one.0
        );
        assert_eq!(format!("{one:?}"), "SecretHash");
        assert_ne!(one, hash(&entropy, "Ａbc-密码-１").await.unwrap(), "salted");
        assert!(matches("Abc-密码-1", Some(&one)).await.unwrap());
        assert!(!matches("Abc-密码-2", Some(&one)).await.unwrap());
        assert!(!matches("nobody has this password", None).await.unwrap());
        assert!(
            !matches("x", Some(&SecretHash("broken".into())))
                .await
                .unwrap()
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_at_once_take_turns_and_too_many_are_sent_away() {
        let (busy, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..IN_LINE + AT_ONCE + 20)
            .map(|_| {
                let (busy, most) = (busy.clone(), most.clone());
                tokio::spawn(in_turn(move || {
                    most.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    busy.fetch_sub(1, Ordering::SeqCst);
                }))
            })
            .collect();
        let mut refused = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => {}
                Err(Fault::Unavailable(_)) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
        assert!((1..=20).contains(&refused), "{refused} sent away");
        assert_eq!(WAITING.load(Ordering::SeqCst), 0);
    }
}
