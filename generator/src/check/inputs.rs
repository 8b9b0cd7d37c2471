//! The files of a run: those that were asked for, and those that they build on. Whoever reads files asks what is
//! [`Inputs::wanted`] and says what was found; nothing here touches a disk.

use std::collections::VecDeque;

use crate::document::{Document, FileId};
use crate::parallel::in_parallel;
use crate::problem::{Code, Fault, Problem, SpecPath, shown};
use crate::vocab::{BaseFile, Word as _};

/// Files, each read once.
#[derive(Debug, Default)]
pub struct Inputs {
    files: Vec<Input>,
    wanted: VecDeque<Wanted>,
    /// Whether a file that was asked for could not be had.
    pub(super) is_one_lost: bool,
}

/// One file.
#[derive(Debug)]
pub(super) struct Input {
    /// The file as the user named it, or as it is reached from there.
    pub(super) name: String,
    /// Whether an argument named it, by itself or by its folder.
    pub(super) is_asked: bool,
    /// What it holds, or its bytes and why they are refused.
    pub(super) content: Result<Document, Refused>,
    /// What `extends` names.
    pub(super) bases: Vec<Base>,
}

/// A file that is no document.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) bytes: Vec<u8>,
    pub(super) problems: Vec<Problem>,
}

/// A name in `extends`.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) path: SpecPath,
    pub(super) link: Link,
}

/// Where a name in `extends` leads.
#[derive(Debug)]
pub(super) enum Link {
    /// To a file of the run.
    To(FileId),
    /// Nowhere.
    Wrong(Box<Problem>),
    /// Nowhere, for a reason that is told elsewhere: it is no text, which is a matter of the document's shape, or a file
    /// that cannot be read.
    Nowhere,
}

/// A base spec that a file names, to be found.
#[derive(Debug)]
pub struct Wanted {
    /// The file that names it.
    pub from: FileId,
    /// Its name: a relative path.
    pub name: String,
    /// Which of the names in that file it is.
    entry: usize,
}

/// What was found for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file of the run.
    File(FileId),
    /// No file, where this path leads.
    Nothing(String),
    /// A place outside the folder tree.
    Outside,
    /// The local file, which belongs to one person's machine.
    Local,
    /// A file that cannot be read, which is told by whoever tried.
    Unreadable,
}

impl Inputs {
    /// Adds a file that was asked for.
    pub fn ask(&mut self, name: String, bytes: Vec<u8>) -> FileId {
        self.ask_all(vec![(name, bytes)])
    }

    /// Adds files that were asked for, each with its name, and reads them on several threads. Their numbers follow each other
    /// from the one that comes back.
    pub fn ask_all(&mut self, files: Vec<(String, Vec<u8>)>) -> FileId {
        let first = self.files.len();
        let numbered = files.iter().enumerate().collect::<Vec<_>>();
        let read =
            |(n, (_, bytes)): &(usize, &(String, Vec<u8>))| Document::read_as(FileId::new(first + n), bytes);
        let documents = in_parallel(&numbered, read);
        for ((name, bytes), document) in files.into_iter().zip(documents) {
            self.put(name, bytes, document, true);
        }
        FileId::new(first)
    }

    /// Notes that a file that was asked for cannot be read: what it would have built on may miss it.
    pub fn lose(&mut self) {
        self.is_one_lost = true;
    }

    /// Adds a file that another one builds on.
    pub fn reach(&mut self, name: String, bytes: Vec<u8>) -> FileId {
        let document = Document::read_as(FileId::new(self.files.len()), &bytes);
        self.put(name, bytes, document, false)
    }

    /// The next name that is still to be found.
    pub fn wanted(&mut self) -> Option<Wanted> {
        self.wanted.pop_front()
    }

