package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.Map;

/**
 * A network bound to a batch size, a mode and a workspace; owns the packed, mutable weights. After construction, passes allocate nothing
 * (the first growth batch may enlarge the scratch once). The same state and images give the same bits for any number of threads, any
 * form of the weights that rounds alike ({@link FormatChoice}) and any kind of kernels. Not thread-safe.
 */
public final class Session implements AutoCloseable {
    private final Network network;
    private final int batch;
    private final Pass pass;
    private final Plan plan;
    private final Outputs outputs;
    private final Map<Integer, WeightedStage> weighted;
    private final WeightedStage[] weightedStages;
    private final Layer.BatchNorm2d onePixelNorm;
    private final ParameterArrays arrays;
    private final InputImages images;
    private final WeightBinding binding;
    private boolean forwardDone;
    private boolean closed;

    private Session(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options, Handover handover) {
        if (batch < 1) {
            throw new IllegalArgumentException("session: batch " + batch + ", must be at least 1");
        }
        this.network = state.network();
        this.batch = batch;
        this.pass = new Pass(mode, batch, new Team(workers));
        this.plan = new Plan(network, pass, options.inputGradient(), options.activations());
        plan.memory().allocate();
        this.images = new InputImages(pass, plan.images);
        this.outputs = new Outputs(pass, plan.logits);
        this.weighted = plan.weighted();
        this.weightedStages = weighted.values().toArray(WeightedStage[]::new);
        this.onePixelNorm = Normalization.ofOnePixel(network);
        this.arrays = new ParameterArrays(network, mode == Mode.TRAINING);
        this.binding = new WeightBinding(weightedStages, options.formats(), arrays);
        load(state, handover);
    }

    /** A session on the caller's thread alone, formats chosen by density. */
    public static Session open(ModelState state, Mode mode, int batch) {
        return open(state, mode, batch, Workers.of(1), FormatChoice.AUTOMATIC);
    }

