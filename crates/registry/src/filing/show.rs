//! A filing's page: where it stands and who has it, what it says, what was done.

use super::{
    Filing, SUBJECT, attachments,
    checklist::{CheckItem, checklist},
    content::{Contacts, Wrong, Wrongs},
    drafting,
    effect::Handing,
    list::badge,
    rules::{Act, Stage, Step, Verdict},
    service::{self, Opinion},
};
use crate::{
    channel::{Holder, rules::name_findings},
    platform,
    settings::{Registry, Seal},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, Place, audit, clock, form::Field,
    settings::Institution, text, web::Shell,
};
use zhendi_people::{
    person::{self, Employment},
    unit,
};

struct StepView {
    label: String,
    state: &'static str,
    note: String,
}

struct ActView {
    tone: &'static str,
    icon: &'static str,
    title: String,
    who: String,
    iso: String,
    at: String,
    opinion: String,
}

struct HistoryView {
    who: String,
    summary: String,
    iso: String,
    at: String,
}

struct PersonView {
    duty: &'static str,
    name: String,
    post: String,
    phone: String,
    employment: String,
}

struct FileView {
    id: i64,
    name: String,
    about: String,
    sealed: bool,
}

/// What the person may do at the step that waits.
struct Turn {
    step: Step,
    /// Where the form in favour goes.
    action: String,
    verb: &'static str,
    /// What happens then.
    next: String,
    items: Vec<(CheckItem, bool)>,
    opinion: Field,
    ticked_error: Option<String>,
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    filing: Filing,
    title: String,
    lead: String,
    tone: &'static str,
    icon: &'static str,
    steps: Vec<StepView>,
    /// Who has it now, until when.
    now_with: String,
    due: String,
    due_iso: String,
    overdue: bool,
    unit: String,
    platform: String,
    holder: String,
    people: Vec<PersonView>,
    warnings: Vec<String>,
    files: Vec<FileView>,
    seal_note: &'static str,
    may_add_file: bool,
    may_remove_file: bool,
    may_edit: bool,
    may_withdraw: bool,
    turn: Option<Turn>,
    /// What was wrong with what was just typed.
    errors: Vec<(String, String)>,
    acts: Vec<ActView>,
    history: Vec<HistoryView>,
    file_field: Field,
    sealed_field: Field,
}

/// The contacts as this actor may see them: numbers in full for the author, and for who may see people.
pub(super) fn shown(filing: &Filing, actor: &Actor, place: &Place) -> Contacts {
    let author = actor.person().is_some_and(|me| filing.course.is_author(me));
    let mut contacts = filing.contacts.clone();
    if author || actor.may(Permission::ViewPeople, place) {
        return contacts;
    }
    let reviewers = contacts.reviewers.iter_mut();
    let all = std::iter::once(&mut contacts.leader)
        .chain(reviewers)
        .chain(&mut contacts.operators);
    for one in all {
        one.phone = text::mask_phone(&one.phone);
    }
    contacts
}

fn who(
    names: &HashMap<PersonId, String>,
    person: PersonId,
    on_behalf_of: Option<PersonId>,
) -> String {
    let name = |id| names.get(&id).map_or("（已删除）", String::as_str);
    match on_behalf_of {
        Some(principal) => format!("{}（代{}）", name(person), name(principal)),
        None => name(person).to_owned(),
    }
}

fn steps(
    filing: &Filing,
    names: &HashMap<PersonId, String>,
    now_with: &str,
    due: &str,
) -> Vec<StepView> {
    let course = &filing.course;
    let drafting = course.stage.is_open_to_author();
    let mut all = vec![StepView {
        label: "填报".into(),
        state: match course.stage {
            Stage::Draft => "now",
            Stage::Returned => "refused",
            _ => "done",
        },
        note: who(names, course.author.person, course.author.on_behalf_of),
    }];
    for step in Step::ALL {
        let agreed = course
            .acts_now()
            .find(|act| act.step == step && act.verdict == Verdict::Agreed);
        let label = format!("{}（{}）", step.label(), course.route.role(step).label());
        all.push(match agreed {
            Some(act) if !drafting => StepView {
                label,
                state: "done",
                note: format!(
                    "{} {}",
                    who(names, act.person, act.on_behalf_of),
                    clock::local(act.at).format("%m-%d")
                ),
            },
            _ if course.stage == Stage::Awaiting(step) => StepView {
                label,
                state: "now",
                note: format!("{now_with}，最迟 {due}"),
            },
            _ => StepView {
                label,
                state: "todo",
                note: String::new(),
            },
        });
    }
    all.push(StepView {
        label: "生效".into(),
        state: if course.stage == Stage::Effective {
            "done"
        } else {
            "todo"
        },
        note: filing.document_number.clone().unwrap_or_default(),
    });
    all
}