    /// Says what was found for a name.
    pub fn link(&mut self, wanted: Wanted, found: Found) {
        let bases = self.files.get_mut(wanted.from.index()).map(|file| &mut file.bases);
        let Some((base, before)) = bases.and_then(|bases| bases.get_mut(..=wanted.entry)?.split_last_mut())
        else {
            return;
        };
        let first = before.iter().find(|earlier| match earlier.link {
            Link::To(file) => found == Found::File(file),
            _ => false,
        });
        base.link = match (first, found) {
            (Some(first), _) => wrong(duplicate(&wanted.name), base).also(first),
            (None, Found::File(file)) => Link::To(file),
            (None, Found::Nothing(path)) => wrong(missing(&wanted.name, &path), base),
            (None, Found::Outside) => wrong(outside(&wanted.name), base),
            (None, Found::Local) => wrong(local(&wanted.name), base),
            (None, Found::Unreadable) => Link::Nowhere,
        };
    }

    pub(super) fn files(&self) -> &[Input] {
        &self.files
    }

    pub(super) fn files_mut(&mut self) -> &mut [Input] {
        &mut self.files
    }

    pub(super) fn into_files(self) -> Vec<Input> {
        self.files
    }

    fn put(
        &mut self,
        name: String,
        bytes: Vec<u8>,
        document: Result<Document, Vec<Problem>>,
        is_asked: bool,
    ) -> FileId {
        let id = FileId::new(self.files.len());
        let content = document.map_err(|problems| Refused { bytes, problems });
        let bases = content.as_ref().map(|document| self.bases(id, document)).unwrap_or_default();
        self.files.push(Input { name, is_asked, content, bases });
        id
    }

    /// The names in the `extends` of a document. Those that can be looked for will be.
    fn bases(&mut self, from: FileId, document: &Document) -> Vec<Base> {
        let names = document.texts(&SpecPath::root().key("extends"));
        let bases = names.into_iter().enumerate().map(|(entry, (path, name))| {
            let link = match name.map(BaseFile::read) {
                None => Link::Nowhere,
                Some(Err(fault)) => Link::Wrong(Box::new(fault.at(path.clone()))),
                Some(Ok(name)) => {
                    let name = name.as_str().to_owned();
                    let unknown = missing(&name, &name).at(path.clone());
                    self.wanted.push_back(Wanted { from, name, entry });
                    Link::Wrong(Box::new(unknown))
                }
            };
            Base { path, link }
        });
        bases.collect()
    }
}

/// Files by themselves, as name and bytes: none of them finds another one.
impl From<Vec<(String, Vec<u8>)>> for Inputs {
    fn from(files: Vec<(String, Vec<u8>)>) -> Self {
        let mut inputs = Self::default();
        inputs.ask_all(files);
        inputs
    }
}

impl Link {
    /// Shows the first of two places that are alike, too.
    fn also(self, first: &Base) -> Self {
        match self {
            Self::Wrong(problem) => Self::Wrong(Box::new(problem.also(first.path.clone(), "first here"))),
            other => other,
        }
    }
}

fn wrong(fault: Fault, base: &Base) -> Link {
    Link::Wrong(Box::new(fault.at(base.path.clone())))
}

fn missing(name: &str, path: &str) -> Fault {
    let message = format!("the base spec {} is not there", shown(name));
    let help =
        format!("write the path from this file's folder to the base spec; it leads to {} now", shown(path));
    Fault::new(Code::BaseMissing, message, help)
}

fn outside(name: &str) -> Fault {
    let message = format!("the base spec {} is outside the folder tree", shown(name));
    let help = "keep it in the same git repository, or, outside git, in this file's folder or below";
    Fault::new(Code::BaseOutside, message, help)
}

fn local(name: &str) -> Fault {
    let message = format!("{} is the local file, not a base spec", shown(name));
    Fault::new(Code::BaseFile, message, "put what specs share into a file of its own, which is in git")
}

fn duplicate(name: &str) -> Fault {
    let message = format!("the base spec {} stands twice", shown(name));
    Fault::new(Code::DuplicateBase, message, "keep one of the two: later ones win")
}
