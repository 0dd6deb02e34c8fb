package dev.fedtiny.pruning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import org.junit.jupiter.api.Test;

class PositionPosteriorTest {
    @Test
    void outcomesAddUp() {
        PositionPosterior posterior = PositionPosterior.uniform(3).observed(new double[] {1, 0, 0.25}, 10);
        assertArrayEquals(new float[] {11, 1, 3.5f}, posterior.alpha());
        assertArrayEquals(new float[] {1, 11, 8.5f}, posterior.beta());
    }

    @Test
    void samplesFollowTheBeliefAndKeepExactlyTheCount() {
        double[] outcomes = new double[200];
        for (int i = 0; i < 20; i++) {
            outcomes[10 * i] = 1;
        }
        PositionPosterior posterior = PositionPosterior.uniform(200).observed(outcomes, 100);
        for (int draw = 0; draw < 20; draw++) {
            int[] kept = posterior.sample(20, RandomStream.of(1, "draw", draw)).indices();
            assertEquals(20, kept.length);
            for (int i = 0; i < 20; i++) {
                assertEquals(10 * i, kept[i]);
            }
        }
        int[] hits = new int[50];
        for (int draw = 0; draw < 400; draw++) {
            for (int i : PositionPosterior.uniform(50).sample(10, RandomStream.of(2, "draw", draw)).indices()) {
                hits[i]++;
            }
        }
        // Nothing known: every position is as likely, 80 times of 400 with a standard deviation of 8.
        for (int i = 0; i < hits.length; i++) {
            assertTrue(hits[i] > 40 && hits[i] < 120, i + ": " + hits[i]);
        }
    }

    @Test
    void samplesAreBetaVariates() {
        // Of Beta(2, 1) and Beta(1, 1) the first is larger with probability 2/3.
        PositionPosterior posterior = new PositionPosterior(new float[] {2, 1}, new float[] {1, 1});
        int first = 0;
        for (int draw = 0; draw < 3000; draw++) {
            first += posterior.sample(1, RandomStream.of(3, "draw", draw)).contains(0) ? 1 : 0;
        }
        assertEquals(2000, first, 110, "four standard deviations of 26");
    }
}
