//! Reading a spec file as text: guards, places.
