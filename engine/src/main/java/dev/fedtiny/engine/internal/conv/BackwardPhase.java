package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.Arrays;
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
        List<BackwardPhase> phases = new ArrayList<>();
        for (int a = 0; a < layout.rows().backwardPhases(); a++) {
            for (int b = 0; b < layout.columns().backwardPhases(); b++) {
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
                if (layout.rows().reads(a, r) && layout.columns().reads(b, s)) {
                    taps[count] = r * geometry.kernelWidth() + s;
                    reach[count++] = (layout.rows().distance(a, r) + layout.rows().low()) * layout.gradientPitch()
                            + (layout.columns().distance(b, s) + layout.columns().low()) * Layout.LANES;
                }
            }
        }
        return new BackwardPhase(a, b, layout.rows().pixels(a), layout.columns().pixels(b), Arrays.copyOf(taps, count),
                Arrays.copyOf(reach, count));
    }
}
