package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.util.List;

/**
 * Bytes of the arrays of {@link PackedWeights}, before there are any: what they hold depends on how many positions are active, not on
 * which.
 *
 * @param values copies of values for the forward pass
 * @param indices positions of the forward pass
 * @param transposed what only the gradient of the input needs
 */
public record PackBytes(long values, long indices, long transposed) {
    /** Bytes of {@link PackedWeights#of} for a mask of {@code active} positions. */
    public static PackBytes of(ConvolutionAlgorithm algorithm, ScratchLayout layout, int active, boolean backwardData) {
        List<BackwardPhase> phases = backwardData ? BackwardPhase.of(layout) : List.of();
        PackBytes own = layout.readsMaps() ? WindowPack.bytes(layout) : switch (algorithm) {
            case DENSE -> DensePack.bytes(layout, phases);
            case WINOGRAD -> WinogradPack.bytes(layout, phases);
            case CSR -> CsrPack.bytes(layout, active, phases);
            case BITMASK -> BitmaskPack.bytes(layout, active, phases);
        };
        long taps = phases.stream().mapToLong(phase -> phase.taps().length).sum();
        return new PackBytes(own.values, own.indices + 4L * layout.geometry().columns(), own.transposed + 8 * taps);
    }
}
