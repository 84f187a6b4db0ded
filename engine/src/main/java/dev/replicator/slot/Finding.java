package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a check found, in the grammar of an error.
 *
 * @param severity whether it keeps the sync from running
 * @param code what kind of thing it is
 * @param database short name of the database it concerns; null when it concerns several
 * @param primary what is wrong
 * @param detail the facts
 * @param hint what to do about it
 * @param fix SQL statements that mend it when run by somebody who may; empty when SQL cannot
 */
public record Finding(
        Severity severity,
        ErrorCode code,
        @Nullable String database,
        String primary,
        @Nullable String detail,
        @Nullable String hint,
        List<String> fix) {

    public Finding {
        fix = List.copyOf(fix);
    }

    /** How much a finding matters. */
    public enum Severity {
        /** The sync cannot run. */
        ERROR,
        /** It runs, but something is lost or will go wrong under some condition. */
        WARNING,
        /** Worth knowing. */
        NOTICE
    }

    public static Finding error(
            ErrorCode code, @Nullable String database, String primary, @Nullable String detail, @Nullable String hint) {
        return new Finding(Severity.ERROR, code, database, primary, detail, hint, List.of());
    }

    public static Finding warning(
            ErrorCode code, @Nullable String database, String primary, @Nullable String detail, @Nullable String hint) {
        return new Finding(Severity.WARNING, code, database, primary, detail, hint, List.of());
    }

    public static Finding notice(
            ErrorCode code, @Nullable String database, String primary, @Nullable String detail, @Nullable String hint) {
        return new Finding(Severity.NOTICE, code, database, primary, detail, hint, List.of());
    }

    /** What an exception says, as a finding that keeps the sync from running. */
    public static Finding of(String database, ReplicatorException failure) {
        return error(failure.code(), database, failure.primary(), failure.detail(), failure.hint());
    }

    public Finding withFix(String... statements) {
        return new Finding(severity, code, database, primary, detail, hint, List.of(statements));
    }

    public Finding withFix(List<String> statements) {
        return new Finding(severity, code, database, primary, detail, hint, statements);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** What to do, with the very statements. */
    private @Nullable String advice() {
        if (hint == null || fix.isEmpty() || fix.stream().allMatch(hint::contains)) {
            return hint;
        }
        return hint.replaceFirst("\\.$", "") + ": " + String.join(" ", fix);
    }

    /** The finding as a failure. */
    public ReplicatorException toException() {
        ReplicatorException failure = new ReplicatorException(
                code == ErrorCode.CONNECTION ? Kind.RETRYABLE : Kind.FATAL, code, primary, detail, advice(), null);
        return database == null ? failure : failure.within("database \"" + database + "\"");
    }

    /** As on a terminal: severity, primary line, then DETAIL, HINT and CONTEXT, each on its own line. */
    public String formatted() {
        StringBuilder text = new StringBuilder(String.format("%-9s%s", severity + ":", primary));
        append(text, "DETAIL:  ", detail);
        append(text, "HINT:    ", advice());
        append(text, "CONTEXT: ", database == null ? null : "database \"" + database + "\"");
        return text.toString();
    }

    private static void append(StringBuilder text, String label, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            text.append('\n').append(label).append(value);
        }
    }
}