    /** A session on a team of workers (not closed with the session). */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, FormatChoice formats) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withFormats(formats));
    }

    /** As {@link #open(ModelState, Mode, int, Workers, FormatChoice)}; says whether the gradient of the images is wanted too. */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, FormatChoice formats, InputGradient inputGradient) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withFormats(formats).withInputGradient(inputGradient));
    }

    /**
     * A session with all choices given. What it will hold can be known before: {@link MemoryEstimate}.
     *
     * @throws IllegalArgumentException if the batch is below 1, or so large that a tensor exceeds what a Java array holds
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options) {
        return open(state, mode, batch, workers, options, Handover.COPIED);
    }

    /** As {@link #open(ModelState, Mode, int, Workers, SessionOptions)}; the state's arrays are handed over as for {@link #load}. */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options, Handover handover) {
        return new Session(state, mode, batch, workers, options, handover);
    }

    /** As {@link #open(ModelState, Mode, int, Workers, FormatChoice)}; the state's arrays are handed over as for {@link #load}. */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, FormatChoice formats, Handover handover) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withFormats(formats), handover);
    }

    /**
     * Measures what this session does from now on; null: nothing any more, which costs nothing. Images, the loss and changes of masks are
     * operators of their own, a batch normalisation belongs to the layer whose output it normalises.
     *
     * @throws IllegalArgumentException if the meter is for other numbers of threads
     */
    public void measure(Meter meter) {
        if (meter != null && meter.threads() != pass.threads()) {
            throw new IllegalArgumentException("session: the meter is for " + meter.threads() + " threads, the session has "
                    + pass.threads() + "; make one for its workers");
        }
        if (meter != null) {
            images.operator = meter.operator("images");
            for (Stage stage : plan.stages) {
                stage.operator = meter.operator(stage.label(network));
            }
            outputs.operator = meter.operator("loss");
            binding.operator = meter.operator("masks");
        }
        pass.team.meter = meter;
    }

    /** What measures this session; null where nothing does. */
    public Meter meter() {
        return pass.team.meter;
    }

    /** The architecture. */
    public Network network() {
        return network;
    }

    /** What the session is for. */
    public Mode mode() {
        return pass.mode;
    }

    /** Largest number of images a pass takes. */
    public int batch() {
        return batch;
    }

    /**
     * Images of the next pass, layout [group][C][H][W][8]: the live array, written by the caller before forward. Lanes past the count
     * may hold anything; forward clears them.
     */
    public float[] input() {
        return plan.images.data;
    }

    /** Labels of the next pass, one an image: the live array (length batch). */
    public int[] labels() {
        return outputs.labels;
    }

    /**
     * Fills {@link #input()} from N,C,H,W order.
     *
     * @throws IllegalArgumentException if there are not {@code count} images of the network's shape, or more than the batch
     */
    public void setImages(float[] nchw, int count) {
        checkCount(count);
        int size = network.input().size();
        if (nchw.length < (long) count * size) {
            throw new IllegalArgumentException("session: " + count + " images of " + network.input() + " need " + (long) count * size
                    + " values, got " + nchw.length);
        }
        images.set(nchw, count);
    }

    private void checkCount(int count) {
        if (count < 1 || count > batch) {
            throw new IllegalArgumentException("session: " + count + " images, must be in [1, " + batch + "], the session's batch");
        }
    }

    /**
     * One pass over the first {@code count} images; 1 ≤ count ≤ batch.
     *
     * @throws IllegalArgumentException if the count is out of range, or if batch statistics would rest on a single value a channel
     */
    public void forward(int count) {
        checkOpen();
        checkCount(count);
        if (pass.mode != Mode.INFERENCE && count == 1) {
            Normalization.checkSingle(onePixelNorm);
        }
        pass.begin(count);
        images.clearPadding();
        if (pass.mode == Mode.TRAINING) {
            refresh();
        }
        if (pass.mode != Mode.INFERENCE) {
            images.moments();
        }
        for (int i = 0; i < plan.stages.size(); i++) {
            plan.stages.get(i).forward();
        }
        forwardDone = true;
    }

    private void refresh() {
        for (WeightedStage stage : weightedStages) {
            stage.refresh();
        }
    }

    /** Images of the last forward pass. */
    public int count() {
        return pass.count();
    }

    /** One logit of the last pass. */
    public float logit(int image, int label) {
        checkForward();
        return outputs.logit(image, label);
    }

    /** The class of largest logit of one image of the last pass; the lowest one on ties. */
    public int predicted(int image) {
        checkForward();
        return outputs.predicted(image);
    }

    /** Sum over the images of the last pass of the cross entropy against {@link #labels()}, in double. */
    public double lossSum() {
        checkForward();
        return outputs.lossSum();
    }

    /** Images of the last pass whose largest logit (lowest class on ties) is the label. */
    public int correct() {
        checkForward();
        return outputs.correct();
    }

    private void checkForward() {
        checkOpen();
        if (pass.count() == 0) {
            throw new IllegalStateException("session: no forward pass has been run yet");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("session: it is closed");
        }
    }

    /** Gradients of the mean cross entropy of the last pass; TRAINING only, once a forward pass. */
    public void backward() {
        checkForward();
        checkBackward();
        forwardDone = false;
        outputs.startFromLoss();
        runBackward();
    }

    private void checkBackward() {
        if (pass.mode != Mode.TRAINING) {
            throw new IllegalStateException("session: backward needs mode TRAINING, this session is for " + pass.mode);
        }
        if (!forwardDone) {
            throw new IllegalStateException("session: backward runs once after a forward pass; run forward first");
        }
    }

    private void runBackward() {
        for (int i = plan.stages.size() - 1; i >= 0; i--) {
            plan.stages.get(i).backward();
        }
        if (plan.images.value != null && plan.images.value.norm != null) {
            Stage.prepareGradient(pass, plan.images);
        }
    }

    /**
     * As {@link #backward()}, and offers the gradient of every PRUNED position of some weights (flat {@code state_dict} index) to sinks.
     * They are produced a few rows at a time; nothing of a layer's dense size is held.
     *
     * @param parameters positions of weights in {@link Network#parameters()}
     * @param growth growth[i] belongs to parameters[i]
     */
    public void backward(int[] parameters, GradientSink[] growth) {
        askForGrowth(parameters, growth);
        try {
            backward();
        } finally {
            endGrowth();
        }
    }

    /** Growth as in {@link #backward(int[], GradientSink[])}, from a given gradient as in {@link #backward(float[])}. */
    public void backward(int[] parameters, GradientSink[] growth, float[] outputGradient) {
        askForGrowth(parameters, growth);
        try {
            backward(outputGradient);
        } finally {
            endGrowth();
        }
    }

    private void askForGrowth(int[] parameters, GradientSink[] growth) {
        if (parameters.length != growth.length) {
            throw new IllegalArgumentException("session: " + parameters.length + " parameters and " + growth.length + " sinks");
        }
        for (int parameter : parameters) {
            if (!weighted.containsKey(parameter)) {
                throw new IllegalArgumentException("session: parameter " + parameter + " is no weight; only weights can grow");
            }
        }
        for (int i = 0; i < parameters.length; i++) {
            weighted.get(parameters[i]).grow(growth[i]);
        }
        pass.workspace.allocate();
    }

    private void endGrowth() {
        for (WeightedStage stage : weightedStages) {
            stage.grow(null);
        }
    }

    /**
     * As {@link #backward()}, from a given gradient of the outputs in place of the cross entropy's.
     *
     * @param outputGradient N,C,H,W, one value an output
     */
    public void backward(float[] outputGradient) {
        checkForward();
        checkBackward();
        outputs.startFrom(outputGradient);
        forwardDone = false;
        runBackward();
    }

    /**
     * From here on weight gradients of convolutions see only the largest activations: of every channel of an image group that share of the
     * non-zero values, by magnitude; the images themselves are not cut. Values, loss and gradients of activations stay as they are. It
     * saves no memory here: a backward pass computes activations from the stored maps, piece by piece, and cuts them then.
     *
     * @param share in (0, 1]; 1: all, as in a fresh session
     */
    public void keepActivations(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("session: keeping a share " + share + " of the activations, must be above 0 and at most 1");
        }
        pass.thinning = share == 1 ? null : new ActivationThinning(share, workers());
    }

    /** The outputs of the last pass, N,C,H,W, as a new array. */
    public float[] outputs() {
        checkForward();
        return outputs.values();
    }

    /**
     * The gradient of the images after a backward pass, N,C,H,W, as a new array.
     *
     * @throws IllegalStateException if the session was not opened with {@link InputGradient#COMPUTED}
     */
    public float[] inputGradient() {
        return images.gradient();
    }

    /** Live kept values of a parameter or running statistic, in the order of its mask; written by an optimiser in TRAINING mode only. */
    public float[] values(int parameter) {
        return arrays.values[parameter];
    }

    /** Gradient of a trainable parameter, same order and length as {@link #values}; null for running statistics. */
    public float[] gradient(int parameter) {
        return arrays.gradients[parameter];
    }

    /** The mask of a parameter. */
    public Mask mask(int parameter) {
        return arrays.masks[parameter];
    }

    /**
     * The live values themselves as a state, without a copy: it changes with the session, so it must be used up before the session goes on.
     */
    public ModelState liveState() {
        return counted(arrays.live());
    }

    /** The values copied out as an immutable state. */
    public ModelState state() {
        return counted(arrays.copied());
    }

    /** With the batches that running statistics have seen. */
    private ModelState counted(ModelState state) {
        long[] counts = new long[network.parameters().size()];
        Arrays.fill(counts, -1);
        for (Normalization norm : plan.norms) {
            counts[norm.varianceParameter()] = norm.batches;
        }
        return state.withBatchesTracked(counts);
    }

    /**
     * Takes over values, and masks where they changed: only those layers are packed anew, in place where as many positions are kept. A
     * backward pass needs a new forward pass then.
     *
     * @throws IllegalArgumentException if the state is of another architecture
     */
    public void load(ModelState state) {
        load(state, Handover.COPIED);
    }

    /**
     * As {@link #load(ModelState)}.
     *
     * @param handover {@link Handover#TAKEN_OVER}: the state's arrays become the session's own and change with it; nobody may use the state
     *        afterwards
     */
    public void load(ModelState state, Handover handover) {
        checkOpen();
        arrays.take(state, handover);
        binding.run(pass.team);
        forwardDone = false;
        for (Normalization norm : plan.norms) {
            norm.bind(arrays.values, arrays.gradients);
            norm.batches = state.batchesTracked(norm.varianceParameter()).orElse(-1);
            if (pass.mode == Mode.INFERENCE) {
                norm.useRunningStatistics();
            }
        }
        for (Stage stage : plan.stages) {
            stage.reserve(pass.workspace);
        }
        pass.workspace.allocate();
        // A training pass takes over the values itself, since an optimiser changes them.
        if (pass.mode != Mode.TRAINING) {
            refresh();
        }
    }

    /** The workers every parallel step of this session runs on. */
    public Workers workers() {
        return pass.team.workers;
    }

    /** Bytes of all arrays the session holds. */
    public long bytes() {
        return ledger().live();
    }

    /** Bytes of all arrays the session holds, by what they are for, as a new account. Optimiser, top-K buffers and messages are others'. */
    public MemoryLedger ledger() {
        MemoryLedger ledger = new MemoryLedger();
        plan.memory().bytes().forEach(ledger::add);
        ledger.add(MemoryCategory.BATCH, 4L * batch);
        ledger.add(MemoryCategory.WORKSPACE, pass.workspace.bytes() + outputs.bytes()
                + (pass.thinning == null ? 0 : pass.thinning.bytes()));
        arrays.account(ledger);
        for (Stage stage : plan.stages) {
            stage.account(ledger);
        }
        for (Normalization norm : plan.norms) {
            ledger.add(MemoryCategory.WORKSPACE, norm.bytes());
        }
        return ledger;
    }

    /** Restarts the stream of dropout masks. */
    public void seedDropout(long seed) {
        pass.dropoutSeed = seed;
        pass.number = 0;
    }

    @Override
    public void close() {
        closed = true;
    }
}
