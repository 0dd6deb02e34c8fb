package dev.fedtiny.protocol;

import static dev.fedtiny.protocol.CodecFixture.CODEC;
import static dev.fedtiny.protocol.CodecFixture.DEVICE;
import static dev.fedtiny.protocol.CodecFixture.NETWORK;
import static dev.fedtiny.protocol.CodecFixture.ROUND;
import static dev.fedtiny.protocol.CodecFixture.SPARSE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.AdjustTask;
import dev.fedtiny.method.FedMef;
import dev.fedtiny.method.PruneFl;
import dev.fedtiny.method.SubNetworkSearch;
import dev.fedtiny.method.VoteTask;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class LocalTaskCodecTest {
    private static final List<LocalTask> TASKS = CodecFixture.tasks();
    private static final List<Update> RESULTS = CodecFixture.results();

    private static byte[] frame(Message message) {
        return CODEC.encode(ROUND, DEVICE, message);
    }

    private static Update decode(byte[] frame, LocalTask task) {
        return (Update) CODEC.decodeAnswer(frame, ROUND, DEVICE, CodecFixture.expecting(task));
    }

    private static byte[] sealed(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(6, frame.length - Frame.OVERHEAD_BYTES);
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, frame.length - 4);
        buffer.putInt(frame.length - 4, (int) crc.getValue());
        return frame;
    }

    @Test
    void everyTaskComesBackByteForByteAndHasTheLengthOfTheFormula() {
        for (LocalTask task : TASKS) {
            byte[] frame = frame(CodecFixture.trainFor(task));
            Train train = (Train) CodecFixture.decodeRequest(frame);
            assertEquals(task.getClass(), train.task().getClass());
            assertArrayEquals(frame, frame(train), task.toString());
            assertEquals(FrameLengths.train(SPARSE, false, task), frame.length, task.toString());
        }
        AdjustTask guided = (AdjustTask) ((Train) CodecFixture.decodeRequest(frame(CodecFixture.trainFor(TASKS.get(6)))))
                .task();
        assertArrayEquals(CodecFixture.guide().directions().getFirst(), guided.guide().orElseThrow().directions().getFirst());
    }

    @Test
    void restoredDevicesGetInitialValuesWhereTheyNeedThem() {
        byte[] frame = frame(new Restore(4, SPARSE.masks(), CodecFixture.DENSE.allValues()));
        Restore restore = (Restore) CodecFixture.decodeRequest(frame);
        assertArrayEquals(frame, frame(restore));
        assertArrayEquals(CodecFixture.DENSE.values(6), restore.held().get(6));
        long dense = NETWORK.parameters().stream().mapToLong(p -> p.size()).sum();
        assertEquals(frame(new Restore(4, SPARSE.masks(), List.of())).length + 4 * dense, frame.length);
    }

    @Test
    void everyResultComesBackByteForByteAndHasTheLengthOfTheFormula() {
        for (int i = 0; i < TASKS.size(); i++) {
            byte[] frame = frame(RESULTS.get(i));
            Update update = decode(frame, TASKS.get(i));
            assertEquals(RESULTS.get(i).result().getClass(), update.result().getClass());
            assertArrayEquals(frame, frame(update), TASKS.get(i).toString());
            ModelState under = switch (update.result()) {
                case SubNetworkSearch.SubNetwork r -> SPARSE.masked(r.masks());
                default -> SPARSE;
            };
            assertEquals(FrameLengths.update(under, update.result()), frame.length, TASKS.get(i).toString());
            assertTrue(frame.length <= CODEC.longestAnswer(CodecFixture.expecting(TASKS.get(i))), TASKS.get(i).toString());
        }
        long importance = NETWORK.prunable().stream().mapToLong(p -> 4L * NETWORK.parameters().get(p).size()).sum();
        assertEquals(46 + 4 * SPARSE.valueCount() + importance, frame(RESULTS.get(3)).length, "32 bits a position, pruned or active");
    }

    @Test
    void tasksThatCannotBeAreRefused() {
        assertEquals(Fault.CONTENT, refused(new VoteTask(List.of(new GrowthRequest(0, 1)))), "not prunable");
        assertEquals(Fault.CONTENT, refused(new AdjustTask(List.of(new GrowthRequest(6, 1 << 20)), Optional.empty())), "too many");
        assertEquals(Fault.CONTENT, refused(new FedMef.ExtrudeTask(CodecFixture.GROWTH, -1, 0.1)), "penalty below 0");
        assertEquals(Fault.VALUE, refused(new FedMef.ExtrudeTask(CodecFixture.GROWTH, Double.NaN, 0.1)), "penalty NaN");
        assertEquals(Fault.CONTENT, refused(new FedMef.ExtrudeTask(CodecFixture.GROWTH, 0, 0)), "no activations");
        assertEquals(Fault.CONTENT, refused(subNetworkSearch(2, 0.2, 0.1, SubNetworkSearch.Source.HELD)), "threshold");
        assertEquals(Fault.CONTENT, refused(subNetworkSearch(0.5, 1, 0.1, SubNetworkSearch.Source.HELD)), "share");
        assertEquals(Fault.CONTENT, refused(subNetworkSearch(0.5, 0.2, Double.NaN, SubNetworkSearch.Source.HELD)), "density");
        assertEquals(Fault.CONTENT, refused(subNetworkSearch(0.5, 0.2, 0.1, SubNetworkSearch.Source.VALUES)),
                "sparse initial values");
        AdjustTask.Guide guide = CodecFixture.guide();
        assertEquals(Fault.CONTENT, refused(new AdjustTask(CodecFixture.GROWTH,
                Optional.of(new AdjustTask.Guide(1.5, 0.1, guide.directions())))), "share above 1");
    }

    private static LocalTask subNetworkSearch(double threshold, double share, double density, SubNetworkSearch.Source source) {
        return new SubNetworkSearch(threshold, share, density, source, List.of());
    }

    private static Fault refused(LocalTask task) {
        return assertThrows(ProtocolException.class, () -> CodecFixture.decodeRequest(frame(CodecFixture.trainFor(task)))).fault();
    }

    @Test
    void resultsThatCannotBeAreRefused() {
        int[] pruned = CodecFixture.growth(6, 5).indices();
        assertEquals(Fault.CONTENT, refused(2, new VoteTask.Votes(List.of(new int[] {SPARSE.mask(6).index(0)}, new int[0]))), "kept");
        assertEquals(Fault.CONTENT, refused(2, new VoteTask.Votes(List.of(new int[] {pruned[1], pruned[0]}, new int[0]))), "not rising");
        assertEquals(Fault.CONTENT, refused(2, new VoteTask.Votes(List.of(CodecFixture.growth(6, 6).indices(), new int[0]))),
                "too many");
        List<float[]> squares = NETWORK.prunable().stream().map(p -> new float[NETWORK.parameters().get(p).size()]).toList();
        squares.getLast()[1] = -1e-9f;
        assertEquals(Fault.VALUE, refused(3, new PruneFl.Importance(squares)), "a square below 0");
        squares.getLast()[1] = Float.POSITIVE_INFINITY;
        assertEquals(Fault.VALUE, refused(3, new PruneFl.Importance(squares)), "an infinite square");
        squares.getLast()[1] = 0;
        assertEquals(Fault.LENGTH, refused(4, new PruneFl.Importance(squares)), "squares that were not asked for");
        List<Mask> masks = new ArrayList<>(CodecFixture.exchanged());
        masks.set(6, Mask.of(masks.get(6).size(), Arrays.copyOf(masks.get(6).indices(), masks.get(6).count() - 1)));
        assertEquals(Fault.CONTENT, refused(5, new AdjustTask.Adjusted(masks, List.of(6, 11))), "a lighter layer");
        masks.set(6, Mask.of(masks.get(6).size(), CodecFixture.growth(6, SPARSE.mask(6).count()).indices()));
        assertEquals(Fault.CONTENT, refused(5, new AdjustTask.Adjusted(masks, List.of(6, 11))), "more grown than asked");
        List<Mask> thin = CodecFixture.thinned();
        assertEquals(Fault.CONTENT, refused(8, new SubNetworkSearch.SubNetwork(thin, true, 9, 7)), "held-out samples");
        assertEquals(Fault.CONTENT, refused(8, new SubNetworkSearch.SubNetwork(thin, true, 10, 11)), "right answers");
        assertEquals(Fault.CONTENT, refused(8, new SubNetworkSearch.SubNetwork(CodecFixture.exchanged(), true, 10, 7)),
                "a pruned position is back");
        thin = new ArrayList<>(thin);
        thin.set(6, Mask.of(thin.get(6).size(), new int[] {SPARSE.mask(6).index(0)}));
        List<Mask> thinner = thin;
        assertEquals(Fault.CONTENT, refused(8, new SubNetworkSearch.SubNetwork(thinner, true, 10, 7)), "below the density");
    }

    private static Fault refused(int task, LocalResult result) {
        List<Mask> masks = switch (result) {
            case AdjustTask.Adjusted r -> r.masks();
            case SubNetworkSearch.SubNetwork r -> r.masks();
            default -> SPARSE.masks();
        };
        Update update = new Update(4, 33, 12.5, 77, SPARSE.masked(masks).allValues(), result);
        return assertThrows(ProtocolException.class, () -> decode(frame(update), TASKS.get(task))).fault();
    }

    @Test
    void everyTruncationIsNamed() {
        for (int i = 0; i < TASKS.size(); i++) {
            LocalTask task = TASKS.get(i);
            byte[] down = frame(CodecFixture.trainFor(task));
            byte[] up = frame(RESULTS.get(i));
            for (int length = Frame.OVERHEAD_BYTES; length < Math.max(down.length, up.length); length++) {
                if (length < down.length) {
                    byte[] cut = sealed(Arrays.copyOf(down, length));
                    assertThrows(ProtocolException.class, () -> CodecFixture.decodeRequest(cut));
                }
                if (length < up.length) {
                    byte[] cut = sealed(Arrays.copyOf(up, length));
                    assertThrows(ProtocolException.class, () -> decode(cut, task));
                }
            }
        }
    }

    @Test
    void resealedGarbageGivesAMessageOrTheOneException() {
        RandomStream random = RandomStream.of(2, "fuzz-tasks");
        int refused = 0;
        for (int trial = 0; trial < 4_000; trial++) {
            int task = random.nextInt(TASKS.size());
            boolean answer = trial % 2 == 0;
            byte[] frame = frame(answer ? RESULTS.get(task) : CodecFixture.trainFor(TASKS.get(task)));
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = Frame.HEADER_BYTES + random.nextInt(Math.min(96, frame.length - Frame.OVERHEAD_BYTES));
                frame[at] = random.nextInt(3) == 0 ? (byte) 0xff : (byte) random.nextInt(256);
            }
            sealed(frame);
            try {
                if (answer) {
                    decode(frame, TASKS.get(task));
                } else {
                    CodecFixture.decodeRequest(frame);
                }
            } catch (ProtocolException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " refused");
    }
}
