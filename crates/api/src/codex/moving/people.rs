//! Who wrote what: people of there as people of here.

use std::collections::{BTreeSet, HashMap};

use domain::{Actor, UserId};
use engine::moving::Stranger;
use serde_json::Value;

use super::shapes::{MemberThere, read};

/// Those who are named, with their addresses as far as the members of the organization are known.
pub fn strangers(named: &BTreeSet<String>, members: Option<&Value>) -> Vec<Stranger> {
    let members = members.and_then(Value::as_array).into_iter().flatten();
    let known = members.filter_map(|member| read::<MemberThere>("member", member.clone()).ok());
    let emails: HashMap<String, Option<String>> =
        known.map(|member| (member.user_id, member.email)).collect();
    let stranger = |id: &String| Stranger { id: id.clone(), email: emails.get(id).cloned().flatten() };
    named.iter().map(stranger).collect()
}

/// Who is who here.
#[derive(Debug, Default)]
pub struct People {
    /// Who stands for those who are nobody here.
    pub owner: Option<UserId>,
    /// By the id there.
    pub known: HashMap<String, UserId>,
}

impl People {
    /// Somebody of there; who is nobody here is the owner.
    pub fn author(&self, id: Option<&str>) -> Actor {
        let known = id.and_then(|id| self.known.get(id)).copied();
        known.or(self.owner).map_or(Actor::System, Actor::User)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_address_is_known_where_the_members_are() {
        let named = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        let members = json!([{ "user_id": "a", "email": "a@example.test", "name": "A" }, { "odd": 1 }]);
        let found = strangers(&named, Some(&members));
        assert_eq!(found[0].email.as_deref(), Some("a@example.test"));
        assert_eq!((found.len(), found[1].email.as_deref()), (2, None));
        assert_eq!(strangers(&named, Some(&Value::Null)).len(), 2);
    }

    #[test]
    fn who_is_nobody_here_is_the_owner() {
        let (owner, a) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let people = People { owner: Some(owner), known: HashMap::from([("a".to_owned(), a)]) };
        assert_eq!(people.author(Some("a")), Actor::User(a));
        assert_eq!((people.author(Some("b")), people.author(None)), (Actor::User(owner), Actor::User(owner)));
    }
}
