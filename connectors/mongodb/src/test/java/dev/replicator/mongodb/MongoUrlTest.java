package dev.replicator.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoCredential;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MongoUrlTest {
    private static @Nullable MongoCredential credential(String url, @Nullable String user, @Nullable String password) {
        ConnectionString read = MongoUrl.of(new DatabaseSpec(
                "copy", "mongodb", url, user, password == null ? null : new Secret(password), Map.of()));
        return read.getCredential();
    }

    @Test
    void userAndPasswordMayHaveAnythingInThem() {
        String odd = "p@ss:w/rd% +?#ü";
        MongoCredential read = Objects.requireNonNull(credential("mongodb://a:1,b:2/shake?replicaSet=x", odd, odd));
        assertThat(read.getUserName()).isEqualTo(odd);
        assertThat(read.getPassword()).isEqualTo(odd.toCharArray());
        assertThat(read.getSource()).isEqualTo("shake");
    }

    @Test
    void theParametersSayOfWhichDatabaseTheUserIs() {
        assertThat(Objects.requireNonNull(credential("mongodb://a/shake?authSource=admin", "me", "secret"))
                        .getSource())
                .isEqualTo("admin");
        assertThat(credential("mongodb://a/shake", null, null)).isNull();
        assertThat(Objects.requireNonNull(credential("mongodb://a/shake?authMechanism=MONGODB-X509", null, null))
                        .getMechanism())
                .isEqualTo("MONGODB-X509");
    }

    @Test
    void aUrlNamesADatabase() {
        assertThat(MongoUrl.problemOf("mongodb://a:1,b:2/shake?replicaSet=x")).isNull();
        assertThat(MongoUrl.problemOf("mongodb+srv://cluster.example/shake?tls=true"))
                .isNull();
        assertThat(MongoUrl.problemOf("mongodb://a")).contains("DATABASE");
        assertThat(MongoUrl.problemOf("mongodb+srv://cluster.example")).contains("DATABASE");
        assertThat(MongoUrl.problemOf("mongodb://")).contains("no connection string");
    }
}
