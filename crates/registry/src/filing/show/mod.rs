//! A filing's page: where it stands and who has it, what it says, what was done.

mod parts;
mod turn;
mod words;

use super::{
    Filing, SUBJECT,
    attachments::{self, Purpose},
    closing,
    contacts::Contacts,
    content::Wrong,
    drafting,
    effect::Handing,
    list::badge,
    paper, record,
    rules::{Closing, Kind, Stage, Step},
    service::{self, Opinion},
};
use crate::{
    platform,
    settings::{Registry, Seal},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use parts::{
    ActView, CellView, FileView, HistoryView, PersonView, StepView, act_view, people, size, steps,
    who,
};
use std::collections::{BTreeSet, HashMap};
use turn::{PaperTurn, Turn, find, turn};
use words::{Moved, Words, closing_cells, moved, warnings};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, Place, audit, clock,
    form::{Field, Posted},
    text,
    web::Shell,
};
use zhendi_people::{person, unit};

/// What was typed into one of the page's forms, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub opinion: Option<&'a Opinion>,
    pub posted: Option<&'a Posted>,
    pub wrongs: &'a [Wrong],
}

impl Typed<'_> {
    fn wrong(&self, field: &str) -> Option<String> {
        find(self.wrongs, field).map(str::to_owned)
    }

    /// Whether the form with this field was posted.
    fn about(&self, field: &str) -> bool {
        self.posted.is_some_and(|posted| posted.ticked(field))
    }

    fn field(&self, name: &'static str, label: &'static str, otherwise: &str) -> Field {
        let typed = self.posted.filter(|posted| posted.ticked(name));
        let mut field = Field::new(
            name,
            label,
            typed.map_or(otherwise, |posted| posted.get(name)),
        );
        field.error = self.wrong(name);
        field
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    filing: Filing,
    /// The version of the channel beside which a change is shown.
    record: Option<i32>,
    title: String,
    lead: String,
    tone: &'static str,
    icon: &'static str,
    standing: &'static str,
    on_paper: bool,
    steps: Vec<StepView>,
    /// Who has it now, until when.
    now_with: String,
    due: String,
    due_iso: String,
    overdue: bool,
    cells: Vec<CellView>,
    web: Vec<CellView>,
    closing: Vec<CellView>,
    notice_link: Option<String>,
    people: Vec<PersonView>,
    /// How many cells a change marks.
    changed: usize,
    moved: Vec<Moved>,
    warnings: Vec<String>,
    files: Vec<FileView>,
    seal_note: &'static str,
    may_add_file: bool,
    may_edit: bool,
    may_withdraw: bool,
    turn: Option<Turn>,
    paper: Option<PaperTurn>,
    may_prove: bool,
    may_recheck: bool,
    ripe_on: String,
    /// What was wrong with what was just typed.
    errors: Vec<(String, String)>,
    acts: Vec<ActView>,
    history: Vec<HistoryView>,
    file_field: Field,
    purpose_field: Field,
    purposes: Vec<(&'static str, &'static str)>,
    proof: Field,
    proof_note: Field,
    recheck_scan: Field,
    recheck_note: Field,
}

