//! Who may do what: the table of roles and scopes, one function a column.

use crate::words::words;

words! {
    /// A user's role in an organization.
    OrganizationRole {
        /// Makes users and projects, looks after every project of the organization.
        Admin = "admin",
        /// Makes projects.
        Member = "member",
    }
}

words! {
    /// A user's role in a project.
    ProjectRole {
        /// Reads.
        Viewer = "viewer",
        /// A subject matter expert: reviews, answers, triages.
        Expert = "expert",
        /// Everything an expert does, the runtime and the configuration.
        Developer = "developer",
        /// Everything, members and the project's end included.
        Owner = "owner",
    }
}

words! {
    /// What an access key may do.
    Scope {
        /// Read issues, interactions, remediations, analytics.
        Read = "read",
        /// Review, answer, triage issues, confirm matches, try.
        Answers = "answers",
        /// Validate, look up, send batches, feedback and metadata.
        Runtime = "runtime",
        /// Run regression checks.
        Ci = "ci",
    }
}

words! {
    /// One row of the access table.
    Permission {
        /// Read issues, interactions, remediations, analytics.
        Read = "read",
        /// Review, answer, triage issues, confirm matches, try.
        Answer = "answer",
        /// Validate, look up, send batches, feedback and metadata.
        Runtime = "runtime",
        /// Run regression checks: verdicts, no interaction texts.
        Check = "check",
        /// Evaluations, guardrails, settings, webhooks, keys, export.
        Configure = "configure",
        /// Members of the project, and its deletion.
        Administer = "administer",
        /// Create projects in the organization.
        CreateProjects = "create_projects",
        /// Create users in the organization.
        CreateUsers = "create_users",
    }
}

/// Whether a role in a project gives a permission there.
pub const fn role_allows(role: ProjectRole, permission: Permission) -> bool {
    match permission {
        Permission::Read => true,
        Permission::Answer | Permission::Check => !matches!(role, ProjectRole::Viewer),
        Permission::Runtime | Permission::Configure => {
            matches!(role, ProjectRole::Developer | ProjectRole::Owner)
        }
        Permission::Administer => matches!(role, ProjectRole::Owner),
        Permission::CreateProjects | Permission::CreateUsers => false,
    }
}

/// Whether a scope of an access key gives a permission in the key's project. A scope gives exactly one:
/// `answers` alone does not read.
pub const fn scope_allows(scope: Scope, permission: Permission) -> bool {
    matches!(
        (scope, permission),
        (Scope::Read, Permission::Read)
            | (Scope::Answers, Permission::Answer)
            | (Scope::Runtime, Permission::Runtime)
            | (Scope::Ci, Permission::Check)
    )
}

/// Whether a role in an organization gives a permission there and in each of its projects.
pub const fn organization_allows(role: OrganizationRole, permission: Permission) -> bool {
    match role {
        OrganizationRole::Admin => matches!(
            permission,
            Permission::Read | Permission::Administer | Permission::CreateProjects | Permission::CreateUsers
        ),
        OrganizationRole::Member => matches!(permission, Permission::CreateProjects),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (Permission, [u8; 4], [u8; 2], Option<Scope>);

    /// Columns: viewer, expert, developer, owner | admin, member | the scope that gives it.
    const TABLE: [Row; 8] = [
        (Permission::Read, [1, 1, 1, 1], [1, 0], Some(Scope::Read)),
        (Permission::Answer, [0, 1, 1, 1], [0, 0], Some(Scope::Answers)),
        (Permission::Runtime, [0, 0, 1, 1], [0, 0], Some(Scope::Runtime)),
        (Permission::Check, [0, 1, 1, 1], [0, 0], Some(Scope::Ci)),
        (Permission::Configure, [0, 0, 1, 1], [0, 0], None),
        (Permission::Administer, [0, 0, 0, 1], [1, 0], None),
        (Permission::CreateProjects, [0, 0, 0, 0], [1, 1], None),
        (Permission::CreateUsers, [0, 0, 0, 0], [1, 0], None),
    ];

    #[test]
    fn the_whole_table() {
        assert_eq!(TABLE.map(|row| row.0).as_slice(), Permission::ALL);
        for (permission, roles, organization, key) in TABLE {
            assert_eq!(
                ProjectRole::ALL
                    .iter()
                    .map(|role| u8::from(role_allows(*role, permission)))
                    .collect::<Vec<_>>(),
                roles
            );
            let of_organization =
                OrganizationRole::ALL.iter().map(|role| u8::from(organization_allows(*role, permission)));
            assert_eq!(of_organization.collect::<Vec<_>>(), organization);
            for scope in Scope::ALL {
                assert_eq!(scope_allows(*scope, permission), Some(*scope) == key, "{scope} {permission}");
            }
        }
    }
}
