package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.sparse.WeightFormat;

/**
 * Which form the weights of a layer are computed in: a pure function of the layer's density, never of a timing. All forms
 * give the same bits.
 */
public sealed interface FormatChoice {
    /** Dense from a density of 0.6 on, CSR below: where the two kernels break even. */
    FormatChoice AUTOMATIC = new ByDensity(0.6);

    /** The form of a layer. */
    WeightFormat choose(Parameter parameter, int keptCount);

    /**
     * Dense from a density on, CSR below.
     *
     * @param denseFrom the smallest density computed densely
     */
    record ByDensity(double denseFrom) implements FormatChoice {
        @Override
        public WeightFormat choose(Parameter parameter, int keptCount) {
            return keptCount >= denseFrom * parameter.size() ? WeightFormat.DENSE : WeightFormat.CSR;
        }
    }

    /**
     * One form for every layer.
     *
     * @param format the form
     */
    record Always(WeightFormat format) implements FormatChoice {
        @Override
        public WeightFormat choose(Parameter parameter, int keptCount) {
            return format;
        }
    }
}
