package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.device.Recalibration;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.protocol.CandidateStatistics;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Statistics;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Workload;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of samples, epochs and candidates that nobody means: counted exactly as far as a long goes, then named. */
class AbsurdCountsTest {
    private static final int MOST = Integer.MAX_VALUE;
    private static final ModelState RESNET = Initializer.initialize(
            new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), 64, 10).build(), 1);

    private static void assertNamed(String part, org.junit.jupiter.api.function.Executable count) {
        String message = assertThrows(ArithmeticException.class, count).getMessage();
        assertTrue(message.contains(part) && message.contains("2^63"), message);
    }

    @Test
    void aDevicesRoundIsNamedForEveryTask() {
        for (LocalTask task : List.of(new PlainTraining(), new PruneFl.AccumulateTask(true),
                new SubNetworkSearch(0.5, 0.2, 0.1, SubNetworkSearch.Source.HELD, List.of()))) {
            assertNamed("FLOPs", () -> task.flops(RESNET, new Workload(65_536, 64, MOST, 64)));
        }
        assertEquals(2L * 5 * 1_000_000 * 3 * 555_422_720L - 2L * 5 * 1_000_000 * 1_769_472,
                new PlainTraining().flops(RESNET, new Workload(5, 64, 1_000_000, 64)), "no gradient of the images");
    }

    /** Before anything is trained. */
    @Test
    void answersOfAllDevicesModelsAreRefusedWhereTheyCannotBeCounted() {
        LotteryFl.checkAnswers(214_748, 10_000);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> LotteryFl.checkAnswers(214_749, 10_000));
        assertTrue(e.getMessage().contains("fewer devices or max-test-images"), e.getMessage());
    }

    @Test
    void costsOfARunNeitherWrapNorGoBelowZero() {
        Costs half = new Costs(Traffic.NONE, Long.MAX_VALUE / 2 + 1, 0);
        assertNamed("FLOPs of the run", () -> half.plus(half));
        Traffic traffic = new Traffic(Map.of(MessageKind.TRAIN, new Traffic.Count(1, Long.MAX_VALUE)));
        assertNamed("bytes of messages", () -> traffic.plus(traffic));
        Traffic two = new Traffic(Map.of(MessageKind.TRAIN, new Traffic.Count(1, Long.MAX_VALUE), MessageKind.POOL,
                new Traffic.Count(1, 1)));
        assertNamed("bytes of messages", two::bytesDown);
        assertThrows(IllegalArgumentException.class, () -> new Costs(Traffic.NONE, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Traffic.Count(1, -1));
        assertThrows(IllegalArgumentException.class, () -> new TestResult(1, 3, 2));
        assertThrows(IllegalArgumentException.class, () -> new TestResult(1, -3, 2));
    }

    @Test
    void passesAndFramesOfLargeNumbersAreRight() {
        assertEquals(10, Recalibration.passes(MOST, 64));
        assertEquals(40, Recalibration.passes(1, MOST));
        long perCandidate = 4 * 9_600;
        Codec codec = new Codec(RESNET.network());
        RunningStatistics one = RunningStatistics.of(RESNET);
        assertEquals(26 + perCandidate * 60_000, codec.frameBytes(new CandidateStatistics(Collections.nCopies(60_000, one))));
        assertEquals(30 + perCandidate * 60_000, codec.frameBytes(new Statistics(1, Collections.nCopies(60_000, one))));
        SampleCounts.Range single = SampleCounts.Range.exactly(1, new DevelopmentSplit(1, 1));
        assertEquals(8 + perCandidate * (1 << 30), new Statistics.Expected(1 << 30, single).longestPayload(RESNET.network()));
    }
}
