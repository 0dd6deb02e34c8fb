package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.device.OpaqueDevice;
import dev.fedtiny.network.device.Trust;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.FederationServer;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.NetworkFleet;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.NetworkFingerprint;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.protocol.Update;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a device that lies can do over HTTPS is what it can do in one process: nothing to the model, and it is named. */
@Timeout(300)
class NetworkAttackTest {
    private static final int LIAR = 1;

    @TempDir
    Path folder;

    private TinyRuns.Run inProcess(TrainingPlan plan, HostileDeviceTest.Lie lie) {
        try (FederationContext context = FederationContext.over(plan, new LyingFleet(TinyRuns.fleet(plan), LIAR, MessageKind.UPDATE,
                message -> lie.lie.apply((Update) message)), TinyRuns.DATA, 1)) {
            return TinyRuns.run(TinyRuns.fedTiny(Selection.NONE), context);
        }
    }

    private TinyRuns.Run overHttps(TrainingPlan plan, HostileDeviceTest.Lie lie, ServerTls tls) throws Exception {
        Path federation = folder.resolve(lie.name());
        FederationServer server = new FederationServer(new FederationServer.Rules(federation, federation.resolve("run"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls, Limits.USUAL, lie.name(),
                new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF).encode(), (_, _, _, _) -> Optional.empty()));
        List<OpaqueDevice> devices = new ArrayList<>();
        try (NetworkFleet fleet = new NetworkFleet(server, new NetworkFleet.Rules(NetworkFingerprint.of(plan.network()),
                plan.deviceSettings().development(), Duration.ofMinutes(2))); Workers workers = Workers.of(1)) {
            for (Path token : EnrolmentTokens.make(federation, federation.resolve("tokens"), TinyRuns.DEVICES, Duration.ofHours(1))) {
                int number = devices.size();
                Device device = new Device(number, plan.network(), TinyRuns.DATA.devices().get(number), plan.deviceSettings());
                SessionCache sessions = new SessionCache(workers, Metering.OFF);
                Liar liar = new Liar(number, MessageKind.UPDATE, message -> lie.lie.apply((Update) message));
                devices.add(OpaqueDevice.of(URI.create("https://localhost:" + server.address().getPort()),
                        new Trust.Pinned(tls.fingerprint()), TokenFile.read(token), federation, plan.network().input(),
                        TinyRuns.DATA.devices().get(number).count(), request -> {
                            synchronized (workers) {
                                if (number != LIAR) {
                                    return device.handle(request, sessions);
                                }
                                liar.asked(request);
                                return liar.answered(device.handle(request, sessions));
                            }
                        }));
                fleet.await(devices.size());
            }
            try (FederationContext context = FederationContext.over(plan, fleet, TinyRuns.DATA.publicSet(), TinyRuns.DATA.test(), 1,
                    Platforms.SAME, fleet.roundLog())) {
                return TinyRuns.run(TinyRuns.fedTiny(Selection.NONE), context);
            }
        } finally {
            for (OpaqueDevice device : devices) {
                device.close();
            }
        }
    }

    @Test
    void liesOverTheNetworkAreThoseOfOneProcess() throws Exception {
        TrainingPlan plan = TinyRuns.plan(2);
        ServerTls tls = SelfSigned.openOrCreate(Files.createDirectory(folder.resolve("keys")), List.of("localhost"));
        for (HostileDeviceTest.Lie lie : List.of(HostileDeviceTest.Lie.HUGE, HostileDeviceTest.Lie.NOT_A_NUMBER,
                HostileDeviceTest.Lie.HUGE_LOSS, HostileDeviceTest.Lie.MANY_SAMPLES)) {
            TinyRuns.Run expected = inProcess(plan, lie);
            TinyRuns.Run run = overHttps(plan, lie, tls);
            for (int r = 0; r < 2; r++) {
                assertEquals(List.of(0, 2, 3), run.reports().get(r).reporters(), lie.name());
                DeviceFailure failure = run.reports().get(r).failures().getFirst();
                assertEquals(LIAR, failure.device());
                assertEquals(lie.cause, failure.cause(), failure.toString());
            }
            assertTrue(TinyRuns.sameBits(expected.states().getLast().model(), run.states().getLast().model()), lie.name());
            assertEquals(lie.cause == Cause.REJECTED, Files.readString(folder.resolve(lie.name()).resolve("audit.jsonl"))
                    .contains("\"event\":\"reject\""),
                    "what is out of proportion shows only beside the others: " + lie);
        }
    }
}
