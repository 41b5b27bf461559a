//! The page of a manuscript that was returned: what was asked, and what the author did about each.

use super::{
    document::Document,
    pages::{Past, Point, past, points},
    service,
    terms::Answer,
};
use crate::{
    course::{self, Stage},
    ids::ManuscriptId,
    manuscript,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, PersonId,
    form::Posted,
    web::{Flash, Shell, redirect},
};
use zhendi_people::person;

#[derive(Template, WebTemplate)]
#[template(path = "deciding/returned.html")]
struct ReturnedPage {
    shell: Shell,
    id: ManuscriptId,
    title: String,
    /// The last return.
    last: Option<Past>,
    points: Vec<Point>,
    answers: &'static [Answer],
    /// Whether the actor answers now.
    may_answer: bool,
    answered: usize,
    from: i32,
}

/// GET /manuscripts/{id}/answers
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let (course, _) = course::open_for(&app, &actor, id).await?;
    let of = manuscript::open_for(db, &actor, id).await?;
    let own = of.is_written_by(&actor);
    // What is noted while a level still reads is not for the author yet.
    let asked = match course.stage {
        Stage::Reviewing if own => vec![],
        _ => service::asked(db, &course).await?,
    };
    let mut people: Vec<PersonId> = course
        .decisions
        .iter()
        .flat_map(|one| one.everyone())
        .collect();
    people.extend(
        asked
            .iter()
            .flat_map(|one| std::iter::once(one.by).chain(one.on_behalf_of)),
    );
    let names = person::names(db, people).await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_else(|| "他人".into());
    // What its writers have changed since is theirs until they hand it in.
    let (title, html) = if own {
        (of.called().to_owned(), of.content.html)
    } else {
        let version = manuscript::version(db, course.content().0).await?;
        (version.content.title, version.content.html)
    };
    let now = Document::read(&html);
    let points = points(&asked, &now, &name);
    let returned = course
        .decisions
        .last()
        .is_some_and(|one| one.verdict == course::Verdict::Return);
    Ok(ReturnedPage {
        id,
        title,
        answered: points.iter().filter(|point| point.answer.is_some()).count(),
        last: past(&course, &name).into_iter().next().filter(|_| returned),
        points,
        answers: Answer::ALL,
        may_answer: own && course.may_edit().is_ok(),
        from: course.about.number,
        shell,
    }
    .into_response())
}

/// POST /manuscripts/{id}/answers: fields `answer_7` and `text_7` for the point of that number.
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut answers = vec![];
    for (field, value) in &posted.0 {
        let Some(Ok(point)) = field.strip_prefix("answer_").map(str::parse) else {
            continue;
        };
        let answer =
            Answer::parse(value).ok_or_else(|| Fault::Malformed("请选择怎样处理。".into()))?;
        answers.push((
            point,
            answer,
            posted.get(&format!("text_{point}")).to_owned(),
        ));
    }
    service::reply(&app, &actor, id, answers).await?;
    let words = "已记录。修改完成后，请再次提交审核。";
    Ok(redirect(
        format!("/manuscripts/{id}/answers"),
        Flash::success(words),
    ))
}
