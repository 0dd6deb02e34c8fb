package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackedMasksTest {
    private static final int[] SIZES = {1, 7, 8, 9, 1000};
    private static final List<float[]> PARAMETERS = IntStream.of(SIZES).mapToObj(float[]::new).toList();

    /** Every position with some probability, and one at least. */
    private static List<Mask> masks(long seed, double density) {
        RandomStream random = RandomStream.of(seed, "packed-masks", 0);
        List<Mask> masks = new ArrayList<>();
        for (int size : SIZES) {
            int always = random.nextInt(size);
            masks.add(Mask.of(size, IntStream.range(0, size).filter(i -> i == always || random.nextInt(1000) < 1000 * density).toArray()));
        }
        return masks;
    }

    @Test
    void whatIsPackedComesBackAtAnyDensity() throws IOException {
        PackedMasks packed = PackedMasks.full(3, PARAMETERS);
        for (double density : new double[] {0, 0.001, 0.02, 0.04, 0.3, 0.9, 1}) {
            List<Mask> masks = masks((long) (1000 * density), density);
            packed = packed.with(Map.of(1, masks));
            assertEquals(masks, packed.get(1));
            assertTrue(packed.get(0).stream().allMatch(Mask::isFull) && packed.get(2).stream().allMatch(Mask::isFull));
            for (int p = 0; p < SIZES.length; p++) {
                assertEquals(masks.get(p).count(), packed.count(1, p));
                assertEquals(SIZES[p], packed.count(0, p));
            }
            List<Mask> all = packed.stream().flatMap(List::stream).toList();
            int[] next = new int[1];
            assertEquals(packed, PackedMasks.read(3, PARAMETERS, _ -> all.get(next[0]++)));
        }
    }

    @Test
    void onlyMasksOfOnesOwnTakeRoomAndNoMoreThanABitAPosition() {
        PackedMasks full = PackedMasks.full(10_000, PARAMETERS);
        assertEquals(0, full.bytes());
        assertEquals(0, full.with(Map.of(7, full.get(7))).bytes());
        PackedMasks one = full.with(Map.of(7, masks(1, 0.5)));
        assertTrue(one.bytes() > 0 && one.bytes() <= PackedMasks.mostBytes(1, IntStream.of(SIZES).boxed().toList()),
                one.bytes() + " bytes");
        PackedMasks sparse = full.with(Map.of(7, masks(1, 0.001)));
        assertTrue(sparse.bytes() < one.bytes() / 4, sparse.bytes() + " bytes");
        assertEquals(0, one.with(Map.of(7, full.get(7))).bytes());
    }

    @Test
    void masksAreValues() {
        PackedMasks start = PackedMasks.full(2, PARAMETERS);
        PackedMasks next = start.with(Map.of(0, masks(1, 0.5)));
        assertEquals(next, PackedMasks.full(2, PARAMETERS).with(Map.of(0, masks(1, 0.5))));
        assertEquals(next.hashCode(), PackedMasks.full(2, PARAMETERS).with(Map.of(0, masks(1, 0.5))).hashCode());
        assertNotEquals(next, start);
        assertNotEquals(next, next.with(Map.of(0, masks(2, 0.5))));
        assertTrue(start.get(0).stream().allMatch(Mask::isFull), "the old ones stay");
        // A device that joins later, and those before it that never were there.
        PackedMasks joined = next.with(Map.of(4, masks(3, 0.5)));
        assertEquals(5, joined.size());
        assertEquals(masks(3, 0.5), joined.get(4));
        assertTrue(joined.get(3).stream().allMatch(Mask::isFull));
        assertThrows(IndexOutOfBoundsException.class, () -> next.get(2));
    }

    @Test
    void whatDependsOnMasksAloneIsMadeOnceForEqualOnes() {
        PackedMasks packed = PackedMasks.full(6, PARAMETERS).with(Map.of(1, masks(1, 0.5), 4, masks(1, 0.5), 5, masks(2, 0.5)));
        List<List<Mask>> made = new ArrayList<>();
        List<Integer> all = packed.each(masks -> {
            made.add(masks);
            return made.size();
        });
        assertEquals(List.of(1, 2, 1, 1, 2, 3), all);
        assertEquals(List.of(packed.get(0), packed.get(1), packed.get(5)), made);
    }
}
