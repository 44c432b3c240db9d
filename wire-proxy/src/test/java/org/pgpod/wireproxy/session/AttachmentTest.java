package org.pgpod.wireproxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachmentTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "create temp table t (n int)",
                "CREATE TEMPORARY VIEW v AS SELECT 1",
                "create or replace temp view v as select 1",
                "select 1 into temp t",
                "create table pg_temp.t (n int)",
                "select pg_advisory_lock(1)",
                "select pg_try_advisory_lock_shared(1)",
                "declare c cursor with hold for select 1",
                "select set_config('a.b', 'x', false)",
                "select set_config('a.b', 'x', $1)",
                "select set_config('a.b', 'x', true), set_config('a.c', 'x', false)",
                "set statement_timeout = 1",
                "set local a.b = 1; set a.c = 2",
                "SET SESSION AUTHORIZATION ann",
                "set role ann",
                "/* by: web */ set work_mem = '1MB'"
            })
    void whatOthersMustNotFindIsSeen(String sql) {
        assertThat(StatementEffect.of(sql)).isEqualTo(StatementEffect.STATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set local a.b = 1",
                "set transaction read only",
                "set constraints all deferred",
                "set time zone 'UTC'",
                "set names 'utf8'",
                "set application_name to 'x'",
                "begin; set local lock_timeout = 1; commit",
            })
    void settingsOfTheTransactionAndReportedOnesAreTracked(String sql) {
        assertThat(StatementEffect.of(sql)).isEqualTo(StatementEffect.TRACKED_SETTING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update t set n = 1",
                "select temperature, temp from t",
                "select pg_advisory_xact_lock(1)",
                "select set_config('a.b', 'x', true)",
                "select set_config('a.b', $1, true)",
                "declare c cursor for select 1",
                "create table t (n int)",
                "create table template (n int)"
            })
    void ordinaryWorkLeavesNothing(String sql) {
        assertThat(StatementEffect.of(sql)).isEqualTo(StatementEffect.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"LISTEN", "PREPARE", "LOAD", "SET"})
    void tagsOfStatePin(String tag) {
        Attachment attachment = Attachment.ofTransaction();
        attachment.completed(tag);
        assertThat(attachment.isPinned()).isTrue();
        assertThat(attachment.completed("DISCARD ALL")).isEqualTo(Attachment.Consequence.NO_STATEMENTS);
        assertThat(attachment.isPinned()).isFalse();
    }

    @Test
    void aTrackedSettingDoesNotPin() {
        Attachment attachment = Attachment.ofTransaction();
        attachment.affects(StatementEffect.TRACKED_SETTING);
        attachment.completed("SET");
        assertThat(attachment.isPinned()).isFalse();
        attachment.ended();
        attachment.completed("SET");
        assertThat(attachment.isPinned()).isTrue();
    }

    @Test
    void settingsAreMadeWhereTheyDifferAndAreReported() {
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("TimeZone", "UTC");
        wanted.put("application_name", "it's \\ me");
        wanted.put("server_version", "15");
        wanted.put("search_path", "x");
        Map<String, String> actual = Map.of("TimeZone", "UTC", "application_name", "", "server_version", "16");
        Map<String, String> different = ReportedSettings.difference(wanted, actual);
        assertThat(different).containsOnlyKeys("application_name");
        assertThat(ReportedSettings.statement(different))
                .contains("SELECT pg_catalog.set_config('application_name', E'it''s \\\\ me', false)");
        assertThat(ReportedSettings.statement(Map.of("search_path", "\u00e4"))).isEmpty();
    }
}
