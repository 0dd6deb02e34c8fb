package dev.fedtiny.engine.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        long bytes = buffer.bytes();
        assertEquals(TopK.bytes(3), bytes);
        assertTrue(TopK.bytes(1000) <= 1.3 * 8 * 1000, "a quarter more than the entries need");
        for (int i = 0; i < 1000; i++) {
            buffer.offer(i, i);
        }
        assertEquals(3, buffer.count());
        assertEquals(bytes, buffer.bytes());
        assertEquals("[999, 998, 997]", Arrays.toString(buffer.sorted().indices()));
        assertThrows(ArithmeticException.class, () -> buffer.offer(1, Float.NaN));
        assertThrows(ArithmeticException.class, () -> buffer.offer(1, Float.NEGATIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new TopK(-1));
    }

    @Test
    void whatLiesBelowTheFloorWouldNotBeKept() {
        RandomStream random = RandomStream.of(2, "top-k-floor");
        for (int capacity : new int[] {1, 2, 50, 500}) {
            TopK every = new TopK(capacity);
            TopK above = new TopK(capacity);
            assertEquals(0, above.floor());
            int spared = 0;
            for (int i = 0; i < 20_000; i++) {
                float value = (float) random.nextGaussian();
                every.offer(i, value);
                if (Math.abs(value) < above.floor()) {
                    spared++;
                } else {
                    above.offer(i, value);
                }
            }
            assertTrue(spared > 10_000, spared + " offers spared with capacity " + capacity);
            assertArrayEquals(every.sorted().indices(), above.sorted().indices());
            float[] kept = every.sorted().values();
            assertTrue(every.floor() <= Math.abs(kept[kept.length - 1]));
            above.clear();
            assertEquals(0, above.floor());
        }
        assertEquals(Float.POSITIVE_INFINITY, new TopK(0).floor());
    }

    @Test
    void everyIndexAndSignSurvives() {
        TopK buffer = new TopK(3);
        buffer.offer(Integer.MAX_VALUE, -Float.MIN_VALUE);
        buffer.offer(0, Float.MAX_VALUE);
        buffer.offer(1, -Float.MAX_VALUE);
        assertArrayEquals(new int[] {0, 1, Integer.MAX_VALUE}, buffer.sorted().indices());
        assertArrayEquals(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE, -Float.MIN_VALUE}, buffer.sorted().values());
    }
}
