//! Chinese fonts by their role in an official document, with the fallbacks that stand in for them.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use typst::{
    foundations::{Array, Dict, IntoValue, Value},
    text::{Font, FontBook, FontInfo, FontWeight},
    utils::LazyHash,
};
use typst_kit::fonts::{self, FontPath, FontSource as _};

/// Where fonts are looked for. The folder comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FontSource {
    /// A folder with font files, searched with everything below it.
    pub folder: Option<PathBuf>,
    /// Whether the fonts of the system are used too.
    pub system: bool,
}

/// What a typeface is for (GB/T 9704—2012 names 小标宋 for titles, 仿宋 for the text, 黑体 and 楷体 for headings).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 仿宋: the text of official documents and what is filled in.
    FangSong,
    /// 宋体: plain printed text.
    Song,
    /// 黑体: headings.
    Hei,
    /// 楷体: subheadings and quotations.
    Kai,
    /// 小标宋: titles.
    Title,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::FangSong,
        Self::Song,
        Self::Hei,
        Self::Kai,
        Self::Title,
    ];

    /// The name that typesetters use.
    pub fn label(self) -> &'static str {
        match self {
            Self::FangSong => "仿宋",
            Self::Song => "宋体",
            Self::Hei => "黑体",
            Self::Kai => "楷体",
            Self::Title => "小标宋",
        }
    }

    /// The key that templates use.
    fn key(self) -> &'static str {
        match self {
            Self::FangSong => "fangsong",
            Self::Song => "song",
            Self::Hei => "hei",
            Self::Kai => "kai",
            Self::Title => "title",
        }
    }

    /// Families of this very style, the usual first.
    fn families(self) -> &'static [&'static str] {
        match self {
            Self::FangSong => &[
                "FangSong",
                "FangSong_GB2312",
                "仿宋",
                "仿宋_GB2312",
                "STFangsong",
                "FZFangSong-Z02",
                "FZFangSong-Z02S",
                "CESI_FS_GB2312",
                "Zhuque Fangsong",
                "Zhuque Fangsong (technical preview)",
            ],
            Self::Song => &[
                "SimSun",
                "NSimSun",
                "宋体",
                "STSong",
                "Songti SC",
                "Noto Serif CJK SC",
                "Noto Serif SC",
                "Source Han Serif SC",
                "Source Han Serif CN",
                "AR PL UMing CN",
            ],
            Self::Hei => &[
                "SimHei",
                "黑体",
                "STHeiti",
                "Noto Sans CJK SC",
                "Noto Sans SC",
                "Source Han Sans SC",
                "Source Han Sans CN",
                "Microsoft YaHei",
                "WenQuanYi Zen Hei",
                "WenQuanYi Micro Hei",
                "Droid Sans Fallback",
            ],
            Self::Kai => &[
                "KaiTi",
                "KaiTi_GB2312",
                "楷体",
                "楷体_GB2312",
                "STKaiti",
                "FZKai-Z03",
                "FZKai-Z03S",
                "AR PL UKai CN",
                "LXGW WenKai",
            ],
            Self::Title => &[
                "FZXiaoBiaoSong-B05",
                "FZXiaoBiaoSong-B05S",
                "方正小标宋简体",
                "CESI_XBS_GB2312",
            ],
        }
    }

    /// Which roles stand in, the nearest first, when no family of this style is there.
    fn stand_ins(self) -> &'static [Self] {
        match self {
            Self::FangSong => &[Self::Song, Self::Kai, Self::Hei],
            Self::Song => &[Self::FangSong, Self::Hei, Self::Kai],
            Self::Hei => &[Self::Song, Self::FangSong, Self::Kai],
            Self::Kai => &[Self::FangSong, Self::Song, Self::Hei],
            Self::Title => &[Self::Song, Self::Hei, Self::FangSong, Self::Kai],
        }
    }
}

/// Fonts for what Chinese ones lack: other scripts of the country, symbols, rare characters.
const OTHERS: &[&str] = &[
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Sans Math",
    "Noto Emoji",
    "Noto Color Emoji",
    "Noto Sans Arabic",
    "Noto Sans Mongolian",
    "Noto Serif Tibetan",
    "Noto Sans Yi",
    "Plangothic P1",
    "Plangothic P2",
    "HanaMinA",
    "HanaMinB",
    "BabelStone Han",
];

/// Which family serves a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The role.
    pub role: Role,
    /// The family that is used.
    pub family: String,
    /// Whether the family is of the role's own style, or stands in for it.
    pub own: bool,
}

/// A face and, when it is in use, its font: tens of megabytes.
struct Face {
    path: FontPath,
    font: Mutex<Option<Font>>,
}

/// There is no Chinese font; nothing can be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NoChineseFont {
    /// Where fonts were looked for.
    pub searched: Vec<PathBuf>,
}

impl fmt::Display for NoChineseFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("没有找到中文字体，不能生成 PDF。已查找：")?;
        if self.searched.is_empty() {
            f.write_str("（没有可查找的位置）")?;
        }
        for (i, place) in self.searched.iter().enumerate() {
            let comma = if i == 0 { "" } else { "、" };
            write!(f, "{comma}{}", place.display())?;
        }
        f.write_str(
            "。请安装中文字体（Debian、Ubuntu：fonts-noto-cjk；另有 fonts-arphic-uming、fonts-wqy-zenhei），\
             或将字体文件放入配置项 fonts.folder 指定的文件夹。",
        )
    }
}

