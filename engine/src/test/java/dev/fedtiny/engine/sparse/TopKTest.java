package dev.fedtiny.engine.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.Test;

/** The bounded buffer against sorting everything. */
class TopKTest {
    @Test
    void keepsWhatSortingWouldPutInFront() {
        RandomStream random = RandomStream.of(1, "top-k-test");
        for (int capacity : new int[] {0, 1, 2, 7, 100, 400}) {
            float[] values = new float[300];
            for (int i = 0; i < values.length; i++) {
                // Few distinct magnitudes, so that ties are common, and some zeros of both signs.
                values[i] = (random.nextInt(21) - 10) * (random.nextInt(2) == 0 ? 0.5f : -0.5f);
            }
            int[] expected = java.util.stream.IntStream.range(0, values.length).boxed().filter(i -> values[i] != 0)
                    .sorted(Comparator.<Integer>comparingDouble(i -> -Math.abs(values[i])).thenComparingInt(i -> i))
                    .limit(capacity).mapToInt(Integer::intValue).toArray();
            for (int order = 0; order < 5; order++) {
                int[] offers = java.util.stream.IntStream.range(0, values.length).toArray();
                random.shuffle(offers);
                TopK buffer = new TopK(capacity);
                for (int i : offers) {
                    buffer.offer(i, values[i]);
                }
                TopK.Entries entries = buffer.sorted();
                assertArrayEquals(expected, entries.indices(), "capacity " + capacity);
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(values[expected[i]], entries.values()[i]);
                }
                assertArrayEquals(expected, buffer.sorted().indices(), "sorting leaves the buffer as it is");
                buffer.clear();
                assertEquals(0, buffer.count());
            }
        }
    }

    @Test
    void isBoundedAndRefusesWhatHasNoOrder() {
        TopK buffer = new TopK(3);
        assertEquals(24, buffer.bytes());
        for (int i = 0; i < 1000; i++) {
            buffer.offer(i, i);
        }
        assertEquals(3, buffer.count());
        assertEquals(24, buffer.bytes());
        assertEquals("[999, 998, 997]", Arrays.toString(buffer.sorted().indices()));
        assertThrows(ArithmeticException.class, () -> buffer.offer(1, Float.NaN));
        assertThrows(ArithmeticException.class, () -> buffer.offer(1, Float.NEGATIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new TopK(-1));
    }

    @Test
    void whatLiesBelowTheFloorWouldNotBeKept() {
        TopK buffer = new TopK(2);
        buffer.offer(7, -3);
        assertEquals(0, buffer.floor(), "there is room");
        buffer.offer(4, 5);
        assertEquals(3, buffer.floor());
        buffer.offer(1, -2.5f);
        assertEquals(3, buffer.floor());
        buffer.offer(9, 4);
        assertEquals(4, buffer.floor());
        assertEquals("[4, 9]", Arrays.toString(buffer.sorted().indices()));
        buffer.clear();
        assertEquals(0, buffer.floor());
        assertEquals(Float.POSITIVE_INFINITY, new TopK(0).floor());
    }
}
