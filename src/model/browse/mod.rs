//! Looks at code for those who have no git of their own: what is asked, what is answered, and the names that a caller
//! may give. Texts of the repository stand in answers as they are; the door decides how they are shown.

pub mod answer;
pub mod ask;
pub mod message;
pub mod name;
pub mod patch;
pub mod text;
