package dev.fedtiny.benchmarks.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapSearchTest {
    @Test
    void findsTheMinimumFromAnyGuess() {
        for (int minimum = 2; minimum <= 300; minimum += 14) {
            for (int guess : new int[] {1, minimum, minimum / 2 + 1, 2 * minimum, 299, 5_000}) {
                int truth = minimum;
                List<Integer> asked = new ArrayList<>();
                HeapSearch search = new HeapSearch(heap -> asked.add(heap) && heap >= truth, 400, 3, () -> false);
                assertEquals(new HeapSearch.Found(minimum, 3, true), search.find(guess));
                assertEquals(asked.size(), search.trials());
                assertTrue(asked.stream().filter(heap -> heap == truth).count() >= 3, "confirmed " + asked);
                assertTrue(minimum == 2 || asked.contains(minimum - 2), "one step less was tried: " + asked);
                assertTrue(asked.size() < 26, asked.toString());
            }
        }
    }

    @Test
    void aHeapThatSufficesOnlyOnceIsNoMinimum() {
        int[] lucky = new int[1];
        HeapSearch search = new HeapSearch(heap -> heap >= 42 || heap == 40 && lucky[0]++ == 0, 100, 3, () -> false);
        assertEquals(new HeapSearch.Found(42, 3, true), search.find(40));
    }

    @Test
    void aGuessALittleTooSmallCostsNoNeedlessSuccess() {
        List<Integer> asked = new ArrayList<>();
        new HeapSearch(heap -> asked.add(heap) && heap >= 34, 400, 3, () -> false).find(30);
        assertEquals(List.of(30, 32, 34, 34, 34), asked);
    }

    @Test
    void whenTimeIsUpTheLeastThatSufficedIsAnUpperBound() {
        List<Integer> asked = new ArrayList<>();
        HeapSearch search = new HeapSearch(heap -> asked.add(heap) && heap >= 20, 400, 3, () -> asked.size() >= 2);
        assertEquals(new HeapSearch.Found(38, 1, false), search.find(40));
        HeapSearch nothingYet = new HeapSearch(heap -> heap >= 20, 400, 3, () -> true);
        assertEquals(22, nothingYet.find(10).heapMiB(), "without a heap that suffices there is nothing to say");
    }

    @Test
    void saysSoWhenNothingSuffices() {
        assertThrows(IllegalStateException.class, () -> new HeapSearch(heap -> false, 64, 3, () -> false).find(10));
        assertThrows(IllegalArgumentException.class, () -> new HeapSearch(heap -> true, 64, 0, () -> false));
    }
}
