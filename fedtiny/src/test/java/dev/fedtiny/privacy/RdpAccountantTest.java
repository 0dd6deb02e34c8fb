package dev.fedtiny.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The accountant against published figures and against the definition, integrated numerically. */
class RdpAccountantTest {
    /** Fifty releases of rate 0.01 and noise 2.5: figures of Google's accountant, in the tests of its library dp_accounting. */
    @ParameterizedTest
    @CsvSource({"5, 2.18075656e-3", "50, 2.38460375e-2", "100, 167.416308"})
    void wholeOrdersHaveThePublishedDivergence(double order, double published) {
        assertEquals(published, 50 * new RdpAccountant(0.01, 2.5).divergence(order), 1e-4 * published);
    }

    /** Between whole orders there is a bound: never below the figure, and not far above. */
    @ParameterizedTest
    @CsvSource({"1.5, 6.70579741e-4", "2.5, 1.08548710e-3"})
    void ordersBetweenAreBounded(double order, double published) {
        double bound = 50 * new RdpAccountant(0.01, 2.5).divergence(order);
        assertTrue(bound >= published * (1 - 1e-6) && bound < 1.35 * published, bound + " of " + published);
    }

    /** ∫ N(x; 0, z²)·(1 − q + q·exp((2x − 1) / (2z²)))^α dx, the definition, by the rule of trapezia. */
    @ParameterizedTest
    @CsvSource({"0.01, 10, 20", "0.1, 2, 2", "0.1, 2, 7", "0.5, 1, 3", "0.9, 3, 16", "0.004, 1.1, 9", "1, 4, 5"})
    void theDivergenceIsThatOfTheDefinition(double rate, double noise, int order) {
        double sum = 0;
        double step = noise / 400;
        double reach = 12 * noise + order;
        for (double x = -reach; x <= reach; x += step) {
            sum += step * Math.exp(-x * x / (2 * noise * noise)
                    + order * Math.log(1 - rate + rate * Math.exp((2 * x - 1) / (2 * noise * noise)))) / (noise * Math.sqrt(2 * Math.PI));
        }
        double defined = Math.log(sum) / (order - 1);
        assertEquals(defined, new RdpAccountant(rate, noise).divergence(order), 1e-6 * defined + 1e-12);
    }

    /** A divergence of 1.1 at order 32 and δ = 1e-5: worked out by hand in the tests of dp_accounting. */
    @Test
    void theConversionIsThatOfThePaper() {
        assertEquals(1.32783806176, RdpAccountant.epsilon(1.1, 32, 1e-5), 1e-10);
    }

    /** Noise of 4.530877117 without sampling is (1, 1e-6) by that conversion over all orders. */
    @Test
    void theGaussianMechanismHasItsPublishedEpsilon() {
        double epsilon = new RdpAccountant(1, 4.530877117).epsilon(1, 1e-6);
        assertTrue(epsilon >= 1 - 1e-6 && epsilon < 1.001, "epsilon " + epsilon);
    }

    /** Opacus' documentation: 60 epochs of 60,000 in batches of 256, noise 1.12, orders 10, 20, 100: 2.95, by the older conversion. */
    @Test
    void theTrainingOfADocumentedExampleHasItsEpsilon() {
        RdpAccountant accountant = new RdpAccountant(256.0 / 60_000, 1.12);
        double steps = 60 * 60_000 / 256.0;
        double least = Double.POSITIVE_INFINITY;
        for (int order : new int[] {10, 20, 100}) {
            least = Math.min(least, steps * accountant.divergence(order) + Math.log(1e5) / (order - 1));
        }
        assertEquals(2.95, least, 0.01);
        double newer = accountant.epsilon(Math.round(steps), 1e-5);
        assertTrue(newer < least && newer > 2, "the newer conversion is tighter: " + newer);
    }

    @Test
    void moreReleasesAndLessNoiseCostMore() {
        double before = 0;
        for (int releases : new int[] {1, 10, 100, 1000}) {
            double epsilon = new RdpAccountant(0.1, 2).epsilon(releases, 1e-5);
            assertTrue(epsilon > before);
            before = epsilon;
        }
        assertTrue(new RdpAccountant(0.1, 1).epsilon(10, 1e-5) > new RdpAccountant(0.1, 2).epsilon(10, 1e-5));
        assertTrue(new RdpAccountant(0.5, 2).epsilon(10, 1e-5) > new RdpAccountant(0.1, 2).epsilon(10, 1e-5));
        assertEquals(0, new RdpAccountant(0.1, 1).epsilon(0, 1e-5));
    }

    @Test
    void whatIsNoMechanismIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(1.1, 1));
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(0.5, 0));
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(0.5, 1).epsilon(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(0.5, 1).epsilon(-1, 0.1));
        assertThrows(IllegalArgumentException.class, () -> new RdpAccountant(0.5, 1).divergence(1));
    }
}
