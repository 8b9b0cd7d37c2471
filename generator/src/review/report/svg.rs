//! The graph as a picture: in each account who on the left, what on the right. Every arrow leaves on a line of its own, so
//! no label lies on another; a role stands below who acts as it. It needs no colour and no font.

use std::fmt::Write as _;

use super::area::Reach;
use super::escape::xml;
use super::graph::{Graph, Home, Node, Shape};

const WIDTH: f64 = 980.0;
const MARGIN: f64 = 16.0;
const HEADER: f64 = 34.0;
/// Boxes of who.
const PARTY_LEFT: f64 = 32.0;
const PARTY_WIDTH: f64 = 300.0;
/// How far a role stands to the right of who acts as it.
const INDENT: f64 = 30.0;
/// Where labels end and arrows begin to bend.
const BEND: f64 = 590.0;
/// Boxes of what.
const AREA_LEFT: f64 = 690.0;
const AREA_WIDTH: f64 = 258.0;
const BOX: f64 = 46.0;
const GAP: f64 = 26.0;
const LANE: f64 = 26.0;
const LEGEND: f64 = 58.0;
/// No letter of a usual sans-serif font is wider on average, at 12 px.
const LETTER: f64 = 7.2;

/// Where a node is.
#[derive(Clone, Copy, Default)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// A picture as SVG. `note` is what generated files begin with.
pub(super) fn picture(graph: &Graph, name: &str, note: &str) -> String {
    let mut places = vec![Place::default(); graph.nodes.len()];
    let mut body = String::new();
    let mut top = 48.0;
    for home in &graph.homes {
        let height = place(graph, home, top + HEADER, &mut places) + HEADER;
        let (x, width) = (MARGIN, WIDTH - 2.0 * MARGIN);
        let _ = writeln!(
            body,
            "  <rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#f6f6f6\" stroke=\"#555\"/>\n  \
             <text class=\"h\" x=\"{}\" y=\"{}\">{}</text>",
            x + 16.0,
            top + 22.0,
            xml(&home.title)
        );
        top += height + 14.0;
    }
    edges(graph, &places, &mut body);
    for (node, place) in graph.nodes.iter().zip(&places) {
        draw(node, *place, &mut body);
    }
    legend(top, &mut body);
    let (height, title, description) =
        (top + LEGEND, format!("Who can do what: {name}"), graph.description());
    format!(
        "{note}<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n\
         <desc id=\"desc\">{}</desc>\n\
         <style>\n  \
         text {{ font: 12px sans-serif; fill: #111; }}\n  \
         .h {{ font-weight: bold; font-size: 14px; }}\n  \
         .t {{ font-weight: bold; }}\n  \
         .box {{ fill: #fff; stroke: #111; stroke-width: 1.2; }}\n  \
         path, line {{ fill: none; stroke: #111; }}\n  \
         .r {{ stroke-width: 1; stroke-dasharray: 2 3; }}\n  \
         .w {{ stroke-width: 1.4; }}\n  \
         .g {{ stroke-width: 3; }}\n  \
         .a {{ stroke-width: 1.4; stroke-dasharray: 9 4; }}\n\
         </style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" style=\"fill: #111; stroke: none\"/></marker></defs>\n  \
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n  \
         <text class=\"h\" x=\"{MARGIN}\" y=\"30\">{}</text>\n{body}</svg>\n",
        xml(&title),
        xml(&description),
        xml(&title),
    )
}

