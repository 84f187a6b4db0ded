package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaChangesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "5",
                "'-1'::integer",
                "(-1)",
                "5.00",
                "true",
                "'it''s'::public.\"Mood\"",
                "'a'::character varying(20)",
                "'{1,2}'::integer[]",
                "'2020-01-01 00:00:00'::timestamp without time zone",
            })
    void aConstantIsKnownOfEveryRow(String expression) {
        assertThat(SchemaChanges.isConstant(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "now()",
                "CURRENT_TIMESTAMP",
                "CURRENT_USER",
                "nextval('s'::regclass)",
                "('now'::text)::date || 'x'",
                "5 + 1",
                "('a'::text || current_setting('b'::text))",
                "gen_random_uuid()",
            })
    void whatIsComputedIsNot(String expression) {
        assertThat(SchemaChanges.isConstant(expression)).isFalse();
    }
}
