package dev.fedtiny.engine.internal.conv;

import java.util.ArrayList;
import java.util.List;

/**
 * The input pixels ≡ (row, column) mod stride: their gradient is a convolution of stride 1 of the output gradient with some of the taps.
 *
 * @param row row of the first such pixel
 * @param column column of the first such pixel
 * @param rows how many rows of such pixels the input has
 * @param columns how many columns
 * @param taps flat taps r·S + s that reach them, ascending
 * @param reach distance in the scratch plane of the output gradient that each tap reads at, for the phase's first pixel
 */
record BackwardPhase(int row, int column, int rows, int columns, int[] taps, int[] reach) {
    static List<BackwardPhase> of(ScratchLayout layout) {
        var geometry = layout.geometry();
        List<BackwardPhase> phases = new ArrayList<>();
        for (int a = 0; a < Math.min(geometry.stride(), geometry.input().height()); a++) {
            for (int b = 0; b < Math.min(geometry.stride(), geometry.input().width()); b++) {
                phases.add(of(layout, a, b));
            }
        }
        return phases;
    }

    private static BackwardPhase of(ScratchLayout layout, int a, int b) {
        var geometry = layout.geometry();
        int[] taps = new int[geometry.taps()];
        int[] reach = new int[geometry.taps()];
        int count = 0;
        for (int r = 0; r < geometry.kernelHeight(); r++) {
            for (int s = 0; s < geometry.kernelWidth(); s++) {
                if (layout.reads(a, r) && layout.reads(b, s)) {
                    taps[count] = r * geometry.kernelWidth() + s;
                    reach[count++] = (layout.distance(a, r) + layout.low()) * layout.gradientPitch()
                            + (layout.distance(b, s) + layout.left()) * 8;
                }
            }
        }
        return new BackwardPhase(a, b, layout.phaseExtent(geometry.input().height(), a), layout.phaseExtent(geometry.input().width(), b),
                java.util.Arrays.copyOf(taps, count), java.util.Arrays.copyOf(reach, count));
    }
}
