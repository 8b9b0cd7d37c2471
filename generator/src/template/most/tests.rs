//! No form of random templates is larger.

use proptest::collection::vec;
use proptest::prelude::*;

use super::most_bytes;
use crate::render::{cdk, json, yaml};
use crate::template::{Output, Template, Value};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z:/$ {}.,*#'\"\\\\-]{0,12}",
        "[ \\PC\n\t\u{1}\u{7f}\u{200b}\u{feff}]{0,8}",
        "([a-z\"\\\\]{1,8}\n){1,4}"
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::Text),
        text().prop_map(Value::Block),
        any::<i64>().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Bool),
        text().prop_map(Value::Ref),
        text().prop_map(|id| Value::GetAtt(id, "A")),
        text().prop_map(|text| Value::Sub(text, Vec::new())),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let entries = || vec((text(), inner.clone()), 0..4);
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::List),
            entries().prop_map(Value::Map),
            inner.clone().prop_map(Value::flow),
            (text(), entries()).prop_map(|(text, variables)| Value::Sub(text, variables)),
            (inner.clone(), text()).prop_map(|(first, second)| Value::FindInMap(
                "M",
                Box::new(first),
                second
            )),
            vec(inner.clone(), 0..4).prop_map(|parts| Value::Join(",", parts)),
            pair.prop_map(|(one, other)| Value::Equals(Box::new(one), Box::new(other))),
        ]
    })
}

proptest! {
    #[test]
    fn no_form_is_larger(values in vec(value(), 1..6), description in text(), spec in text()) {
        let output = |value| Output { name: "O", description: description.clone(), value };
        let template = Template {
            generated_from: spec,
            description: description.repeat(40),
            parameters: Vec::new(),
            mappings: Vec::new(),
            conditions: Vec::new(),
            groups: Vec::new(),
            outputs: values.into_iter().map(output).collect(),
        };
        let most = most_bytes(&template) - super::HEAD;
        prop_assert!(yaml::template(&template).len() <= most + super::HEAD);
        prop_assert!(json::compact(&template.sections()).len() <= most);
        prop_assert!(cdk::sent_bytes(&template.sections()) <= most);
    }
}
