package dev.replicator.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Custom;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.CustomCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.FullCopy;
import dev.replicator.model.PerTable;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationReaderTest {
    private static final String DATABASES = """
            databases:
              a: { url: "postgresql://r@one/shake", password: "${A_PASSWORD}" }
              b: { url: "postgresql://r@two/shake" }
              c: { url: "postgresql://r@three/shake" }
            """;

    @TempDir
    Path folder;

    @Test
    void sampleConfigurationIsRightAndShowsTheDefaults() {
        Configuration sample = ConfigurationReader.read(
                Path.of("../conf/sync.yaml"),
                environment(Map.of("SHAKE1_PASSWORD", "x1", "SHAKE2_PASSWORD", "x2", "REPORTS_PASSWORD", "x3")));

        SyncSpec bard = sample.sync("bard");
        assertThat(bard.sources()).extracting(DatabaseSpec::name).containsExactly("shake1", "shake2");
        assertThat(bard.targets()).extracting(DatabaseSpec::name).containsExactly("reports");
        assertThat(bard.slotBudget()).isEqualTo(SyncReader.DEFAULT_BUDGET);
        assertThat(bard.clockLimit()).isEqualTo(SyncReader.DEFAULT_CLOCK);
        assertThat(sample.database("shake2").options()).containsEntry("sslmode", "verify-full");
        assertThat(sample.admin().port()).isEqualTo(7432);
    }

    @Test
    void tablesAreCopiedWholeFromTheSourceThatIsNamedFirst() {
        SyncSpec both = read(DATABASES + """
                syncs:
                  s: { sources: [b, a], fullcopy: { databases: [c], method: truncate, daily_at: "03:30" } }
                """).sync("s");
        SyncSpec only = read(DATABASES + """
                syncs:
                  s: { sources: [a], fullcopy: [b, c], tables: [{ table: x, where: { c: "true" } }] }
                """).sync("s");

        assertThat(both.fullCopy().source().name()).isEqualTo("b");
        assertThat(both.fullCopy().emptying()).isEqualTo(FullCopy.Emptying.TRUNCATE);
        assertThat(both.fullCopy().timetable().dailyAt()).isEqualTo(LocalTime.of(3, 30));
        assertThat(both.parts()).hasSize(2);
        assertThat(both.schemaChanges()).isEqualTo(SyncSpec.SchemaChange.STOP);
        assertThat(only.schemaChanges()).isEqualTo(SyncSpec.SchemaChange.ADDITIVE);
        assertThat(only.replicates()).isFalse();
        assertThat(only.parts()).hasSize(2).allMatch(SyncSpec::copiesWhole);
    }

    @Test
    void everyKeyOfASyncIsRead() {
        SyncSpec sync = read(DATABASES + """
                syncs:
                  s:
                    sources: [b, a]
                    targets: [c]
                    fullcopy: []
                    tables: [public.work, { table: "public.char*", conflict: { policy: latest } }]
                    conflict: latest
                    initial_copy: never
                    foreign_origins: ignore
                    slot_budget: { bytes: 1GiB, age: 2d, when_spent: warn }
                    spill_budget: 3GiB
                    max_clock_offset: { limit: 500ms, when_exceeded: stop }
                """).sync("s");

        assertThat(sync.sources()).extracting(DatabaseSpec::name).containsExactly("a", "b");
        assertThat(sync.tables()).containsExactly("public.work", "public.char*");
        assertThat(sync.foreignOrigins()).isEqualTo(SyncSpec.ForeignOrigins.IGNORE);
        assertThat(sync.slotBudget()).isEqualTo(new SyncSpec.SlotBudget(1L << 30, Duration.ofDays(2)));
        assertThat(sync.spillBudget()).isEqualTo(3L << 30);
        assertThat(sync.clockLimit())
                .isEqualTo(new SyncSpec.ClockLimit(Duration.ofMillis(500), SyncSpec.WhenExceeded.STOP));
    }

    @Test
    void allMistakesAreReportedAtOnceInTheOrderOfTheFile() {
        ReplicatorException failure = refused("""
                databases:
                  a: { url: "postgresql://r@one/shake", pasword: x }
                  b: { url: "postgresql://r@two/shake" }
                syncs:
                  s:
                    sorces: [a]
                    sources: [a, bb]
                    slot_budget: { bytes: 20 }
                """);

        assertThat(failure.code()).isEqualTo(ErrorCode.CONFIGURATION);
        assertThat(failure.primary()).endsWith("4 problems");
        assertThat(Objects.requireNonNull(failure.detail())
                        .replace(folder + "/", "")
                        .lines()
                        .map(String::strip))
                .containsExactly(
                        "sync.yaml:2:41: unknown key \"pasword\" in database \"a\", did you mean \"password\"?",
                        "sync.yaml:6:5: unknown key \"sorces\" in sync \"s\", did you mean \"sources\"?",
                        "sync.yaml:7:18: database \"bb\" is not defined under databases, did you mean \"b\"?",
                        "sync.yaml:8:27: bytes of slot_budget of sync \"s\": size \"20\" has no unit; write one of B, KiB,"
                                + " MiB, GiB, TiB, for instance 20MiB");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sources: a                                     | sources of sync "s" must be a list, not a single value; write [a]
            sources: []                                    | sources of sync "s" is an empty list
            sources: [a, a]                                | database "a" is used twice in this sync; the first is in line 6
            sources: [a], targets: [a]                     | database "a" is used twice in this sync
            sources: [a]                                   | has only one database
            targets: [a]                                   | has no sources
            sources: [a, b], sources: [a]                  | "sources" stands here twice; the first is in line 6
            sources: [a, b], tables: []                    | tables of sync "s" is an empty list
            sources: [a, b], tables: some                  | must be "all" or a list, not "some"
            sources: [a, b], tables: [x, x]                | table "x" stands here twice
            sources: [a, b], tables: ['"x']                | is no table name or pattern: A double quote is not closed.
            sources: [a, b], tables: [a.b.c]               | It has more than one dot outside of double quotes.
            sources: [a, b], tables: [{ table: x, where: "x" }] | where of table "x" is for databases that only receive, and the sync has none under targets
            sources: [a], targets: [b], tables: [{ table: x, where: { a: "x" } }] | where of table "x": "a" is a source; between masters every row goes everywhere
            sources: [a], targets: [b], tables: [{ table: x, where: { bb: "x" } }] | "bb" is no target of the sync, did you mean "b"?
            sources: [a], targets: [b], tables: [{ table: "x*", as: y }] | only one table can have another name
            sources: [a], targets: [b], tables: [{ table: x, as: "y*" }] | "y*" is a pattern; write a name
            sources: [a], targets: [b], tables: [{ table: x, columns: { b: { only: [c] } } }] | unknown key "only" in columns of table "x"
            sources: [a, b], sequences: all                | sequences of sync "s" are brought to PostgreSQL databases under targets, and there is none
            sources: [a], targets: [b], sequences: some    | sequences of sync "s" must be "all" or a list, not "some"
            sources: [a], targets: [b], sequences: ['"x']  | in sequences of sync "s" is no name or pattern
            sources: [a], targets: [b], operations: [insert, delete] | operations of sync "s" must have insert and update
            sources: [a], targets: [b], tables: [{ table: x, operations: [upsert] }] | must be delete, insert, truncate or update, not "upsert"
            sources: [a], fullcopy: { from: a }            | fullcopy of sync "s" names no databases; write databases: [name, ...]
            sources: [a], fullcopy: { databases: [c], from: b } | from of fullcopy of sync "s" must be a, not "b"
            sources: [a], fullcopy: { databases: [c], method: swap } | method of fullcopy of sync "s" must be delete or truncate, not "swap"
            sources: [a], fullcopy: { databases: [c], daily_at: 5pm } | daily_at of fullcopy of sync "s" must be a time of day in quotes, for instance "03:30", not "5pm"
            sources: [a], fullcopy: { databases: [c], every: 1h, daily_at: "03:30" } | fullcopy of sync "s" has both every and daily_at; leave one out
            sources: [a, b], schema_changes: additive      | schema_changes of sync "s" can be additive only with one source
            sources: [a], targets: [b], schema_changes: replicate | schema_changes of sync "s" "replicate" is not supported by this version; use additive or stop
            sources: [a], fullcopy: [a]                    | database "a" is used twice in this sync
            sources: [a], fullcopy: []                     | sync "s" has only one database
            sources: [a, b], columns: { }                  | key "columns" in sync "s" belongs to a table: tables: [{ table: name, ... }]
            sources: [a, b], on_error: { chek: skip }      | "chek" in on_error of sync "s" must be delete_child, keep_latest, quarantine, record, restore_parent, set_null or stop, not "skip"
            sources: [a, b], on_error: custom              | on_error of sync "s": custom has to say which; write { script: file.js }
            sources: [a, b], on_error: { check: set_null } | set_null is about rows whose parent was deleted; write { foreign_key: set_null }
            sources: [a, b], on_error: record              | record is about rows whose parent was deleted
            sources: [a, b], on_error: { unique: { script: a.js, class: b.C } } | "unique" in on_error of sync "s" needs one of script and class
            sources: [a, b], on_error: { class: b.C, function: f } | function in on_error of sync "s" belongs to a script
            sources: [a, b], on_error: { script: a.js, fallback: stop } | fallback of on_error of sync "s" must be keep_latest or quarantine
            sources: [a, b], on_error: { check: keep_latest } | keep_latest decides between two rows with the same unique value
            sources: [a, b], conflict: priority            | priority has to say which; write { priority: [name, ...] }
            sources: [a, b], conflict: lattest             | not "lattest", did you mean "latest"?
            sources: [a, b], conflict: { delta: [x] }      | conflict of sync "s" needs one of policy, priority, source, expression, script, class
            sources: [a, b], initial_copy: ifempty         | must be always, if_empty or never, not "ifempty", did you mean "if_empty"?
            sources: [a, b], initial_copy: { from: c }     | "c" is no source of the sync
            sources: [a, b], initial_copy: if_empty        | can only be never in a sync with several sources
            sources: [a, b], foreign_origins: forwards     | must be forward or ignore, not "forwards", did you mean "forward"?
            sources: [a, b], slot_budget: { bytes: 20GB }  | did you mean "20GiB"?
            sources: [a, b], slot_budget: { bytes: 1KiB }  | must be at least 16MiB, not 1KiB
            sources: [a, b], slot_budget: { age: 24 }      | has no unit
            sources: [a, b], slot_budget: { when_spent: detach } | "detach" is not supported by this version; use warn
            sources: [a, b], spill_budget: 1MiB            | must be at least 64MiB, not 1MiB
            sources: [a, b], spill_budget: 16GB            | did you mean "16GiB"?
            sources: [a, b], slot_budget: 5                | must be a map of keys and values, not a single value
            sources: [a, b], max_clock_offset: { limit: 60m } | did you mean "60min"?
            sources: [a, b], max_clock_offset: { when_exceeded: halt } | must be stop or warn, not "halt"
            sources: [a, "${NOWHERE}"]                     | environment variable "NOWHERE" is not set
            sources: [a, b], foreign_origins:              | foreign_origins of sync "s" is empty
            """)
    void everyMistakeInASyncHasItsSentence(String keys, String sentence) {
        assertThat(refused(DATABASES + "syncs:\n  s: { " + keys + " }\n").formatted())
                .contains(sentence.strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            { }                                            | database "x" has no url
            { url: "stone://h/d" }                         | a URL of kind "stone", which no connector serves
            { url: "postgrsql://h/d" }                     | did you mean "postgresql"?
            { url: "h/d" }                                 | not a connection URL
            { url: "postgresql://h" }                      | names no database
            { url: "postgresql://h:x/d" }                  | a port that is not a number
            { url: "postgresql://h,i/d?port=1,2,3" }       | names 2 hosts but 3 ports
            { url: "postgresql://%2Ftmp/d" }               | Unix-domain socket
            { url: "postgresql://h/d?sslmod=x" }           | unknown connection parameter "sslmod", did you mean "sslmode"?
            { url: "postgresql://h/d?replication=true" }   | cannot be set here
            { url: "service=nowhere" }                     | service "nowhere" is not defined in
            { url: [a] }                                   | url of database "x" must be a text, not a list
            { url: "postgresql://h/d", password: "" }      | password of database "x" is empty
            { url: "postgresql://h/d", password_file: no } | there is no password file "no"
            { url: "postgresql://h/d", options: { dbname: e } } | "dbname" is no option; it belongs in the url
            { url: "postgresql://h/d", options: { sslrotcert: e } } | did you mean "sslrootcert"?
            { url: "postgresql://ONE:5432/shake" }         | database "x" is the same as "a" in line 2
            """)
    void everyMistakeInADatabaseHasItsSentence(String entry, String sentence) {
        assertThat(refused(DATABASES + "  x: " + entry + "\nsyncs: { s: { sources: [a, b] } }\n")
                        .formatted())
                .contains(sentence.strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            listen: 7432          | must be none or host:port
            listen: non           | did you mean "none"?
            listen: "h:99999"     | must be none or host:port
            token: short          | token of admin is too short
            port: 1               | unknown key "port" in admin
            """)
    void everyMistakeInAdminHasItsSentence(String keys, String sentence) {
        assertThat(refused(DATABASES + "syncs: { s: { sources: [a, b] } }\nadmin: { " + keys + " }\n")
                        .formatted())
                .contains(sentence.strip())
                .doesNotContain("short\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n"})
    void emptyFileIsNamed(String text) {
        assertThat(refused(text).formatted()).contains("the file is empty");
    }

    @Test
    void brokenYamlIsNamedWithItsPlace() {
        assertThat(refused("databases:\n  a: [1, 2\nsyncs: {}\n").formatted())
                .contains("sync.yaml:3:")
                .contains("this is not valid YAML");
    }

    @Test
    void missingSectionsAndBadNamesAreNamed() {
        assertThat(refused("databases: { \"a b\": { url: \"postgresql://h/d\" } }\nsynchs: {}\n")
                        .formatted())
                .contains("\"a b\" cannot be a name in databases")
                .contains("unknown key \"synchs\" in the file, did you mean \"syncs\"?")
                .contains("the file has no syncs");
    }

    @Test
    void missingFileIsNamedWithTheWayOut() {
        ReplicatorException failure = Objects.requireNonNull(catchThrowableOfType(
                ReplicatorException.class,
                () -> ConfigurationReader.read(folder.resolve("none.yaml"), environment(Map.of()))));

        assertThat(failure.primary()).startsWith("there is no configuration file");
        assertThat(failure.hint()).contains("replicator init");
    }

    @Test
    void noSecretStandsInAnyMessageOrText() throws IOException {
        Files.writeString(folder.resolve("pw"), "hush-file\n");
        String text = """
                databases:
                  a: { url: "postgresql://r:hush-url@one/shake?sslmod=1&password=hush-parameter" }
                  b: { url: "postgresql://r:hush%zz@two/shake" }
                  c: { url: "host=h password='hush-open dbname=d" }
                  d: { url: "${A_PASSWORD}" }
                  e: { url: "postgresql://h/d", password: [hush-list] }
                  f: { url: "postgresql://h/d/e", password_file: pw }
                syncs: { s: { sources: ["${A_PASSWORD}"], conflict: "${A_PASSWORD}", slot_budget: { bytes: "${A_PASSWORD}" } } }
                """;

        assertThat(refused(text).formatted()).contains("9 problems").doesNotContain("hush");
    }

    @Test
    void passwordsComeFromFileUrlAndEnvironmentAndAreHidden() throws IOException {
        Files.writeString(folder.resolve("pw"), "hush-file\r\n");
        Configuration configuration = read("""
                databases:
                  a: { url: "postgresql://r:hush%40url@one/shake" }
                  b: { url: "postgresql://r@two/shake", password_file: pw }
                  c: { url: "postgresql://r@three/shake", password: "x$${y}${A_PASSWORD}" }
                syncs: { s: { sources: [a, b, c] } }
                """);

        assertThat(password(configuration, "a")).isEqualTo("hush@url");
        assertThat(password(configuration, "b")).isEqualTo("hush-file");
        assertThat(password(configuration, "c")).isEqualTo("x${y}hush-environment");
        assertThat(configuration.database("a").url()).isEqualTo("jdbc:postgresql://one:5432/shake");
        assertThat(configuration.toString()).doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postgresql://h1:1,h2:2/d%20e?target_session_attrs=read-write | jdbc:postgresql://h1:1,h2:2/d+e      | {targetServerType=primary}
            postgres://[::1]:5433/d?connect_timeout=3                    | jdbc:postgresql://[::1]:5433/d      | {connectTimeout=3}
            jdbc:postgresql://h/d?ApplicationName=x                      | jdbc:postgresql://h:5432/d          | {ApplicationName=x}
            jdbc:postgresql:d                                            | jdbc:postgresql://localhost:5432/d  | {}
            host=h port=6 dbname='d\\'e' sslmode=require                 | jdbc:postgresql://h:6/d%27e         | {sslmode=require}
            service=main                                                 | jdbc:postgresql://sh:7/sd           | {sslmode=allow}
            """)
    void everyFormOfConnectionSourceIsUnderstood(String url, String jdbc, String options) throws IOException {
        Files.writeString(
                folder.resolve(".pg_service.conf"),
                "[other]\nhost=no\n[main]\nhost=sh\nport=7\ndbname=sd\nsslmode=allow\n");
        DatabaseSpec database = read("databases:\n  x: { url: \"" + url.replace("\\", "\\\\") + "\" }\n"
                        + "  y: { url: \"postgresql://other/o\" }\nsyncs: { s: { sources: [x, y] } }\n")
                .database("x");

        assertThat(database.url()).isEqualTo(jdbc);
        assertThat(database.options()).hasToString(options);
        assertThat(database.user()).isEqualTo("somebody");
    }

    @Test
    void variablesOfLibpqAreDefaults() throws IOException {
        Path file = write("databases:\n  x: { url: \"postgresql:///d\" }\n  y: { url: \"postgresql://r@h:1/d\" }\n"
                + "syncs: { s: { sources: [x, y] } }\n");
        Configuration configuration = ConfigurationReader.read(
                file, environment(Map.of("PGHOST", "eh", "PGPORT", "9", "PGUSER", "eu", "PGPASSWORD", "ep")));

        assertThat(configuration.database("x").url()).isEqualTo("jdbc:postgresql://eh:9/d");
        assertThat(configuration.database("x").user()).isEqualTo("eu");
        assertThat(password(configuration, "x")).isEqualTo("ep");
        assertThat(configuration.database("y").url()).isEqualTo("jdbc:postgresql://h:1/d");
        assertThat(configuration.database("y").user()).isEqualTo("r");
    }

    @Test
    void unknownSyncIsNamedWithTheNearest() {
        Configuration configuration = read(DATABASES + "syncs: { bard: { sources: [a, b] } }\n");

        assertThat(Objects.requireNonNull(
                                catchThrowableOfType(ReplicatorException.class, () -> configuration.sync("brad")))
                        .primary())
                .contains("there is no sync \"brad\"")
                .endsWith("did you mean \"bard\"?");
    }

    private static String password(Configuration configuration, String database) {
        return Objects.requireNonNull(configuration.database(database).password())
                .reveal();
    }

    private ReplicatorException refused(String text) {
        return Objects.requireNonNull(catchThrowableOfType(ReplicatorException.class, () -> read(text)));
    }

    private Configuration read(String text) {
        try {
            return ConfigurationReader.read(write(text), environment(Map.of("A_PASSWORD", "hush-environment")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("sync.yaml"), text);
    }

    private Environment environment(Map<String, String> variables) {
        return new Environment(variables, folder, "somebody");
    }

    private ConflictRule rule(String conflict) {
        return read(DATABASES + "syncs: { s: { sources: [a, b], conflict: " + conflict + " } }")
                .sync("s")
                .conflicts()
                .rules()
                .of(new TableName("public", "work"));
    }

    @Test
    void everyFormOfAConflictRuleIsRead() {
        assertThat(rule("first")).isEqualTo(new Named("first", List.of(), Set.of()));
        assertThat(rule("{ policy: columns, delta: [on_hand] }"))
                .isEqualTo(new Named("columns", List.of(), Set.of("on_hand")));
        assertThat(rule("{ priority: [b, a] }")).isEqualTo(new Named("priority", List.of("b", "a"), Set.of()));
        assertThat(rule("{ source: b }")).isEqualTo(new Named("source", List.of("b"), Set.of()));
        assertThat(rule("{ expression: 'a.x > b.x ? a : b' }"))
                .isEqualTo(new Custom(new CustomCode.Expression("a.x > b.x ? a : b"), ConflictRule.LATEST));
        assertThat(rule("{ expression: { x: a.x, y: b.y }, fallback: first }"))
                .isEqualTo(new Custom(
                        new CustomCode.ColumnExpressions(Map.of("x", "a.x", "y", "b.y")),
                        new Named("first", List.of(), Set.of())));
        assertThat(rule("{ script: stock.js, function: decide, fallback: { source: a } }"))
                .isEqualTo(new Custom(
                        new CustomCode.Script(folder.toAbsolutePath().resolve("stock.js"), "decide"),
                        new Named("source", List.of("a"), Set.of())));
        assertThat(rule("{ class: com.example.Rule }"))
                .isEqualTo(new Custom(
                        new CustomCode.PluginClass(folder.toAbsolutePath().resolve("plugins"), "com.example.Rule"),
                        ConflictRule.LATEST));
    }

    @Test
    void aTableHasItsOwnRuleAndTheFirstThatMatchesCounts() {
        PerTable<ConflictRule> rules =
                read(DATABASES + """
                syncs:
                  s:
                    sources: [a, b]
                    conflict: first
                    conflict_history: { keep: 7d }
                    tables:
                      - public.work
                      - { table: public.stock, conflict: { source: a } }
                      - { table: "public.s*", conflict: random }
                """).sync("s").conflicts().rules();
        assertThat(rules.of(new TableName("public", "work")).name()).isEqualTo("first");
        assertThat(rules.of(new TableName("public", "stock")).name()).isEqualTo("source");
        assertThat(rules.of(new TableName("public", "staff")).name()).isEqualTo("random");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { policy: latest, source: a }                      | needs only one of policy, priority, source, expression, script, class, not policy and source
            { }                                                | needs one of policy, priority, source
            { priority: [a, d] }                               | "d" is no source of this sync
            { priority: [a, a] }                               | database "a" stands twice in priority
            { source: c }                                      | "c" is no source of this sync
            { policy: first, delta: [x] }                      | goes with policy latest or columns, not with first
            { policy: latest, delta: [] }                      | names no column
            { policy: latest, fallback: first }                | fallback of conflict of sync "s" belongs to an expression, a script or a class
            { expression: a, function: f }                     | function of conflict of sync "s" belongs to a script
            { expression: a, delta: [x] }                      | delta of conflict of sync "s" goes with policy latest or columns
            { expression: a, fallback: columns }               | fallback of conflict of sync "s" must be a policy that names a winner, or stop
            { expression: a, fallback: { script: x.js } }      | fallback of conflict of sync "s" must be a policy that names a winner, or stop
            { expression: { } }                                | names no column
            { script: }                                        | script of conflict of sync "s" is empty
            { expresion: a }                                   | unknown key "expresion" in conflict of sync "s", did you mean "expression"?
            """)
    void aConflictRuleThatCannotBeIsRefusedAtItsLine(String conflict, String message) {
        ReplicatorException failure =
                refused(DATABASES + "syncs:\n  s:\n    sources: [a, b]\n    conflict: " + conflict + "\n");
        assertThat(failure.detail()).contains(":8:").contains(message);
    }

    @Test
    void theHistoryIsKeptForAsLongAsIsSaid() {
        assertThat(read(DATABASES + "syncs: { s: { sources: [a, b], conflict_history: { keep: 7d } } }")
                        .sync("s")
                        .conflicts()
                        .keepHistory())
                .isEqualTo(Duration.ofDays(7));
        assertThat(refused(DATABASES + "syncs: { s: { sources: [a, b], conflict_history: { keep: 1min } } }")
                        .detail())
                .contains("keep of conflict_history of sync \"s\"");
    }
}
