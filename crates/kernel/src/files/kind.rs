//! What a file is by its content. The name only decides between kinds that share a container, and must
//! not contradict.

use crate::{Fault, named};

named! {
    /// A kind of file that may be let in.
    Kind {
        Pdf = "pdf", "PDF 文档";
        Jpeg = "jpeg", "JPEG 图片";
        Png = "png", "PNG 图片";
        Gif = "gif", "GIF 图片";
        Webp = "webp", "WebP 图片";
        Mp4 = "mp4", "MP4 视频";
        /// OFD, GB/T 33190: the format of official documents.
        Ofd = "ofd", "OFD 版式文档";
        Docx = "docx", "Word 文档（docx）";
        Xlsx = "xlsx", "Excel 表格（xlsx）";
        Pptx = "pptx", "PowerPoint 演示（pptx）";
        Odt = "odt", "OpenDocument 文档";
        Ods = "ods", "OpenDocument 表格";
        Doc = "doc", "Word 文档（doc）";
        Xls = "xls", "Excel 表格（xls）";
        Ppt = "ppt", "PowerPoint 演示（ppt）";
        Csv = "csv", "CSV 表格";
        Txt = "txt", "纯文本";
        Zip = "zip", "ZIP 压缩包";
    }
}

impl Kind {
    /// Names of such files end in one of these.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Doc => &["doc", "wps"],
            Self::Xls => &["xls", "et"],
            Self::Ppt => &["ppt", "dps"],
            // For all others the code is what names end in.
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Mp4 => &["mp4", "m4v"],
            Self::Ofd => &["ofd"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
            Self::Csv => &["csv"],
            Self::Txt => &["txt"],
            Self::Zip => &["zip"],
        }
    }

    /// The `Content-Type` of downloads.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::Ofd => "application/ofd",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => {
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            }
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Csv => "text/csv",
            Self::Txt => "text/plain",
            Self::Zip => "application/zip",
        }
    }

    fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }
}

/// What a file is. Programs, web pages, macros and broken containers are refused whatever their name.
///
/// # Errors
/// `Fault::Malformed` with the reason.
pub fn sniff(bytes: &[u8], name: &str) -> Result<Kind, Fault> {
    let refuse = |reason: String| Err(Fault::Malformed(format!("文件“{name}”{reason}")));
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let kind = match by_content(bytes, &ending) {
        Ok(kind) => kind,
        Err(reason) => return refuse(reason.into()),
    };
    // Phones and chat programs name pictures .jpg whatever they are; that is harmless.
    let named = Kind::ALL
        .iter()
        .find(|kind| kind.extensions().contains(&ending.as_str()));
    match named {
        Some(named) if *named == kind || (named.is_picture() && kind.is_picture()) => Ok(kind),
        Some(_) => refuse(format!(
            "的名字以 .{ending} 结尾，内容却是{}，请核对后重新上传。",
            kind.label()
        )),
        None => refuse("的类型不在可上传范围内。".into()),
    }
}

const UNKNOWN: &str = "的内容无法识别，可能已损坏或不在可上传的类型之内。";
const ACTIVE: &str = "是程序、脚本或网页，不能上传。";
const BROKEN: &str = "已损坏（压缩结构不完整），请重新导出后上传。";
const MACROS: &str = "含有宏，不能上传；请另存为不含宏的格式。";

fn by_content(bytes: &[u8], ending: &str) -> Result<Kind, &'static str> {
    if looks_active(bytes) {
        return Err(ACTIVE);
    }
    match infer::get(bytes).map(|found| found.mime_type()) {
        Some("application/pdf") => Ok(Kind::Pdf),
        Some("image/jpeg") => Ok(Kind::Jpeg),
        Some("image/png") => Ok(Kind::Png),
        Some("image/gif") => Ok(Kind::Gif),
        Some("image/webp") => Ok(Kind::Webp),
        Some("video/mp4" | "video/x-m4v") => Ok(Kind::Mp4),
        _ if bytes.starts_with(b"PK\x03\x04") => packed(bytes),
        _ if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => compound(bytes),
        None if matches!(ending, "csv" | "txt") && is_clean_text(bytes) => Ok(if ending == "csv" {
            Kind::Csv
        } else {
            Kind::Txt
        }),
        _ => Err(UNKNOWN),
    }
}

