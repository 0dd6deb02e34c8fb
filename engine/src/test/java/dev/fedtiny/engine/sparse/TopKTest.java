package dev.fedtiny.engine.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.NonFiniteException;
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
                offerTogether(buffer, offers, values, random);
                assertArrayEquals(expected, buffer.sorted().indices(), "together, capacity " + capacity);
                buffer.clear();
                assertEquals(0, buffer.count());
            }
        }
    }

    /** Offers some values at a time, behind others that are none of them. */
    private static void offerTogether(TopK buffer, int[] order, float[] values, RandomStream random) {
        float[] ordered = new float[values.length + 1];
        int[] indices = new int[values.length + 2];
        for (int i = 0; i < values.length; i++) {
            ordered[1 + i] = values[order[i]];
            indices[2 + i] = order[i];
        }
        for (int from = 0, count; from < values.length; from += count) {
            count = Math.min(1 + random.nextInt(values.length), values.length - from);
            buffer.offer(indices, 2 + from, ordered, 1 + from, count);
        }
    }

    /** What is not finite is refused, wherever it stands among others, and nothing of them is kept. */
    @Test
    void refusesAnyThatIsNotFinite() {
        for (int capacity : new int[] {0, 2, 5000}) {
            TopK buffer = new TopK(capacity);
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                String message = assertThrows(NonFiniteException.class,
                        () -> buffer.offer(new int[] {3, 5, 8}, 0, new float[] {1, wrong, 2}, 0, 3)).getMessage();
                assertTrue(message.contains("index 5 is " + wrong), message);
                assertEquals(0, buffer.count());
            }
        }
    }

    /** Buffers that count by ranges of magnitude, offers of all sorts: spread over all exponents, near each other, many or all alike. */
    @Test
    void largeBuffersKeepWhatSortingWouldPutInFront() {
        RandomStream random = RandomStream.of(4, "top-k-large");
        for (int capacity : new int[] {4095, 4096, 5000, 9000}) {
            for (int kind = 0; kind < 5; kind++) {
                float[] values = new float[30_000];
                for (int i = 0; i < values.length; i++) {
                    float sign = random.nextInt(2) == 0 ? 1 : -1;
                    values[i] = sign * switch (kind) {
                        case 0 -> Float.intBitsToFloat(random.nextInt(Float.floatToRawIntBits(Float.POSITIVE_INFINITY)));
                        case 1 -> (float) Math.abs(random.nextGaussian());
                        case 2 -> 1 + random.nextInt(3) * Math.ulp(1f);
                        case 3 -> i % 2 == 0 ? Float.MAX_VALUE : Float.MIN_VALUE;
                        default -> 0.5f;
                    };
                }
                TopK buffer = new TopK(capacity);
                for (int i = values.length - 1; i >= 0; i--) {
                    buffer.offer(i, values[i]);
                }
                int[] expected = java.util.stream.IntStream.range(0, values.length).boxed().filter(i -> values[i] != 0)
                        .sorted(Comparator.<Integer>comparingDouble(i -> -Math.abs(values[i])).thenComparingInt(i -> i))
                        .limit(capacity).mapToInt(Integer::intValue).toArray();
                assertArrayEquals(expected, buffer.sorted().indices(), "capacity " + capacity + ", values of kind " + kind);
                assertTrue(buffer.floor() > 0 && buffer.floor() <= Math.abs(values[expected[capacity - 1]]));
                assertEquals(TopK.bytes(capacity), buffer.bytes());
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
