//! Small corrections (R-REV-3): a few characters of the text or title, nothing else.

use crate::manuscript::Content;

/// Whether the new content differs from the old by no more than so many characters of its words. Marks,
/// links, pictures, channels and all the rest are the same: what the eye does not count is no small change.
pub fn is_small(old: &Content, new: &Content, limit: u16) -> bool {
    let words_only = |content: &Content| Content {
        title: String::new(),
        html: String::new(),
        ..content.clone()
    };
    if limit == 0 || words_only(old) != words_only(new) {
        return false;
    }
    let ((old_marks, old_words), (new_marks, new_words)) = (apart(&old.html), apart(&new.html));
    if old_marks != new_marks {
        return false;
    }
    let limit = usize::from(limit);
    let left = changed(&old.title, &new.title, limit).and_then(|done| {
        // Words that move from one paragraph to another change both: each stretch between marks for itself.
        old_words
            .iter()
            .zip(&new_words)
            .try_fold(done, |done, (old, new)| {
                Some(done + changed(old, new, limit - done)?)
            })
    });
    left.is_some()
}

/// How many characters were put in, taken out or changed; none when more than the limit. Only what lies
/// within the limit of the diagonal is looked at, so a text written anew costs no more than a small change.
fn changed(old: &str, new: &str, limit: usize) -> Option<usize> {
    if old == new {
        return Some(0);
    }
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    if old.len().abs_diff(new.len()) > limit {
        return None;
    }
    let far = limit + 1;
    // The row above: how far each beginning of `new` is from the beginning of `old` so far.
    let mut above: Vec<usize> = (0..=new.len()).map(|nth| Ord::min(nth, far)).collect();
    for (row, from) in old.iter().enumerate() {
        let (first, last) = (
            row.saturating_sub(limit),
            Ord::min(row + 1 + limit, new.len()),
        );
        let mut diagonal = above[first];
        let mut left = far;
        if first == 0 {
            above[0] = Ord::min(row + 1, far);
            left = above[0];
        } else {
            above[first] = far;
        }
        for (nth, to) in new.iter().enumerate().take(last).skip(first) {
            let straight = diagonal + usize::from(from != to);
            diagonal = above[nth + 1];
            left = straight.min(diagonal + 1).min(left + 1).min(far);
            above[nth + 1] = left;
        }
        if above[first..=last].iter().all(|far_off| *far_off > limit) {
            return None;
        }
    }
    Some(above[new.len()]).filter(|changed| *changed <= limit)
}

/// The marks of sanitised HTML, and the words between them. A `>` inside an attribute ends no mark.
fn apart(html: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut marks, mut words) = (vec![], vec![]);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        words.push(&rest[..at]);
        let mut quote = None;
        let end = rest[at..].char_indices().find(|(_, c)| match (quote, c) {
            (None, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) if open == *c => {
                quote = None;
                false
            }
            (None, '>') => true,
            _ => false,
        });
        let end = end.map_or(rest.len(), |(nth, _)| at + nth + 1);
        marks.push(&rest[at..end]);
        rest = &rest[end..];
    }
    words.push(rest);
    (marks, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manuscript::{Layout, Origin};
    use zhendi_kernel::ChannelId;

    fn content(html: &str) -> Content {
        Content {
            title: "运动会通知".into(),
            html: html.into(),
            layout: Layout::Rich,
            link: String::new(),
            channels: vec![ChannelId(1)],
            files: vec![],
            category: "通知公告".into(),
            origin: Origin::Original,
            source: String::new(),
            source_link: String::new(),
            source_title: String::new(),
            names: String::new(),
            cover: None,
        }
    }

    #[test]
    fn a_few_characters_are_small() {
        let old = content("<p>运动会定于周五下午举行，请准时参家。</p>");
        assert!(is_small(
            &old,
            &content("<p>运动会定于周五下午举行，请准时参加。</p>"),
            1
        ));
        assert!(!is_small(
            &old,
            &content("<p>运动会定于周六上午举行，请准时参加。</p>"),
            2
        ));
        assert!(is_small(
            &old,
            &content("<p>运动会定于周六上午举行，请准时参加。</p>"),
            3
        ));
        assert!(!is_small(
            &old,
            &content("<p>运动会定于周五下午举行，请准时参加。</p>"),
            0
        ));
        let mut titled = old.clone();
        titled.title = "运动会的通知".into();
        assert!(is_small(&old, &titled, 1));
    }

    #[test]
    fn links_marks_and_channels_are_never_small() {
        let old = content("<p>详见<a href=\"https://a.example/x\">附件</a>。</p>");
        for other in [
            "<p>详见<a href=\"https://a.example/y\">附件</a>。</p>",
            "<p>详见<a href=\"https://a.example/x>\">附件</a>。</p>",
            "<p>详见<strong>附件</strong>。</p>",
            "<p>详见</p><p><a href=\"https://a.example/x\">附件</a>。</p>",
        ] {
            assert!(!is_small(&old, &content(other), 50), "{other}");
        }
        let mut elsewhere = old.clone();
        elsewhere.channels.push(ChannelId(2));
        assert!(!is_small(&old, &elsewhere, 50));
    }

    #[test]
    fn a_text_written_anew_is_found_to_be_so_at_once() {
        let old = content(&format!("<p>{}</p>", "甲".repeat(20_000)));
        assert!(!is_small(
            &old,
            &content(&format!("<p>{}</p>", "乙".repeat(20_000))),
            10
        ));
    }
}
