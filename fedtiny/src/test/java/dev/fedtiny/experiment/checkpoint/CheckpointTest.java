package dev.fedtiny.experiment.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("checkpoint-0.bin");
    }

    private Checkpoint reread(Checkpoint checkpoint) throws IOException {
        checkpoint.write(file);
        return Checkpoint.read(file, CheckpointFixture.NETWORK);
    }

    private void rewrite(byte[] bytes) throws IOException {
        // Anew: a file that is emptied and written again is written to the disk by ext4, which takes 6 ms.
        Files.delete(file);
        Files.write(file, bytes);
    }

    private static void assertSame(MethodState expected, MethodState actual) {
        assertEquals(expected.round(), actual.round());
        assertEquals(expected.maskVersion(), actual.maskVersion());
        assertEquals(expected.adjustments(), actual.adjustments());
        assertEquals(expected.acknowledged(), actual.acknowledged());
        assertEquals(expected.costs(), actual.costs());
        assertEquals(expected.memory(), actual.memory());
        assertEquals(expected.model().masks(), actual.model().masks());
        for (int p = 0; p < expected.model().masks().size(); p++) {
            assertArrayEquals(bits(expected.model().values(p)), bits(actual.model().values(p)));
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    @Test
    void everythingComesBackBitForBit() throws IOException {
        Checkpoint written = CheckpointFixture.checkpoint(3);
        written.state().model().values(0)[1] = -0f;
        Checkpoint read = reread(written);
        assertSame(written.state(), read.state());
        assertEquals(written.curve(), read.curve());
        assertEquals(List.of(999L, 4242L, 30L), List.of(read.maxDeviceFlops(), read.nanos(), read.metricsBytes()));
    }

    /** What a checkpoint takes, it gives back; what it could not give back, it does not take. */
    @Test
    void theLargestCountsComeBackAndOthersAreRefusedBefore() throws IOException {
        Checkpoint base = CheckpointFixture.checkpoint(1);
        long most = Long.MAX_VALUE;
        MethodState state = base.state();
        Traffic traffic = new Traffic(Map.of(MessageKind.TRAIN, new Traffic.Count(most, most)));
        MethodState full = new MethodState(state.round(), state.model(), Integer.MAX_VALUE, Integer.MAX_VALUE, state.acknowledged(),
                new Costs(traffic, most, most), state.memory());
        Checkpoint written = new Checkpoint(full, base.curve(), most, most, most, 0);
        Checkpoint read = reread(written);
        assertSame(full, read.state());
        assertEquals(List.of(most, most, most), List.of(read.maxDeviceFlops(), read.nanos(), read.metricsBytes()));
        assertThrows(ArithmeticException.class, () -> full.costs().plus(new Costs(Traffic.NONE, 1, 0)));
        assertThrows(IllegalArgumentException.class, () -> new Checkpoint(full, base.curve(), -1, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Checkpoint(full, base.curve(), 0, -1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Checkpoint(full, base.curve(), 0, 0, -1, 0));
    }

    @Test
    void everySortOfMemoryComesBack() throws IOException {
        for (AlgorithmState memory : CheckpointFixture.memories()) {
            Checkpoint base = CheckpointFixture.checkpoint(1);
            Checkpoint written = new Checkpoint(CheckpointFixture.state(1, memory), base.curve(), 1, 1, 1, 0);
            assertEquals(memory, reread(written).state().memory());
        }
    }

    @Test
    void whatTheServersOptimiserRemembersComesBack() throws IOException {
        Checkpoint base = CheckpointFixture.checkpoint(1);
        Checkpoint written = new Checkpoint(CheckpointFixture.withServer(base.state()), base.curve(), 1, 1, 1, 0);
        assertEquals(written.state().server(), reread(written).state().server());
        assertEquals(2, written.state().server().steps());
    }

    @Test
    void partsOfTheModelComeBack() throws IOException {
        Checkpoint base = CheckpointFixture.checkpoint(1);
        MethodState written = CheckpointFixture.withParts(base.state());
        MethodState read = reread(new Checkpoint(written, base.curve(), 1, 1, 1, 0)).state();
        assertEquals(2, read.parts().parts().size());
        for (int i = 0; i < 2; i++) {
            assertEquals(written.parts().parts().get(i).masks(), read.parts().parts().get(i).masks());
            for (int j = 0; j < read.parts().parts().get(i).statistics().values().size(); j++) {
                assertArrayEquals(written.parts().parts().get(i).statistics().values().get(j),
                        read.parts().parts().get(i).statistics().values().get(j));
            }
        }
    }

    @Test
    void everyChangedByteAndEveryLostEndIsNoticed() throws IOException {
        reread(CheckpointFixture.checkpoint(2));
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i += 3) {
            byte[] bad = good.clone();
            bad[i] ^= 16;
            rewrite(bad);
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.read(file, CheckpointFixture.NETWORK));
            assertTrue(e.getMessage().contains("damaged"), e.getMessage());
        }
        for (int length = 0; length < good.length; length += 13) {
            rewrite(Arrays.copyOf(good, length));
            assertThrows(CheckpointException.class, () -> Checkpoint.read(file, CheckpointFixture.NETWORK));
        }
    }

    /** Hostile files have good checksums. Whatever they say, it ends in a checkpoint or in one sentence, and takes no memory. */
    @Test
    void liesWithAGoodChecksumAreRefusedOrHarmless() throws IOException {
        Checkpoint served = CheckpointFixture.checkpoint(2);
        reread(new Checkpoint(CheckpointFixture.withServer(served.state()), served.curve(), 1, 1, 1, 0));
        byte[] first = Files.readAllBytes(file);
        int refused = refusedLies(first, 0);
        for (AlgorithmState memory : CheckpointFixture.memories()) {
            Checkpoint base = CheckpointFixture.checkpoint(2);
            reread(new Checkpoint(CheckpointFixture.state(2, memory), base.curve(), 1, 1, 1, 0));
            // What they have in common has been tried.
            byte[] other = Files.readAllBytes(file);
            refused += refusedLies(other, Arrays.mismatch(first, other));
        }
        assertTrue(refused > 300, refused + " refused");
    }

    private int refusedLies(byte[] good, int from) throws IOException {
        int refused = 0;
        // Values may be anything: every place of the structure at either end, and some in between.
        for (int i = from; i < good.length - 4; i += i < 160 || i > good.length - 160 ? 1 : 61) {
            for (byte lie : new byte[] {0, 1, 0x7f, (byte) 0xff}) {
                byte[] bad = good.clone();
                bad[i] = lie;
                rewrite(sealed(bad));
                try {
                    Checkpoint.read(file, CheckpointFixture.NETWORK);
                } catch (CheckpointException e) {
                    assertTrue(e.getMessage().contains(", byte "), e.getMessage());
                    refused++;
                }
            }
        }
        return refused;
    }

    @Test
    void aFileWithSomethingBehindItsEndIsRefused() throws IOException {
        reread(CheckpointFixture.checkpoint(2));
        byte[] good = Files.readAllBytes(file);
        Files.write(file, sealed(Arrays.copyOf(good, good.length + 8)));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.read(file, CheckpointFixture.NETWORK));
        assertTrue(e.getMessage().contains("8 bytes follow"), e.getMessage());
    }

    private static byte[] sealed(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, (int) checksum.getValue());
        return bytes;
    }

    @Test
    void anotherNetworkOrVersionIsNamed() throws IOException {
        reread(CheckpointFixture.checkpoint(2));
        CheckpointException network = assertThrows(CheckpointException.class, () -> Checkpoint.read(file, CheckpointFixture.network(9)));
        assertTrue(network.getMessage().contains("another configuration"), network.getMessage());
        byte[] bytes = Files.readAllBytes(file);
        bytes[4] = 9;
        Files.write(file, sealed(bytes));
        CheckpointException version = assertThrows(CheckpointException.class, () -> Checkpoint.read(file, CheckpointFixture.NETWORK));
        assertTrue(version.getMessage().contains("version 9"), version.getMessage());
    }

    @Test
    void theNewestGoodOfTwoIsUsedAndNeverReplaced() throws IOException {
        CheckpointStore store = new CheckpointStore(folder);
        List<String> damaged = new ArrayList<>();
        assertTrue(store.newest(CheckpointFixture.NETWORK, 1000, damaged::add).isEmpty());
        for (int round = 0; round < 4; round++) {
            store.write(CheckpointFixture.checkpoint(round));
        }
        assertEquals(3, newest(1000, damaged));
        Path newest = folder.resolve("checkpoint-1.bin");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2]++;
        Files.write(newest, bytes);
        assertEquals(2, newest(1000, damaged));
        assertEquals(1, damaged.size());
        assertTrue(damaged.getFirst().contains("checkpoint-1.bin") && damaged.getFirst().contains("damaged"), damaged.getFirst());
        // The next one takes the damaged one's place.
        CheckpointStore again = new CheckpointStore(folder);
        again.newest(CheckpointFixture.NETWORK, 1000, damaged::add);
        again.write(CheckpointFixture.checkpoint(5));
        assertEquals(2, Checkpoint.read(folder.resolve("checkpoint-0.bin"), CheckpointFixture.NETWORK).state().round());
        assertEquals(5, newest(1000, damaged));
        // One whose metrics are all there is better than a newer one; one without is better than none.
        damaged.clear();
        assertEquals(2, newest(49, damaged));
        assertTrue(damaged.size() == 1 && damaged.getFirst().contains("metrics that are lost"), damaged.toString());
        assertEquals(5, newest(0, damaged));
        assertEquals(1, damaged.size());
        again.clear();
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void aFileThatCannotBeReadIsNoReasonToGiveUpTheOther() throws IOException {
        CheckpointStore store = new CheckpointStore(folder);
        store.write(CheckpointFixture.checkpoint(1));
        store.write(CheckpointFixture.checkpoint(2));
        // A folder cannot be read by anybody, as a failing disk cannot.
        Path second = folder.resolve("checkpoint-1.bin");
        Files.delete(second);
        Files.createDirectory(second);
        List<String> told = new ArrayList<>();
        assertEquals(1, newest(1000, told));
        assertTrue(told.size() == 1 && told.getFirst().contains("checkpoint-1.bin") && told.getFirst().contains("folder"), told.toString());
        // The first one damaged or gone: the other may still be read another time, so nothing begins anew.
        byte[] good = Files.readAllBytes(file);
        byte[] bad = good.clone();
        bad[9]++;
        Files.write(file, bad);
        IOException kept = assertThrows(IOException.class, () -> newest(1000, told));
        assertTrue(kept.getMessage().contains("checkpoint-1.bin"), kept.getMessage());
        Files.delete(file);
        assertThrows(IOException.class, () -> newest(1000, told));
        // So it is with one that another release can read.
        Files.delete(second);
        good[4] = 9;
        Files.write(file, sealed(good));
        IOException other = assertThrows(IOException.class, () -> newest(1000, told));
        assertTrue(other.getMessage().contains("version 9"), other.getMessage());
        // And with one whose bytes are whole and say what this build does not know, such as a method's memory.
        good[4] = 5;
        good[43] = -1;
        Files.write(file, sealed(good));
        IOException unknown = assertThrows(IOException.class, () -> newest(1000, told));
        assertTrue(unknown.getMessage().contains("rounds gone back in"), unknown.getMessage());
        Files.delete(file);
        assertTrue(new CheckpointStore(folder).newest(CheckpointFixture.NETWORK, 0, told::add).isEmpty());
    }

    private int newest(long metricsBytes, List<String> damaged) throws IOException {
        return new CheckpointStore(folder).newest(CheckpointFixture.NETWORK, metricsBytes, damaged::add).orElseThrow().state().round();
    }
}