fn act_view(act: &Act, names: &HashMap<PersonId, String>, rounds: i32, role: &str) -> ActView {
    let (tone, icon, verb) = match (act.verdict, act.step) {
        (Verdict::Returned, _) => ("warning", "arrow-back-up", "退回"),
        (_, Step::Signature) => ("success", "signature", "签署同意"),
        (_, Step::Check) => ("success", "checklist", "审核通过"),
        (_, Step::Decision) => ("success", "circle-check", "审定通过"),
    };
    ActView {
        tone,
        icon,
        title: if rounds > 1 {
            format!("{verb}（第 {} 次提交）", act.round)
        } else {
            verb.into()
        },
        who: format!("{} · {role}", who(names, act.person, act.on_behalf_of)),
        iso: act.at.to_rfc3339(),
        at: clock::show(&act.at),
        opinion: act.opinion.clone(),
    }
}

fn size(bytes: i64) -> String {
    if bytes >= 1 << 20 {
        format!("{:.1} MB", bytes as f64 / f64::from(1 << 20))
    } else {
        format!("{} KB", (bytes + 1023) >> 10)
    }
}

fn people(contacts: &Contacts) -> Vec<PersonView> {
    contacts
        .everyone()
        .map(|(_, _, duty, contact)| PersonView {
            duty,
            name: contact.name.clone(),
            post: contact.post.clone(),
            phone: contact.phone.clone(),
            employment: Employment::parse(&contact.employment)
                .map_or("", Employment::label)
                .to_owned(),
        })
        .collect()
}

/// The page with, after a refused decision, what was typed and what is wrong with it.
pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: FilingId,
    typed: Option<(&Opinion, &[Wrong])>,
) -> Result<ShowPage, Fault> {
    let (filing, place) = service::open_for(app, actor, id).await?;
    let db = app.db.read();
    let settings: Registry = app.setting().await?;
    let institution: Institution = app.setting().await?;
    let platforms = platform::load(db).await?;
    let its_unit = unit::find(db, filing.unit).await?.ok_or(Fault::NotFound)?;
    let history = audit::history(db, SUBJECT, id.0).await?;
    let course = &filing.course;
    let acted = course
        .acts
        .iter()
        .flat_map(|act| [Some(act.person), act.on_behalf_of]);
    let behind: Vec<PersonId> = course
        .author
        .everyone()
        .chain(acted.flatten())
        .chain(history.iter().filter_map(|line| line.on_behalf_of))
        .collect();
    let names = person::names(db, behind).await?;
    let handing = Handing::look(app, &place, &course.route).await?;
    let with = |step: Step| -> String {
        let found = handing.eligible(&filing, step);
        let list: Vec<&str> = found.iter().take(3).map(|one| one.name.as_str()).collect();
        let role = course.route.role(step).label();
        match (list.len(), found.len()) {
            (0, _) => format!("{role}（目前无人可以办理，请联系安全管理员）"),
            (_, all) if all > 3 => format!("{role} {}等 {all} 人", list.join("、")),
            _ => format!("{role} {}", list.join("、")),
        }
    };
    let now_with = course.stage.step().map(with).unwrap_or_default();
    let due = filing.due.as_ref().map(clock::show).unwrap_or_default();
    let me = actor.person();
    let standing = service::standing(actor, &place).ok();
    let turn = course.stage.step().and_then(|step| {
        course.may_take(step, standing.as_ref()?).ok()?;
        Some(turn(&filing, step, &settings, typed, &with))
    });
    let may_edit = me.is_some_and(|me| course.may_edit(me).is_ok())
        && actor.may(Permission::DraftFilings, &place);
    let may_withdraw = standing
        .as_ref()
        .is_some_and(|by| course.may_withdraw(by).is_ok());

    let mut warnings = vec![];
    if course.stage != Stage::Effective && course.stage != Stage::Withdrawn {
        let belongs = [
            its_unit.name.as_str(),
            &its_unit.short_name,
            &institution.name,
        ];
        for found in name_findings(&filing.content.name, &belongs, &settings.misleading_words) {
            if !filing.content.name.is_empty() {
                warnings.push(format!("{}。{}", found.problem, found.advice));
            }
        }
        let facts = filing
            .content
            .facts(filing.unit, &platforms, None, &mut Wrongs::default());
        if let Some(facts) = facts
            && let Some(second) = drafting::second_account(app, &filing, &facts, &platforms).await?
        {
            warnings.push(second);
        }
    }
    let attached = attachments::of_filing(db, id).await?;
    let has_seal = attached.iter().any(|one| one.sealed);
    let seal_note = match settings.seal {
        _ if has_seal || course.stage == Stage::Withdrawn => "",
        Seal::None => "",
        Seal::BeforeDecision if course.stage == Stage::Effective => "",
        Seal::BeforeDecision => "审定前须上传主办单位盖章的登记表扫描件。",
        Seal::BeforeClosing => "生效后须补交主办单位盖章的登记表扫描件，交齐后才算办结。",
    };
    let (tone, icon) = badge(course.stage);
    let platform = platforms
        .name(&filing.content.platform.as_str().into())
        .to_owned();
    let lead = [its_unit.name.as_str(), &platform]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" · ");
    Ok(ShowPage {
        title: format!("开设备案：{}", filing.title()),
        lead,
        tone,
        icon,
        steps: steps(&filing, &names, &now_with, &due),
        overdue: course.stage.step().is_some() && filing.due.is_some_and(|due| due < app.now()),
        now_with,
        due,
        due_iso: filing.due.map(|due| due.to_rfc3339()).unwrap_or_default(),
        unit: its_unit.name,
        platform,
        holder: match Holder::parse(&filing.content.holder, &filing.content.holder_post) {
            Some(Holder::PersonByPost(post)) => format!("职务认证的个人账号（{post}）"),
            Some(holder) => holder.label().into(),
            None => String::new(),
        },
        people: people(&shown(&filing, actor, &place)),
        warnings,
        files: attached
            .iter()
            .map(|one| FileView {
                id: one.id,
                name: one.name.clone(),
                about: format!("{} · {}", size(one.size), clock::show(&one.uploaded_at)),
                sealed: one.sealed,
            })
            .collect(),
        seal_note,
        may_add_file: attachments::may_add(&filing, actor, &place)
            && (attached.len() as u64) < attachments::MOST,
        may_remove_file: me.is_some_and(|me| course.may_edit(me).is_ok()),
        may_edit,
        may_withdraw,
        turn,
        errors: typed
            .map_or(&[][..], |(_, wrongs)| wrongs)
            .iter()
            .map(|one| (one.field.clone(), one.text.clone()))
            .collect(),
        acts: course
            .acts
            .iter()
            .rev()
            .map(|act| {
                act_view(
                    act,
                    &names,
                    course.round,
                    course.route.role(act.step).label(),
                )
            })
            .collect(),
        history: history
            .into_iter()
            .rev()
            .map(|line| HistoryView {
                who: match line.on_behalf_of {
                    Some(id) => format!(
                        "{}（代{}）",
                        line.actor,
                        names.get(&id).map_or("", String::as_str)
                    ),
                    None => line.actor,
                },
                summary: line.summary,
                iso: line.at.to_rfc3339(),
                at: clock::show(&line.at),
            })
            .collect(),
        file_field: Field::empty("file", "文件"),
        sealed_field: Field::new("sealed", "盖章", if has_seal { "" } else { "on" }),
        filing,
        shell,
    })
}

