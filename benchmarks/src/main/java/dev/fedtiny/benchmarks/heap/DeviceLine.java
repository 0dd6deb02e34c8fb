package dev.fedtiny.benchmarks.heap;

import dev.fedtiny.experiment.DeviceFolder;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.federation.process.ProcessFleet;
import dev.fedtiny.federation.process.ProcessLimits;
import dev.fedtiny.federation.process.Restarts;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.FederationServer;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.NetworkFleet;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.SessionTerms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** How the device process of a trial speaks to its server. */
public enum DeviceLine {
    /** Over a bare connection, as the devices of a simulation do: {@code fedtiny device}. */
    SOCKET {
        @Override
        Open open(JavaCommand java, TrainingPlan plan, Path folder, Duration cap) throws IOException {
            ProcessFleet fleet = new ProcessFleet(new ProcessFleet.Rules(1, 1, cap, START_WITHIN, START_WITHIN, Restarts.NONE,
                    Integer.MAX_VALUE), new DeviceFolder(folder).launcher(java));
            return new Open() {
                @Override
                public Fleet fleet() {
                    return fleet;
                }

                @Override
                public OptionalLong peakResidentBytes() {
                    return fleet.figures().getFirst().peakResidentBytes();
                }

                @Override
                public void close() {
                    fleet.close();
                }
            };
        }
    },
    /** Over HTTPS, enrolled and with signatures, as devices on other machines do: {@code fedtiny join}. */
    HTTPS {
        @Override
        Open open(JavaCommand java, TrainingPlan plan, Path folder, Duration cap) throws IOException {
            return new Joined(java, plan, Files.createTempDirectory(folder, "federation"), new DeviceFolder(folder).images(0), cap);
        }
    };

    private static final Duration START_WITHIN = Duration.ofSeconds(60);

    /** A device process and the fleet that it is. */
    interface Open extends AutoCloseable {
        /** The fleet of one device, which has come; none, if it could not start. */
        Fleet fleet();

        /** The most memory that the process had resident; empty where the system does not say. */
        OptionalLong peakResidentBytes();

        @Override
        void close() throws IOException;
    }

    /**
     * Starts the device of a trial.
     *
     * @param java the device's virtual machine
     * @param folder with what {@link LocalRoundProbe} has put there for the device
     * @param cap wall time a device has for one round
     */
    abstract Open open(JavaCommand java, TrainingPlan plan, Path folder, Duration cap) throws IOException;

    /** A server of one place, and the process that takes it. */
    private static final class Joined implements Open {
        /** A device without room says so itself; one that has died is given up after the silence. */
        private static final Limits LIMITS = new Limits(Limits.USUAL.chunkBytes(), START_WITHIN, START_WITHIN, START_WITHIN, 1,
                Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMinutes(3), Duration.ofHours(1), Duration.ofMinutes(5), 1000);

        private final NetworkFleet fleet;
        private final Process process;
        private OptionalLong peak = OptionalLong.empty();

        private Joined(JavaCommand java, TrainingPlan plan, Path folder, Path images, Duration cap) throws IOException {
            ServerTls tls = SelfSigned.openOrCreate(folder, List.of("localhost"));
            Path token = EnrolmentTokens.make(folder, folder.resolve("tokens"), 1, Duration.ofHours(1)).getFirst();
            FederationServer server = new FederationServer(new FederationServer.Rules(folder, folder.resolve("run"),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls, LIMITS, "min-heap",
                    new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF).encode(), (_, _, _, _) -> Optional.empty()));
            fleet = new NetworkFleet(server, new NetworkFleet.Rules(NetworkFingerprint.of(plan.network()),
                    plan.deviceSettings().development(), cap));
            process = new ProcessBuilder(java.command(0, List.of("join", "https://localhost:" + server.address().getPort(), "--data",
                    images.toString(), "--token-file", token.toString(), "--key", folder.resolve("device.key").toString(),
                    "--fingerprint", tls.fingerprint().toString(), "--patience", "5"))).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("device.log").toFile()).start();
            long start = System.nanoTime();
            try {
                while (process.isAlive() && fleet.roster().isEmpty() && System.nanoTime() - start < START_WITHIN.toNanos()) {
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
                throw new IOException("interrupted while a device starts", e);
            }
        }

        @Override
        public Fleet fleet() {
            return fleet;
        }

        @Override
        public OptionalLong peakResidentBytes() {
            OptionalLong now = ProcessLimits.peakResidentBytes(process.pid());
            peak = now.isPresent() ? now : peak;
            return peak;
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
            fleet.close();
        }
    }
}
