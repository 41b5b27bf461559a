//! One spelling for every address and account id. Pure.

use crate::{
    channel::Facts,
    platform::{NamedBy, Platforms},
};
use url::{Host, Url};
use zhendi_kernel::text;

/// What tells a channel from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The spelling in the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// File names that web servers show when a folder is asked for.
const INDEXES: [&str; 9] = [
    "index.html",
    "index.htm",
    "index.php",
    "index.jsp",
    "index.asp",
    "index.aspx",
    "index.shtml",
    "default.aspx",
    "default.htm",
];

/// The keys of a channel: of its address or id, or of unit, platform and name when it has neither.
pub fn keys(facts: &Facts, named_by: NamedBy) -> Vec<Key> {
    let link = site(&facts.address_or_id, named_by == NamedBy::Address);
    let key = link.or_else(|| {
        let id = account(&facts.address_or_id)?;
        Some(format!("account:{}:{id}", facts.platform))
    });
    vec![Key(key.unwrap_or_else(|| {
        let name = text::fold(&facts.name);
        format!("name:{}:{}:{name}", facts.unit, facts.platform)
    }))]
}

/// The keys by which a channel could be known that someone pasted a link or an id of: of a link, its own
/// and those of the folders above it, the nearest first; of anything else, an account of each platform.
pub fn keys_of_pasted(pasted: &str, platforms: &Platforms) -> Vec<Key> {
    let Some(whole) = site(pasted, true) else {
        return account(pasted)
            .map(|id| {
                platforms
                    .0
                    .iter()
                    .map(|on| Key(format!("account:{}:{id}", on.code)))
                    .collect()
            })
            .unwrap_or_default();
    };
    let mut keys = vec![Key(whole.clone())];
    let mut rest = whole.split('?').next().unwrap_or_default();
    // No address has more folders that matter than these.
    while keys.len() < 12 {
        if rest != keys[keys.len() - 1].0 {
            keys.push(Key(rest.to_owned()));
        }
        match rest.rsplit_once('/') {
            Some((above, _)) => rest = above,
            None => break,
        }
    }
    keys
}

/// An account id as it is compared: no `@`, no case, no width, no spaces. None when nothing is left, or
/// when the cell only says that there is none.
fn account(raw: &str) -> Option<String> {
    let folded = text::fold(raw);
    let id = folded.trim_start_matches('@');
    let says_none = matches!(
        id,
        "" | "无" | "暂无" | "没有" | "-" | "--" | "/" | "\\" | "xxx" | "n/a"
    );
    (!says_none).then(|| id.to_owned())
}

/// A web address as it is compared: host in ASCII, port unless it is the usual one, path without index
/// file and closing slash, query. Whether by http or https, written large or small, is all the same.
/// `bare` also takes addresses without a scheme.
fn site(raw: &str, bare: bool) -> Option<String> {
    let folded = text::fold(raw);
    let typed = folded.trim_matches(|c: char| {
        matches!(
            c,
            '。' | '，'
                | ','
                | ';'
                | '"'
                | '\''
                | '<'
                | '>'
                | '“'
                | '”'
                | '「'
                | '」'
                | '《'
                | '》'
        )
    });
    let url = if typed.starts_with("http://") || typed.starts_with("https://") {
        Url::parse(typed).ok()?
    } else if bare && !typed.contains("://") {
        Url::parse(&format!("http://{}", typed.trim_start_matches('/'))).ok()?
    } else {
        return None;
    };
    let host = match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            // A word without a dot is a name that somebody typed, not a host.
            name.contains('.').then(|| name.to_owned())?
        }
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => format!("[{ip}]"),
    };
    let mut key = format!("site:{host}");
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        key.push_str(&format!(":{port}"));
    }
    // The percent signs of folded text are folded too; the URL's own are written large.
    let path = url.path().to_lowercase();
    let mut path = path.trim_end_matches('/');
    if let Some((folder, file)) = path.rsplit_once('/')
        && INDEXES.contains(&file)
    {
        path = folder.trim_end_matches('/');
    }
    key.push_str(path);
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        key.push('?');
        key.push_str(&query.to_lowercase());
    }
    Some(key)
}
