package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * An immutable value of a network: for every parameter and running statistic its mask and its active values, in
 * {@code state_dict} order. Pruned weights are not in it. The arrays are shared with whoever made the state and handed out
 * without a copy: nobody writes into them.
 */
public final class ModelState {
    private static final long UNKNOWN = -1;

    private final Network network;
    private final Mask[] masks;
    private final float[][] values;
    /** One a parameter, {@link #UNKNOWN} where it is not known or there is nothing to count; null when no count is known. */
    private final long[] batches;

    private ModelState(Network network, Mask[] masks, float[][] values, long[] batches) {
        this.network = network;
        this.masks = masks;
        this.values = values;
        this.batches = batches;
    }

    /**
     * A state of the given parts.
     *
     * @param masks one a parameter; full for everything that is no weight ({@link Parameter#checkActive})
     * @param values one array a parameter, one finite value an active position; not to be changed afterwards
     * @param network what the values are for
     * @return the state; it shares the arrays
     * @throws IllegalArgumentException naming the first parameter that does not fit
     * @throws NonFiniteException naming the first parameter and position whose value is NaN or infinite, or a negative running variance
     */
    public static ModelState of(Network network, List<Mask> masks, List<float[]> values) {
        Given.notNull(network, "state: network", "a network: of a NetworkSpec, a builder or a model file");
        Given.notNull(masks, "state: masks", "a mask a parameter, full where nothing is pruned");
        Given.notNull(values, "state: values", "the active values of every parameter");
        checkCounts(network, masks.size(), values.size());
        for (int i = 0; i < masks.size(); i++) {
            check(network.parameters().get(i), masks.get(i), values.get(i));
        }
        return new ModelState(network, masks.toArray(Mask[]::new), values.toArray(float[][]::new), null);
    }

    /**
     * Batches that the statistics of a batch normalisation have seen, what PyTorch calls {@code num_batches_tracked}: 0 after
     * {@link Initializer}, what a file says after reading it, one more for every forward pass of a session that updates running
     * statistics, and the same under other masks or values. Empty where nobody counted, as for statistics averaged over devices.
     *
     * @param parameter of kind RUNNING_VARIANCE; every other has no count
     * @return batches seen; empty where that is not known
     */
    public OptionalLong batchesTracked(int parameter) {
        return batches == null || batches[checked(parameter)] < 0 ? OptionalLong.empty() : OptionalLong.of(batches[parameter]);
    }

    /**
     * The same state with other counts of batches.
     *
     * @param counts one a parameter, negative where it is not known; those of parameters that are no running variance are ignored
     * @return a state that shares masks and values with this one
     */
    public ModelState withBatchesTracked(long[] counts) {
        Given.notNull(counts, "state: counts", "a count a parameter, negative where it has none");
        if (counts.length != values.length) {
            throw new IllegalArgumentException("state: " + counts.length + " counts of batches for " + values.length + " parameters");
        }
        long[] own = new long[counts.length];
        for (int i = 0; i < own.length; i++) {
            boolean counted = network.parameters().get(i).kind() == Parameter.Kind.RUNNING_VARIANCE;
            own[i] = counted && counts[i] >= 0 ? counts[i] : UNKNOWN;
        }
        return new ModelState(network, masks, values, own);
    }

    /**
     * A state of a session's masks and values, which have been checked when they came in, and may have stopped being finite since.
     *
     * @param network of the session
     * @param masks one a parameter; the array is copied
     * @param values one array a parameter, shared: the state changes with them
     * @return a state of which no count of batches is known; {@link #check} before it leaves the process
     * @throws IllegalArgumentException naming the first parameter that does not fit
     */
    public static ModelState ofSession(Network network, Mask[] masks, float[][] values) {
        Given.notNull(network, "state: network", "the network of the session");
        Given.notNull(masks, "state: masks", "a mask a parameter");
        Given.notNull(values, "state: values", "the active values of every parameter");
        checkCounts(network, masks.length, values.length);
        for (int i = 0; i < masks.length; i++) {
            checkFits(network.parameters().get(i), masks[i], values[i]);
        }
        return new ModelState(network, masks.clone(), values.clone(), null);
    }

    private static void checkCounts(Network network, int masks, int values) {
        int parameters = network.parameters().size();
        if (masks != parameters || values != parameters) {
            throw new IllegalArgumentException("state: " + masks + " masks and " + values + " value arrays for " + parameters
                    + " parameters");
        }
    }

