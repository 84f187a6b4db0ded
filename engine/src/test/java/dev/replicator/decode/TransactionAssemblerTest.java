package dev.replicator.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.codec.MarkCodec;
import dev.replicator.codec.MarkHead;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Reached;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransactionAssemblerTest {
    private static final String ORIGIN = "replicator_bard_shake1_00000000";
    private static final byte[] SECRET = {1, 2, 3};
    private static final long MICROS = 1_700_000_000_000_000L;
    private static final Table WORK = table(0, "public", "work", "id");
    private static final Table CHAPTER = table(1, "s", "Chapter", "id");

    private final MarkCodec codec = new MarkCodec("bard", SECRET);
    private final List<LogEntry> entries = new ArrayList<>();
    private TransactionAssembler assembler = startedAfter(MarkNumber.NONE);

    private static TransactionAssembler startedAfter(MarkNumber last) {
        return new TransactionAssembler(
                new StreamSettings(
                        "bard",
                        List.of("shake1", "shake2"),
                        List.of(WORK, CHAPTER),
                        new StreamSettings.OwnMarks(ORIGIN, SECRET, last),
                        StreamSettings.Spool.usual()),
                TypeNames.builtIn());
    }

    @Test
    void aLocalTransactionComesOutWholeAtItsCommit() {
        feed(Wire.begin(1000, MICROS, 77), work(), Wire.insert(5, "1", "Hamlet"), Wire.update(5, "1", null));
        assertThat(entries).isEmpty();
        assertThat(assembler.isInTransaction()).isTrue();
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(assembler.isInTransaction()).isFalse();

        Transaction transaction = (Transaction) entries.get(0);
        assertThat(transaction.commitLsn()).isEqualTo(1000);
        assertThat(transaction.end()).isEqualTo(1050);
        assertThat(transaction.commitMicros()).isEqualTo(MICROS);
        assertThat(transaction.xid()).isEqualTo(77);
        assertThat(transaction.origin()).isNull();
        assertThat(show(transaction)).containsExactly("INSERT work(1,Hamlet)", "UPDATE work(1,null)");
    }

    @Test
    void theKeyIsTheTablesAlsoUnderReplicaIdentityFull() {
        feed(Wire.begin(1, MICROS, 1));
        feed(Wire.relation(5, "public", "work", 'f', "*title:25", "*id:23"));
        feed(Wire.update(5, 'O', new String[] {"Hamlet", "1"}, "Lear", "1"), Wire.commit(1, 2, MICROS));
        Change change = changes(0).get(0);
        assertThat(change.kind()).isEqualTo(ChangeKind.UPDATE);
        assertThat(change.requireKey().canonical()).isEqualTo(new byte[] {0, 0, 0, 0, 0, 0, 0, 1});
        assertThat(show(change.old())).isEqualTo("work(Hamlet,1)");
    }

    @Test
    void aChangeOfKeyIsADeleteAndALinkedInsert() {
        feed(Wire.begin(1, MICROS, 1), work());
        feed(Wire.update(5, 'K', new String[] {"1", null}, "2", Wire.UNCHANGED), Wire.commit(1, 2, MICROS));
        List<Change> changes = changes(0);
        assertThat(show((Transaction) entries.get(0))).containsExactly("DELETE work(1,-)", "INSERT work(2,-)");
        assertThat(changes.get(1).movedFrom()).isEqualTo(changes.get(0).key());
        assertThat(changes.get(1).isWhole()).isFalse();
    }

    @Test
    void anInsertAfterAChangeOfKeyIsCompletedFromTheWholeOldRow() {
        feed(Wire.begin(1, MICROS, 1), work());
        feed(Wire.update(5, 'O', new String[] {"1", "long"}, "2", Wire.UNCHANGED), Wire.commit(1, 2, MICROS));
        assertThat(show((Transaction) entries.get(0))).containsExactly("DELETE work(1,long)", "INSERT work(2,long)");
    }

    @Test
    void unchangedValuesOfAnOrdinaryUpdateStayAbsentButForTheKeys() {
        feed(Wire.begin(1, MICROS, 1), work());
        feed(Wire.update(5, 'O', new String[] {"1", "long"}, Wire.UNCHANGED, Wire.UNCHANGED));
        feed(Wire.update(5, 'K', new String[] {"1", null}, Wire.UNCHANGED, "x"), Wire.commit(1, 2, MICROS));
        assertThat(show((Transaction) entries.get(0))).containsExactly("UPDATE work(1,-)", "UPDATE work(1,x)");
        assertThat(show(changes(0).get(0).old())).isEqualTo("work(1,long)");
        assertThat(changes(0).get(1).old()).isNull();
    }

    @Test
    void aDeleteCarriesItsKeyAndNoNullsThatWereNotThere() {
        feed(Wire.begin(1, MICROS, 1), work(), Wire.delete(5, 'K', "1", null), Wire.commit(1, 2, MICROS));
        assertThat(show((Transaction) entries.get(0))).containsExactly("DELETE work(1,-)");
    }

    @Test
    void tablesOutsideOfTheSyncAreSkippedAlsoInATruncate() {
        feed(Wire.begin(1, MICROS, 1), work());
        feed(Wire.relation(6, "public", "other", 'd', "*id:23"), Wire.insert(6, "1"));
        feed(Wire.relation(7, "s", "Chapter", 'd', "*id:23"), Wire.truncate(1, 5, 6, 7), Wire.commit(1, 2, MICROS));
        assertThat(show((Transaction) entries.get(0))).containsExactly("TRUNCATE work", "TRUNCATE Chapter");
        feed(Wire.begin(3, MICROS, 2), Wire.insert(6, "2"), Wire.commit(3, 4, MICROS));
        assertThat(entries.get(1)).isEqualTo(new Reached(4));
    }

    @Test
    void aNewRelationInTheMiddleGivesLaterRowsTheirMeaning() {
        feed(Wire.begin(1, MICROS, 1), work(), Wire.insert(5, "1", "a"));
        feed(Wire.type(16500, "public", "Mood"));
        feed(Wire.relation(5, "public", "work", 'd', "*id:23", "title:25", "mood:16500"));
        feed(Wire.insert(5, "2", "b", "sad"), Wire.commit(1, 2, MICROS));
        assertThat(show((Transaction) entries.get(0))).containsExactly("INSERT work(1,a)", "INSERT work(2,b,sad)");
        assertThat(changes(0).get(1).requireRow().relation().columns().get(2).type())
                .isEqualTo("\"public\".\"Mood\"");
    }

    @Test
    void otherOriginsAreOrdinaryChanges() {
        feed(Wire.begin(1, MICROS, 1), Wire.origin("pg_16400"), work(), Wire.insert(5, "1", "a"));
        feed(Wire.commit(1, 2, MICROS));
        assertThat(((Transaction) entries.get(0)).origin()).isEqualTo("pg_16400");
    }

    @Test
    void ourOwnTransactionIsItsMarksAlone() {
        feed(Wire.begin(1000, MICROS, 9), Wire.origin(ORIGIN), work(), Wire.insert(5, "1", "a"));
        codec.encode(head(3, 4), new long[] {7, 8}, new long[] {9}, List.of(WORK.name()))
                .forEach(this::mark);
        assertThat(entries).isEmpty();
        feed(Wire.commit(1000, 1050, MICROS));
        Mark mark = (Mark) entries.get(0);
        assertThat(entries).hasSize(1);
        assertThat(mark.commitLsn()).isEqualTo(1000);
        assertThat(mark.end()).isEqualTo(1050);
        assertThat(mark.fence()).isEqualTo(3);
        assertThat(mark.batch()).isEqualTo(4);
        assertThat(mark.held()).isEqualTo(Positions.of(0, 500));
        assertThat(mark.highest()).isEqualTo(MICROS);
        assertThat(mark.written()).containsExactly(7, 8);
        assertThat(mark.missed()).containsExactly(9);
        assertThat(mark.truncated()).containsExactly(WORK.name());
        assertThat(mark.last()).isTrue();
        assertThat(mark.xid()).isEqualTo(9);
        // The relation was described within our own transaction: later rows need it.
        feed(Wire.begin(2000, MICROS, 10), Wire.insert(5, "2", "b"), Wire.commit(2000, 2050, MICROS));
        assertThat(show((Transaction) entries.get(1))).containsExactly("INSERT work(2,b)");
    }

    @Test
    void aLargeBatchLeavesSeveralMarksOfOneCommit() {
        feed(Wire.begin(1000, MICROS, 9), Wire.origin(ORIGIN));
        codec.encode(head(1, 1), new long[9_000], new long[0], List.of()).forEach(this::mark);
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(entries).extracting(entry -> ((Mark) entry).last()).containsExactly(false, true);
    }

    @Test
    void withTheOriginFilteredAMarkStandsAlone() {
        feed(Wire.begin(1000, MICROS, 9));
        codec.encode(head(1, 1), new long[] {5}, new long[0], List.of()).forEach(this::mark);
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(((Mark) entries.get(0)).written()).containsExactly(5);
    }

    @Test
    void withoutOriginsASignedOpeningMarkTellsOurTransaction() {
        feed(Wire.begin(1000, MICROS, 9));
        mark(opening());
        feed(work(), Wire.insert(5, "1", "a"));
        codec.encode(head(1, 1).withPart(1), new long[] {5}, new long[0], List.of())
                .forEach(this::mark);
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(entries).hasSize(1).first().isInstanceOf(Mark.class);
    }

    @Test
    void anOpeningMarkAfterARowOpensNothing() {
        feed(Wire.begin(1000, MICROS, 9), work(), Wire.insert(5, "1", "a"));
        mark(opening());
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(entries).hasSize(1).first().isInstanceOf(Transaction.class);
        assertThat(assembler.refusedMarks()).isEqualTo(1);
    }

    @Test
    void ourTransactionWithoutAValidMarkIsOnlyReached() {
        feed(Wire.begin(1000, MICROS, 9), Wire.origin(ORIGIN), work(), Wire.insert(5, "1", "a"));
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(entries).containsExactly(new Reached(1050));
    }

    @Test
    void forgedRepeatedAndForeignMarksAreOrdinaryMessages() {
        List<byte[]> mark = codec.encode(head(2, 5), new long[] {5}, new long[0], List.of());
        feed(Wire.begin(1, MICROS, 1), Wire.origin(ORIGIN));
        mark.forEach(this::mark);
        feed(Wire.commit(1, 2, MICROS));
        assertThat(entries).hasSize(1);

        feed(Wire.begin(3, MICROS, 2), work(), Wire.insert(5, "1", "a"));
        mark.forEach(this::mark);
        codec.encode(head(1, 9), new long[] {5}, new long[0], List.of()).forEach(this::mark);
        new MarkCodec("bard", new byte[] {9})
                .encode(head(9, 9), new long[0], new long[0], List.of())
                .forEach(this::mark);
        mark("something else".getBytes(StandardCharsets.UTF_8));
        assertThat(assembler.refusedMarks()).isEqualTo(4);
        new MarkCodec("other", SECRET)
                .encode(new MarkHead("other", 9, 9, 0, List.of(), 0, 0), new long[0], new long[0], List.of())
                .forEach(this::mark);
        feed(Wire.message(true, "unrelated", new byte[] {1}));
        assertThat(assembler.refusedMarks()).isEqualTo(4);
        feed(Wire.commit(3, 4, MICROS));
        assertThat(show((Transaction) entries.get(1))).containsExactly("INSERT work(1,a)");
    }

    /** As an attacker has it who reads the log: genuine bytes, which the program has written. */
    private static final long[] KEYS = {5, 6};

    private void ours(long lsn, byte[]... marks) {
        feed(Wire.begin(lsn, MICROS, 1), Wire.origin(ORIGIN));
        Arrays.stream(marks).forEach(this::mark);
        feed(Wire.commit(lsn, lsn + 50, MICROS));
    }

    @Test
    void marksThatAreReadAgainCountAgainAndCopiesOfThemDoNot() {
        byte[] first = codec.encode(head(2, 5), KEYS, new long[0], List.of()).get(0);
        byte[] second = codec.encode(head(2, 6), KEYS, new long[0], List.of()).get(0);
        byte[] newer = codec.encode(head(3, 1), KEYS, new long[0], List.of()).get(0);
        ours(1000, first);
        ours(2000, second);
        feed(Wire.begin(2500, MICROS, 2), work(), Wire.insert(5, "1", "a"));
        mark(first);
        feed(Wire.commit(2500, 2550, MICROS));
        assertThat(entries)
                .extracting(Object::getClass)
                .map(Class::getSimpleName)
                .containsExactly("Mark", "Mark", "Transaction");

        // After a restart reading starts behind the first mark: the second counts again, the copy does not.
        entries.clear();
        assembler = startedAfter(new MarkNumber(2, 5));
        ours(2000, second);
        feed(Wire.begin(2500, MICROS, 2), work(), Wire.insert(5, "1", "a"));
        mark(first);
        feed(Wire.commit(2500, 2550, MICROS));
        ours(3000, newer);
        assertThat(entries)
                .extracting(Object::getClass)
                .map(Class::getSimpleName)
                .containsExactly("Mark", "Transaction", "Mark");

        // And when it starts behind both, the copy of the last one is still a copy.
        entries.clear();
        assembler = startedAfter(new MarkNumber(2, 6));
        feed(Wire.begin(2500, MICROS, 2), work(), Wire.insert(5, "1", "a"));
        mark(second);
        feed(Wire.commit(2500, 2550, MICROS));
        assertThat(entries).hasSize(1).first().isInstanceOf(Transaction.class);
        assertThat(assembler.refusedMarks()).isEqualTo(1);
    }

    @Test
    void partsOfAMarkCountOnlyOnceEachAndInTheirOrder() {
        List<byte[]> parts = codec.encode(head(1, 1), new long[9_000], new long[0], List.of());
        feed(Wire.begin(1000, MICROS, 9), Wire.origin(ORIGIN));
        mark(parts.get(1));
        mark(parts.get(0));
        mark(parts.get(0));
        mark(parts.get(1));
        feed(Wire.commit(1000, 1050, MICROS));
        assertThat(entries).extracting(entry -> ((Mark) entry).last()).containsExactly(false, true);
        assertThat(assembler.refusedMarks()).isEqualTo(2);
    }

    @Test
    void aMarkThatBelongsIntoOurOriginCountsNowhereElse() {
        byte[] mark = codec.encode(head(1, 1).withFlags(MarkHead.IN_ORIGIN), KEYS, new long[0], List.of())
                .get(0);
        feed(Wire.begin(900, MICROS, 8), work(), Wire.insert(5, "1", "a"));
        mark(mark);
        feed(Wire.commit(900, 950, MICROS));
        ours(1000, mark);
        assertThat(entries)
                .extracting(Object::getClass)
                .map(Class::getSimpleName)
                .containsExactly("Transaction", "Mark");
        assertThat(assembler.refusedMarks()).isEqualTo(1);
    }

    private byte[] opening() {
        return codec.encodeOne(head(1, 1).withFlags(MarkHead.OPENING), new long[0], new long[0], List.of());
    }

    @Test
    void aMessageOutsideOfTransactionsIsNoMark() {
        feed(Wire.message(false, "replicator", opening()));
        assertThat(entries).isEmpty();
        assertThat(assembler.refusedMarks()).isEqualTo(1);
    }

    @Test
    void aKeyThatIsNotSentStopsTheStream() {
        feed(Wire.begin(1, MICROS, 1));
        assertThatThrownBy(() -> feed(Wire.relation(5, "public", "work", 'd', "title:25")))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TABLE));
    }

    @Test
    void damagedMessagesAreProtocolErrorsAndNothingElse() {
        long seed = 20_241_124;
        Random random = new Random(seed);
        List<ByteBuffer> valid = List.of(
                Wire.begin(1, MICROS, 1),
                Wire.origin("o"),
                Wire.type(16500, "public", "m"),
                work(),
                Wire.insert(5, "1", "a"),
                Wire.update(5, 'K', new String[] {"1", null}, "2", "b"),
                Wire.update(5, 'O', new String[] {"1", "x"}, "1", Wire.UNCHANGED),
                Wire.delete(5, 'K', "1", null),
                Wire.truncate(0, 5),
                Wire.message(true, "replicator", opening()),
                Wire.commit(1, 2, MICROS));
        for (int round = 0; round < 20_000; round++) {
            TransactionAssembler fresh = new TransactionAssembler(
                    new StreamSettings("bard", List.of("shake1"), List.of(WORK), null, StreamSettings.Spool.usual()),
                    TypeNames.builtIn());
            try {
                for (ByteBuffer message : valid) {
                    fresh.accept(random.nextInt(6) == 0 ? damaged(message, random) : copy(message), entry -> {});
                }
            } catch (ReplicatorException e) {
                assertThat(e.code()).as("seed %d round %d", seed, round).isIn(ErrorCode.PROTOCOL, ErrorCode.TABLE);
            } finally {
                fresh.close();
            }
        }
    }

    private static ByteBuffer damaged(ByteBuffer message, Random random) {
        ByteBuffer copy = copy(message);
        byte[] bytes = Arrays.copyOf(copy.array(), random.nextInt(copy.limit() + 9));
        for (int flips = random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer copy(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static MarkHead head(long fence, long batch) {
        return new MarkHead("bard", fence, batch, MICROS, List.of(new MarkHead.Held("shake2", 500)), 0, 0);
    }

    private static ByteBuffer work() {
        return Wire.relation(5, "public", "work", 'd', "*id:23", "title:25");
    }

    private void mark(byte[] content) {
        feed(Wire.message(true, "replicator", content));
    }

    private void feed(ByteBuffer... messages) {
        for (ByteBuffer message : messages) {
            assembler.accept(message, entries::add);
        }
    }

    private List<Change> changes(int entry) {
        List<Change> changes = new ArrayList<>();
        ((Transaction) entries.get(entry)).changes().forEach(changes::add);
        return changes;
    }

    private static List<String> show(Transaction transaction) {
        List<String> lines = new ArrayList<>();
        for (Change change : transaction.changes()) {
            lines.add(change.kind() + " "
                    + (change.row() == null ? change.table().name().name() : show(change.row())));
        }
        return lines;
    }

    private static String show(@Nullable Row row) {
        if (row == null) {
            return "none";
        }
        List<String> values = new ArrayList<>();
        for (int c = 0; c < row.relation().size(); c++) {
            values.add(row.isNull(c) ? "null" : row.isAbsent(c) ? "-" : row.text(c));
        }
        return row.table().name().name() + "(" + String.join(",", values) + ")";
    }

    private static Table table(int id, String schema, String name, String key) {
        return new Table(id, new TableName(schema, name), List.of(key), List.of("int4"));
    }
}
