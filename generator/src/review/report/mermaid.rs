//! The graph as Mermaid, which GitHub draws.

use std::fmt::Write as _;

use super::area::Reach;
use super::escape::mermaid as escaped;
use super::graph::{Graph, Shape};

/// A flowchart, without the fence.
pub(super) fn flowchart(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (n, home) in graph.homes.iter().enumerate() {
        let _ = writeln!(text, "  subgraph a{n}[\"{}\"]", escaped(&home.title));
        for node in home.parties.iter().chain(&home.areas) {
            let (id, node) = (*node, &graph.nodes[*node]);
            let [open, close] = match node.shape {
                Shape::Person => ["([", "])"],
                Shape::Role => ["[[", "]]"],
                Shape::Account => ["{{", "}}"],
                Shape::Data => ["[(", ")]"],
                Shape::Thing => ["[", "]"],
            };
            let label = format!("{}<br/>{}", escaped(&node.title), escaped(&node.name));
            let _ = writeln!(text, "    n{id}{open}\"{label}\"{close}");
        }
        text.push_str("  end\n");
    }
    for (from, to) in &graph.acts {
        let _ = writeln!(text, "  n{from} -. \"acts as\" .-> n{to}");
    }
    for edge in &graph.edges {
        let arrow = match edge.furthest() {
            Reach::Gives => ["==", "==>"],
            _ => ["--", "-->"],
        };
        let _ =
            writeln!(text, "  n{} {} \"{}\" {} n{}", edge.from, arrow[0], edge.label(), arrow[1], edge.to);
    }
    text
}
