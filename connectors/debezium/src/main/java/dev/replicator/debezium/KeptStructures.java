package dev.replicator.debezium;

import io.debezium.config.Configuration;
import io.debezium.document.DocumentReader;
import io.debezium.document.DocumentWriter;
import io.debezium.relational.history.AbstractSchemaHistory;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** Every structure that the tables had, one record of Debezium's a line; it leaves no file. Made by Debezium. */
public final class KeptStructures extends AbstractSchemaHistory {
    /** The name under which they are kept, behind the prefix of the schema history's properties. */
    static final String NAME = "kept.name";

    private String name = "";

    @Override
    public void configure(
            Configuration config,
            HistoryRecordComparator comparator,
            SchemaHistoryListener listener,
            boolean useCatalogBeforeSchema) {
        super.configure(config, comparator, listener, useCatalogBeforeSchema);
        name = config.getString(CONFIGURATION_FIELD_PREFIX_STRING + NAME);
    }

    @Override
    protected void storeRecord(HistoryRecord record) {
        try {
            Kept.named(name).addStructure(DocumentWriter.defaultWriter().write(record.document()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void recoverRecords(Consumer<HistoryRecord> records) {
        for (String line : Kept.named(name).structures()) {
            try {
                records.accept(new HistoryRecord(DocumentReader.defaultReader().read(line)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public boolean exists() {
        return !Kept.named(name).structures().isEmpty();
    }

    @Override
    public boolean storageExists() {
        return true;
    }
}
