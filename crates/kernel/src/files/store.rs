//! Where files lie: a folder of this machine, or a bucket that several nodes share. A name is the hash of
//! the content, so a file is written once, never changed, and every read tells whether it is still whole.

use super::ContentHash;
use crate::{
    Fault,
    config::{Bucket, Config},
};
use bytes::Bytes;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, PutMode, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path as StorePath, prefix::PrefixStore,
};
use std::{path::Path, sync::Arc, time::Duration};

/// The store of files.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    place: String,
}

/// What became of a stored file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is as it was put, of so many bytes.
    Whole(u64),
    /// Its content is not what its name says.
    Damaged,
    /// There is none.
    Missing,
}

/// A request to the store that a person waits for is not tried again for longer than this.
const PATIENCE: Duration = Duration::from_secs(15);

/// Opens a bucket for the whole of its names.
///
/// # Errors
/// `Fault::Refused` with what is missing when the configuration says nothing about object storage, or its
/// secret cannot be read; `Fault::Unavailable` when what it says makes no client.
pub fn bucket(config: &Config, bucket: &Bucket) -> Result<Arc<dyn ObjectStore>, Fault> {
    let s3 = config.s3.as_ref().ok_or_else(|| {
        Fault::Refused("配置中没有对象存储（s3.key_id 和 s3.secret），不能使用 s3:// 地址。".into())
    })?;
    let secret = s3
        .secret
        .read()
        .map_err(|error| Fault::Refused(format!("无法读取对象存储的密钥文件：{error}")))?;
    // The provider is per process and may be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let plain = s3
        .endpoint
        .as_ref()
        .is_some_and(|url| url.scheme() == "http");
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&s3.region)
        .with_access_key_id(&s3.key_id)
        .with_secret_access_key(&*secret)
        .with_virtual_hosted_style_request(!s3.in_path)
        .with_client_options(
            ClientOptions::new()
                .with_allow_http(plain)
                .with_connect_timeout(Duration::from_secs(5))
                .with_timeout(Duration::from_secs(60)),
        )
        .with_retry(RetryConfig {
            max_retries: 4,
            retry_timeout: PATIENCE,
            ..Default::default()
        });
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    Ok(Arc::new(builder.build().map_err(Fault::of_storage)?))
}

impl Files {
    /// The store that the configuration names.
    ///
    /// # Errors
    /// As [`Files::local`] and [`bucket`].
    pub fn open(config: &Config) -> Result<Self, Fault> {
        let Some(place) = &config.files else {
            return Self::local(&config.data.join("files"));
        };
        let store = PrefixStore::new(bucket(config, place)?, place.prefix.as_str());
        Ok(Self {
            store: Arc::new(store),
            place: place.to_string(),
        })
    }

    /// A folder of this machine; made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or opened.
    pub fn local(folder: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Fault::of_storage)?;
        Ok(Self {
            store: Arc::new(store.with_fsync(true)),
            place: folder.display().to_string(),
        })
    }

    /// Where it is, for operators.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Keeps a file; it is durable when this returns, so that the row which names it may follow. Doing so
    /// again changes nothing.
    ///
    /// # Errors
    /// `Fault::Full` or `Fault::Unavailable` when the store does not take it.
    pub async fn put(&self, bytes: Bytes) -> Result<ContentHash, Fault> {
        let (hash, bytes) = hashed(bytes).await?;
        match self
            .store
            .put_opts(&hash.path(), bytes.into(), PutMode::Create.into())
            .await
        {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(hash),
            Err(error) => Err(Fault::of_storage(error)),
        }
    }

    /// A file's content, checked against its hash.
    ///
    /// # Errors
    /// `Fault::Internal` naming the hash when the file is gone or is not what was put;
    /// `Fault::Unavailable` when the store does not serve.
    pub async fn get(&self, hash: &ContentHash) -> Result<Bytes, Fault> {
        let Some(found) = self.read(hash).await? else {
            return Err(Fault::internal(format!("file {hash} is gone")));
        };
        let (real, bytes) = hashed(found).await?;
        if real != *hash {
            return Err(Fault::internal(format!(
                "file {hash} was altered on the disk: its content now has hash {real}"
            )));
        }
        Ok(bytes)
    }

    /// Reads a file again and says what became of it.
    ///
    /// # Errors
    /// `Fault::Unavailable` when the store does not serve.
    pub async fn check(&self, hash: &ContentHash) -> Result<Found, Fault> {
        let Some(bytes) = self.read(hash).await? else {
            return Ok(Found::Missing);
        };
        let (real, bytes) = hashed(bytes).await?;
        Ok(if real == *hash {
            Found::Whole(bytes.len() as u64)
        } else {
            Found::Damaged
        })
    }

    /// Whether the store answers at all; asks for a file that is not there.
    ///
    /// # Errors
    /// `Fault::Unavailable` when it does not answer within some seconds, or refuses.
    pub async fn reach(&self) -> Result<(), Fault> {
        let nothing = StorePath::from("reachable");
        match tokio::time::timeout(Duration::from_secs(4), self.store.head(&nothing)).await {
            Ok(Ok(_) | Err(object_store::Error::NotFound { .. })) => Ok(()),
            Ok(Err(error)) => Err(Fault::of_storage(error)),
            Err(late) => Err(Fault::of_storage(late)),
        }
    }

    async fn read(&self, hash: &ContentHash) -> Result<Option<Bytes>, Fault> {
        match self.store.get(&hash.path()).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(Fault::of_storage)?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Fault::of_storage(error)),
        }
    }
}

/// Large files take their time, which other requests should not wait for.
async fn hashed(bytes: Bytes) -> Result<(ContentHash, Bytes), Fault> {
    tokio::task::spawn_blocking(move || (ContentHash::of(&bytes), bytes))
        .await
        .map_err(Fault::internal)
}