    private static void check(Parameter parameter, Mask mask, float[] values) {
        checkFits(parameter, mask, values);
        String wrong = nonFinite(parameter, mask, values);
        if (wrong != null) {
            throw new NonFiniteException(wrong);
        }
    }

    private static void checkFits(Parameter parameter, Mask mask, float[] values) {
        Given.notNull(mask, "state: mask", "active positions: Mask.full where nothing is pruned");
        Given.notNull(values, "state: values", "the active values of the parameter");
        checkSize(parameter, mask);
        parameter.checkActive(mask.count());
        if (values.length != mask.count()) {
            throw new IllegalArgumentException("state: '" + parameter.name() + "' keeps " + mask.count() + " positions, got "
                    + values.length + " values");
        }
    }

    private static void checkSize(Parameter parameter, Mask mask) {
        if (mask.size() != parameter.size()) {
            throw new IllegalArgumentException("state: '" + parameter.name() + "' has " + parameter.size() + " positions "
                    + parameter.shape() + ", its mask " + mask.size());
        }
    }

    /** Says which value is none that a parameter can have; null where all are. */
    private static String nonFinite(Parameter parameter, Mask mask, float[] values) {
        boolean variance = parameter.kind() == Parameter.Kind.RUNNING_VARIANCE;
        for (int j = 0; j < values.length; j++) {
            if (!Float.isFinite(values[j]) || variance && values[j] < 0) {
                return "state: '" + parameter.name() + "' has " + values[j] + " at position " + mask.index(j) + " of " + mask.size()
                        + ", must be finite" + (variance ? " and not negative" : "");
            }
        }
        return null;
    }

    private int checked(int parameter) {
        if (parameter < 0 || parameter >= values.length) {
            throw new IllegalArgumentException("state: parameter " + parameter + ", must be in [0, " + values.length
                    + "), the positions in Network.parameters()");
        }
        return parameter;
    }

    /** {@return the architecture} */
    public Network network() {
        return network;
    }

    /**
     * The mask of a parameter; full where nothing is pruned.
     *
     * @param parameter position in {@link Network#parameters()}
     * @return its mask, over the tensor's positions in {@code state_dict} order
     */
    public Mask mask(int parameter) {
        return masks[checked(parameter)];
    }

    /**
     * The active values of a parameter; not a copy, not to be changed.
     *
     * @param parameter position in {@link Network#parameters()}
     * @return one value an active position, in the mask's order
     */
    public float[] values(int parameter) {
        return values[checked(parameter)];
    }

    /**
     * The same state of a network in which training leaves some parameters as they are: {@link Network#freeze(String)}.
     *
     * @param names {@code state_dict} names; {@code *} stands for any characters
     * @return a state that shares this one's arrays
     * @throws IllegalArgumentException if no trained parameter is called so
     */
    public ModelState freeze(String names) {
        Given.notNull(names, "state: names", "the name of a parameter, or a pattern of names");
        return new ModelState(network.freeze(names), masks, values, batches);
    }

    /**
     * As {@link #freeze(String)}, by any rule.
     *
     * @param which the parameters to freeze
     * @return a state that shares this one's arrays
     * @throws IllegalArgumentException if no trained parameter is among them
     */
    public ModelState freeze(Predicate<Parameter> which) {
        Given.notNull(which, "state: which", "which parameters are frozen");
        return new ModelState(network.freeze(which), masks, values, batches);
    }

    /** {@return the same state of a network in which every parameter is trained; it shares this one's arrays} */
    public ModelState unfreeze() {
        return new ModelState(network.unfreeze(), masks, values, batches);
    }

    /** {@return all masks, in {@code state_dict} order} */
    public List<Mask> masks() {
        return List.of(masks);
    }

    /** {@return all value arrays, in {@code state_dict} order; not copies, not to be changed} */
    public List<float[]> allValues() {
        return List.of(values);
    }

    /**
     * A parameter as a dense array, zeros where pruned.
     *
     * @param parameter position in {@link Network#parameters()}
     * @return a new array of the tensor's size, the last extent fastest
     */
    public float[] dense(int parameter) {
        return mask(parameter).scatter(values[parameter]);
    }

