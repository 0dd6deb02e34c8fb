package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which algorithm computes a layer, and so in which form its weights are held: a pure function of the layer's geometry and density, of what
 * the session is for and of a table, never of a timing. All algorithms but Winograd's give the same bits, and where that is taken does not
 * depend on the machine.
 */
public sealed interface AlgorithmPolicy {
    /**
     * Algorithms of the same bits: dense where the two kernels break even, CSR below: later for maps of which a sparse tile holds eight
     * pixels beside each other, and earlier with vectors of 512 bits, from which dense kernels gain more.
     */
    AlgorithmPolicy DIRECT = Kernels.current().vectorBits() < 512
            ? new BreakEven(List.of(new Row(8, 0.7), new Row(4, 0.6), new Row(1, 0.35)))
            : new BreakEven(List.of(new Row(4, 0.45), new Row(1, 0.3)));

    /**
     * As {@link #DIRECT}, but in training Winograd's transform from where it beats both with vectors of 256 and of 512 bits: fewer than 32
     * channels leave too few products for what transforming a map costs, above all for the gradient of the weights.
     */
    AlgorithmPolicy AUTOMATIC = new Transformed(DIRECT, Set.of(Mode.TRAINING), 0.4, 32);

    /**
     * As {@link #AUTOMATIC}, but the transform in every mode: dense batches are inferred faster, and an image may have other last bits in a
     * batch than alone, where it is cut into tiles that the transform may have no form for.
     */
    AlgorithmPolicy TRANSFORMED = new Transformed(DIRECT, Set.of(Mode.values()), 0.4, 32);

    /**
     * The algorithm of a layer.
     *
     * @param geometry the convolution; a linear layer's is 1 × 1 over the image groups
     * @param activeCount positions that are not pruned, of {@code geometry.outputChannels() · geometry.columns()}
     * @param mode of the session
     * @return the algorithm; one that has a form for this geometry
     */
    ConvolutionAlgorithm choose(Conv2dGeometry geometry, int activeCount, Mode mode);

    /**
     * A row of a table.
     *
     * @param leastWidth pixels of an output row from which on the row holds
     * @param denseFrom the smallest density computed densely
     */
    record Row(int leastWidth, double denseFrom) {
    }

    /**
     * Dense from a density on that depends on the output's width, CSR below.
     *
     * @param table rows by falling width; the last one holds for all widths
     */
    record BreakEven(List<Row> table) implements AlgorithmPolicy {
        /** Keeps its own copy of the table. */
        public BreakEven {
            Given.notNull(table, "algorithm policy: table", "rows by falling width");
            table = List.copyOf(table);
            if (table.isEmpty()) {
                throw new IllegalArgumentException("algorithm policy: the table has no rows");
            }
        }

        @Override
        public ConvolutionAlgorithm choose(Conv2dGeometry geometry, int activeCount, Mode mode) {
            Given.notNull(geometry, "algorithm policy: geometry", "the shapes of a convolution");
            double denseFrom = table.getLast().denseFrom;
            for (int i = table.size() - 1; i >= 0; i--) {
                if (geometry.outputWidth() >= table.get(i).leastWidth) {
                    denseFrom = table.get(i).denseFrom;
                }
            }
            return algorithm(denseFrom, geometry, activeCount);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (Row row : table) {
                text.append(text.isEmpty() ? "dense from density " : ", ").append(row.denseFrom).append(" where outputs are at least ")
                        .append(row.leastWidth).append(" wide");
            }
            return text.append("; CSR below").toString();
        }
    }

    private static ConvolutionAlgorithm algorithm(double denseFrom, Conv2dGeometry geometry, int activeCount) {
        return !geometry.isDepthwise() && activeCount >= denseFrom * geometry.outputChannels() * geometry.columns()
                ? ConvolutionAlgorithm.DENSE : ConvolutionAlgorithm.CSR;
    }

