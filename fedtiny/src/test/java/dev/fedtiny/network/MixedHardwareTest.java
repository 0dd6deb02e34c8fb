package dev.fedtiny.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device whose processor rounds otherwise, in a process of its own, joins over HTTPS. */
@Timeout(300)
class MixedHardwareTest {
    @TempDir
    Path folder;

    /** It is refused at the door with the reason on its side, and keeps its place: on the right machine it is in. */
    @Test
    void aDeviceOfOtherBitsIsRefusedAndTheRunGoesOnWithoutThem() throws Exception {
        Assumptions.assumeTrue(Kernels.current().fusedMultiplyAdd(), "no other platform can be had here");
        try (FederationProcesses federation = new FederationProcesses(folder, List.of("devices=1", "method=fedavg", "density=1", "width=2",
                "rounds=1", "max-images=90", "public-per-class=1", "max-test-images=10", "partition=iid", "threads=1"))) {
            Process server = federation.serve();
            Process other = federation.join(0, "-XX:-UseFMA");
            federation.await("the other device ends", () -> !other.isAlive());
            String said = federation.log("device-0.log");
            assertFalse(other.exitValue() == 0, said);
            assertTrue(said.contains("device 0 computes other bits") && said.contains("without fused multiply-add"), said);
            assertTrue(federation.audit().stream().noneMatch(line -> line.string("event").equals("session")), "it was in");
            assertTrue(server.isAlive(), federation.logs());
            federation.awaitSuccess("a device", federation.join(0));
            federation.awaitSuccess("the server", server);
            Path simulated = federation.simulate();
            assertArrayEquals(Files.readAllBytes(simulated.resolve("model.safetensors")),
                    Files.readAllBytes(federation.served().resolve("model.safetensors")));
        }
    }
}
