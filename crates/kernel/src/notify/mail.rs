//! Mail, one letter at a time over SMTP. Addresses are opened here and nowhere else, and never reach
//! a log or a job.

use super::store;
use crate::{
    App, Fault, PersonId,
    config::{Encryption, Mail},
    jobs::JobError,
    settings::Institution,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use std::time::Duration;

/// A mail server that says nothing for so long is tried again later.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is mailed. No personal data.
pub(crate) struct Letter {
    /// The same for the same letter, so that one sent twice can be seen as one.
    pub id: String,
    pub subject: String,
    pub text: String,
    /// A path of this site.
    pub href: String,
}

/// Sends the notification that a job names, unless it was read, or mail was refused, meanwhile.
pub(super) async fn send_notification(
    app: &App,
    payload: serde_json::Value,
) -> Result<(), JobError> {
    #[derive(serde::Deserialize)]
    struct Payload {
        notification: i64,
    }
    let Payload { notification } = serde_json::from_value(payload)
        .map_err(|_| JobError::Permanent("任务内容无法识别".into()))?;
    let Some(row) = store::load(app.db.read(), notification).await? else {
        return Ok(());
    };
    if row.read_at.is_some() {
        return Ok(());
    }
    let letter = Letter {
        id: format!("notification-{}", row.id),
        text: row.title.clone(),
        subject: row.title,
        href: row.href,
    };
    send(app, row.person_id, letter).await
}

/// Sends a letter to a person who has an address and wants mail; to others nothing.
///
/// # Errors
/// Permanent when the address or the letter will never do, otherwise worth another try. The words
/// hold neither the address nor the server's own, which often quote it.
pub(crate) async fn send(app: &App, to: PersonId, letter: Letter) -> Result<(), JobError> {
    let Some(config) = &app.config.mail else {
        return Ok(());
    };
    let Some(sealed) = store::address_of(app.db.read(), to).await? else {
        return Ok(());
    };
    let address = app.keys.open(store::PURPOSE, &sealed)?;
    let to = Mailbox::new(
        None,
        address
            .parse()
            .map_err(|_| JobError::Permanent("收件人的邮箱地址格式不正确".into()))?,
    );
    let message = compose(app, config, to, letter).await?;
    let transport = transport(config).map_err(explain)?;
    transport.send(message).await.map_err(explain)?;
    metrics::counter!("mails_sent_total").increment(1);
    Ok(())
}

async fn compose(
    app: &App,
    config: &Mail,
    to: Mailbox,
    letter: Letter,
) -> Result<Message, JobError> {
    let wrong = |_| JobError::Permanent("邮件无法生成，请检查配置中的发件人".into());
    let from: Mailbox = config.from.parse().map_err(wrong)?;
    let institution: Institution = app.setting().await?;
    let sender = match institution.name.as_str() {
        "" => "网络阵地管理",
        name => name,
    };
    let mut text = letter.text;
    if let Some(site) = &app.config.public_url {
        let link = site.join(&letter.href).map_err(Fault::internal)?;
        text += &format!("\n\n办理请打开：{link}");
    }
    text +=
        "\n\n本邮件由系统自动发出，请勿回复。如不想再收到，可在系统“消息”页的“接收设置”中关闭。\n";
    Message::builder()
        .message_id(Some(format!("<{}@{}>", letter.id, from.email.domain())))
        // Automatic replies to automatic mail go round in circles.
        .header(AutoSubmitted)
        .from(from)
        .to(to)
        .date(app.now().into())
        .subject(format!("【{sender}】{}", letter.subject))
        .header(ContentType::TEXT_PLAIN)
        .body(text)
        .map_err(|_| JobError::Permanent("邮件无法生成，请检查配置中的发件人".into()))
}

/// `Auto-Submitted: auto-generated` (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

fn transport(
    config: &Mail,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let tls = match config.encryption {
        Encryption::Tls => Tls::Wrapper(TlsParameters::new(config.host.clone())?),
        Encryption::StartTls => Tls::Required(TlsParameters::new(config.host.clone())?),
        Encryption::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let (Some(user), Some(password)) = (&config.user, &config.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
    }
    Ok(builder.build())
}

/// The failure in our words.
fn explain(error: lettre::transport::smtp::Error) -> JobError {
    match error.status() {
        Some(code) if error.is_permanent() => {
            JobError::Permanent(format!("邮件服务器拒收（代码 {code}）"))
        }
        Some(code) => JobError::Retry(format!("邮件服务器暂时不收（代码 {code}）")),
        None if error.is_tls() => JobError::Retry("与邮件服务器的加密连接未能建立".into()),
        None => JobError::Retry("无法连接邮件服务器".into()),
    }
}
