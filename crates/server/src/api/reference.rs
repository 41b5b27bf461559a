//! The API's document as a page for people.

use super::Document;
use askama::Template;
use axum::response::Response;
use serde_json::Value;
use utoipa::OpenApi;
use zhendi_kernel::{Fault, web, web::Shell};

#[derive(Template)]
#[template(path = "api/reference.html")]
struct Page {
    shell: Shell,
    about: String,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

struct Group {
    name: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    id: String,
    summary: String,
    parameters: Vec<Parameter>,
    body: Option<String>,
    answers: Vec<Answer>,
}

struct Parameter {
    name: String,
    place: &'static str,
    kind: String,
    required: bool,
    text: String,
}

struct Answer {
    status: String,
    text: String,
    schema: Option<String>,
}

struct Schema {
    name: String,
    text: String,
    fields: Vec<Parameter>,
}

/// `GET /api`.
pub async fn show(shell: Shell) -> Result<Response, Fault> {
    let document = serde_json::to_value(Document::openapi()).map_err(Fault::internal)?;
    Ok(web::page(&Page {
        shell,
        about: text(&document["info"]["description"]),
        groups: groups(&document),
        schemas: schemas(&document),
    }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    for (path, methods) in entries(&document["paths"]) {
        for (method, operation) in entries(methods) {
            let name = items(&operation["tags"])
                .next()
                .map_or_else(|| "其他".into(), text);
            let operation = Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                id: text(&operation["operationId"]),
                summary: text(&operation["summary"]),
                parameters: items(&operation["parameters"]).map(parameter).collect(),
                body: entries(&operation["requestBody"]["content"])
                    .next()
                    .map(|(_, content)| kind(&content["schema"])),
                answers: entries(&operation["responses"])
                    .map(|(status, answer)| Answer {
                        status: status.clone(),
                        text: text(&answer["description"]),
                        schema: entries(&answer["content"])
                            .next()
                            .map(|(_, content)| kind(&content["schema"])),
                    })
                    .collect(),
            };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group {
                    name,
                    operations: vec![operation],
                }),
            }
        }
    }
    groups
}

fn parameter(value: &Value) -> Parameter {
    Parameter {
        name: text(&value["name"]),
        place: match value["in"].as_str() {
            Some("path") => "路径",
            Some("query") => "查询",
            _ => "请求头",
        },
        kind: kind(&value["schema"]),
        required: value["required"].as_bool().unwrap_or_default(),
        text: text(&value["description"]),
    }
}

/// A schema's kind in a word: its name, or what it is made of.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let one = schema["type"].as_str();
    let several = items(&schema["type"])
        .filter_map(Value::as_str)
        .find(|name| *name != "null");
    match one.or(several) {
        Some("array") => format!("{} 的列表", kind(&schema["items"])),
        Some("string") => match items(&schema["enum"]).count() {
            0 => "文本".into(),
            _ => items(&schema["enum"])
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" | "),
        },
        Some("integer") => "整数".into(),
        Some("number") => "数值".into(),
        Some("boolean") => "是否".into(),
        _ => items(&schema["oneOf"])
            .chain(items(&schema["allOf"]))
            .map(kind)
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "对象".into()),
    }
}

fn schemas(document: &Value) -> Vec<Schema> {
    entries(&document["components"]["schemas"])
        .map(|(name, schema)| {
            let required: Vec<&str> = items(&schema["required"])
                .filter_map(Value::as_str)
                .collect();
            Schema {
                name: name.clone(),
                text: text(&schema["description"]),
                fields: entries(&schema["properties"])
                    .map(|(field, schema)| Parameter {
                        name: field.clone(),
                        place: "",
                        kind: kind(schema),
                        required: required.contains(&field.as_str()),
                        text: text(&schema["description"]),
                    })
                    .collect(),
            }
        })
        .collect()
}
