//! How the files of a run belong together: what is a spec, what is only built on, and what cannot be judged because
//! something that it builds on is not to be had.

use std::collections::BTreeSet;

use super::graph::{self, Circle};
use super::inputs::{Input, Inputs, Link};
use crate::document::FileId;
use crate::problem::{Code, Fault, Problem, SpecPath, shown};

/// How many files may build on one another below a spec.
const MAX_DEPTH: usize = 8;

/// How many files a message about a circle names.
const MAX_NAMED: usize = 10;

/// Every file with its relations.
pub(super) struct Family {
    members: Vec<Member>,
    /// Every file, each after those that it builds on.
    order: Vec<FileId>,
}

/// A file and its relations.
#[derive(Default)]
pub(super) struct Member {
    /// What it builds on, in the order of its `extends`.
    pub(super) bases: Vec<FileId>,
    /// Files that build on it.
    users: Vec<FileId>,
    /// How many files build on one another below it.
    depth: usize,
    /// Whether it is to be rendered.
    pub(super) is_spec: bool,
    /// Whether it neither builds on another file nor is built on.
    pub(super) is_alone: bool,
    /// Whether all that it is made of was found and can be read.
    pub(super) is_complete: bool,
}

impl Family {
    /// Finds the relations of files. A link that closes a circle becomes a wrong one.
    pub(super) fn of(inputs: &mut Inputs) -> Self {
        let files = inputs.files_mut();
        let edges = |file: &Input| links(file).map(|(n, to)| (n, to.index())).collect();
        let order = graph::order(&files.iter().map(edges).collect::<Vec<_>>());
        let extended = extended(files);
        order.circles.iter().for_each(|circle| cut(files, circle));
        let order = order.files.into_iter().map(FileId::new).collect();
        let mut family = Self { members: members(files, &extended), order };
        family.relate(files);
        family
    }

    /// A file's relations.
    pub(super) fn member(&self, file: FileId) -> &Member {
        &self.members[file.index()]
    }

    /// The files to be rendered.
    pub(super) fn specs(&self) -> impl Iterator<Item = FileId> {
        (0..self.members.len()).map(FileId::new).filter(|file| self.member(*file).is_spec)
    }

    /// Files that others build on and that can be read, each after those that it builds on itself.
    pub(super) fn complete_bases(&self) -> impl Iterator<Item = FileId> {
        let order = self.order.iter().copied();
        order.filter(|file| self.member(*file).is_complete && !self.member(*file).users.is_empty())
    }

    /// The specs that are made of a file: itself, and those that build on it, however far above.
    pub(super) fn specs_of(&self, file: FileId) -> BTreeSet<FileId> {
        let mut seen = BTreeSet::from([file]);
        let mut next = vec![file];
        while let Some(file) = next.pop() {
            next.extend(self.member(file).users.iter().filter(|user| seen.insert(**user)));
        }
        seen.retain(|file| self.member(*file).is_spec);
        seen
    }

    /// What is wrong with a spec whose files build on one another too often, and the file where it goes too far.
    pub(super) fn too_deep(&self, spec: FileId, files: &[Input]) -> Option<(FileId, Problem)> {
        let mut file = spec;
        if self.member(spec).depth <= MAX_DEPTH {
            return None;
        }
        for _ in 0..MAX_DEPTH {
            (_, file) = self.deepest(&files[file.index()])?;
        }
        let (path, _) = self.deepest(&files[file.index()])?;
        let message = format!("more than {MAX_DEPTH} base specs build on one another");
        let help = "put what some of them hold into one";
        Some((file, Fault::new(Code::BasesTooDeep, message, help).at(path.clone())))
    }

    /// The link to the base below which most files build on one another.
    fn deepest<'f>(&self, file: &'f Input) -> Option<(&'f SpecPath, FileId)> {
        links(file).max_by_key(|(_, to)| self.member(*to).depth).map(|(n, to)| (&file.bases[n].path, to))
    }

    /// Fills in what follows from the relations of others: from bases up.
    fn relate(&mut self, files: &[Input]) {
        for &file in &self.order {
            let bases = std::mem::take(&mut self.members[file.index()].bases);
            let below = bases.iter().map(|base| self.member(*base));
            let depth = below.clone().map(|base| base.depth + 1).max().unwrap_or_default();
            let is_complete = is_known(&files[file.index()])
                && files[file.index()].content.as_ref().is_ok_and(crate::document::Document::is_mapping)
                && depth <= MAX_DEPTH
                && below.clone().all(|base| base.is_complete);
            for base in &bases {
                self.members[base.index()].users.push(file);
            }
            let member = &mut self.members[file.index()];
            (member.bases, member.depth, member.is_complete) = (bases, depth, is_complete);
        }
    }
}

/// Every file with what it builds on and what it is.
fn members(files: &[Input], extended: &BTreeSet<FileId>) -> Vec<Member> {
    let is_all_known = files.iter().all(is_known);
    let members = files.iter().enumerate().map(|(n, file)| {
        // A file without a name is a base. If no file builds on it, it is a spec that lost its name, or a base whose
        // spec lost track of it: while such a spec is in sight, only that one is complained about.
        let is_base = extended.contains(&FileId::new(n));
        let may_be_base = is_base || (is_known(file) && !is_all_known);
        let is_spec = file.is_asked && (is_named(file) || !may_be_base);
        Member {
            bases: links(file).map(|(_, to)| to).collect(),
            is_spec,
            is_alone: is_spec && !is_base && file.bases.is_empty(),
            ..Member::default()
        }
    });
    members.collect()
}

/// The links of a file that lead somewhere: which of its names it is, and where to.
fn links(file: &Input) -> impl Iterator<Item = (usize, FileId)> {
    file.bases.iter().enumerate().filter_map(|(n, base)| match base.link {
        Link::To(to) => Some((n, to)),
        _ => None,
    })
}

/// The files that another file builds on.
fn extended(files: &[Input]) -> BTreeSet<FileId> {
    let links = files.iter().enumerate().flat_map(|(n, file)| links(file).map(move |(_, to)| (n, to)));
    links.filter(|(n, to)| *n != to.index()).map(|(_, to)| to).collect()
}

/// Whether a file could be read and all that it builds on was found.
fn is_known(file: &Input) -> bool {
    file.content.is_ok() && file.bases.iter().all(|base| matches!(base.link, Link::To(_)))
}

fn is_named(file: &Input) -> bool {
    file.content.as_ref().is_ok_and(|document| document.is_set(&SpecPath::root().key("name")))
}

/// Takes the link out that closes a circle.
fn cut(files: &mut [Input], circle: &Circle) {
    let names = circle.way.iter().chain(circle.way.first()).map(|file| files[*file].name.as_str());
    let names = names.take(MAX_NAMED).map(shown).collect::<Vec<_>>().join(", ");
    let more = if circle.way.len() < MAX_NAMED { "" } else { ", …" };
    let base = &mut files[circle.from].bases[circle.link];
    let message = format!("base specs go in a circle: {names}{more}");
    let help = "remove this name, or one of the others: a file cannot build on what builds on it";
    base.link = Link::Wrong(Box::new(Fault::new(Code::BaseCircle, message, help).at(base.path.clone())));
}
