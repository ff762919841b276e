//! The tables as diesel sees them, kept in step with `migrations/` by a test.

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    organizations (id) {
        id -> Uid,
        name -> Text,
        version -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    users (id) {
        id -> Uid,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        disabled_at -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    organization_members (organization_id, user_id) {
        organization_id -> Uid,
        user_id -> Uid,
        role -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    refresh_tokens (id) {
        id -> Uid,
        user_id -> Uid,
        family_id -> Uid,
        token_hash -> Binary,
        issued_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    signing_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed_private_key -> Binary,
        created_at -> Instant,
        retired_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    projects (id) {
        id -> Uid,
        organization_id -> Uid,
        name -> Text,
        description -> Text,
        settings -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        deleted_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    project_members (project_id, user_id) {
        project_id -> Uid,
        user_id -> Uid,
        role -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    access_keys (id) {
        id -> Uid,
        project_id -> Uid,
        name -> Text,
        hint -> Text,
        token_hash -> Binary,
        scopes -> Text,
        expires_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        created_by -> Text,
        version -> BigInt,
        created_at -> Instant,
        description -> Nullable<Text>,
        updated_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    api_keys (id) {
        id -> Uid,
        user_id -> Uid,
        name -> Text,
        hint -> Text,
        token_hash -> Binary,
        expires_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    evaluations (id) {
        id -> Uid,
        project_id -> Uid,
        key -> Text,
        name -> Text,
        criteria -> Nullable<Text>,
        threshold -> Double,
        direction -> Text,
        priority -> BigInt,
        guardrail -> Bool,
        escalate -> Bool,
        enabled -> Bool,
        fallback -> Nullable<Text>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        scorer -> Text,
        fallback_priority -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    guardrails (id) {
        id -> Uid,
        project_id -> Uid,
        name -> Text,
        description -> Nullable<Text>,
        patterns -> Text,
        focus -> Text,
        case_sensitive -> Bool,
        priority -> BigInt,
        fallback -> Nullable<Text>,
        overridable -> Bool,
        enabled -> Bool,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    interactions (id) {
        id -> Uid,
        project_id -> Uid,
        external_id -> Nullable<Text>,
        body_digest -> Nullable<Binary>,
        kind -> Text,
        session_id -> Nullable<Text>,
        occurred_at -> Instant,
        recorded_at -> Instant,
        historical -> Bool,
        blocked -> Bool,
        escalated -> Bool,
        serve -> Text,
        problem -> Nullable<Text>,
        answer_id -> Nullable<Uid>,
        review_id -> Nullable<Uid>,
        reviewed -> Nullable<Text>,
        thumbs -> Nullable<Text>,
        flagged_at -> Nullable<Instant>,
        version -> BigInt,
        tool_calls -> Nullable<Text>,
        removed_at -> Nullable<Instant>,
        failing -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    interaction_texts (interaction_id) {
        interaction_id -> Uid,
        query -> Text,
        rewritten_query -> Nullable<Text>,
        response -> Text,
        response_object -> Nullable<Text>,
        context -> Nullable<Text>,
        messages -> Nullable<Text>,
        tools -> Nullable<Text>,
        metadata -> Nullable<Text>,
        scores -> Nullable<Text>,
        verdict -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    issues (id) {
        id -> Uid,
        project_id -> Uid,
        interaction_id -> Uid,
        query -> Text,
        response_excerpt -> Text,
        problem -> Text,
        status -> Text,
        occurrences -> BigInt,
        open_occurrences -> BigInt,
        protected_occurrences -> BigInt,
        blocked_occurrences -> BigInt,
        uncaught -> BigInt,
        impact_log2 -> Double,
        needs_answer -> Bool,
        touched -> Bool,
        first_seen_at -> Instant,
        last_seen_at -> Instant,
        addressed_at -> Nullable<Instant>,
        addressed_by -> Nullable<Text>,
        regressed_at -> Nullable<Instant>,
        dismissed_at -> Nullable<Instant>,
        snoozed_until -> Nullable<Instant>,
        assignee_id -> Nullable<Uid>,
        claimed_until -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    occurrences (interaction_id) {
        interaction_id -> Uid,
        project_id -> Uid,
        issue_id -> Uid,
        state -> Text,
        caught_by_kind -> Nullable<Text>,
        caught_by_id -> Nullable<Uid>,
        settled_by_kind -> Nullable<Text>,
        settled_by_id -> Nullable<Uid>,
        blocked -> Bool,
        problem -> Text,
        severity_milli -> BigInt,
        occurred_at -> Instant,
        hour -> BigInt,
        question_digest -> Binary,
        response_digest -> Binary,
        centroid_id -> Nullable<Uid>,
        similarity -> Nullable<Double>,
        joined_at -> Instant,
        origin -> Text,
        width -> Nullable<Double>,
        grouped_by -> Text,
        moved -> Nullable<Text>,
        moved_from -> Nullable<Uid>,
        moved_by -> Nullable<Text>,
        moved_at -> Nullable<Instant>,
        compared -> Text,
        home_issue_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    issue_hours (issue_id, hour) {
        issue_id -> Uid,
        hour -> BigInt,
        project_id -> Uid,
        open_count -> BigInt,
        open_severity_milli -> BigInt,
        protected_count -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    issue_centroids (id) {
        id -> Uid,
        project_id -> Uid,
        issue_id -> Uid,
        model -> Text,
        dimension -> BigInt,
        scale -> Double,
        members -> BigInt,
        vector -> Binary,
        revision -> BigInt,
        updated_at -> Instant,
        home_issue_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    issue_redirects (old_issue_id) {
        old_issue_id -> Uid,
        project_id -> Uid,
        issue_id -> Uid,
        merged_into -> Uid,
        version -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    issues_apart (issue_id, other_issue_id) {
        issue_id -> Uid,
        other_issue_id -> Uid,
        project_id -> Uid,
        created_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    vectors (owner_kind, owner_id, model) {
        owner_kind -> Text,
        owner_id -> Uid,
        model -> Text,
        project_id -> Uid,
        dimension -> BigInt,
        scale -> Double,
        vector -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    answers (id) {
        id -> Uid,
        project_id -> Uid,
        query -> Text,
        status -> Text,
        serve_answers -> Nullable<Text>,
        live_version_id -> Nullable<Uid>,
        draft_version_id -> Nullable<Uid>,
        deleted_at -> Nullable<Instant>,
        created_by -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        applies_when -> Nullable<Text>,
        language -> Nullable<Text>,
        updated_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    answer_versions (id) {
        id -> Uid,
        answer_id -> Uid,
        project_id -> Uid,
        number -> BigInt,
        answer -> Text,
        created_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    phrasings (id) {
        id -> Uid,
        project_id -> Uid,
        answer_id -> Uid,
        text -> Text,
        text_digest -> Binary,
        source -> Text,
        issue_id -> Nullable<Uid>,
        interaction_id -> Nullable<Uid>,
        confirmed_at -> Nullable<Instant>,
        confirmed_by -> Nullable<Text>,
        rejected_at -> Nullable<Instant>,
        rejected_by -> Nullable<Text>,
        created_at -> Instant,
        before_match -> Nullable<Text>,
        gave_way -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    reviews (id) {
        id -> Uid,
        project_id -> Uid,
        verdict -> Text,
        explanation -> Text,
        live_version_id -> Nullable<Uid>,
        draft_version_id -> Nullable<Uid>,
        paused_at -> Nullable<Instant>,
        deleted_at -> Nullable<Instant>,
        created_by -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        applies_when -> Nullable<Text>,
        language -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    review_versions (id) {
        id -> Uid,
        review_id -> Uid,
        project_id -> Uid,
        number -> BigInt,
        verdict -> Text,
        explanation -> Text,
        created_by -> Text,
        created_at -> Instant,
        applies_when -> Nullable<Text>,
        language -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    review_interactions (review_id, interaction_id) {
        review_id -> Uid,
        interaction_id -> Uid,
        project_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    remediation_issues (remediation_kind, remediation_id, issue_id) {
        remediation_kind -> Text,
        remediation_id -> Uid,
        issue_id -> Uid,
        project_id -> Uid,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    matches (id) {
        id -> Uid,
        project_id -> Uid,
        remediation_kind -> Text,
        remediation_id -> Uid,
        interaction_id -> Uid,
        phrasing_id -> Nullable<Uid>,
        state -> Text,
        confirmation -> Nullable<Text>,
        similarity -> Double,
        explanation -> Text,
        occurred_at -> Instant,
        decided_at -> Nullable<Instant>,
        decided_by -> Nullable<Text>,
        score -> Nullable<Double>,
        risk -> Double,
        answer_version_id -> Nullable<Uid>,
        decided_phrasing_id -> Nullable<Uid>,
        settled -> Bool,
        own_issue_id -> Nullable<Uid>,
        text_digest -> Nullable<Binary>,
        scored_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    review_exceptions (review_id, interaction_id) {
        review_id -> Uid,
        interaction_id -> Uid,
        project_id -> Uid,
        created_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    remediation_effects (remediation_id) {
        remediation_id -> Uid,
        project_id -> Uid,
        acted -> BigInt,
        suggested -> BigInt,
        shadow -> BigInt,
        confirmed -> BigInt,
        rejected -> BigInt,
        thumbs_up -> BigInt,
        thumbs_down -> BigInt,
        missed -> BigInt,
        last_acted_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    removed_effects (remediation_id) {
        remediation_id -> Uid,
        project_id -> Uid,
        acted -> BigInt,
        suggested -> BigInt,
        shadow -> BigInt,
        thumbs_up -> BigInt,
        thumbs_down -> BigInt,
        last_acted_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    guidance (id) {
        id -> Uid,
        project_id -> Uid,
        explanation -> Text,
        status -> Text,
        wording -> Text,
        wording_reason -> Nullable<Text>,
        review_id -> Nullable<Uid>,
        live_version_id -> Nullable<Uid>,
        draft_version_id -> Nullable<Uid>,
        applies_when -> Nullable<Text>,
        language -> Nullable<Text>,
        deleted_at -> Nullable<Instant>,
        created_by -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    guidance_versions (id) {
        id -> Uid,
        guidance_id -> Uid,
        project_id -> Uid,
        number -> BigInt,
        text -> Text,
        written_by -> Text,
        created_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    guidance_phrasings (id) {
        id -> Uid,
        project_id -> Uid,
        guidance_id -> Uid,
        text -> Text,
        text_digest -> Binary,
        interaction_id -> Nullable<Uid>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    guidance_interactions (guidance_id, interaction_id) {
        guidance_id -> Uid,
        interaction_id -> Uid,
        project_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    feedback (id) {
        id -> Uid,
        project_id -> Uid,
        interaction_id -> Uid,
        kind -> Text,
        comment -> Nullable<Text>,
        given_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    project_heads (project_id) {
        project_id -> Uid,
        event_seq -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::sql::*;

    events (project_id, seq) {
        project_id -> Uid,
        seq -> BigInt,
        at -> Instant,
        actor -> Text,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uid,
        changes -> Text,
    }
}

diesel::joinable!(organization_members -> users (user_id));
diesel::joinable!(project_members -> projects (project_id));
diesel::joinable!(project_members -> users (user_id));
diesel::joinable!(interaction_texts -> interactions (interaction_id));
diesel::joinable!(occurrences -> interactions (interaction_id));
diesel::joinable!(occurrences -> issues (issue_id));
diesel::joinable!(review_interactions -> reviews (review_id));
diesel::joinable!(guidance_interactions -> guidance (guidance_id));
diesel::joinable!(guidance_phrasings -> guidance (guidance_id));
diesel::joinable!(review_interactions -> interactions (interaction_id));

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    organization_members,
    refresh_tokens,
    signing_keys,
    projects,
    project_members,
    access_keys,
    api_keys,
    evaluations,
    guardrails,
    interactions,
    interaction_texts,
    issues,
    occurrences,
    issue_hours,
    issue_centroids,
    issue_redirects,
    issues_apart,
    vectors,
    answers,
    answer_versions,
    phrasings,
    reviews,
    review_versions,
    review_interactions,
    remediation_issues,
    matches,
    review_exceptions,
    remediation_effects,
    removed_effects,
    guidance,
    guidance_versions,
    guidance_phrasings,
    guidance_interactions,
    feedback,
    project_heads,
    events
);
