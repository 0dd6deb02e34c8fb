package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.MessageKind;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the server is ready to read of an answer is enough for every honest one, and not much more. */
class AnswerLengthTest {
    private static final int LONGEST_FAILURE = Frame.OVERHEAD_BYTES + 5 + 512;

    /** Compares limits and answers as they pass. */
    private static final class MeasuringFleet extends RelayedFleet {
        private final Set<MessageKind> exact = EnumSet.noneOf(MessageKind.class);
        private final Map<MessageKind, Integer> answers = new EnumMap<>(MessageKind.class);

        MeasuringFleet(Fleet fleet) {
            super(fleet);
        }

        @Override
        protected byte[] up(int device, byte[] frame, Requests requests) {
            MessageKind kind = Frame.kindOf(frame).orElseThrow();
            int longest = requests.longestAnswer(device);
            assertTrue(frame.length <= longest, kind + " of " + frame.length + " bytes, read are " + longest);
            // A mask may be denser on the wire than a bitmap, growth may find less than was asked for, names are short.
            assertTrue(longest <= Math.max(LONGEST_FAILURE, 2 * frame.length), kind + " of " + frame.length + " bytes, read are "
                    + longest);
            if (frame.length == longest) {
                exact.add(kind);
            }
            answers.merge(kind, 1, Integer::sum);
            return frame;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fedtiny.method.MethodContractTest#methods")
    void everyHonestAnswerIsReadToItsEnd(Method method) {
        TrainingPlan plan = TinyRuns.plan(5);
        MeasuringFleet fleet = new MeasuringFleet(TinyRuns.fleet(plan));
        try (FederationContext context = TinyRuns.over(plan, fleet)) {
            TinyRuns.Run run = TinyRuns.run(method, context);
            assertEquals(TinyRuns.DEVICES, run.reports().getLast().reporters().size());
        }
        assertEquals(5 * TinyRuns.DEVICES, fleet.answers.get(MessageKind.UPDATE));
        assertEquals(TinyRuns.DEVICES, fleet.answers.get(MessageKind.HELLO));
        if (!(method instanceof LotteryFl)) {
            assertTrue(fleet.exact.contains(MessageKind.UPDATE), method + ": no update is as long as it may be");
        }
    }
}