/// The fonts that are used. Their files are read when a glyph of them is needed first, and kept until the
/// typesetter rests.
pub(crate) struct Fonts {
    pub book: LazyHash<FontBook>,
    /// In the order of the book.
    faces: Vec<Face>,
    pub chosen: Vec<Chosen>,
    /// Every other family that may be asked, in order.
    others: Vec<String>,
}

impl Fonts {
    /// Looks for fonts and chooses.
    pub fn find(source: &FontSource) -> Result<Self, NoChineseFont> {
        let mut found: Vec<(FontPath, FontInfo, bool)> = vec![];
        if let Some(folder) = &source.folder {
            found.extend(fonts::scan(folder).map(|(path, info)| (path, info, true)));
        }
        if source.system {
            found.extend(fonts::system().map(|(path, info)| (path, info, false)));
        }
        let chinese: BTreeSet<&str> = found
            .iter()
            .filter(|(_, info, _)| covers_chinese(info))
            .map(|(_, info, _)| info.family.as_str())
            .collect();
        let any = found.iter().find(|(_, info, _)| covers_chinese(info));
        let Some((_, any, _)) = any else {
            return Err(NoChineseFont {
                searched: searched(source),
            });
        };
        let own = |role: Role| {
            let mut families = role.families().iter();
            families.find(|family| chinese.contains(**family))
        };
        let chosen: Vec<Chosen> = Role::ALL
            .into_iter()
            .map(|role| {
                let of_style = own(role);
                let standing_in = || role.stand_ins().iter().find_map(|other| own(*other));
                let family = of_style.or_else(standing_in);
                Chosen {
                    role,
                    family: family.map_or(any.family.clone(), |name| (*name).to_owned()),
                    own: of_style.is_some(),
                }
            })
            .collect();
        // What the operator put into the folder may be asked for any character; of the system's fonts
        // only the known ones, so that an odd character does not load half of them into memory.
        let used = |info: &FontInfo, ours: bool| {
            ours || OTHERS.contains(&info.family.as_str())
                || chosen.iter().any(|chosen| chosen.family == info.family)
        };
        found.retain(|(_, info, ours)| used(info, *ours));
        let roles: BTreeSet<&str> = chosen.iter().map(|c| c.family.as_str()).collect();
        let mut others: Vec<String> = vec![];
        for (_, info, _) in &found {
            if !roles.contains(info.family.as_str()) && !others.contains(&info.family) {
                others.push(info.family.clone());
            }
        }
        let mut book = FontBook::new();
        let mut faces = vec![];
        for (path, info, _) in found {
            book.push(info);
            faces.push(Face {
                path,
                font: Mutex::default(),
            });
        }
        Ok(Self {
            book: LazyHash::new(book),
            faces,
            chosen,
            others,
        })
    }

    /// What templates are told: for each role its families in order, and whether they stand in for a
    /// bolder one.
    pub fn dict(&self) -> Dict {
        let song = self.family(Role::Song);
        self.chosen
            .iter()
            .map(|chosen| {
                let mut families = vec![chosen.family.clone()];
                families.extend((chosen.family != song).then(|| song.to_owned()));
                families.extend(self.others.iter().cloned());
                let families: Array = families.into_iter().map(IntoValue::into_value).collect();
                let bold =
                    chosen.role == Role::Title && !chosen.own && self.has_bold(&chosen.family);
                let mut role = Dict::new();
                role.insert("families".into(), Value::Array(families));
                role.insert(
                    "weight".into(),
                    if bold { "bold" } else { "regular" }.into_value(),
                );
                (chosen.role.key().into(), Value::Dict(role))
            })
            .collect()
    }

    /// A font by its place in the book, read from its file if it is not in memory.
    pub fn font(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        let mut font = face.font.lock().unwrap_or_else(PoisonError::into_inner);
        if font.is_none() {
            *font = face.path.load();
        }
        font.clone()
    }

    /// Forgets what was read.
    pub fn rest(&self) {
        for face in &self.faces {
            *face.font.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn family(&self, role: Role) -> &str {
        let chosen = self.chosen.iter().find(|chosen| chosen.role == role);
        chosen.map_or("", |chosen| &chosen.family)
    }

    fn has_bold(&self, family: &str) -> bool {
        self.book
            .select_family(&family.to_lowercase())
            .any(|index| {
                self.book
                    .info(index)
                    .is_some_and(|info| info.variant.weight >= FontWeight::SEMIBOLD)
            })
    }
}

/// Characters that every Chinese font has and no other: simplified ones among them.
fn covers_chinese(info: &FontInfo) -> bool {
    "阵地备案审核账号网"
        .chars()
        .all(|c| info.coverage.contains(c.into()))
}

/// Where a search goes, for the message when it was in vain.
fn searched(source: &FontSource) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = source.folder.iter().cloned().collect();
    if source.system {
        let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share/fonts"));
        places.extend(["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from));
        places.extend(home);
    }
    places
}
