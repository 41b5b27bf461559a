//! The API's document is whole, in Chinese, and does not change by accident.

use crate::{
    api::{Document, words},
    router,
};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::OpenApi;
use zhendi_kernel::Role;
use zhendi_people::person::Employment;
use zhendi_registry::channel::FilingState;

fn document() -> Value {
    serde_json::to_value(Document::openapi()).unwrap()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Every operation: method, path, what is said of it.
fn operations(document: &Value) -> Vec<(String, &String, &Value)> {
    entries(&document["paths"])
        .flat_map(|(path, methods)| {
            entries(methods)
                .map(move |(method, operation)| (method.to_uppercase(), path, operation))
        })
        .collect()
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let document = document();
    let described: BTreeSet<(String, String)> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method, path.clone()))
        .collect();
    let served: BTreeSet<(String, String)> = router::routes()
        .list()
        .iter()
        .filter(|route| route.path.starts_with("/api/v1/") && route.path != "/api/v1/openapi.json")
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn names_are_said_once() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            !id.is_empty() && ids.insert(id.to_owned()),
            "{method} {path} is called {id:?}"
        );
    }
    // Two types of one name would be described by one schema: here each reference has the fields
    // that its route answers with.
    let schema = |path: &str| {
        let answer = &document["paths"][path]["get"]["responses"]["200"];
        let name = answer["content"]["application/json"]["schema"]["$ref"]
            .as_str()
            .unwrap();
        let name = name.rsplit('/').next().unwrap();
        &document["components"]["schemas"][name]["properties"]
    };
    assert!(schema("/api/v1/people/{id}")["employment"].is_object());
    let leader = &schema("/api/v1/channels/{id}")["leader"];
    let name = leader["oneOf"][1]["$ref"]
        .as_str()
        .or(leader["oneOf"][0]["$ref"].as_str())
        .unwrap();
    let name = name.rsplit('/').next().unwrap();
    let part = &document["components"]["schemas"][name]["properties"];
    assert!(
        part["employment"].is_null() && part["phone"].is_object(),
        "{name}"
    );
}

fn is_chinese(text: &Value) -> bool {
    text.as_str()
        .is_some_and(|text| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)))
}

/// `/api` reads the document aloud to people.
#[test]
fn everything_that_people_read_is_chinese() {
    let document = document();
    let mut english = vec![];
    let mut must = |what: String, text: &Value| {
        if !is_chinese(text) {
            english.push(format!("{what}: {text}"));
        }
    };
    for (method, path, operation) in operations(&document) {
        let at = format!("{method} {path}");
        must(format!("{at}, summary"), &operation["summary"]);
        if !operation["description"].is_null() {
            must(format!("{at}, description"), &operation["description"]);
        }
        for tag in items(&operation["tags"]) {
            must(format!("{at}, tag"), tag);
        }
        for parameter in items(&operation["parameters"]) {
            must(
                format!("{at}, parameter {}", parameter["name"]),
                &parameter["description"],
            );
        }
        for (status, answer) in entries(&operation["responses"]) {
            must(format!("{at}, answer {status}"), &answer["description"]);
        }
    }
    for (name, schema) in entries(&document["components"]["schemas"]) {
        must(format!("schema {name}"), &schema["description"]);
        for (field, schema) in entries(&schema["properties"]) {
            must(format!("{name}.{field}"), &schema["description"]);
        }
    }
    assert!(english.is_empty(), "{} things: {english:#?}", english.len());
}

/// A word for what is no longer there would mislead whoever adds the next.
#[test]
fn every_word_is_said() {
    let document = document();
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (_, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        said.insert(format!("operation {id}"));
        for tag in items(&operation["tags"]) {
            said.insert(format!("tag {}", tag.as_str().unwrap()));
        }
        for (status, _) in entries(&operation["responses"]) {
            said.insert(format!("answer {status}"));
        }
        for parameter in items(&operation["parameters"]) {
            let name = parameter["name"].as_str().unwrap();
            said.extend([
                format!("parameter {name}"),
                format!("parameter {id}.{name}"),
            ]);
        }
    }
    for (name, schema) in entries(&document["components"]["schemas"]) {
        said.insert(format!("schema {name}"));
        for (field, _) in entries(&schema["properties"]) {
            said.extend([format!("field {field}"), format!("field {name}.{field}")]);
        }
    }
    let lists = [
        ("operation", words::OPERATIONS),
        ("answer", words::ANSWERS),
        ("parameter", words::PARAMETERS),
        ("schema", words::SCHEMAS),
        ("field", words::FIELDS),
    ];
    for (list, words) in lists {
        for (key, _) in words {
            assert!(
                said.contains(&format!("{list} {key}")),
                "{list} {key} is nowhere"
            );
        }
    }
    for (_, word) in words::TAGS {
        assert!(
            said.contains(&format!("tag {word}")),
            "tag {word} is nowhere"
        );
    }
}

/// What programs send is what the document says: codes, not names of the code's own.
#[test]
fn named_values_are_their_codes() {
    let document = document();
    let listed = |schema: &str| -> Vec<String> {
        let values = &document["components"]["schemas"][schema]["enum"];
        items(values)
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    assert_eq!(listed("Role"), roles);
    let states: Vec<&str> = FilingState::ALL.iter().map(|state| state.code()).collect();
    assert_eq!(listed("FilingState"), states);
    let kinds: Vec<&str> = Employment::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(listed("Employment"), kinds);
}

/// What others have built on does not change by accident: `INSTA_UPDATE=always` accepts a change.
#[test]
fn the_document_is_as_it_was() {
    insta::assert_json_snapshot!("openapi", document());
}
