//! PDF: the words of each page as lines and paragraphs, notes, form fields, properties and attached files.
//!
//! `lopdf` reads the objects; what a file may make it keep is counted first ([`guard`]). Fonts, characters and lines are read here.

mod cmap;
mod font;
mod guard;
mod lines;
mod page;

use lopdf::{Dictionary, Document, LoadOptions, Object, decode_text_string};

use super::{Reading, limits::Problem, shown};
use crate::text::{BlockKind, TextBuilder};
use guard::{FONT_BYTES, LOADED_BYTES};

/// Pages that are read.
const PAGES: usize = 3_000;

pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &str,
    bytes: &[u8],
    depth: usize,
) -> Result<(), Problem> {
    guard::inspect(bytes)?;
    let options = LoadOptions::with_max_decompressed_size(LOADED_BYTES);
    let document = Document::load_mem_with_options(bytes, options).map_err(Problem::broken)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(Problem::Encrypted);
    }
    let mut blank = vec![];
    let mut fonts = page::Fonts::default();
    for (id, number) in document.page_iter().zip(1u32..) {
        if number as usize > PAGES {
            return Err(Problem::Said(format!("超过{PAGES}页，其余未检查").into()));
        }
        let section = format!("第{number}页");
        let mut page = page::Page::new(&document, &mut fonts);
        let done = page.draw(id, &mut reading.budget);
        let drawn = page.finish();
        if drawn.unknown > 0 {
            let said = format!("{section}有{}个字符无法识别", drawn.unknown);
            reading.unread(file, Problem::Said(said.into()));
        }
        if drawn.pictures && drawn.paragraphs.is_empty() && drawn.unknown == 0 {
            blank.push(number);
        }
        let mut text = TextBuilder::new();
        for paragraph in drawn.paragraphs {
            reading.budget.text(paragraph.len())?;
            text.push(BlockKind::Paragraph, &paragraph);
        }
        reading.built(file, &section, false, text);
        done?;
        let mut notes = TextBuilder::new();
        for note in document.get_page_annotations(id).unwrap_or_default() {
            for key in [b"Contents".as_slice(), b"V"] {
                if let Some(words) = words(note, key, &document) {
                    reading.budget.text(words.len())?;
                    notes.push(BlockKind::Paragraph, &words);
                }
            }
        }
        reading.built(file, &format!("{section}批注"), true, notes);
    }
    if !blank.is_empty() {
        let said = format!("{}只有图片（可能是扫描件），文字未检查", ranges(&blank));
        reading.unread(file, Problem::Said(said.into()));
    }
    properties(reading, file, &document)?;
    attached(reading, file, &document, depth)
}

/// A text of a dictionary.
fn words(dictionary: &Dictionary, key: &[u8], document: &Document) -> Option<String> {
    let object = dictionary.get_deref(key, document).ok()?;
    decode_text_string(object).ok()
}

fn properties(reading: &mut Reading<'_>, file: &str, document: &Document) -> Result<(), Problem> {
    let mut text = TextBuilder::new();
    let info = document.trailer.get_deref(b"Info", document);
    if let Ok(info) = info.and_then(Object::as_dict) {
        for (key, label) in [
            (b"Title".as_slice(), "标题"),
            (b"Author", "作者"),
            (b"Subject", "主题"),
            (b"Keywords", "关键词"),
        ] {
            if let Some(words) = words(info, key, document).filter(|w| !w.trim().is_empty()) {
                reading.budget.text(words.len())?;
                text.push(BlockKind::Paragraph, &format!("{label}：{words}"));
            }
        }
    }
    reading.built(file, "文件属性", true, text);
    Ok(())
}

/// Files that the document carries.
fn attached(
    reading: &mut Reading<'_>,
    file: &str,
    document: &Document,
    depth: usize,
) -> Result<(), Problem> {
    for object in document.objects.values() {
        let Ok(specification) = object.as_dict() else {
            continue;
        };
        let Ok(embedded) = specification
            .get_deref(b"EF", document)
            .and_then(Object::as_dict)
        else {
            continue;
        };
        let stream = embedded
            .get_deref(b"F", document)
            .and_then(Object::as_stream);
        let Ok(stream) = stream else { continue };
        let name = [b"UF".as_slice(), b"F"]
            .iter()
            .find_map(|key| words(specification, key, document))
            .unwrap_or_else(|| "附件".to_owned());
        let at = format!("{file}/{}", shown(&name));
        reading.budget.entry()?;
        if depth >= reading.budget.limits.depth {
            reading.unread(&at, Problem::TooDeep);
            continue;
        }
        let most = reading.budget.limits.file_bytes as usize;
        let done = match stream.get_plain_content_with_limit(most) {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                reading
                    .budget
                    .unpack(size, size, stream.content.len() as u64)
                    .and_then(|()| reading.file(&at, &bytes, depth + 1))
            }
            Err(_) => Err(Problem::Bomb),
        };
        if let Err(problem) = done {
            reading.unread(&at, problem);
        }
    }
    Ok(())
}

/// Page numbers as people write them: `第1—3、7页`.
fn ranges(pages: &[u32]) -> String {
    let runs: Vec<String> = pages
        .chunk_by(|a, b| a + 1 == *b)
        .map(|run| match run {
            [one] => one.to_string(),
            [first, .., last] => format!("{first}—{last}"),
            [] => String::new(),
        })
        .collect();
    format!("第{}页", runs.join("、"))
}
