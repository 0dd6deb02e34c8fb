package dev.fedtiny.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Named random streams: repeatable, apart from each other, and of the right distributions. */
class RandomStreamTest {
    @Test
    void theNameAndTheSeedDecide() {
        Set<Long> firsts = new HashSet<>();
        for (long seed : new long[] {0, 1, -1}) {
            for (String purpose : new String[] {"shuffle", "shufflf", ""}) {
                for (long[] indices : new long[][] {{}, {0}, {1}, {0, 0}, {0, 1}, {1, 0}}) {
                    long first = RandomStream.of(seed, purpose, indices).nextLong();
                    assertEquals(first, RandomStream.of(seed, purpose, indices).nextLong());
                    firsts.add(first);
                }
            }
        }
        assertEquals(54, firsts.size());
    }

    /** These numbers are part of the promise that a seed gives the same run in every version. */
    @Test
    void theStreamItselfDoesNotChange() {
        RandomStream stream = RandomStream.of(42, "a", 7);
        assertEquals(0x740d3530096374aaL, stream.nextLong());
        assertEquals((0x60228865b89b6e9dL >>> 11) * 0x1.0p-53, stream.nextDouble());
        assertEquals(-0.8111131402402736, RandomStream.of(42, "gaussian").nextGaussian());
    }

    @Test
    void numbersAreEven() {
        RandomStream stream = RandomStream.of(1, "even");
        int[] counts = new int[10];
        double sum = 0;
        double squares = 0;
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            counts[stream.nextInt(10)]++;
            double gaussian = stream.nextGaussian();
            sum += gaussian;
            squares += gaussian * gaussian;
            double uniform = stream.nextDouble();
            assertTrue(uniform >= 0 && uniform < 1);
        }
        for (int count : counts) {
            // Five standard deviations of a binomial of 200,000 draws at 0.1: 671.
            assertEquals(draws / 10.0, count, 671);
        }
        assertEquals(0, sum / draws, 5 / Math.sqrt(draws));
        assertEquals(1, squares / draws, 5 * Math.sqrt(2.0 / draws));
        assertThrows(IllegalArgumentException.class, () -> stream.nextInt(0));
    }

    @Test
    void shufflingIsAPermutationAndReachesAllOfThem() {
        RandomStream stream = RandomStream.of(1, "shuffle");
        int[] seen = new int[6];
        for (int i = 0; i < 6000; i++) {
            int[] values = {0, 1, 2};
            stream.shuffle(values);
            assertEquals(3, IntStream.of(values).distinct().count());
            seen[values[0] * 2 + (values[1] > values[2] ? 1 : 0)]++;
        }
        for (int count : seen) {
            assertEquals(1000, count, 5 * 29);
        }
    }
}
