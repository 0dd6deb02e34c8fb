package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitsTest {
    private static void assertComplete(IndexSplit split, int count) {
        int[] all = IntStream.concat(Arrays.stream(split.chosen()), Arrays.stream(split.rest())).sorted().toArray();
        assertArrayEquals(IntStream.range(0, count).toArray(), all);
        assertArrayEquals(Arrays.stream(split.chosen()).sorted().toArray(), split.chosen());
        assertArrayEquals(Arrays.stream(split.rest()).sorted().toArray(), split.rest());
    }

    @Test
    void publicSetHasEquallyManyOfEachClassAndGrowsByPrefix() {
        Dataset train = Datasets.demo().train();
        IndexSplit five = PublicSet.split(train, 5, 11);
        assertComplete(five, 5000);
        assertTrue(Arrays.stream(train.subset(five.chosen()).classCounts()).allMatch(count -> count == 5));
        assertEquals(five, PublicSet.split(train, 5, 11));
        assertEquals(five.hashCode(), PublicSet.split(train, 5, 11).hashCode());
        assertNotEquals(five, PublicSet.split(train, 5, 12));
        for (int index : PublicSet.split(train, 1, 11).chosen()) {
            assertTrue(Arrays.binarySearch(five.chosen(), index) >= 0);
        }
    }

    @Test
    void publicSetMayTakeAllButNotMore() {
        Dataset small = TestData.random(11, 1, 2, 2, 4);
        assertEquals(3, PublicSet.split(small, 2, 1).rest().length);
        assertDataException(() -> PublicSet.split(small, 3, 1), "class 3", "2 training images", "needs 3");
        assertThrows(IllegalArgumentException.class, () -> PublicSet.split(small, 0, 1));
        assertEquals(0, PublicSet.split(TestData.random(8, 1, 2, 2, 4), 2, 1).rest().length);
    }

    @Test
    void developmentDataAreATenthButAtLeastOneBatch() {
        DevelopmentSplit split = DevelopmentSplit.usual(64);
        assertEquals(500, split.size(5000));
        assertEquals(70, split.size(700));
        assertEquals(64, split.size(639));
        assertEquals(64, split.size(100));
        assertEquals(17, split.size(17));
        IndexSplit drawn = split.draw(1234, 5, 3);
        assertComplete(drawn, 1234);
        assertEquals(123, drawn.chosen().length);
        assertEquals(drawn, split.draw(1234, 5, 3));
        assertNotEquals(drawn, split.draw(1234, 5, 4));
        assertNotEquals(drawn, split.draw(1234, 6, 3));
        IndexSplit all = split.draw(10, 5, 3);
        assertComplete(all, 10);
        assertEquals(0, all.rest().length);
    }

    @Test
    void splitsGuardThemselves() {
        assertThrows(IllegalArgumentException.class, () -> new DevelopmentSplit(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new DevelopmentSplit(1.1, 1));
        assertThrows(IllegalArgumentException.class, () -> new DevelopmentSplit(Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> new DevelopmentSplit(0.1, 0));
        assertThrows(IllegalArgumentException.class, () -> DevelopmentSplit.usual(1).draw(0, 1, 1));
        IndexSplit split = DevelopmentSplit.usual(2).draw(20, 1, 1);
        split.chosen()[0] = 99;
        split.rest()[0] = 99;
        assertComplete(split, 20);
    }
}
