package dev.fedtiny.benchmarks.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AgreementTest {
    @Test
    void aRatioInItsRangeAgreesAndOneOutsideDoesNot() {
        assertTrue(new Agreement("a", 95, "b", 100, 0.9, 1).holds());
        assertFalse(new Agreement("a", 89, "b", 100, 0.9, 1).holds());
        assertFalse(new Agreement("a", 101, "b", 100, 0.9, 1).holds());
        assertFalse(new Agreement("a", 1, "b", 0, 0.9, 1.1).holds());
    }

    @Test
    void nothingAgreesWithNothing() {
        assertEquals(1, new Agreement("a", 0, "b", 0, 1, 1).ratio());
        assertTrue(new Agreement("a", 0, "b", 0, 1, 1).holds());
    }
}
