package dev.fedtiny.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.network.FederationProcesses;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/federated-app}, built against the jars of this project, and run as one of two devices. */
@Timeout(300)
class FederatedAppTest {
    private static final String NAME = "federated-app";
    private static final List<String> EXPERIMENT = List.of("devices=2", "width=2", "rounds=2", "max-images=90", "max-test-images=10",
            "selection=none", "partition=iid", "public-per-class=1", "density=0.2", "pretrain-epochs=1", "threads=1", "adjust-every=1",
            "adjust-until=2", "augment=none");

    @TempDir
    Path folder;

    /** Its readings are the values of the images that a device of the simulation has: the run has the bits of the simulation. */
    @Test
    void itTrainsOnItsReadingsAsAnyDeviceDoes() throws Exception {
        try (ExampleApplication application = new ExampleApplication(Files.createDirectory(folder.resolve("built")), NAME);
                FederationProcesses federation = new FederationProcesses(Files.createDirectory(folder.resolve("run")), EXPERIMENT)) {
            String jars = application.install("engine", Session.class) + File.pathSeparator
                    + application.install("fedtiny", Experiment.class);
            application.build();
            Dataset share = ImageFile.map(federation.share(0));
            Path readings = Files.write(folder.resolve("readings.csv"), readings(share));
            Process server = federation.serve();
            Process app = federation.start("app.log", List.of("-cp", application.project().resolve("target/federated-app.jar")
                    + File.pathSeparator + jars, "app.FederatedApp", federation.address().toString(), federation.fingerprint().toString(),
                    federation.token(0).toString(), readings.toString(), share.channels() + "x" + share.height() + "x" + share.width()));
            Process other = federation.join(1);
            federation.awaitSuccess("the server", server);
            federation.awaitSuccess("the application", app);
            federation.awaitSuccess("the other device", other);
            assertEquals(2, federation.log("app.log").lines().filter(line -> line.contains("TRAIN of round")).count(), federation.logs());
            assertArrayEquals(Files.readAllBytes(federation.simulate().resolve("model.safetensors")),
                    Files.readAllBytes(federation.served().resolve("model.safetensors")), federation.logs());
        }
    }

    /** An application that joins a federation is a page of text. */
    @Test
    void itIsShort() throws IOException {
        assertTrue(Files.readAllLines(ExampleApplication.source(NAME).resolve("src/main/java/app/FederatedApp.java")).size() < 60);
    }

    /** A label and values a line; a float's text gives the same float back. */
    private static List<String> readings(Dataset share) {
        float[] values = new float[share.shape().size()];
        return IntStream.range(0, share.count()).mapToObj(i -> {
            share.write(i, values, 0, 1);
            return share.label(i) + "," + IntStream.range(0, values.length).mapToObj(v -> Float.toString(values[v]))
                    .collect(Collectors.joining(","));
        }).toList();
    }
}