/// Finds the places of an account's nodes from `top` on, and how high it is.
fn place(graph: &Graph, home: &Home, top: f64, places: &mut [Place]) -> f64 {
    let mut y = top;
    for (party, depth) in tree(graph, home) {
        let x = PARTY_LEFT + INDENT * depth;
        let lanes = graph.edges.iter().filter(|edge| edge.from == party).count();
        let height = BOX.max(lanes as f64 * LANE);
        places[party] = Place { x, y, width: PARTY_WIDTH - INDENT * depth, height };
        y += height + GAP;
    }
    let left = y - GAP - top;
    let mut areas = home.areas.clone();
    // By where most arrows come from, so that few cross.
    let from = |area: &usize| {
        let lines = graph.edges.iter().filter(|edge| edge.to == *area).map(|edge| places[edge.from].y);
        let (sum, count) = lines.fold((0.0, 0.0), |(sum, count), y| (sum + y, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    areas.sort_by(|one, other| from(one).total_cmp(&from(other)));
    let count = areas.len() as f64;
    let right = count * BOX + (count - 1.0) * 14.0;
    let high = left.max(right).max(BOX);
    let gap = if count > 1.0 { (high - count * BOX) / (count - 1.0) } else { 0.0 };
    for (n, area) in areas.into_iter().enumerate() {
        places[area] =
            Place { x: AREA_LEFT, y: top + n as f64 * (BOX + gap), width: AREA_WIDTH, height: BOX };
    }
    high + 18.0
}

/// Who is in an account, each role below the first who acts as it, with its depth.
fn tree(graph: &Graph, home: &Home) -> Vec<(usize, f64)> {
    let actor = |role: &usize| {
        graph.acts.iter().find(|(from, to)| to == role && home.parties.contains(from)).map(|(from, _)| *from)
    };
    let mut open = home.parties.iter().filter(|one| actor(one).is_none()).rev().map(|one| (*one, 0.0));
    let mut open = open.by_ref().collect::<Vec<_>>();
    let mut placed = Vec::new();
    while let Some((party, depth)) = open.pop() {
        placed.push((party, depth));
        let roles = home.parties.iter().filter(|role| actor(role) == Some(party)).rev();
        open.extend(roles.map(|role| (*role, depth + 1.0)));
    }
    // Roles that act as each other in a circle hang below nobody.
    let rest = home.parties.iter().filter(|one| !placed.iter().any(|(party, _)| party == *one));
    let rest = rest.map(|one| (*one, 0.0)).collect::<Vec<_>>();
    placed.into_iter().chain(rest).collect()
}

fn edges(graph: &Graph, places: &[Place], body: &mut String) {
    for (from, to) in &graph.acts {
        let (from, to) = (places[*from], places[*to]);
        let (x, y) = (from.x + 14.0, to.y + to.height / 2.0);
        let _ = writeln!(
            body,
            "  <path class=\"a\" d=\"M{x} {} V{y} H{}\" marker-end=\"url(#tip)\"/>\n  <text x=\"{}\" y=\"{}\">acts as</text>",
            from.y + from.height,
            to.x,
            x + 8.0,
            from.y + from.height + 17.0
        );
    }
    for (n, edge) in graph.edges.iter().enumerate() {
        let line = line(graph, places, n);
        let (from, to) = (places[edge.from], places[edge.to]);
        let start = from.x + from.width;
        let port = port(graph, places, n, to);
        let class = match edge.furthest() {
            Reach::Reads => "r",
            Reach::Changes => "w",
            Reach::Gives => "g",
            Reach::ActsAs => "a",
        };
        let half = BEND + (AREA_LEFT - BEND) / 2.0;
        let _ = writeln!(
            body,
            "  <path class=\"{class}\" d=\"M{start} {line} H{BEND} C{half} {line} {half} {port} {} {port}\" marker-end=\"url(#tip)\"/>\n  \
             <text x=\"{}\" y=\"{}\">{}</text>",
            AREA_LEFT - 1.0,
            start + 10.0,
            line - 5.0,
            xml(&edge.label())
        );
    }
}

/// The height at which an arrow leaves: those to what is higher up leave higher.
fn line(graph: &Graph, places: &[Place], n: usize) -> f64 {
    let from = graph.edges[n].from;
    let mut lanes = graph.edges.iter().enumerate().filter(|(_, edge)| edge.from == from).collect::<Vec<_>>();
    lanes.sort_by(|(_, one), (_, other)| places[one.to].y.total_cmp(&places[other.to].y));
    let at = lanes.iter().position(|(lane, _)| *lane == n).unwrap_or_default();
    let place = places[from];
    place.y + place.height * (at as f64 + 0.5) / lanes.len() as f64 + 5.0
}

/// The height at which it arrives.
fn port(graph: &Graph, places: &[Place], n: usize, to: Place) -> f64 {
    let target = graph.edges[n].to;
    let mut ends = graph
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.to == target)
        .map(|(n, _)| n)
        .collect::<Vec<_>>();
    ends.sort_by(|one, other| line(graph, places, *one).total_cmp(&line(graph, places, *other)));
    let at = ends.iter().position(|end| *end == n).unwrap_or_default();
    to.y + to.height * (at as f64 + 1.0) / (ends.len() as f64 + 1.0)
}

fn draw(node: &Node, place: Place, body: &mut String) {
    let Place { x, y, width, height } = place;
    let rx = if node.shape == Shape::Person { 20.0 } else { 2.0 };
    let _ = writeln!(
        body,
        "  <g class=\"node\">\n  <rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{rx}\"/>"
    );
    let _ = match node.shape {
        Shape::Role => writeln!(
            body,
            "  <line x1=\"{0}\" y1=\"{y}\" x2=\"{0}\" y2=\"{2}\"/><line x1=\"{1}\" y1=\"{y}\" x2=\"{1}\" y2=\"{2}\"/>",
            x + 6.0,
            x + width - 6.0,
            y + height
        ),
        Shape::Data => {
            writeln!(body, "  <line x1=\"{x}\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/>", y + 5.0, x + width)
        }
        Shape::Account => writeln!(
            body,
            "  <rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            x + 4.0,
            y + 4.0,
            width - 8.0,
            height - 8.0
        ),
        Shape::Person | Shape::Thing => Ok(()),
    };
    let room = ((width - 32.0) / LETTER) as usize;
    let middle = y + height / 2.0;
    let _ = writeln!(
        body,
        "  <text class=\"t\" x=\"{0}\" y=\"{1}\">{2}</text>\n  <text x=\"{0}\" y=\"{3}\">{4}</text>\n  </g>",
        x + 16.0,
        middle - 4.0,
        xml(&cut(&node.title, room)),
        middle + 13.0,
        xml(&cut(&node.name, room))
    );
}

/// Text with its middle left out if it is too long: names differ at their ends.
fn cut(text: &str, room: usize) -> String {
    let letters = text.chars().collect::<Vec<_>>();
    if letters.len() <= room {
        return text.to_owned();
    }
    let end = (room - 1) * 2 / 3;
    let start = room - 1 - end;
    letters[..start].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect()
}

fn legend(top: f64, body: &mut String) {
    let kinds = [
        ("r", "reads only"),
        ("w", "changes"),
        ("g", "gives or takes away access"),
        ("a", "acts as: can do all that it can"),
    ];
    let mut x = MARGIN;
    for (class, words) in kinds {
        let _ = writeln!(
            body,
            "  <line class=\"{class}\" x1=\"{x}\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/><text x=\"{2}\" y=\"{3}\">{words}</text>",
            top + 12.0,
            x + 34.0,
            x + 42.0,
            top + 16.0
        );
        x += 62.0 + words.len() as f64 * LETTER;
    }
    let _ = writeln!(
        body,
        "  <text x=\"{MARGIN}\" y=\"{}\">Round: people, policies to attach. Bars at the sides: roles. Bar on top: data. Not drawn: what is denied, services, own accounts, conditions.</text>",
        top + 40.0
    );
}
