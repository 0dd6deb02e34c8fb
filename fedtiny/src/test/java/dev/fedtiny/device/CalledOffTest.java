package dev.fedtiny.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Orders;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work that is called off, or interrupted, ends before its next batch; what is asked next is done as if it had not begun. */
class CalledOffTest {
    private static final int BATCH = 2;
    private static final Network NETWORK = network();
    private static final List<Mask> MASKS = NETWORK.parameters().stream().map(parameter -> Mask.full(parameter.size())).toList();

    private final Codec codec = new Codec(NETWORK);
    private final Watched samples = new Watched();
    private final Device device = new Device(1, NETWORK, () -> samples, new DeviceSettings(1, new Sgd(0.5f, 0), Augmentation.NONE,
            DevelopmentSplit.usual(8), SessionOptions.DEFAULT, new Orders(new Kinds<>(List.of(PlainTraining.KIND)), Optional.empty()), 0,
            0), PeerIdentity.NONE);

    private static Network network() {
        Network.Builder builder = Network.builder(Shape.features(2));
        builder.block("only");
        int normalised = builder.batchNorm2d("bn", 0);
        builder.linear("fc", normalised, 2, false, true);
        return builder.build();
    }

    private static ModelState start() {
        return ModelState.of(NETWORK, MASKS, NETWORK.parameters().stream().map(parameter -> {
            float[] values = new float[parameter.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = 1 + 0.25f * i;
            }
            return values;
        }).toList());
    }

    /** Eight samples; something may happen while the next one is read. */
    private static final class Watched implements Samples {
        private Runnable next = () -> { };
        private int read;

        @Override
        public int count() {
            return 8;
        }

        @Override
        public Shape shape() {
            return Shape.features(2);
        }

        @Override
        public int label(int i) {
            return i % 2;
        }

        @Override
        public void write(int i, float[] into, int offset, int stride) {
            into[offset] = i % 3 - 1;
            into[offset + stride] = i % 5 - 2;
            read++;
            next.run();
            next = () -> { };
        }
    }

    /** Ways to end work. */
    enum Way {
        CALLED_OFF("called off between two batches") {
            @Override
            void end(SessionCache sessions) {
                Thread other = Thread.ofPlatform().start(sessions.cancellation()::call);
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        },
        INTERRUPTED("interrupted between two batches") {
            @Override
            void end(SessionCache sessions) {
                Thread.currentThread().interrupt();
            }
        };

        private final String words;

        Way(String words) {
            this.words = words;
        }

        abstract void end(SessionCache sessions);
    }

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    private void ends(byte[] request, Way way, SessionCache sessions) {
        samples.read = 0;
        samples.next = () -> way.end(sessions);
        assertEquals(way.words, assertThrows(CancellationException.class, () -> device.handle(request, sessions)).getMessage());
        assertEquals(BATCH, samples.read, "samples of one batch and no other");
        assertEquals(way == Way.INTERRUPTED, Thread.interrupted());
    }

    private Update update(byte[] frame) {
        return (Update) codec.decodeAnswer(frame, 0, 1, new Update.Expected(new CachedMasks(1, MASKS), 3, BATCH,
                SampleCounts.Range.exactly(samples.count(), DevelopmentSplit.usual(8)), new PlainTraining()));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void trainingEnds(Way way) {
        byte[] request = codec.encode(0, 1, new Train(1, Optional.of(MASKS), start().allValues(), 3, BATCH, 0.01, new PlainTraining()));
        try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers)) {
            Update whole = update(device.handle(request, sessions));
            ends(request, way, sessions);
            Update again = update(device.handle(request, sessions));
            assertEquals(whole.lossSum(), again.lossSum());
            for (int parameter = 0; parameter < MASKS.size(); parameter++) {
                assertArrayEquals(whole.values().get(parameter), again.values().get(parameter));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void stageOneEnds(Way way) {
        for (CandidatePoolMessage.Task task : CandidatePoolMessage.Task.values()) {
            ServerMessage pool = new CandidatePoolMessage(task, BATCH, List.of(new int[] {4}, new int[] {2}), start());
            byte[] request = codec.encode(0, 1, pool);
            try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers)) {
                byte[] whole = device.handle(request, sessions);
                ends(request, way, sessions);
                assertArrayEquals(whole, device.handle(request, sessions), task.toString());
            }
        }
    }

    /** Bytes of work that broke off do not count with the next. */
    @Test
    void theNextWorkIsMeasuredByItself() {
        byte[] request = codec.encode(0, 1, new Train(1, Optional.of(MASKS), start().allValues(), 3, BATCH, 0.01, new PlainTraining()));
        try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers, Metering.ON)) {
            device.handle(request, sessions);
            sessions.takeMeasured();
            device.handle(request, sessions);
            long peak = sessions.takeMeasured().peakBytes();
            ends(request, Way.CALLED_OFF, sessions);
            sessions.takeMeasured();
            device.handle(request, sessions);
            assertEquals(peak, sessions.takeMeasured().peakBytes());
        }
    }

    /** It is the work under way that is called off. */
    @Test
    void whatBeginsLaterIsDone() {
        byte[] request = codec.encode(0, 1, new Train(1, Optional.of(MASKS), start().allValues(), 3, BATCH, 0.01, new PlainTraining()));
        try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers)) {
            sessions.cancellation().call();
            assertEquals(samples.count(), update(device.handle(request, sessions)).samples());
        }
    }
}
