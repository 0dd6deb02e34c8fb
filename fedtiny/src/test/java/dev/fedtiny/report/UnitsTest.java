package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class UnitsTest {
    @Test
    void roughTimes() {
        assertEquals("10 s", Units.roughly(0));
        assertEquals("40 s", Units.roughly(41));
        assertEquals("2 min", Units.roughly(91));
        assertEquals("1 h", Units.roughly(3_590));
        assertEquals("1 h 25 min", Units.roughly(5_100));
        assertEquals("2 h 10 min", Units.roughly(7_700));
        assertEquals("26 h", Units.roughly(93_600));
    }

    @Test
    void densitiesAreNeverRoundedToNothingOrAll() {
        assertEquals("0.1989", Units.density(0.19889));
        assertEquals("0.0010", Units.density(0.001));
        assertEquals("4.2e-5", Units.density(0.000042));
        assertEquals("0.9999", Units.density(0.99999));
        assertEquals("1.0000", Units.density(1));
        assertEquals("0.0000", Units.density(0));
    }
}
