package dev.replicator.it.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;

/** The layering of the engine and its connectors. A rule that fails names the classes and lines that break it. */
@AnalyzeClasses(packages = "dev.replicator", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    private static final String[] CONNECTORS = {
        "dev.replicator.postgres..",
        "dev.replicator.jdbc..",
        "dev.replicator.mongodb..",
        "dev.replicator.redis..",
        "dev.replicator.opensearch..",
        "dev.replicator.kafka..",
        "dev.replicator.file..",
        "dev.replicator.debezium..",
    };
    private static final String[] LOGIC = {
        "dev.replicator.model..",
        "dev.replicator.codec..",
        "dev.replicator.decode..",
        "dev.replicator.policy..",
        "dev.replicator.resolve..",
        "dev.replicator.apply..",
        "dev.replicator.acknowledge..",
    };

    @ArchTest
    static final ArchRule packages_of_the_engine_have_no_cycles =
            slices().matching("dev.replicator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule the_model_knows_nothing_else = noClasses()
            .that()
            .resideInAnyPackage("dev.replicator.model..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.replicator..")
                    .and(resideOutsideOfPackages("dev.replicator.model..", "dev.replicator.error..")));

    @ArchTest
    static final ArchRule the_spi_is_small = noClasses()
            .that()
            .resideInAnyPackage("dev.replicator.spi..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.replicator..")
                    .and(resideOutsideOfPackages(
                            "dev.replicator.spi..", "dev.replicator.model..", "dev.replicator.error..")));

    @ArchTest
    static final ArchRule the_engine_names_no_connector = noClasses()
            .that()
            .resideOutsideOfPackages(CONNECTORS)
            .and()
            .resideOutsideOfPackages("dev.replicator.cli..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(CONNECTORS).or(resideInAnyPackage("dev.replicator.cli..")));

    @ArchTest
    static final ArchRule connectors_see_the_spi_only = noClasses()
            .that()
            .resideInAnyPackage(CONNECTORS)
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.replicator..")
                    .and(resideOutsideOfPackages(CONNECTORS))
                    .and(resideOutsideOfPackages(
                            "dev.replicator.spi..",
                            "dev.replicator.model..",
                            "dev.replicator.error..",
                            "dev.replicator.codec..",
                            "dev.replicator.session..")));

    @ArchTest
    static final ArchRule handlers_see_no_connector_and_nothing_of_the_flow = noClasses()
            .that()
            .resideInAPackage("dev.replicator.handlers..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.replicator..")
                    .and(resideOutsideOfPackages(
                            "dev.replicator.handlers..",
                            "dev.replicator.spi..",
                            "dev.replicator.model..",
                            "dev.replicator.error..",
                            "dev.replicator.codec..",
                            "dev.replicator.policy..")));

    @ArchTest
    static final ArchRule the_embedded_server_stands_alone = noClasses()
            .that()
            .resideInAPackage("dev.replicator.embedded..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("dev.replicator..").and(resideOutsideOfPackages("dev.replicator.embedded..")));

    @ArchTest
    static final ArchRule logic_has_no_threads = noClasses()
            .that()
            .resideInAnyPackage(LOGIC)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(
                    Thread.class, Executor.class, ExecutorService.class, BlockingQueue.class, Future.class, Lock.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.replicator.pipeline..");

    @ArchTest
    static final ArchRule logic_is_told_the_time = noClasses()
            .that()
            .resideInAnyPackage(LOGIC)
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC");

    @ArchTest
    static final ArchRule only_the_command_prints =
            noClasses().that().resideOutsideOfPackage("dev.replicator.cli..").should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule nobody_sleeps_but_the_pipeline = noClasses()
            .that()
            .resideOutsideOfPackage("dev.replicator.pipeline..")
            .should()
            .callMethod(Thread.class, "sleep", long.class);
}
