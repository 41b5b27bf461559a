//! The form of the first run.

use super::{ADMINISTRATORS, Administrator, Plan};
use crate::{account::Login, person};
use zhendi_kernel::{
    Role,
    form::{Errors, Field, Posted, errors},
    text,
};

/// What is asked of one administrator.
#[derive(Clone, Debug)]
pub struct Asked {
    pub role: Role,
    pub duty: &'static str,
    pub name: Field,
    pub login: Field,
    pub phone: Field,
}

/// The whole form.
#[derive(Clone, Debug)]
pub struct Form {
    pub code: Field,
    pub institution: Field,
    pub short_name: Field,
    pub administrators: Vec<Asked>,
}

/// The names of the fields, by administrator: a field's name lives as long as the program.
const NAMES: [[&str; 3]; 3] = [
    ["system_name", "system_login", "system_phone"],
    ["security_name", "security_login", "security_phone"],
    ["auditor_name", "auditor_login", "auditor_phone"],
];

/// The labels, by administrator: summaries of errors begin with them.
const LABELS: [[&str; 3]; 3] = [
    ["系统管理员姓名", "系统管理员登录名", "系统管理员手机"],
    ["安全管理员姓名", "安全管理员登录名", "安全管理员手机"],
    ["审计员姓名", "审计员登录名", "审计员手机"],
];

impl Form {
    /// The form as it was posted, or empty.
    pub fn of(posted: &Posted) -> Self {
        let administrators = ADMINISTRATORS
            .into_iter()
            .zip(NAMES.into_iter().zip(LABELS))
            .map(|((role, duty), (names, labels))| Asked {
                role,
                duty,
                name: posted.field(names[0], labels[0]),
                login: posted.field(names[1], labels[1]),
                phone: posted.field(names[2], labels[2]),
            })
            .collect();
        Self {
            code: posted.field("code", "设置码"),
            institution: posted.field("institution", "机构全称"),
            short_name: posted.field("short_name", "机构简称"),
            administrators,
        }
    }

    /// What is wrong with it.
    pub fn errors(&self) -> Errors {
        let mut all = vec![&self.code, &self.institution, &self.short_name];
        for asked in &self.administrators {
            all.extend([&asked.name, &asked.login, &asked.phone]);
        }
        errors(all)
    }

    /// What is to be set up; none when something is wrong, which the fields then say.
    pub(super) fn plan(&mut self) -> Option<Plan> {
        let institution = self.institution.check(|raw| text::required_line(raw, 60));
        let short_name = self.short_name.check(|raw| text::line(raw, 30));
        let administrators: Vec<Option<Administrator>> = self
            .administrators
            .iter_mut()
            .map(|asked| {
                let name = asked.name.check(|raw| text::required_line(raw, 30));
                let login = asked.login.check(Login::parse);
                let phone = asked.phone.check(person::phone);
                Some(Administrator {
                    role: asked.role,
                    name: name?,
                    login: login?,
                    phone: phone?,
                })
            })
            .collect();
        self.refuse_one_for_two();
        if !self.errors().is_empty() {
            return None;
        }
        Some(Plan {
            institution: institution?,
            short_name: short_name?,
            administrators: administrators
                .into_iter()
                .collect::<Option<Vec<_>>>()?
                .try_into()
                .ok()?,
        })
    }

    /// R-ORG-9: none of the three does another's work. Two of one name could be two people, but hardly
    /// among three; the second is asked to tell them apart.
    fn refuse_one_for_two(&mut self) {
        for second in 1..self.administrators.len() {
            let (before, rest) = self.administrators.split_at_mut(second);
            let asked = &mut rest[0];
            for other in before.iter() {
                let same = |a: &Field, b: &Field| {
                    let folded = text::fold(&a.value);
                    !folded.is_empty() && folded == text::fold(&b.value)
                };
                let role = other.role.label();
                if same(&asked.login, &other.login) {
                    asked
                        .login
                        .refuse(format!("与{role}的登录名相同，请换一个。"));
                }
                if same(&asked.name, &other.name) {
                    asked.name.refuse(format!("与{role}是同一人。三员分立，须由三个人分别担任；确为同名的，请在姓名后加以区别。"));
                }
                if same(&asked.phone, &other.phone) {
                    asked.phone.refuse(format!(
                        "与{role}的手机相同。三员分立，须由三个人分别担任。"
                    ));
                }
            }
        }
    }
}
