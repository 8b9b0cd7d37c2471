//! Which file builds on which: an order in which no file comes before what it builds on, and the circles that keep
//! files from having one.

/// A link from a file to one that it builds on: which of its links it is, and the file it leads to.
pub(super) type Edge = (usize, usize);

/// Files in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// Every file, each after those that it builds on, but for the links that close a circle.
    pub(super) files: Vec<usize>,
    /// A link for each circle: without these there are none.
    pub(super) circles: Vec<Circle>,
}

/// A link that leads back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Circle {
    /// The file that the link stands in.
    pub(super) from: usize,
    /// Which of its links it is.
    pub(super) link: usize,
    /// The files on the way: the first one is where the link leads, the last one is `from`.
    pub(super) way: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Walks along the links of all files. Files that are not there are skipped; a chain may be as long as it likes.
pub(super) fn order(links: &[Vec<Edge>]) -> Order {
    let mut marks = vec![Mark::New; links.len()];
    let mut order = Order::default();
    for start in 0..links.len() {
        walk(start, links, &mut marks, &mut order);
    }
    order
}

fn walk(start: usize, links: &[Vec<Edge>], marks: &mut [Mark], order: &mut Order) {
    // Each open file with the links that are still to be followed.
    let mut open: Vec<(usize, std::slice::Iter<'_, Edge>)> = Vec::new();
    enter(start, links, marks, &mut open);
    while let Some((from, rest)) = open.last_mut() {
        let from = *from;
        match rest.next() {
            None => {
                marks[from] = Mark::Done;
                order.files.push(from);
                open.pop();
            }
            Some(&(link, to)) if marks.get(to) == Some(&Mark::Open) => {
                let way = open.iter().map(|(file, _)| *file).skip_while(|file| *file != to).collect();
                order.circles.push(Circle { from, link, way });
            }
            Some(&(_, to)) => enter(to, links, marks, &mut open),
        }
    }
}

/// Opens a file that is new.
fn enter<'l>(
    file: usize,
    links: &'l [Vec<Edge>],
    marks: &mut [Mark],
    open: &mut Vec<(usize, std::slice::Iter<'l, Edge>)>,
) {
    if let (Some(mark @ Mark::New), Some(links)) = (marks.get_mut(file), links.get(file)) {
        *mark = Mark::Open;
        open.push((file, links.iter()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Links by target only.
    fn of(targets: &[&[usize]]) -> Order {
        order(&numbered(targets.iter().map(|targets| targets.to_vec())))
    }

    fn numbered(targets: impl Iterator<Item = Vec<usize>>) -> Vec<Vec<Edge>> {
        targets.map(|targets| targets.into_iter().enumerate().collect()).collect()
    }

    #[test]
    fn bases_come_first() {
        assert_eq!(of(&[&[2, 1], &[2], &[], &[0]]).files, [2, 1, 0, 3]);
    }

    #[test]
    fn finds_circles_of_any_size() {
        let one = Circle { from: 0, link: 0, way: vec![0] };
        assert_eq!(of(&[&[0]]), Order { files: vec![0], circles: vec![one] });
        let two = Circle { from: 1, link: 1, way: vec![0, 1] };
        assert_eq!(of(&[&[1], &[2, 0], &[]]), Order { files: vec![2, 1, 0], circles: vec![two] });
        let beside = Circle { from: 2, link: 0, way: vec![1, 2] };
        assert_eq!(of(&[&[1], &[2], &[1]]).circles, [beside]);
    }

    #[test]
    fn a_long_chain_is_no_trouble() {
        let chain = numbered((0..100_000).map(|n| vec![n + 1]));
        assert_eq!(order(&chain).files.len(), 100_000);
    }

    proptest! {
        #[test]
        fn without_its_circles_every_file_has_its_turn(targets in prop::collection::vec(prop::collection::vec(0usize..12, 0..4), 0..12)) {
            let links = numbered(targets.into_iter());
            let Order { files, circles } = order(&links);
            prop_assert_eq!(files.iter().collect::<BTreeSet<_>>().len(), links.len());
            let cut: BTreeSet<_> = circles.iter().map(|circle| (circle.from, circle.link)).collect();
            let turn = |file: usize| files.iter().position(|other| *other == file);
            for (from, links) in links.iter().enumerate() {
                for (link, to) in links.iter().filter(|(link, to)| !cut.contains(&(from, *link)) && turn(*to).is_some()) {
                    prop_assert!(turn(*to) < turn(from), "{from} -{link}-> {to}");
                }
            }
            for Circle { from, link, way } in &circles {
                prop_assert_eq!(links[*from][*link].1, way[0]);
                prop_assert_eq!(way.last(), Some(from));
                prop_assert!(way.windows(2).all(|pair| links[pair[0]].iter().any(|(_, to)| *to == pair[1])));
            }
        }
    }
}
