//! Tags, branches and what is not plain, against handlebars.

use handlebars::template::{Parameter, TemplateElement};
use handlebars::{Context, RenderContext, StringOutput, Template};

use super::super::{PARTS, PEN, SECTIONS};
use super::{BLOCKS, ELSE, READER, Words, pieces, read};

#[test]
fn a_tag_is_what_handlebars_makes_of_it() {
    let (reader, mut tags) = (READER.as_ref().unwrap(), 0);
    for words in SECTIONS.iter().chain(&PARTS) {
        let opened = |tag: &&str| tag.starts_with("{{") && *tag != ELSE && !tag.starts_with("{{/");
        for tag in pieces(words.text).into_iter().map(|piece| piece.tag).filter(opened) {
            let block = tag.strip_prefix("{{#").and_then(|tag| tag.split(' ').next());
            let closing = block.map(|block| format!("{{{{/{block}}}}}")).unwrap_or_default();
            let whole = Template::compile(&format!("{tag}{closing}")).unwrap();
            let read = reader.tag(tag).unwrap();
            match (whole.elements.first().unwrap(), read) {
                (TemplateElement::PartialExpression(part), TemplateElement::Expression(read)) => {
                    assert_eq!(part.hash, read.hash, "{tag} in {}", words.name);
                    let number = PARTS.iter().position(|one| Some(one.name) == part.name.as_name());
                    assert_eq!(read.params, [Parameter::Literal(number.unwrap().into())], "{tag}");
                }
                (whole, read) => assert_eq!(whole, &read, "{tag} in {}", words.name),
            }
            tags += 1;
        }
    }
    assert!(tags > 500, "{tags}");
}

#[test]
fn every_branch_can_be_read_whether_a_run_book_needs_it_or_not() {
    for words in SECTIONS.iter().chain(&PARTS) {
        read(words.text).unwrap();
    }
    let mut n = 0;
    while let Some(branch) = { BLOCKS.lock().unwrap().get(n).copied() } {
        read(branch.text).unwrap();
        n += 1;
    }
    assert!(n > 20, "{n}");
}

#[test]
fn what_is_not_plain_is_what_handlebars_makes_of_it_or_refused() {
    let view = serde_json::json!({ "f": true, "b": 1, "c": 2, "d": 3, "e": 4, "people": [{ "name": "p" }] });
    let filled_in = |words: &'static str| {
        let words: &'static Words = Box::leak(Box::new(Words::new("", words)));
        let (context, mut text) = (Context::wraps(&view).unwrap(), StringOutput::new());
        let rendered = words.render(&PEN, &context, &mut RenderContext::new(None), &mut text);
        rendered.map(|()| text.into_string().unwrap()).map_err(|error| error.to_string())
    };
    for words in [
        "{{#if f}}\nx\n{{else}} {{#if b}}\n  y {{c}}{{d}}{{e}}\n{{/if}}\n{{/if}}\nend\n",
        "{{#unless f}}\nx\n{{else}} {{#if b}}\n  y {{c}}{{d}}{{e}}\n{{/if}}\n{{/unless}}\nend\n",
        "{{#each people}}\n{{name}}{{this.name}}{{../b}}{{../c}}{{@root/d}}\n{{/each}}\n",
        "{{#if this.f}}yes{{/if}}{{#if true}}yes{{/if}}{{#if null}}no{{/if}}",
    ] {
        assert_eq!(filled_in(words), Ok(PEN.render_template(words, &view).unwrap()), "{words}");
    }
    for words in [
        "{{#if  f}}yes{{/if}}",
        "{{#if f..b}}{{/if}}",
        "{{#if f}}x{{else if b}}y{{/if}}",
        "{{! a b}}",
        "{{@block 0}}",
        "{{> parts/tags b}}",
        "{{> parts/none}}",
        "{{b {{c}}",
        "{{b}\u{e9} {{c}}",
    ] {
        assert!(filled_in(words).is_err(), "{words}: {:?}", filled_in(words));
    }
}
