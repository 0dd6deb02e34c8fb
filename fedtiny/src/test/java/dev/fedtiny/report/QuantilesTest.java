package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
    @Test
    void liesBetweenTheFiguresBesideIt() {
        Quantiles four = Quantiles.of(DoubleStream.of(4, 1, 3, 2));
        assertEquals(1, four.at(0));
        assertEquals(4, four.at(1));
        assertEquals(2.5, four.at(0.5));
        // numpy.quantile([1, 2, 3, 4], 0.1) and 0.75
        assertEquals(1.3, four.at(0.1), 1e-12);
        assertEquals(3.25, four.at(0.75), 1e-12);
        assertEquals(2.5, four.mean());
        assertEquals(4, four.count());
    }

    @Test
    void ofOneFigureAllAreThat() {
        assertArrayEquals(new double[] {7, 7, 7, 7, 7, 7, 7}, Quantiles.of(DoubleStream.of(7)).usual());
    }

    @Test
    void inWords() {
        Quantiles hundred = Quantiles.of(IntStream.rangeClosed(0, 100).asDoubleStream());
        assertEquals("least 0, 10 % 10, 25 % 25, median 50, 75 % 75, 90 % 90, most 100", hundred.words(v -> Units.fixed(v, 0)));
        assertEquals(Quantiles.NAMES.size(), hundred.cells(Double::toString).size());
    }

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
    void refusesWhatHasNone() {
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.empty()));
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.of(1, Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.of(1)).at(1.1));
    }
}
