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
}
