//! Texts that were handed to departments: one that is closed, and one of which a department is late.

use super::{data, load::Loader, manuscript_data::MANUSCRIPTS};
use zhendi_kernel::Fault;
use zhendi_review::forwarding::{self, About, New};

/// Something that was done about a text.
#[derive(Clone, Copy)]
pub enum Step {
    /// Somebody hands it to the departments.
    Forward,
    /// A department's head says what was done: unit, person, result, words.
    Answer(&'static str, &'static str, &'static str, &'static str),
    /// Somebody closes it: person, outcome, words.
    Close(&'static str, &'static str, &'static str),
}

/// A text that was handed to departments.
pub struct ForwardingRow {
    pub manuscript: &'static str,
    pub by: &'static str,
    pub kind: &'static str,
    pub units: &'static [&'static str],
    pub why: &'static str,
    pub quote: &'static str,
    /// So many working days ago, at which hour and minute, what.
    pub course: &'static [(i64, i64, i64, Step)],
}

use Step::*;

/// The forwardings.
pub const FORWARDINGS: &[ForwardingRow] = &[
    ForwardingRow {
        manuscript: "关于公布 2026 年度国家励志奖学金初评名单的通知",
        by: "杨思远",
        kind: "personal",
        units: &["学工处"],
        why: "来稿公示了学生的学号和手机号，已退回。请核查名单是否已在班级群等其他地方公开，并规范报送。",
        quote: "名单中所列学生情况如下",
        course: &[
            (3, 11, 10, Forward),
            (
                3,
                15,
                20,
                Answer(
                    "学工处",
                    "余思源",
                    "handled",
                    "已核查：名单只报送学院，没有在班级群公开。已要求各学院报送公示材料时删除学号和联系方式。",
                ),
            ),
            (
                2,
                9,
                15,
                Close(
                    data::OFFICER,
                    "confirmed",
                    "情况属实，没有外泄。稿件按退回意见修改后重新提交。",
                ),
            ),
        ],
    },
    ForwardingRow {
        manuscript: "我院与三家企业共建智能产线实训基地",
        by: data::CHIEF,
        kind: "secret",
        units: &["科研处", "网信中心"],
        why: "请科研处核实基地规模等内容按合作协议能否公开；请网信中心核实文中的产线运维安排是否涉及工控系统安全。",
        quote: "基地占地一千二百平方米，建成后可同时容纳一百六十名学生",
        course: &[
            (2, 15, 35, Forward),
            (
                2,
                17,
                5,
                Answer(
                    "科研处",
                    "范文博",
                    "unfounded",
                    "已与三家企业核对，基地面积和容纳人数在签约时已经公开，不属于协议约定的保密内容。",
                ),
            ),
        ],
    },
];

impl Loader<'_> {
    /// Does one thing about one text.
    pub(super) async fn forward_on(&mut self, n: usize, step: Step) -> Result<(), Fault> {
        let (app, row) = (self.app, &FORWARDINGS[n]);
        if let Forward = step {
            let at = MANUSCRIPTS
                .iter()
                .position(|one| one.title == row.manuscript);
            let id = at.and_then(|at| self.manuscripts.get(&at));
            let about = About::Manuscript(*id.ok_or(Fault::NotFound)?);
            let new = New {
                kind: row.kind.into(),
                units: row.units.iter().map(|short| self.unit(short)).collect(),
                why: row.why.into(),
                quote: row.quote.into(),
            };
            let by = self.actor(row.by).await?;
            let made = forwarding::forward(app, &by, about, new).await?;
            let made = made.map_err(|wrongs| Fault::internal(format!("{wrongs:?}")))?;
            self.forwardings.insert(n, made.id);
            return Ok(());
        }
        let id = *self.forwardings.get(&n).ok_or(Fault::NotFound)?;
        let done = match step {
            Forward => return Ok(()),
            Answer(unit, name, handling, words) => {
                let (by, unit) = (self.actor(name).await?, self.unit(unit));
                let seen = forwarding::open_for(app, &by, id).await?.version;
                forwarding::answer(app, &by, id, seen, unit, handling, words).await?
            }
            Close(name, outcome, words) => {
                let by = self.actor(name).await?;
                let seen = forwarding::open_for(app, &by, id).await?.version;
                forwarding::close(app, &by, id, seen, outcome, words).await?
            }
        };
        done.map_err(|wrongs| Fault::internal(format!("{wrongs:?}")))?;
        Ok(())
    }
}
