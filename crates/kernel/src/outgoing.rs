//! The guarded way out: requests to other servers never reach private, loopback or otherwise special
//! addresses unless the operator allowed the network. Campus sites often live on private addresses;
//! attackers like them too.

use crate::config::Config;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::{
    Client, RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};
use url::{Host, Url};

/// The longest answer that is read.
pub const MAX_BODY: usize = 8 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;

/// Why there is no answer. The words name no path and no query, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The address is not one that the program may ask.
    #[error(
        "不允许访问 {0}：它指向内部或保留地址。确需访问时，请在配置 outgoing.allowed_networks 中加入其网段"
    )]
    Forbidden(String),
    /// Not an `http` or `https` address, or one with a password in it.
    #[error("网址不能使用：只接受 http 和 https 开头、不含密码的网址")]
    Unusable,
    #[error("{0} 在规定时间内没有应答")]
    Timeout(String),
    #[error("{0} 的应答超过大小限制")]
    TooLarge(String),
    /// Not found, refused, broken off, wrong certificate, too many redirects.
    #[error("无法连接 {host}")]
    Unreachable {
        host: String,
        #[source]
        cause: reqwest::Error,
    },
}

/// What another server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

/// A request with everything said.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub method: Method,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// How long the answer may take, where the usual time is not right.
    pub patience: Option<Duration>,
}

/// The guarded client; cheap to clone.
#[derive(Clone)]
pub struct Outgoing {
    client: Client,
    /// Follows no redirect.
    straight: Client,
    gate: Gate,
}

impl Outgoing {
    /// A client that keeps to the rules.
    ///
    /// # Errors
    /// When the machine gives it no way to speak TLS at all.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        // The provider is per process and may be there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let gate = Gate(config.outgoing.allowed_networks.clone().into());
        let build = |redirects: fn(&Gate) -> redirect::Policy| {
            let builder = || {
                Client::builder()
                    .user_agent(concat!("zhendi/", env!("CARGO_PKG_VERSION")))
                    // A proxy would resolve names itself, past the gate.
                    .no_proxy()
                    .dns_resolver(gate.clone())
                    .redirect(redirects(&gate))
                    .referer(false)
                    .connect_timeout(CONNECT_TIMEOUT)
                    .timeout(TIMEOUT)
            };
            builder().build().or_else(|error| {
                tracing::warn!(%error, "no certificate authorities on this machine; https will not work");
                builder().tls_certs_only([]).build()
            })
        };
        let client = build(Gate::redirects)?;
        let straight = build(|_| redirect::Policy::none())?;
        Ok(Self {
            client,
            straight,
            gate,
        })
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// When the gate refuses or there is no usable answer.
    pub async fn get(&self, url: &Url) -> Result<Answer, OutgoingError> {
        self.send(url, self.client.get(url.clone())).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn post_json(
        &self,
        url: &Url,
        body: &serde_json::Value,
    ) -> Result<Answer, OutgoingError> {
        self.send(url, self.client.post(url.clone()).json(body))
            .await
    }

    /// Asks with everything said: for the interfaces of other systems. Follows no redirect: what a header
    /// vouches for is for this address alone, and a redirected POST would arrive without its body.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn ask(&self, url: &Url, ask: Ask) -> Result<Answer, OutgoingError> {
        let mut request = self
            .straight
            .request(ask.method, url.clone())
            .headers(ask.headers)
            .body(ask.body);
        if let Some(patience) = ask.patience {
            request = request.timeout(patience);
        }
        self.send(url, request).await
    }

    /// Asks what is at an address, following redirects; nothing of the answer's body is read.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn status(
        &self,
        method: Method,
        url: &Url,
        patience: Duration,
    ) -> Result<StatusCode, OutgoingError> {
        self.gate.admit(url)?;
        let request = self.client.request(method, url.clone()).timeout(patience);
        let answer = request.send().await;
        Ok(answer.map_err(|cause| explain(cause, &host(url)))?.status())
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Answer, OutgoingError> {
        self.gate.admit(url)?;
        let host = host(url);
        let failed = |cause| explain(cause, &host);
        let mut response = request.send().await.map_err(failed)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(OutgoingError::TooLarge(host));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            body: body.freeze(),
        })
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn explain(cause: reqwest::Error, host: &str) -> OutgoingError {
    let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&cause);
    while let Some(error) = inner {
        if let Some(Refused(name)) = error.downcast_ref() {
            return OutgoingError::Forbidden(name.clone());
        }
        inner = error.source();
    }
    if cause.is_timeout() {
        return OutgoingError::Timeout(host.to_owned());
    }
    OutgoingError::Unreachable {
        host: host.to_owned(),
        cause: cause.without_url(),
    }
}

/// What the gate says inside of the client.
#[derive(Debug, thiserror::Error)]
#[error("the address of {0} is not allowed")]
struct Refused(String);

/// Decides where requests may go: at resolution, so that the address checked is the one connected
/// to, and for addresses written as numbers, which are never resolved.
#[derive(Clone)]
struct Gate(Arc<[IpNet]>);

impl Gate {
    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|network| network.contains(&address))
    }

    fn admit(&self, url: &Url) -> Result<(), OutgoingError> {
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(OutgoingError::Unusable);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(OutgoingError::Unusable),
        };
        if self.allows(address) {
            Ok(())
        } else {
            Err(OutgoingError::Forbidden(host(url)))
        }
    }

    fn redirects(&self) -> redirect::Policy {
        let gate = self.clone();
        redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > MAX_REDIRECTS {
                return attempt.error("too many redirects");
            }
            match gate.admit(attempt.url()) {
                Ok(()) => attempt.follow(),
                Err(_) => {
                    let host = host(attempt.url());
                    attempt.error(Refused(host))
                }
            }
        })
    }
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|found| gate.allows(found.ip())).collect();
            if allowed.is_empty() {
                return Err(Refused(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet, by the special-purpose registries of IANA.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        // 169.254.169.254, where clouds keep their machines' secrets, is among these.
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // Shared by carriers; some clouds keep 100.100.100.200 there.
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, old 6to4 relays, benchmarks, reserved and broadcast.
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = s {
        // NAT64 leads to the IPv4 address inside.
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only 2000::/3 is handed out. Out of it: Teredo, ORCHID and other protocol assignments,
    // documentation, and 6to4, which leads to the IPv4 address inside.
    (s[0] & 0xe000) == 0x2000
        && !(s[0] == 0x2001 && s[1] < 0x0200)
        && !(s[0] == 0x2001 && s[1] == 0x0db8)
        && !(s[0] == 0x3fff && s[1] < 0x1000)
        && s[0] != 0x2002
}

#[cfg(test)]
mod tests;
