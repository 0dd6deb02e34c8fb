package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.RoundPhase;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFleetTest {
    /** Too little for a batch of 16 images and a Java. */
    private static final int SMALL_HEAP = 4;

    @TempDir
    private Path folder;

    @Test
    void aRunInProcessesHasTheBitsAndTheTrafficOfOneInThreads() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        ProcessFleet fleet = new ProcessFleet(federation.rules(600),
                (device, lane, server, token) -> federation.start(device, lane, 48, server, token));
        Method method = federation.experiment.method();
        try (FederationContext context = federation.over(fleet); FederationContext expected = federation.over(federation.inProcess())) {
            Method.InitOutcome init = method.init(context);
            Method.InitOutcome good = method.init(expected);
            assertEquals(good.report().selection().orElseThrow().candidates(), init.report().selection().orElseThrow().candidates());
            MethodState state = init.state();
            MethodState same = good.state();
            for (int round = 0; round < 3; round++) {
                Method.RoundOutcome outcome = method.round(context, state);
                assertEquals(List.of(0, 1, 2), outcome.report().reporters(), outcome.report().failures().toString());
                state = outcome.state();
                same = method.round(expected, same).state();
                ProcessFaultsTest.assertSameBits(same.model(), state.model());
            }
            assertEquals(expected.traffic(), context.traffic());
            assertEquals(context.traffic().bytesDown() + context.traffic().bytesUp() + 3 * (Join.FRAME_BYTES + Join.ACCEPTED_BYTES),
                    fleet.carriedBytes());
            for (DeviceFigures figures : fleet.figures()) {
                assertEquals(1, figures.starts());
                assertTrue(figures.heapBytes() <= 48L << 20 && figures.heapBytes() > 46L << 20, figures.toString());
                figures.peakResidentBytes().ifPresent(bytes -> assertTrue(bytes > 20L << 20 && bytes < 400L << 20, figures.toString()));
            }
        }
    }

    @Test
    void meteredProcessesTellWhatTheyMeasuredAndChangeNothing() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder, Metering.ON);
        ProcessFleet fleet = new ProcessFleet(federation.rules(600),
                (device, lane, server, token) -> federation.start(device, lane, 48, server, token), Metering.ON);
        Method method = federation.experiment.method();
        try (FederationContext context = federation.over(fleet); FederationContext expected = federation.over(federation.inProcess())) {
            MethodState state = method.init(context).state();
            MethodState same = method.init(expected).state();
            context.takeMeasured();
            expected.takeMeasured();
            state = method.round(context, state).state();
            same = method.round(expected, same).state();
            ProcessFaultsTest.assertSameBits(same.model(), state.model());
            Measured measured = context.takeMeasured();
            Measured simulated = expected.takeMeasured();
            assertEquals(simulated.reading().steps(), measured.reading().steps());
            assertEquals(simulated.reading().images(), measured.reading().images());
            assertEquals(simulated.reading().total(OperatorCost::usefulMacs), measured.reading().total(OperatorCost::usefulMacs));
            assertEquals(bytes(simulated, "train"), bytes(measured, "train"));
            assertEquals(bytes(simulated, "update"), bytes(measured, "update"));
            // What the server made and took is a line of its own, its time with it.
            assertEquals(bytes(measured, "train"), bytes(measured, "server train"));
            assertEquals(bytes(measured, "update"), bytes(measured, "server update"));
            assertTrue(measured.reading().operators().stream().filter(o -> o.operator().equals("server update"))
                    .allMatch(o -> o.pass() == PassKind.DECODE && o.calls() == ProcessFederation.DEVICES && o.nanos() > 0));
            assertTrue(measured.phases().containsKey(RoundPhase.TRAINING) && measured.phases().containsKey(RoundPhase.ENCODE));
            assertEquals(0, context.takeMeasured().reading().steps(), "what was told is not told again");
            assertEquals(expected.traffic(), context.traffic());
            fleet.figures().forEach(figures -> assertTrue(figures.peakHeapBytes().orElse(0) > 1 << 20, figures.toString()));
        }
    }

    private static long bytes(Measured measured, String message) {
        return measured.reading().operators().stream().filter(o -> o.operator().equals(message))
                .mapToLong(OperatorCost::trafficBytes).sum();
    }

    @Test
    void strangersCannotJoin() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        try (ProcessFleet fleet = new ProcessFleet(federation.rules(5), (device, lane, server, token) -> {
            throw new java.io.IOException("none here");
        })) {
            List<byte[]> introductions = List.of(new Join(0, DeviceToken.random(), 1, 1, 1).frame(),
                    new Join(99, fleet.token(0), 1, 1, 1).frame(), new Join(1, fleet.token(0), 1, 1, 1).frame(), new Join(0, fleet.token(0),
                    -1, 1, 1).frame(),
                    new byte[Join.FRAME_BYTES],
                    Arrays.copyOf(new Join(0, fleet.token(0), 1, 1, 1).frame(), Frame.HEADER_BYTES - 1));
            for (byte[] introduction : introductions) {
                try (Socket socket = new Socket(fleet.address().getAddress(), fleet.address().getPort())) {
                    socket.getOutputStream().write(introduction);
                    socket.shutdownOutput();
                    InputStream in = socket.getInputStream();
                    assertEquals(-1, in.read(), "the server said something to a stranger");
                }
            }
            assertEquals(List.of(), fleet.renewed(List.of(0, 1, 2)));
            fleet.exchange(List.of(1), device -> {
                throw new AssertionError("device " + device + " was asked");
            }, new dev.fedtiny.federation.Fleet.Answers() {
                @Override
                public Optional<String> answered(int device, byte[] frame) {
                    throw new AssertionError("device " + device + " answered");
                }

                @Override
                public void lost(int device, String reason) {
                    assertTrue(reason.contains("none here"), reason);
                }
            });
        }
    }

    @Test
    void aDeviceWithoutMemorySaysSo() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        ProcessFleet fleet = new ProcessFleet(federation.rules(600),
                (device, lane, server, token) -> federation.start(device, lane, device == 1 ? SMALL_HEAP : 48, server, token));
        try (FederationContext context = federation.over(fleet)) {
            Method.InitOutcome init = federation.experiment.method().init(context);
            Method.RoundOutcome outcome = federation.experiment.method().round(context, init.state());
            assertEquals(List.of(0, 2), outcome.report().reporters());
            DeviceFailure failure = outcome.report().failures().getFirst();
            assertEquals(1, failure.device());
            assertEquals(DeviceFailure.Cause.REPORTED, failure.cause(), failure.toString());
            assertTrue(failure.reason().startsWith("OUT_OF_MEMORY"), failure.reason());
        }
    }
}