/// Programs by their first bytes; pages and scripts by anything that a lenient browser would take for
/// one at the beginning, so that a file that is two kinds at once does not pass as the harmless one.
fn looks_active(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let head: Vec<u8> = text.iter().take(1024).map(u8::to_ascii_lowercase).collect();
    let begins = [b"mz".as_slice(), b"\x7Felf", b"#!", b"<"];
    let holds = [
        b"<html".as_slice(),
        b"<script",
        b"<!doctype",
        b"<svg",
        b"<?php",
    ];
    infer::is_app(bytes)
        || begins.iter().any(|start| head.starts_with(start))
        || holds.iter().any(|tag| contains(&head, tag))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// No control characters; UTF-8 or a Chinese encoding, which the reader of the file decides.
fn is_clean_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7E | 0x80..))
}

/// Office's compound files; installers share the container, so the stream that makes it a document must
/// be there.
fn compound(bytes: &[u8]) -> Result<Kind, &'static str> {
    let has = |stream: &str| {
        let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &name)
    };
    if has("WordDocument") {
        Ok(Kind::Doc)
    } else if has("PowerPoint Document") {
        Ok(Kind::Ppt)
    } else if has("Workbook") || has("Book") {
        Ok(Kind::Xls)
    } else if has("EncryptedPackage") {
        Err("设有打开密码，请取消密码后重新上传。")
    } else {
        Err(UNKNOWN)
    }
}

/// Zip files and what is built of them, told apart by the names inside.
fn packed(bytes: &[u8]) -> Result<Kind, &'static str> {
    let names = names(bytes).ok_or(BROKEN)?;
    let has = |name: &str| {
        names
            .iter()
            .any(|n| n.eq_ignore_ascii_case(name.as_bytes()))
    };
    let within = |folder: &str| names.iter().any(|n| n.starts_with(folder.as_bytes()));
    if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") {
        return Err(ACTIVE);
    }
    if names
        .iter()
        .any(|n| n.to_ascii_lowercase().ends_with(b"vbaproject.bin"))
    {
        return Err(MACROS);
    }
    if has("[Content_Types].xml") {
        return match () {
            () if within("word/") => Ok(Kind::Docx),
            () if within("xl/") => Ok(Kind::Xlsx),
            () if within("ppt/") => Ok(Kind::Pptx),
            () => Err(UNKNOWN),
        };
    }
    if has("OFD.xml") {
        return Ok(Kind::Ofd);
    }
    if names.first().is_some_and(|name| *name == b"mimetype") {
        // The content of the first entry follows its header (30 bytes) and name, uncompressed.
        let content = bytes.get(38..).unwrap_or_default();
        let starts = |kind: &str| content.starts_with(kind.as_bytes());
        return match () {
            () if starts("application/vnd.oasis.opendocument.text") => Ok(Kind::Odt),
            () if starts("application/vnd.oasis.opendocument.spreadsheet") => Ok(Kind::Ods),
            () => Err(UNKNOWN),
        };
    }
    Ok(Kind::Zip)
}

/// The names in a zip file's directory; none when there is no sound directory.
fn names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let u16_at = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let u32_at = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    // The directory's end is the last thing in the file, but for a comment of at most 65535 bytes.
    let last = bytes.len().checked_sub(22)?;
    let end = (last.saturating_sub(0xFFFF)..=last)
        .rev()
        .find(|at| bytes[*at..].starts_with(b"PK\x05\x06"))?;
    let count = u16_at(end + 10)?;
    let mut at = u32_at(end + 16)?;
    let mut names = Vec::with_capacity(count.min(1024));
    for _ in 0..count {
        if !bytes.get(at..)?.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (name, extra, comment) = (u16_at(at + 28)?, u16_at(at + 30)?, u16_at(at + 32)?);
        names.push(bytes.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(names)
}
