package dev.replicator.debezium;

import dev.replicator.spi.Source;
import dev.replicator.spi.SourceCatalog;
import dev.replicator.spi.SourceFactory;
import dev.replicator.spi.SourceRequest;

/** MySQL and MariaDB as sources, kind {@code mysql}. */
public final class DebeziumSourceFactory implements SourceFactory {
    @Override
    public String kind() {
        return "mysql";
    }

    @Override
    public SourceCatalog examine(SourceRequest request) {
        try (MySqlServer server = MySqlServer.connect(request)) {
            return new SourceCatalog(server.tables(), MySqlChecks.of(server, request));
        }
    }

    @Override
    public Source open(SourceRequest request) {
        return new BinlogSource(request, MySqlServer.connect(request));
    }
}
