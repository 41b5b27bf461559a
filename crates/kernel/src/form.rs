//! Forms: what was typed stays beside what is wrong with it, so that nothing has to be typed twice.

use crate::{Fault, files::MAX_UPLOAD};
use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::fmt::Display;

/// One field of a form as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The name that is posted.
    pub name: &'static str,
    /// The label that people read; error summaries begin with it.
    pub label: &'static str,
    /// What was typed, or what to begin with.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Field {
    /// A field with something in it.
    pub fn new(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            label,
            value: value.into(),
            error: None,
        }
    }

    /// An empty field.
    pub fn empty(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, "")
    }

    /// Parses what was typed; a refusal stays on the field.
    pub fn check<T, E: Display>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match parse(&self.value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    /// Says what is wrong with the field. The first word stands.
    pub fn refuse(&mut self, error: impl Display) {
        self.error.get_or_insert_with(|| error.to_string());
    }
}

/// The list at the top of a refused form: field name and message.
pub type Errors = Vec<(&'static str, String)>;

/// Collects what is wrong with a form's fields.
pub fn errors<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Errors {
    fields
        .into_iter()
        .filter_map(|field| {
            let error = field.error.as_ref()?;
            Some((field.name, format!("{}：{error}", field.label)))
        })
        .collect()
}

/// A form page that comes back with errors: 422, so that scripts and tests can tell.
pub struct Unprocessable<T>(pub T);

impl<T: IntoResponse> IntoResponse for Unprocessable<T> {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, self.0).into_response()
    }
}

/// What a form posted: names with values, in order, names possibly repeated.
#[derive(Clone, Debug, Default)]
pub struct Posted(pub Vec<(String, String)>);

impl Posted {
    /// The first value of a name, or nothing.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The field of a name with what was typed.
    pub fn field(&self, name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, self.get(name))
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let body = Bytes::from_request(request, state).await.map_err(|e| {
            if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Fault::TooLarge("表单内容超过了大小限制，请删减后再提交。".into())
            } else {
                Fault::Malformed("没有收到完整的表单，请检查网络后重新提交。".into())
            }
        })?;
        serde_html_form::from_bytes(&body)
            .map(Self)
            .map_err(|_| Fault::Malformed("表单内容无法识别，请刷新页面后重新填写。".into()))
    }
}

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    /// The name of the form's field.
    pub field: String,
    /// The name that the sender's machine gave it, without folders.
    pub name: String,
    pub bytes: Bytes,
}

/// A form with files.
#[derive(Clone, Debug, Default)]
pub struct Uploaded {
    pub posted: Posted,
    /// Files in order; empty choosers are left out.
    pub files: Vec<UploadedFile>,
}

impl<S: Send + Sync> FromRequest<S> for Uploaded {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let unreadable = |e: MultipartError| {
            if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Fault::TooLarge(format!(
                    "上传的文件合计不能超过 {} MB。",
                    MAX_UPLOAD / 1024 / 1024
                ))
            } else {
                Fault::Malformed("文件没有传完整，请检查网络后重新上传。".into())
            }
        };
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| Fault::Malformed("没有收到上传的内容，请重新选择文件。".into()))?;
        let mut all = Self::default();
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(name) => {
                    let bytes = part.bytes().await.map_err(unreadable)?;
                    if !name.is_empty() || !bytes.is_empty() {
                        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
                        all.files.push(UploadedFile {
                            field,
                            name: crate::text::line(name, 200)
                                .ok()
                                .filter(|name| !name.is_empty())
                                .unwrap_or_else(|| "未命名文件".into()),
                            bytes,
                        });
                    }
                }
                None => {
                    let value = part.bytes().await.map_err(unreadable)?;
                    let value = String::from_utf8(value.to_vec())
                        .map_err(|_| Fault::Malformed("表单内容不是 UTF-8 文字。".into()))?;
                    all.posted.0.push((field, value));
                }
            }
        }
        Ok(all)
    }
}