fn turn(
    filing: &Filing,
    step: Step,
    settings: &Registry,
    typed: Option<(&Opinion, &[Wrong])>,
    with: &dyn Fn(Step) -> String,
) -> Turn {
    let (noun, verb, next) = match step {
        Step::Signature => ("signatures", "同意并签署", Some(Step::Check)),
        Step::Check => ("checks", "审核通过", Some(Step::Decision)),
        Step::Decision => ("decisions", "审定通过", None),
    };
    let wrongs = typed.map_or(&[][..], |(_, wrongs)| wrongs);
    let wrong = |field: &str| {
        let found = wrongs.iter().find(|wrong| wrong.field == field);
        found.map(|wrong| wrong.text.clone())
    };
    let mut opinion = Field::new(
        "opinion",
        "意见",
        typed.map_or("", |(opinion, _)| opinion.text.as_str()),
    );
    opinion.error = wrong("opinion");
    let ticked = |item: &CheckItem| {
        typed.is_some_and(|(opinion, _)| opinion.ticked.iter().any(|code| code == item.code))
    };
    let items = match step {
        Step::Check => checklist(settings.seal)
            .into_iter()
            .map(|item| (item, ticked(&item)))
            .collect(),
        _ => vec![],
    };
    Turn {
        step,
        action: format!("{}/{noun}", filing.href()),
        verb,
        next: match next {
            Some(next) => format!("通过后交{}；退回则由填报人修改。", with(next)),
            None => "通过后备案生效，登记为网络阵地；退回则由填报人修改。".into(),
        },
        items,
        opinion,
        ticked_error: wrong("ticked"),
    }
}

/// A filing.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, id, None).await?.into_response())
}
