package dev.fedtiny.experiment;

import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.experiment.checkpoint.CheckpointStore;
import dev.fedtiny.federation.Capacity;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.network.server.Admission;
import dev.fedtiny.network.server.FederationServer;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.NetworkFleet;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.SessionTerms;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/** Devices on other machines, with data of their own: whoever enrolled and joins. The run begins when enough of them are there. */
public final class NetworkHosting implements Hosting {
    /** A run's folder for what a server writes. */
    static final String WORK = "federation";
    private static final String NAME = "run.id";
    private static final int NAME_BYTES = 8;

    private final FederationContext context;

    private NetworkHosting(FederationContext context) {
        this.context = context;
    }

    /**
     * Where a server listens, and for whom.
     *
     * @param folder of the federation: tokens, roster, audit log
     * @param listen host and port; port 0: any free one
     * @param tls what the server proves itself with
     * @param limits on what devices may use
     * @param devices how many must be there before the run begins
     */
    public record Door(Path folder, InetSocketAddress listen, ServerTls tls, Limits limits, int devices) {
        /** Checks the range. */
        public Door {
            if (devices < 1) {
                throw new IllegalArgumentException("a run that begins with " + devices + " devices, expected at least 1");
            }
        }
    }

    /**
     * Opens a door for devices.
     *
     * @param door where, and for whom
     * @return makes them ready for a run
     */
    public static Hosting.Opener at(Door door) {
        return (experiment, plan, data, directory, notes) -> open(door, experiment, plan, data, directory, notes);
    }

    private static NetworkHosting open(Door door, Experiment experiment, TrainingPlan plan, FederatedData data, Path directory,
            Consumer<String> notes) throws IOException {
        if (Files.notExists(directory.resolve(WORK)) && new CheckpointStore(directory).holdsAny()) {
            throw new IllegalArgumentException("'" + directory + "' holds a run that was begun with the images of its own partition, and "
                    + "devices on other machines have others; go on with it: "
                    + Program.command("run", "--resume", directory.toString()));
        }
        byte[] terms = new SessionTerms(plan.network(), plan.deviceSettings(), experiment.get(Setting.METER),
                Optional.of(data.test().normalization())).encode();
        Path work = PrivateFolder.createAll(directory.resolve(WORK));
        FederationServer server = new FederationServer(new FederationServer.Rules(door.folder(), work, door.listen(), door.tls(),
                door.limits(), name(work), terms, admission(plan)));
        NetworkFleet fleet = new NetworkFleet(server, new NetworkFleet.Rules(NetworkFingerprint.of(plan.network()),
                plan.deviceSettings().development(), Duration.ofSeconds(experiment.get(Setting.DEVICE_TIMEOUT))));
        try {
            notes.accept("listening at " + address(door.listen().getHostString(), server.address().getPort()) + ", certificate "
                    + door.tls().fingerprint());
            notes.accept("status for the operator: the same address in a browser, with the password in " + server.operatorTokenFile());
            notes.accept("waiting for " + door.devices() + " devices");
            fleet.await(door.devices());
            return new NetworkHosting(FederationContext.over(plan, fleet, data.publicSet(), data.test(), experiment.threads(),
                    Platforms.SAME, fleet.roundLog()));
        } catch (InterruptedException e) {
            fleet.abandon();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for devices", e);
        } catch (RuntimeException | Error e) {
            fleet.abandon();
            throw e;
        }
    }

    /**
     * What turns of this run are called by, also when it goes on in another process and with settings that may change meanwhile; no other
     * run has the same.
     */
    private static String name(Path work) throws IOException {
        Path file = work.resolve(NAME);
        if (Files.notExists(file)) {
            byte[] name = new byte[NAME_BYTES];
            new SecureRandom().nextBytes(name);
            AtomicFile.write(file, HexFormat.of().formatHex(name) + "\n");
        }
        return Files.readString(file).strip();
    }

    /** As the operator named the host: the system may have another word for all addresses. */
    private static String address(String host, int port) {
        return "https://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** Who cannot take part learns it at the door; the server looks at introductions once more. */
    private static Admission admission(TrainingPlan plan) {
        return new Admission() {
            @Override
            public Optional<String> refusal(int number, Capacity capacity) {
                return plan.local().classes().refusal(capacity).map(reason -> "device " + number + ": " + reason);
            }

            @Override
            public Optional<String> refusal(int number, Platform platform, int samples, Shape shape) {
                return unsuited(plan, number, platform, samples, shape);
            }
        };
    }

    private static Optional<String> unsuited(TrainingPlan plan, int number, Platform platform, int samples, Shape shape) {
        if (!shape.equals(plan.network().input())) {
            return Optional.of("device " + number + " has samples of " + shape + ", the network takes " + plan.network().input());
        }
        if (samples > plan.robustness().maximumSamples()) {
            return Optional.of("device " + number + " states " + samples + " samples, at most " + plan.robustness().maximumSamples()
                    + " are believed");
        }
        if (!platform.equals(Platform.here())) {
            return Optional.of("device " + number + " computes other bits (" + platform + ", here " + Platform.here()
                    + "), and this run promises the same bits whoever does the work; use devices of the same release and kind of "
                    + "processor");
        }
        return Optional.empty();
    }

    @Override
    public FederationContext context() {
        return context;
    }

    @Override
    public boolean holdsShares() {
        return false;
    }

    /** As a server that is killed: devices wait for one that goes on. */
    @Override
    public void abandon() {
        context.abandon();
    }

    /** Says to everybody that it is over, and listens no more. */
    @Override
    public void close() {
        context.close();
    }
}
