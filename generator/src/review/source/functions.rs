//! One form for every function of CloudFormation.

use super::{Content, Node};

/// `{"Fn::Name": argument}`, `{"Ref": …}` or `{"Condition": …}` for a short name (`Sub`, `Ref`).
pub(in crate::review) fn call(name: &str, argument: Node) -> Node {
    let line = argument.line;
    let key = match name {
        "Ref" | "Condition" => name.to_owned(),
        _ => format!("Fn::{name}"),
    };
    normal(Node { line, content: Content::Map(vec![(key, argument)]) })
}

/// The same value; `Fn::GetAtt` with its argument as a list of two, `Fn::Sub` without variables with a text.
pub(super) fn normal(node: Node) -> Node {
    match node.function() {
        Some(("GetAtt", argument)) => match halves(argument) {
            Some((id, attribute)) => {
                let (line, scalar) =
                    (argument.line, |text| Node { line: argument.line, ..Node::scalar(text) });
                let list = Node { line, content: Content::List(vec![scalar(id), scalar(attribute)]) };
                Node { line: node.line, content: Content::Map(vec![("Fn::GetAtt".to_owned(), list)]) }
            }
            None => node,
        },
        Some(("Sub", argument)) => match argument.items() {
            [text] => {
                let text = text.clone();
                Node { line: node.line, content: Content::Map(vec![("Fn::Sub".to_owned(), text)]) }
            }
            [text, variables] if variables.content == Content::Map(Vec::new()) => {
                let text = text.clone();
                Node { line: node.line, content: Content::Map(vec![("Fn::Sub".to_owned(), text)]) }
            }
            _ => node,
        },
        _ => node,
    }
}

/// Logical id and attribute of `a.b`, `[a, b]` or `[a, b, c]`, whose attribute is `b.c`.
fn halves(argument: &Node) -> Option<(String, String)> {
    if let Some(text) = argument.text() {
        let (id, attribute) = text.split_once('.')?;
        return Some((id.to_owned(), attribute.to_owned()));
    }
    let words = argument.items().iter().map(Node::text).collect::<Option<Vec<_>>>()?;
    let (id, attributes) = words.split_first()?;
    (!attributes.is_empty()).then(|| ((*id).to_owned(), attributes.join(".")))
}
