package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.LotteryFl;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.protocol.Adopt;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.ProtocolException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three devices in pools of real processes. */
class PooledFleetTest {
    /** What the processes of the pool do one after the other when device 1 trains, and how the device's failure is called. */
    private static final List<Misdeed> MISDEEDS = List.of(Misdeed.KILLED, Misdeed.NOT_A_NUMBER, Misdeed.TRUNCATED, Misdeed.GARBAGE);
    private static final List<Cause> CAUSES = List.of(Cause.LOST, Cause.REJECTED, Cause.LOST, Cause.REJECTED);

    @TempDir
    private Path folder;

    @Test
    void aRunInAPoolHasTheBitsAndTheTrafficOfOneInThreads() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        ProcessFleet fleet = ProcessFleet.pooled(federation.rules(600), 2,
                (process, lane, server, token) -> federation.startPooled(process, lane, 48, server, token), Metering.OFF);
        try (FederationContext context = federation.over(fleet); FederationContext expected = federation.over(federation.inProcess())) {
            assertEquals(List.of(0, 1, 2), context.roster());
            // Stage one, whose devices hold the pool of candidates; masks that change; sub-networks and initial values of every device.
            for (Method method : List.of(federation.experiment.method(), new LotteryFl(0.2, 0, 0.4))) {
                MethodState state = method.init(context).state();
                MethodState same = method.init(expected).state();
                for (int round = 0; round < 3; round++) {
                    Method.RoundOutcome outcome = method.round(context, state);
                    assertEquals(List.of(0, 1, 2), outcome.report().reporters(), outcome.report().failures().toString());
                    state = outcome.state();
                    same = method.round(expected, same).state();
                    ProcessFaultsTest.assertSameBits(same.model(), state.model());
                    assertEquals(same.memory(), state.memory());
                }
            }
            assertEquals(expected.traffic(), context.traffic());
            assertEquals(List.of(), fleet.figures());
            List<PooledProcess> processes = fleet.processes();
            assertEquals(2, processes.size(), processes.toString());
            for (PooledProcess process : processes) {
                assertEquals(1, process.starts(), processes.toString());
                assertTrue(process.heapBytes() <= 48L << 20 && process.heapBytes() > 46L << 20, process.toString());
            }
            assertTrue(fleet.carriedBytes() > context.traffic().bytesDown() + context.traffic().bytesUp()
                    + 2 * (Join.FRAME_BYTES + Join.ACCEPTED_BYTES), "what a device held is carried besides");
        }
        assertTrue(fleet.processes().stream().noneMatch(process -> ProcessHandle.of(process.processId()).filter(ProcessHandle::isAlive)
                .isPresent()), "a process outlived its fleet");
    }

    @Test
    void aDevicesPeaksAreItsOwnWhoeverWorkedInItsProcessBefore() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder, Metering.ON);
        ProcessFleet fleet = ProcessFleet.pooled(federation.rules(600), 1,
                (process, lane, server, token) -> federation.startPooled(process, lane, 48, server, token), Metering.ON);
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
            assertEquals(simulated.reading().total(OperatorCost::usefulMacs), measured.reading().total(OperatorCost::usefulMacs));
            assertEquals(0, context.takeMeasured().reading().steps(), "what was told is not told again");
            assertEquals(expected.traffic(), context.traffic());
            List<DeviceFigures> figures = fleet.figures();
            assertEquals(List.of(0, 1, 2), figures.stream().map(DeviceFigures::device).toList());
            long least = figures.stream().mapToLong(f -> f.peakHeapBytes().orElseThrow()).min().orElseThrow();
            long most = figures.stream().mapToLong(f -> f.peakHeapBytes().orElseThrow()).max().orElseThrow();
            // All devices do the same. Would the garbage and the session of the one before count, the last had the most by far.
            assertTrue(least > 1 << 20 && most < least + (2 << 20), figures.toString());
        }
    }

    @Test
    void aFaultCostsTheDeviceItsTurnAndNoOtherAnything() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        AtomicInteger starts = new AtomicInteger();
        AtomicReference<Process> running = new AtomicReference<>();
        ProcessFleet fleet = ProcessFleet.pooled(federation.rules(300), 1, (process, lane, server, token) -> {
            int start = starts.getAndIncrement();
            running.set(start < MISDEEDS.size()
                    ? federation.misbehaving(MisbehavingDevice.POOLED, lane, MISDEEDS.get(start), marker(start), server, token)
                    : federation.startPooled(process, lane, 64, server, token));
            return running.get();
        }, Metering.OFF);
        Method method = federation.experiment.method();
        try (FederationContext context = federation.over(fleet);
                FederationContext expected = federation.over(new SilencedFleet(federation.inProcess(),
                        (device, round) -> device == MisbehavingDevice.CULPRIT && round < MISDEEDS.size()))) {
            assertEquals(List.of(), context.absent());
            MethodState state = method.init(context).state();
            MethodState good = method.init(expected).state();
            ProcessFaultsTest.assertSameBits(good.model(), state.model());
            Thread killer = Thread.ofVirtual().start(() -> {
                ProcessFaultsTest.awaitFile(marker(0));
                running.get().destroyForcibly();
            });
            for (int round = 0; round < MISDEEDS.size() + 2; round++) {
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                good = method.round(expected, good).state();
                ProcessFaultsTest.assertSameBits(good.model(), state.model());
                List<DeviceFailure> failures = outcome.report().failures();
                if (round < MISDEEDS.size()) {
                    assertEquals(List.of(0, 2), outcome.report().reporters(), failures.toString());
                    assertEquals(CAUSES.get(round), failures.getFirst().cause(), failures.toString());
                    assertTrue(round > 0 || failures.getFirst().reason().contains("signal 9"), failures.toString());
                } else {
                    assertEquals(List.of(0, 1, 2), outcome.report().reporters(), failures.toString());
                }
            }
            killer.join();
            assertEquals(MISDEEDS.size() + 1, starts.get());
            // Between two rounds nobody loses anything, whoever worked in the process last.
            running.get().destroyForcibly().waitFor();
            Method.RoundOutcome outcome = method.round(context, state);
            assertEquals(List.of(0, 1, 2), outcome.report().reporters(), outcome.report().failures().toString());
            ProcessFaultsTest.assertSameBits(method.round(expected, good).state().model(), outcome.state().model());
        }
        assertFalse(running.get().isAlive());
    }

    private Path marker(int start) {
        return folder.resolve("training-" + start);
    }

    @Test
    void whatTellsAProcessWhoItIsIsReadWithCare() {
        byte[] good = new Adopt(7, true).frame();
        assertEquals(new Adopt(7, true), Adopt.decode(good));
        assertEquals(Adopt.FRAME_BYTES, good.length);
        assertTrue(Adopt.isOne(good) && !Adopt.isOne(Join.accepted(7)));
        for (byte[] bad : List.of(Join.accepted(7), Arrays.copyOf(good, good.length - 1),
                FakeDevice.frame(MessageKind.ADOPT, Frame.NO_ROUND, 3, 0), FakeDevice.frame(MessageKind.ADOPT, Frame.NO_ROUND, -3, 1),
                FakeDevice.frame(MessageKind.ADOPT, Frame.NO_ROUND, 3, 2))) {
            Assertions.assertThrows(ProtocolException.class, () -> Adopt.decode(bad));
        }
    }
}
