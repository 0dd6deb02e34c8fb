package dev.fedtiny.experiment.metrics;

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
        assertEquals("least 0, 10 % 10, 25 % 25, median 50, 75 % 75, 90 % 90, most 100", hundred.words(v -> Long.toString(Math.round(v))));
        assertEquals(Quantiles.NAMES.size(), hundred.cells(Double::toString).size());
    }

    @Test
    void refusesWhatHasNone() {
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.empty()));
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.of(1, Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> Quantiles.of(DoubleStream.of(1)).at(1.1));
    }
}