    /**
     * A weight parameter in one of the forms; its values are copied.
     *
     * @param parameter position in {@link Network#parameters()}, of a weight
     * @param algorithm what the form is for: CSR, bitmask or dense
     * @return new weights
     */
    public Weights weights(int parameter, ConvolutionAlgorithm algorithm) {
        Given.notNull(algorithm, "state: algorithm", "CSR, BITMASK or DENSE");
        Parameter p = network.parameters().get(checked(parameter));
        return Weights.of(algorithm, p.rows(), p.columns(), masks[parameter], values[parameter].clone());
    }

    /**
     * The same state with other values for one parameter, under the same mask.
     *
     * @param parameter position in {@link Network#parameters()}
     * @param replacement one finite value an active position; shared, not to be changed afterwards
     * @return a state that shares everything else with this one
     */
    public ModelState withValues(int parameter, float[] replacement) {
        return with(parameter, mask(parameter), replacement);
    }

    /**
     * The same state with another mask and values for one parameter.
     *
     * @param parameter position in {@link Network#parameters()}
     * @param mask over as many positions as the tensor has
     * @param replacement one finite value an active position of {@code mask}; shared, not to be changed afterwards
     * @return a state that shares everything else with this one
     */
    public ModelState with(int parameter, Mask mask, float[] replacement) {
        check(network.parameters().get(checked(parameter)), mask, replacement);
        Mask[] newMasks = masks.clone();
        float[][] newValues = values.clone();
        newMasks[parameter] = mask;
        newValues[parameter] = replacement;
        return new ModelState(network, newMasks, newValues, batches);
    }

    /**
     * The state under other masks: values at positions active before and after stay, newly active positions are 0, the others disappear.
     *
     * @param newMasks one a parameter
     * @return a new state; parameters whose mask is the same share their values
     */
    public ModelState masked(List<Mask> newMasks) {
        Given.notNull(newMasks, "state: masks", "a mask a parameter, full where nothing is pruned");
        if (newMasks.size() != masks.length) {
            throw new IllegalArgumentException("state: " + newMasks.size() + " masks for " + masks.length
                    + " parameters; give one a parameter, full where nothing is pruned");
        }
        float[][] newValues = new float[values.length][];
        for (int i = 0; i < values.length; i++) {
            Parameter parameter = network.parameters().get(i);
            checkSize(parameter, newMasks.get(i));
            parameter.checkActive(newMasks.get(i).count());
            newValues[i] = newMasks.get(i).equals(masks[i]) ? values[i] : transfer(masks[i], values[i], newMasks.get(i));
        }
        return new ModelState(network, newMasks.toArray(Mask[]::new), newValues, batches);
    }

    private static float[] transfer(Mask from, float[] values, Mask to) {
        float[] moved = new float[to.count()];
        for (int i = 0; i < moved.length; i++) {
            int place = from.find(to.index(i));
            moved[i] = place >= 0 ? values[place] : 0;
        }
        return moved;
    }

    /** {@return how many positions of all prunable parameters are not pruned: Σ m_l} */
    public long prunableActive() {
        return network.prunable().stream().mapToLong(i -> masks[i].count()).sum();
    }

    /**
     * {@return active over all positions of the prunable parameters: the density everything is measured by; 1 where nothing is prunable}
     */
    public double density() {
        long positions = network.prunable().stream().mapToLong(i -> masks[i].size()).sum();
        return positions == 0 ? 1 : (double) prunableActive() / positions;
    }

    /** {@return how many values it holds: active weights and everything that is never pruned, running statistics included} */
    public long valueCount() {
        return Arrays.stream(values).mapToLong(v -> v.length).sum();
    }

    /**
     * Verifies that every value is finite and every running variance not negative.
     *
     * @throws IllegalStateException naming parameter, place and value
     */
    public void check() {
        String wrong = firstNonFinite();
        if (wrong != null) {
            throw new IllegalStateException(wrong);
        }
    }

    /** As {@link #check}, for whoever is about to compute with the values. */
    public void checkFinite() {
        String wrong = firstNonFinite();
        if (wrong != null) {
            throw new NonFiniteException(wrong);
        }
    }

    private String firstNonFinite() {
        String wrong = null;
        for (int i = 0; i < values.length && wrong == null; i++) {
            wrong = nonFinite(network.parameters().get(i), masks[i], values[i]);
        }
        return wrong;
    }
}
