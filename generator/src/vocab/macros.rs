//! The two macros that declare words.

/// Declares a word with a pattern: the same constant is compiled to read it and printed in the schema. How long a text may be
/// is said apart from it where that is long: a pattern is compiled to a state for each character that it counts.
macro_rules! pattern_word {
    ($(#[doc = $doc:literal])+ $name:ident, $code:ident, pattern $pattern:literal
     $(of $least:literal to $most:literal characters)?, examples [$($example:literal),+],
     what $what:literal, help $help:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The pattern of the text.
            pub const PATTERN: &'static str = $pattern;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl crate::vocab::Word for $name {
            fn name() -> std::borrow::Cow<'static, str> {
        stringify!($name).into()
    }

            fn schema() -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "description": concat!($($doc),+).trim(),
                    "pattern": Self::PATTERN, $("minLength": $least, "maxLength": $most,)? "examples": [$($example),+],
                })
            }

            fn read(text: &str) -> Result<Self, crate::problem::Fault> {
                static READER: std::sync::LazyLock<Option<regex_lite::Regex>> =
                    std::sync::LazyLock::new(|| regex_lite::Regex::new($pattern).ok());
                let is_right_length = true $(&& ($least..=$most).contains(&text.chars().count()))?;
                if is_right_length && READER.as_ref().is_some_and(|reader| reader.is_match(text)) {
                    return Ok(Self(text.to_owned()));
                }
                Err(crate::problem::Fault::new(
                    crate::problem::Code::$code,
                    format!(concat!("{} is not ", $what), crate::problem::shown(text)),
                    $help,
                ))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Declares a word out of a closed list: an enum, its texts, and what each means.
macro_rules! choice_word {
    ($(#[doc = $doc:literal])+ $name:ident, $code:ident, what $what:literal,
     { $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $variant_doc])+ $variant,)+ }

        impl $name {
            /// Every choice, in the order in which the docs list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The text of the choice in the spec.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl crate::vocab::Word for $name {
            fn name() -> std::borrow::Cow<'static, str> {
        stringify!($name).into()
    }

            fn schema() -> schemars::Schema {
                let choices = [$(serde_json::json!({
                    "const": $text, "description": concat!($($variant_doc),+).trim(),
                })),+];
                schemars::json_schema!({
                    "type": "string", "description": concat!($($doc),+).trim(), "oneOf": choices,
                })
            }

            fn read(text: &str) -> Result<Self, crate::problem::Fault> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == text).ok_or_else(|| {
                    let known = Self::ALL.iter().map(|choice| choice.as_str()).collect::<Vec<_>>();
                    crate::vocab::not_one_of(crate::problem::Code::$code, text, $what, &known)
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
