package dev.fedtiny.cost;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.Network;

/**
 * The papers' count for one device and one round: every prunable layer at the same real-valued density, no floors, steps of equal size, a
 * gradient step with the dense gradient of the whole model. A multiply-add of a convolution or linear layer is two FLOPs; training is
 * forward, activation gradient and weight gradient, F each. Bytes are of 32-bit values; running statistics are not counted.
 *
 * @param network the architecture
 * @param density d in (0, 1], of every prunable layer
 * @param images n, samples of a device
 * @param epochs E
 * @param batch B
 */
public record PaperCost(Network network, double density, long images, int epochs, int batch) {
    /** Bytes of a growth buffer's entry: an index and a value, and the room to select in. */
    private static final int BUFFER_ENTRY_BYTES = 12;
    /** The largest share that one adjustment exchanges: 0.15·(1 + cos 0). */
    private static final double LARGEST_SHARE = 0.3;

    /** Checks the ranges. */
    public PaperCost {
        if (!(density > 0 && density <= 1) || images < 1 || epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("paper count: density " + density + ", images " + images + ", epochs " + epochs + ", batch "
                    + batch + "; expected a density in (0, 1] and numbers of at least 1");
        }
    }

    /** {@return F_dense: FLOPs of a dense forward pass of one image} */
    public double denseForwardFlops() {
        return forwardFlops(1);
    }

    /** {@return F_sparse: FLOPs of a forward pass of one image at density d, what is never pruned being dense} */
    public double sparseForwardFlops() {
        return forwardFlops(density);
    }

    private double forwardFlops(double prunableDensity) {
        double macs = 0;
        for (int p = 0; p < network.parameters().size(); p++) {
            Parameter parameter = network.parameters().get(p);
            macs += (parameter.prunable() ? prunableDensity : 1) * parameter.size() * ExactCost.positions(network, p);
        }
        return 2 * macs;
    }

    /** {@return how many local steps a round has: E·⌈n/B⌉} */
    public long steps() {
        return Exact.product("local steps of a round (epochs · batches)", epochs, Math.ceilDiv(images, batch));
    }

    /** {@return FLOPs of a round in which the device trains the dense model: 3·F_dense·E·n} */
    public double denseRoundFlops() {
        return 3 * denseForwardFlops() * epochs * images;
    }

    /**
     * FLOPs of a device's most expensive round.
     *
     * @param costClass what a method has a device do
     * @return FLOPs of one device
     */
    public double maxDeviceRoundFlops(CostClass costClass) {
        double dense = denseForwardFlops();
        double sparse = sparseForwardFlops();
        double samples = (double) epochs * images;
        return switch (costClass) {
            case DENSE -> 3 * dense * samples;
            case STATIC -> 3 * sparse * samples;
            case DENSE_GRADIENT_EVERY_STEP -> (2 * sparse + dense) * samples;
            case GROWTH_IN_ONE_BATCH -> (3 * sparse + (dense - sparse) / steps()) * samples;
        };
    }

    /**
     * The most expensive round over the dense round.
     *
     * @param costClass what a method has a device do
     * @return {@link #maxDeviceRoundFlops} over {@link #denseRoundFlops}
     */
    public double ratioToDense(CostClass costClass) {
        return maxDeviceRoundFlops(costClass) / denseRoundFlops();
    }

    /** {@return bytes of the model with every position stored} */
    public double denseBytes() {
        return 4.0 * network.trainableCount();
    }

    /** {@return bytes of the model with a bit a position and the active values: n + 32·m bits a layer} */
    public double bitmaskBytes() {
        return prunable() / 8.0 + valueBytes();
    }

    /**
     * Bytes of the model in compressed rows: m·⌈log₂ columns⌉ + rows·⌈log₂ m⌉ + 32·m bits a layer, with ⌈log₂ m⌉ = 0 for m ≤ 1.
     *
     * @return bytes, a fraction of one where bits do not fill it
     */
    public double csrBytes() {
        double bits = 0;
        for (Parameter parameter : network.parameters()) {
            if (parameter.prunable()) {
                double active = density * parameter.size();
                bits += active * bitsFor(parameter.columns()) + (double) parameter.rows() * bitsFor(active);
            }
        }
        return bits / 8 + valueBytes();
    }

    /** ⌈log₂ count⌉: how many bits tell so many things apart; exact, without a logarithm. */
    private static int bitsFor(double count) {
        int bits = 0;
        while (Math.scalb(1.0, bits) < count) {
            bits++;
        }
        return bits;
    }

    private double prunable() {
        return network.parameters().stream().filter(Parameter::prunable).mapToDouble(Parameter::size).sum();
    }

    /** Bytes of the active weights and of all that is never pruned. */
    private double valueBytes() {
        return 4 * (density * prunable() + network.trainableCount() - prunable());
    }

    /**
     * Bytes a device holds by the formula that fits FedTiny's comparison; activations are not in it. Dense: values, gradients and a mask's
     * bits; static: a bitmask model and its gradients; dense gradient: a bitmask model and gradients of all weights; growth: as static, and
     * a buffer for the largest exchange, 12 bytes · 0.3 · Σ m_l.
     *
     * @param costClass what a method has a device do
     * @return bytes of one device
     */
    public double memoryBytes(CostClass costClass) {
        return switch (costClass) {
            case DENSE -> 2 * denseBytes() + network.trainableCount() / 8.0;
            case STATIC -> bitmaskBytes() + valueBytes();
            case DENSE_GRADIENT_EVERY_STEP -> bitmaskBytes() + denseBytes();
            case GROWTH_IN_ONE_BATCH -> bitmaskBytes() + valueBytes() + BUFFER_ENTRY_BYTES * LARGEST_SHARE * density * prunable();
        };
    }
}