    /**
     * Winograd's transform from a density on, in sessions of some modes, where it has a form for a convolution and there are channels
     * enough to pay for transforming maps. A mode that does without gives an image the same bits alone and in a batch.
     *
     * @param others what all other layers are computed in
     * @param modes sessions of these modes take the transform
     * @param from the smallest density; 0: always, above 1: never
     * @param leastChannels of the input and of the output
     */
    record Transformed(AlgorithmPolicy others, Set<Mode> modes, double from, int leastChannels) implements AlgorithmPolicy {
        /** Keeps its own copy of the modes, and checks the numbers. */
        public Transformed {
            Given.notNull(others, "algorithm policy: others", "the policy of all other layers");
            Given.notNull(modes, "algorithm policy: modes", "the modes that take the transform");
            modes = Set.copyOf(modes);
            if (!(from >= 0) || leastChannels < 1) {
                throw new IllegalArgumentException("algorithm policy: transformed from density " + from + " and " + leastChannels
                        + " channels on, expected at least 0 and 1");
            }
        }

        @Override
        public ConvolutionAlgorithm choose(Conv2dGeometry geometry, int activeCount, Mode mode) {
            Given.notNull(geometry, "algorithm policy: geometry", "the shapes of a convolution");
            Given.notNull(mode, "algorithm policy: mode", "what the session is for");
            boolean transformed = modes.contains(mode) && PackedWeights.transforms(geometry)
                    && Math.min(geometry.input().channels(), geometry.outputChannels()) >= leastChannels
                    && activeCount >= from * geometry.outputChannels() * geometry.columns();
            return transformed ? ConvolutionAlgorithm.WINOGRAD : others.choose(geometry, activeCount, mode);
        }

        @Override
        public String toString() {
            String where = modes.stream().sorted().map(mode -> mode.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(" and "));
            return "Winograd's transform in " + where + " from density " + from + " for 3 × 3 taps, stride 1, even maps from 4 × 4 on and "
                    + "at least " + leastChannels + " channels; else " + others;
        }
    }

    /**
     * Dense from a density on that was measured for every shape of convolution, CSR below. Linear layers, and convolutions of a shape that
     * the table does not have, as tiles of a single image are, follow {@link #DIRECT}.
     *
     * @param denseFrom the smallest density computed densely; 0: always, above 1: never
     */
    record Measured(Map<ConvolutionShape, Double> denseFrom) implements AlgorithmPolicy {
        /** Keeps its own copy, in the order given. */
        public Measured {
            Given.notNull(denseFrom, "algorithm policy: denseFrom", "a density for every shape");
            denseFrom = Collections.unmodifiableMap(new LinkedHashMap<>(denseFrom));
            denseFrom.forEach((shape, density) -> {
                if (!(density >= 0)) {
                    throw new IllegalArgumentException("algorithm policy: shape " + shape + " is dense from density " + density
                            + ", expected at least 0");
                }
            });
        }

        @Override
        public ConvolutionAlgorithm choose(Conv2dGeometry geometry, int activeCount, Mode mode) {
            Given.notNull(geometry, "algorithm policy: geometry", "the shapes of a convolution");
            Double density = denseFrom.get(ConvolutionShape.of(geometry));
            return density == null ? DIRECT.choose(geometry, activeCount, mode) : algorithm(density, geometry, activeCount);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("by shape (").append(ConvolutionShape.FIELDS).append("), dense from density");
            denseFrom.forEach((shape, density) -> text.append(text.charAt(text.length() - 1) == 'y' ? " " : ", ").append(density)
                    .append(" for ").append(shape));
            return text.append("; CSR below; other layers ").append(DIRECT).toString();
        }
    }

    /**
     * One algorithm for every layer but depthwise ones, which have kernels of their own.
     *
     * @param algorithm not Winograd's, which has no form for most layers: {@link Transformed} takes it where there is one
     */
    record Always(ConvolutionAlgorithm algorithm) implements AlgorithmPolicy {
        /** Refuses what cannot compute every layer. */
        public Always {
            Given.notNull(algorithm, "algorithm policy: algorithm", "CSR, BITMASK or DENSE");
            if (!ConvolutionAlgorithm.STORED.contains(algorithm)) {
                throw new IllegalArgumentException("algorithm policy: " + algorithm + " cannot compute every layer; expected one of "
                        + ConvolutionAlgorithm.STORED + ", or a policy that takes the transform where it has a form (Transformed)");
            }
        }

        @Override
        public ConvolutionAlgorithm choose(Conv2dGeometry geometry, int activeCount, Mode mode) {
            Given.notNull(geometry, "algorithm policy: geometry", "the shapes of a convolution");
            return geometry.isDepthwise() ? ConvolutionAlgorithm.CSR : algorithm;
        }

        @Override
        public String toString() {
            return algorithm.name().toLowerCase(Locale.ROOT) + " everywhere";
        }
    }
}