/// Contacts of a filing as this actor may see them: numbers in full for the author, and for who may see people.
pub(super) fn shown(
    filing: &Filing,
    contacts: &Contacts,
    actor: &Actor,
    place: &Place,
) -> Contacts {
    let author = actor.person().is_some_and(|me| filing.course.is_author(me));
    let mut contacts = contacts.clone();
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

/// The page; after a refused form with what was typed and what is wrong with it.
pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: FilingId,
    typed: Typed<'_>,
) -> Result<ShowPage, Fault> {
    let (filing, place) = service::open_for(app, actor, id).await?;
    let db = app.db.read();
    let settings: Registry = app.setting().await?;
    let platforms = platform::load(db).await?;
    let history = audit::history(db, SUBJECT, id.0).await?;
    let course = &filing.course;
    let current = match filing.channel.filter(|_| filing.kind == Kind::Change) {
        Some(channel) => Some(drafting::current(app, channel).await?),
        None => None,
    };
    let (against, said) = match filing.against(current.as_ref()) {
        Some((record, said)) if filing.kind == Kind::Change => (Some(record), said),
        _ => (None, filing.said()),
    };
    let units = unit::names(
        db,
        std::iter::once(filing.unit)
            .chain(said.content.goes_to())
            .chain(against.map(|record| record.unit)),
    )
    .await?;
    let closing_acts = closing::done(db, id).await?;
    let behind: BTreeSet<PersonId> = course
        .author
        .everyone()
        .chain(course.acts.iter().flat_map(super::Act::everyone))
        .chain(history.iter().filter_map(|line| line.on_behalf_of))
        .chain(
            closing_acts
                .iter()
                .flat_map(|one| std::iter::once(one.person_id).chain(one.on_behalf_of)),
        )
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
    let now_with = match filing.closing {
        Some(Closing::Proof) => "网络阵地管理员、填报人".into(),
        Some(Closing::Recheck) => "宣传部工作人员".into(),
        _ => course.stage.step().map(with).unwrap_or_default(),
    };
    let due = filing.due.as_ref().map(clock::show).unwrap_or_default();
    let me = actor.person();
    let standing = service::standing(actor, &place).ok();
    let turn = course.stage.step().and_then(|step| {
        course.may_take(step, standing.as_ref()?).ok()?;
        Some(turn(&filing, step, &settings, &typed, &with))
    });
    let paper = course.stage.step().and_then(|step| {
        let deciders = paper::deciders(&filing, actor, &place, &handing);
        (!deciders.is_empty()).then(|| PaperTurn::of(step, deciders, &typed))
    });
    let may_edit = me.is_some_and(|me| course.may_edit(me).is_ok())
        && actor.may(Permission::DraftFilings, &place);
    let may_withdraw = standing
        .as_ref()
        .is_some_and(|by| course.may_withdraw(by).is_ok());
    let words = Words {
        platforms: &platforms,
        units: &units,
    };
    let warnings = warnings(app, &filing, &said, &words, &settings).await?;
    let (cells, web) = words.cells(&filing, &said, against);
    let moved = match (&filing.base, &current) {
        (Some(base), Some(current)) if filing.is_under_way() => {
            moved(base, &filing.said(), current, &words)
        }
        _ => vec![],
    };
    let attached = attachments::of_filing(db, id).await?;
    let has_seal = attached
        .iter()
        .any(|one| one.purpose() == Purpose::SealedForm);
    let seal_note = match settings.seal {
        _ if has_seal || course.stage == Stage::Withdrawn => "",
        Seal::None => "",
        Seal::BeforeDecision if course.stage == Stage::Effective => "",
        Seal::BeforeDecision => "审定前须上传主办单位盖章的登记表扫描件。",
        Seal::BeforeClosing => "生效后须补交主办单位盖章的登记表扫描件，交齐后才算办结。",
    };
    let (tone, icon, standing_label) = badge(course.stage, filing.closing);
    let lead = [
        words.unit(filing.unit),
        words.of("platform", &filing.content),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ");
    let own = me.is_some_and(|me| course.may_edit(me).is_ok());
    let mut acts: Vec<ActView> = course
        .acts
        .iter()
        .map(|act| {
            act_view(
                act,
                &names,
                course.round,
                course.route.role(act.step).label(),
            )
        })
        .collect();
    acts.extend(closing_acts.iter().map(|one| closing_view(one, &names)));
    acts.reverse();
    let purposes = Purpose::of_author(filing.kind);
    let ripe_on = filing
        .due
        .map(|due| clock::local(due).date_naive().to_string());
    Ok(ShowPage {
        title: format!("{}备案：{}", filing.kind.label(), filing.title()),
        record: current.as_ref().map(|record| record.version),
        lead,
        tone,
        icon,
        standing: standing_label,
        on_paper: course.acts.iter().any(|act| act.paper.is_some()),
        steps: steps(&filing, &names, &now_with, &due),
        overdue: (course.stage.step().is_some() || filing.closing.is_some_and(Closing::is_open))
            && filing.due.is_some_and(|due| due < app.now()),
        now_with,
        due,
        due_iso: filing.due.map(|due| due.to_rfc3339()).unwrap_or_default(),
        cells,
        web,
        closing: closing_cells(&filing),
        notice_link: Some(filing.content.closing_notice.clone()).filter(|link| !link.is_empty()),
        people: people(
            against
                .map(|record| shown(&filing, &record.contacts, actor, &place))
                .as_ref(),
            &shown(&filing, &said.contacts, actor, &place),
        ),
        changed: against.map_or(0, |record| record::changed(record, &said).len()),
        moved,
        warnings,
        files: attached
            .iter()
            .map(|one| FileView {
                id: one.id,
                name: one.name.clone(),
                about: format!("{} · {}", size(one.size), clock::show(&one.uploaded_at)),
                purpose: one.purpose().label(),
                removable: own && !one.purpose().is_officers(),
            })
            .collect(),
        seal_note,
        may_add_file: attachments::may_add(&filing, actor, &place)
            && (attached.len() as u64) < attachments::MOST,
        may_edit,
        may_withdraw,
        turn,
        paper,
        may_prove: closing::may_prove(&filing, actor, &place),
        may_recheck: closing::barred_from_recheck(db, &filing, actor, &place)
            .await?
            .is_none(),
        ripe_on: ripe_on.unwrap_or_default(),
        errors: typed
            .wrongs
            .iter()
            .map(|one| (one.field.clone(), one.text.clone()))
            .collect(),
        acts,
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
        purpose_field: Field::new(
            "purpose",
            "附件类别",
            first_missing(purposes, &attached).code(),
        ),
        purposes: purposes
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        proof: typed.field("proof", "平台注销证明", ""),
        proof_note: typed.field("proof_note", "说明", ""),
        recheck_scan: typed.field("recheck_scan", "截图", ""),
        recheck_note: typed.field("recheck_note", "复查情况", ""),
        filing,
        shell,
    })
}

/// The purpose that an upload most likely has: what is named first and not there yet.
fn first_missing(purposes: &[Purpose], attached: &[attachments::Attachment]) -> Purpose {
    purposes
        .iter()
        .copied()
        .filter(|one| *one != Purpose::Other)
        .find(|one| !attached.iter().any(|file| file.purpose() == *one))
        .unwrap_or(Purpose::Other)
}

fn closing_view(one: &closing::Model, names: &HashMap<PersonId, String>) -> ActView {
    let (tone, icon) = match one.looked() {
        Some(closing::Looked::Reachable) => ("warning", "alert-circle"),
        Some(closing::Looked::Gone) => ("success", "circle-check"),
        _ => ("info", "upload"),
    };
    ActView {
        tone,
        icon,
        title: one
            .looked()
            .map_or(String::new(), |looked| looked.to_string()),
        who: who(names, one.person_id, one.on_behalf_of),
        iso: one.at.to_rfc3339(),
        at: clock::show(&one.at),
        opinion: one.note.clone(),
        paper: one.scan_id.map(|scan| (scan, "查看截图".into())),
    }
}

/// A filing.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, id, Typed::default())
        .await?
        .into_response())
}
