package dev.fedtiny.benchmarks.timing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PeakSharesTest {
    /** 32 · 32 · 9 = 9,216 weights over 8 × 8 pixels of 4 images: 4,718,592 operations at density 1, 472,064 with 922 kept at 0.1. */
    private static final Conv2dGeometry GEOMETRY = new Conv2dGeometry(new Shape(32, 8, 8), 32, 3, 3, 1, 1);
    private static final double[] DENSITIES = {0.1, 1};

    @Test
    void operationsOfKeptWeightsAreHeldAgainstThePeak() {
        LayerTimes unused = new LayerTimes(1e9, 1e9, 1e9, 1e9);
        LayerTimes sparse = new LayerTimes(0.472064, 0.944128, 2.360320, 0);
        LayerTimes transformed = new LayerTimes(0.4718592, 0.2359296, 0.9437184, 0);
        LayerBreakEven inner = new LayerBreakEven(List.of("inner"), GEOMETRY, DENSITIES, new LayerTimes(1, 1, 1, 0),
                Optional.of(transformed), List.of(sparse, unused), List.of(unused, unused));
        LayerTimes stem = new LayerTimes(0.236032, 0, 0.236032, 0);
        LayerBreakEven first = new LayerBreakEven(List.of("stem"), GEOMETRY, DENSITIES, new LayerTimes(1, 0, 1, 0),
                Optional.of(transformed), List.of(stem, unused), List.of(unused, unused));
        String text = new PeakShares(List.of(inner, first), 4, 10).toString();
        assertEquals("""
                share of the peak over active weights, % (c CSR, d dense, w Winograd's transform)
                forward           1.0    0.1
                32 32 8 8 3 1  100.0w  10.0c
                32 32 8 8 3 1  100.0w  20.0c
                mean           100.0   15.0

                backward data     1.0   0.1
                32 32 8 8 3 1  200.0w  5.0c
                mean           200.0   5.0

                backward weight    1.0    0.1
                32 32 8 8 3 1    50.0w   2.0c
                32 32 8 8 3 1    50.0w  20.0c
                mean             50.0   11.0
                """, text.replace(System.lineSeparator(), "\n"));
    }
}
