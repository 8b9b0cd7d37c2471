//! A CloudFormation value tree: what a property may hold, with the intrinsic functions as variants.

use std::sync::Arc;

use crate::vocab::Region;

/// A value of a template. Maps keep the order in which they were built: that order is the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string of one line.
    Text(String),
    /// Text of several lines (SQL, code): a `|` block in YAML.
    Block(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list, written one item a line.
    List(Vec<Self>),
    /// A mapping, written one entry a line.
    Map(Vec<(String, Self)>),
    /// The same content on one line (`{…}`, `[…]`): small grants stay readable and templates stay under the size limit.
    Flow(Box<Self>),
    /// A value that stands in two trees, such as the properties of a resource: in the template, and in the document that is
    /// written. A copy would take as long as to write it.
    Shared(Arc<Self>),
    /// `Ref` to a resource, a parameter or a pseudo parameter.
    Ref(String),
    /// `Fn::GetAtt`: logical id and attribute.
    GetAtt(String, &'static str),
    /// `Fn::Sub` of a string, with extra variables where there are any.
    Sub(String, Vec<(String, Self)>),
    /// `Fn::FindInMap`: map name, first-level key, second-level key.
    FindInMap(&'static str, Box<Self>, String),
    /// `Fn::Join`: delimiter and parts.
    Join(&'static str, Vec<Self>),
    /// `Fn::Equals`: the two values.
    Equals(Box<Self>, Box<Self>),
}

impl Value {
    /// A string of one line.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A mapping from its entries, in this order.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A list of strings.
    pub fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Self::text).collect())
    }

    /// `Fn::GetStackOutput`, in the Region of this stack, read as the role with this ARN. In long form only: the
    /// short one takes no short functions within, and older readers do not know its tag.
    pub fn stack_output(stack: impl Into<String>, output: &str, role: Self) -> Self {
        let entries =
            [("StackName", Self::text(stack)), ("OutputName", Self::text(output)), ("RoleArn", role)];
        Self::map([("Fn::GetStackOutput", Self::map(entries))])
    }

    /// `Fn::Sub` of a string whose variables are pseudo parameters, parameters or resources.
    pub fn sub(text: impl Into<String>) -> Self {
        Self::Sub(text.into(), Vec::new())
    }

    /// Text that stands for itself within [`Value::sub`], whatever it holds.
    pub fn literal(text: &str) -> String {
        text.replace("${", "${!")
    }

    /// The same value, written on one line.
    pub fn flow(self) -> Self {
        Self::Flow(Box::new(self))
    }

    /// The Region that the stack is in.
    pub fn region() -> Self {
        Self::Ref("AWS::Region".into())
    }

    /// The account that the stack is in.
    pub fn account() -> Self {
        Self::Ref("AWS::AccountId".into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<&Region> for Value {
    fn from(value: &Region) -> Self {
        Self::text(value.as_str())
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
