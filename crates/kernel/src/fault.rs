//! What can go wrong with a request, and the words that tell people what to do next.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Result of a request's work.
pub type Outcome<T> = Result<T, Fault>;

/// Everything that ends a request early.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody is signed in.
    #[error("请先登录。")]
    Anonymous,
    /// The thing is not there, or the actor may not know that it is.
    #[error("没有找到您要看的内容。")]
    NotFound,
    /// The actor may see it but not do this; the reason is for them to read.
    #[error("{0}")]
    Forbidden(String),
    /// A rule or the present state refuses; the reason is for them to read.
    #[error("{0}")]
    Refused(String),
    /// Someone else changed it first.
    #[error("在您操作期间，这条记录已被他人更新，您的操作没有生效。")]
    Stale,
    /// What was sent cannot be read; the reason is for them to read.
    #[error("{0}")]
    Malformed(String),
    /// More than the limit was sent.
    #[error("{0}")]
    TooLarge(String),
    /// Too many requests; try again after so many seconds.
    #[error("操作过于频繁，请 {0} 秒后再试。")]
    TooMany(u64),
    /// The database or the disk does not serve at the moment.
    #[error("系统暂时无法保存或读取数据，请稍后再试。")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room left to write to.
    #[error("服务器的存储空间已满，暂时不能保存。")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The program is wrong.
    #[error("系统出现内部错误。")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    /// A fault of the program, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Anonymous => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Refused(_) | Self::Stale => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A short heading.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Anonymous => "需要登录",
            Self::NotFound => "没有找到",
            Self::Forbidden(_) => "没有权限",
            Self::Refused(_) => "不能这样办理",
            Self::Stale => "已被他人更新",
            Self::Malformed(_) => "无法识别提交的内容",
            Self::TooLarge(_) => "提交的内容过大",
            Self::TooMany(_) => "操作过于频繁",
            Self::Unavailable(_) => "暂时无法服务",
            Self::Full(_) => "存储空间已满",
            Self::Internal(_) => "系统出错",
        }
    }

    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Anonymous => "登录后会回到您要去的页面。",
            Self::NotFound => {
                "请检查网址；如果是从待办或消息点进来的，它可能已被撤回或不在您的管理范围内。"
            }
            Self::Forbidden(_) => "如认为有误，请联系本单位负责人或安全管理员。",
            Self::Refused(_) => "请返回上一页，按提示处理后再试。",
            Self::Stale => "请返回并刷新页面，查看最新情况后再决定是否继续。",
            Self::Malformed(_) | Self::TooLarge(_) => {
                "请返回上一页修改后重新提交，已填内容不会丢失。"
            }
            Self::TooMany(_) => "稍候片刻即可继续。",
            Self::Unavailable(_) => {
                "您提交的内容没有保存。请保留本页，过一会儿刷新重试；若持续出现，请联系系统管理员。"
            }
            Self::Full(_) => {
                "您提交的内容没有保存，已有的内容可以照常查看。请保留本页并告诉系统管理员，腾出空间后再提交。"
            }
            Self::Internal(_) => "问题已记录。请把下面的请求编号告诉系统管理员。",
        }
    }
}

/// What the response carries to the layer that renders it for this particular request.
#[derive(Clone, Debug)]
pub struct Report {
    pub status: StatusCode,
    pub title: &'static str,
    pub message: String,
    pub advice: &'static str,
    /// Whether signing in would help.
    pub sign_in: bool,
}

impl IntoResponse for Fault {
    /// A bare response; the layer [`crate::web::faults`] turns it into a page, a fragment or problem+json.
    fn into_response(self) -> Response {
        match &self {
            Self::Internal(cause) => {
                tracing::error!(error = %Chain(cause.as_ref()), "internal fault")
            }
            Self::Unavailable(cause) => {
                tracing::warn!(error = %Chain(cause.as_ref()), "unavailable")
            }
            Self::Full(cause) => {
                tracing::error!(error = %Chain(cause.as_ref()), "no room left on the disk")
            }
            _ => {}
        }
        let report = Report {
            status: self.status(),
            title: self.title(),
            message: self.to_string(),
            advice: self.advice(),
            sign_in: matches!(self, Self::Anonymous),
        };
        let mut response = (report.status, report.message.clone()).into_response();
        if let Self::TooMany(seconds) = self {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(report);
        response
    }
}

/// An error with its causes on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(next) = cause {
            write!(f, ": {next}")?;
            cause = next.source();
        }
        Ok(())
    }
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        if is_full(&error) {
            Self::Full(error.into())
        } else if is_outage(&error) {
            Self::Unavailable(error.into())
        } else if is_corrupt(&error) {
            Self::Internal(format!("数据库文件已损坏，请从备份恢复：{error}").into())
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::of_storage(error)
    }
}

impl Fault {
    /// What a disk or a store of files did not do: [`Fault::Full`] when it has no room,
    /// [`Fault::Unavailable`] for every other reason.
    pub fn of_storage(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let error = error.into();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
        while let Some(inner) = cause {
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && matches!(
                    io.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                )
            {
                return Self::Full(error);
            }
            cause = inner.source();
        }
        Self::Unavailable(error)
    }
}

/// Whether a write met a unique index: someone else was first with the same key.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the database has no room left: SQLite's FULL, PostgreSQL's disk_full.
fn is_full(error: &DbErr) -> bool {
    matches!(code(error).as_deref(), Some("13" | "53100"))
}

/// Whether SQLite found its file damaged: CORRUPT, NOTADB.
fn is_corrupt(error: &DbErr) -> bool {
    let code = code(error).and_then(|code| code.parse::<i32>().ok());
    matches!(code.map(|code| code & 0xff), Some(11 | 26))
}

/// The database's own code of an error.
fn code(error: &DbErr) -> Option<String> {
    use sea_orm::sqlx::Error as Sqlx;
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    match cause.as_ref() {
        Sqlx::Database(cause) => cause.code().map(|code| code.into_owned()),
        _ => None,
    }
}

/// Whether the database itself does not serve (gone, full, too busy), as opposed to a wrong query.
fn is_outage(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match cause.as_ref() {
                Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => true,
                Sqlx::Database(cause) => cause.code().is_some_and(|code| {
                    // SQLite: BUSY, LOCKED, READONLY, IOERR, CANTOPEN (primary codes).
                    // PostgreSQL: classes 08 connection, 53 resources, 57P operator, 40 rollback.
                    matches!(code.parse::<i32>().map(|n| n & 0xff), Ok(5 | 6 | 8 | 10 | 14) if code.len() < 5)
                        || ["08", "53", "57P", "40"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                }),
                _ => false,
            }
        }
        _ => false,
    }
}
