package dev.replicator.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeMapTest {
    /** Once as the catalog names it, once as the log does. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "tinyint(4)           | -  | -  | int2",
                "SMALLINT UNSIGNED    | -  | -  | int4",
                "int(10) unsigned     | -  | -  | int8",
                "BIGINT UNSIGNED      | -  | -  | numeric(20,0)",
                "decimal(65,30)       | 65 | 30 | numeric(65,30)",
                "bit(1)               | 1  | -  | bool",
                "BIT                  | 12 | -  | bit(12)",
                "varchar(50)          | 50 | -  | varchar(50)",
                "enum('a','INT')      | 3  | -  | text",
                "set('x','y')         | 3  | -  | text",
                "datetime(6)          | -  | -  | timestamp",
                "TIMESTAMP            | -  | -  | timestamptz",
                "longblob             | -  | -  | bytea",
                "multipolygon         | -  | -  | bytea",
                "json                 | -  | -  | jsonb"
            })
    void everyTypeHasOneOfPostgres(String declared, Integer length, Integer scale, String postgres) {
        assertThat(TypeMap.of(declared, length, scale).declared()).isEqualTo(postgres);
    }
}
