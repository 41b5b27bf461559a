//! A client that loads a server over kept-alive connections and notes how long each answer took. It reads
//! no more of an answer than it must: it shares the machine's cores with the server.

use crate::Stop;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection.
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Line {
    pub async fn open(to: SocketAddr) -> Result<Self, Stop> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(256 * 1024),
        })
    }

    /// Sends a request as it is and reads the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Stop> {
        let (status, head, from, to) = self.exchange(request).await?;
        let raw = &self.buffer[from..to];
        let chunked = find_header(&self.buffer[..head], b"transfer-encoding").is_some();
        let body = if chunked {
            unchunked(raw)
        } else {
            raw.to_vec()
        };
        let head = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        Ok(Answer { status, head, body })
    }

    /// Sends a request; returns the status and how many bytes of body came.
    async fn load(&mut self, request: &[u8]) -> Result<(u16, usize), Stop> {
        let (status, _, from, to) = self.exchange(request).await?;
        Ok((status, to - from))
    }

    /// Status, end of the head, begin and end of the body in the buffer.
    async fn exchange(&mut self, request: &[u8]) -> Result<(u16, usize, usize, usize), Stop> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
        };
        let status = std::str::from_utf8(&self.buffer[9..12])?.parse()?;
        let body = head + 4;
        let length = find_header(&self.buffer[..head], b"content-length");
        let end = if let Some(length) = length {
            let length: usize = std::str::from_utf8(length)?.trim().parse()?;
            while self.buffer.len() < body + length {
                self.read().await?;
            }
            body + length
        } else if find_header(&self.buffer[..head], b"transfer-encoding").is_some() {
            while !self.buffer.ends_with(b"0\r\n\r\n") {
                self.read().await?;
            }
            self.buffer.len()
        } else {
            body
        };
        Ok((status, head, body, end))
    }

    async fn read(&mut self) -> Result<(), Stop> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn find_header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (key, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn unchunked(mut raw: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    while let Some(end) = find(raw, b"\r\n") {
        let size = std::str::from_utf8(&raw[..end]).unwrap_or("0");
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || raw.len() < end + 2 + size {
            break;
        }
        body.extend_from_slice(&raw[end + 2..end + 2 + size]);
        raw = &raw[(end + 4 + size).min(raw.len())..];
    }
    body
}

/// What a load came to.
#[derive(Clone, Debug)]
pub struct Load {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Bytes of the last body.
    pub size: usize,
    pub answers: usize,
    /// Answers that were not the expected ones.
    pub wrong: usize,
}

/// Asks over so many connections for so long. `request` makes the nth request, none when there are no more;
/// `wanted` is the status of a good answer.
pub fn load(
    to: SocketAddr,
    connections: usize,
    span: Duration,
    wanted: u16,
    request: impl Fn(usize) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> Result<Load, Stop> {
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(at_once(to, connections, span, wanted, Arc::new(request)))
    });
    worker.join().map_err(|_| "the client died")?
}

async fn at_once(
    to: SocketAddr,
    connections: usize,
    span: Duration,
    wanted: u16,
    request: Arc<impl Fn(usize) -> Option<Vec<u8>> + Send + Sync + 'static>,
) -> Result<Load, Stop> {
    let (nth, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (nth, request) = (Arc::clone(&nth), Arc::clone(&request));
        all.spawn(async move {
            let mut line = Line::open(to).await?;
            let (mut took, mut wrong, mut size) = (Vec::with_capacity(100_000), 0, 0);
            while began.elapsed() < span {
                let Some(request) = request(nth.fetch_add(1, Ordering::Relaxed)) else {
                    break;
                };
                let asked = Instant::now();
                let (status, bytes) = line.load(&request).await?;
                took.push(asked.elapsed());
                wrong += usize::from(status != wanted);
                size = bytes;
            }
            Ok::<_, Stop>((took, wrong, size))
        });
    }
    let (mut took, mut wrong, mut size) = (vec![], 0, 0);
    while let Some(one) = all.join_next().await {
        let (more, bad, bytes) = one??;
        took.extend(more);
        wrong += bad;
        size = bytes.max(size);
    }
    let span = began.elapsed();
    took.sort_unstable();
    let at = |part: f64| {
        let place = (took.len() as f64 * part) as usize;
        took.get(place.min(took.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    Ok(Load {
        per_second: took.len() as f64 / span.as_secs_f64(),
        p50: at(0.5),
        p99: at(0.99),
        size,
        answers: took.len(),
        wrong,
    })
}

/// A GET as a browser's, with a session's cookie.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept: text/html\r\n\
         Sec-Fetch-Site: same-origin\r\n\r\n"
    )
    .into_bytes()
}

/// A form posted as a browser would.
pub fn post(path: &str, cookie: &str, origin: &str, form: &str) -> Vec<u8> {
    let host = origin.trim_start_matches("http://");
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\n\
         Referer: {origin}/\r\nSec-Fetch-Site: same-origin\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}
