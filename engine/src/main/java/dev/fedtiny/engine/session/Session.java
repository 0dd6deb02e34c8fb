package dev.fedtiny.engine.session;

import dev.fedtiny.engine.internal.plan.ActivationPruning;
import dev.fedtiny.engine.internal.plan.Execution;
import dev.fedtiny.engine.internal.plan.ExecutionPlan;
import dev.fedtiny.engine.internal.plan.InputImages;
import dev.fedtiny.engine.internal.plan.Normalization;
import dev.fedtiny.engine.internal.plan.Outputs;
import dev.fedtiny.engine.internal.plan.ParameterArrays;
import dev.fedtiny.engine.internal.plan.RunContext;
import dev.fedtiny.engine.internal.plan.Step;
import dev.fedtiny.engine.internal.plan.Team;
import dev.fedtiny.engine.internal.plan.WeightBinding;
import dev.fedtiny.engine.internal.plan.WeightedStep;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ArrayOwnership;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * A network bound to a batch size, a mode and a workspace; owns the packed, mutable weights. After construction, passes allocate nothing
 * (the first growth batch may enlarge the scratch once). The same state and images give the same bits for any number of threads, any
 * form of the weights that rounds alike ({@link AlgorithmPolicy}) and any kind of kernels.
 *
 * <p>For one thread at a time: a call that overlaps another thread's is refused ({@link IllegalStateException}) and changes nothing.
 * Threads may take turns, and sessions of several threads may share workers, and for inference their weights ({@link #openSharing}). After
 * {@link #close} every method but {@code close} is refused. Values that are no numbers are refused where they are seen first
 * ({@link NonFiniteException}, see {@link FiniteCheck}).
 */
public final class Session implements AutoCloseable {
    private static final int MOST_WARM_UP_PASSES = 1000;

    private final Network network;
    private final int batch;
    private final SessionOptions options;
    private final RunContext pass;
    private final ExecutionPlan plan;
    private final Outputs outputs;
    private final InputImages images;
    private final ParameterArrays arrays;
    private final Execution execution;
    private final WeightBinding binding;
    private final SessionGuard guard;
    private final Hold hold = new Hold();
    private final SharedWeights weights;
    private MaskVersion masks;
    /** Whether the weights are those of a session that was opened before, which counts their memory. */
    private boolean sharing;
    /** Null from when vector kernels compute. */
    private WarmStart warmStart;

    /** A session kept by the calling thread for several calls; see {@link Session#hold}. */
    public final class Hold implements AutoCloseable {
        private Hold() {
        }

        @Override
        public void close() {
            guard.exit();
        }
    }

    private Session(Network network, Mode mode, int batch, Workers workers, SessionOptions options, ParameterArrays arrays,
            SharedWeights weights) {
        RunContext.checkBatch(network, batch);
        Objects.requireNonNull(mode, "session: mode");
        Objects.requireNonNull(workers, "session: workers");
        this.network = network;
        this.batch = batch;
        this.weights = weights;
        this.options = options;
        this.guard = new SessionGuard(workers);
        this.pass = new RunContext(mode, batch, new Team(workers));
        this.plan = new ExecutionPlan(network, pass, options);
        plan.memory().allocate();
        this.images = new InputImages(pass, plan);
        this.outputs = new Outputs(network, pass, plan, options.finiteCheck() == FiniteCheck.ON);
        this.arrays = arrays;
        this.execution = new Execution(network, pass, plan, outputs, images, arrays, options.finiteCheck());
        this.binding = new WeightBinding(execution.weightedSteps(), options.algorithms(), arrays);
    }

    /**
     * A session on the caller's thread alone, formats chosen by density.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch) {
        return open(state, mode, batch, Workers.of(1), AlgorithmPolicy.AUTOMATIC);
    }

    /**
     * A session on a team of workers (not closed with the session).
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @param workers its threads
     * @param algorithms which algorithm computes each layer
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms));
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, AlgorithmPolicy)}; says whether the gradient of the images is wanted too.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass, at least 1
     * @param workers its threads
     * @param algorithms which algorithm computes each layer
     * @param inputGradient whether backward computes it; TRAINING only
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms,
            InputGradient inputGradient) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms).withInputGradient(inputGradient));
    }

    /**
     * A session with all choices given. What it will hold can be known before: {@link MemoryEstimate}.
     *
     * @param state network, masks and values; copied
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param options all other choices
     * @return the open session
     * @throws IllegalArgumentException if the batch is below 1, or so large that a tensor exceeds what a Java array holds
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options) {
        return open(state, mode, batch, workers, options, ArrayOwnership.COPIED);
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, SessionOptions)}; the state's arrays are handed over as for {@link #load}.
     *
     * @param state network, masks and values
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param options all other choices
     * @param ownership whether values are copied or become the session's own
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, SessionOptions options, ArrayOwnership ownership) {
        Session session = new Session(state.network(), mode, batch, workers, options,
                new ParameterArrays(state.network(), mode == Mode.TRAINING), new SharedWeights());
        session.load(state, ownership);
        session.warmStart = WarmStart.of(session, mode, batch);
        return session;
    }

    /**
     * Opens a second inference session that computes with this one's weights, packed as they are: any number of threads, each with a
     * session of its own, hold one copy of the weights. Batch and options are this session's.
     *
     * <p>While several sessions share weights nobody can change them: {@link #load} is refused until all but one are closed. It does not
     * matter which one that is. {@link #ledger} counts the weights in the session that was opened first, and only there.
     *
     * @param workers that the new session runs on; not closed with it
     * @return the second session, open
     * @throws IllegalStateException if this session is not for inference, or another thread is inside
     */
    public Session openSharing(Workers workers) {
        guard.enter();
        try {
            if (pass.mode != Mode.INFERENCE) {
                throw new IllegalStateException("session: weights are shared by sessions for INFERENCE, which do not change them; this one "
                        + "is for " + pass.mode + ": open another one of its state()");
            }
            Session session = twin(workers, weights);
            weights.join();
            session.warmStart = WarmStart.of(session, pass.mode, batch);
            return session;
        } finally {
            guard.exit();
        }
    }

    /** A session of the same weights, which nobody counts, for the thread that warms vector kernels. */
    Session warmingTwin() {
        Session twin = twin(Workers.of(1), new SharedWeights());
        twin.setImages(new float[batch * network.input().size()], batch);
        return twin;
    }

    private Session twin(Workers workers, SharedWeights owners) {
        Session twin = new Session(network, pass.mode, batch, workers, options, arrays, owners);
        twin.share(this);
        return twin;
    }

    private void share(Session first) {
        WeightedStep[] steps = execution.weightedSteps();
        for (int i = 0; i < steps.length; i++) {
            steps[i].share(first.execution.weightedSteps()[i]);
        }
        bindSmallParameters();
        for (int i = 0; i < plan.norms.size(); i++) {
            plan.norms.get(i).batches = first.plan.norms.get(i).batches;
        }
        allocateWorkspace();
        masks = first.masks;
        sharing = true;
    }

    /**
     * As {@link #open(ModelState, Mode, int, Workers, AlgorithmPolicy)}; the state's arrays are handed over as for {@link #load}.
     *
     * @param state network, masks and values
     * @param mode what it is for
     * @param batch largest number of images of a pass
     * @param workers its threads; not closed with it
     * @param algorithms which algorithm computes each layer
     * @param ownership whether values are copied or become the session's own
     * @return the open session
     */
    public static Session open(ModelState state, Mode mode, int batch, Workers workers, AlgorithmPolicy algorithms,
            ArrayOwnership ownership) {
        return open(state, mode, batch, workers, SessionOptions.DEFAULT.withAlgorithms(algorithms), ownership);
    }

    /**
     * Measures what this session does from now on; null: nothing any more, which costs nothing. Images, the loss and changes of masks are
     * operators of their own, a batch normalisation belongs to the layer whose output it normalises.
     *
     * @param meter what counts, for as many threads as the session has; null for none
     * @throws IllegalArgumentException if the meter is for other numbers of threads
     */
    public void measure(Meter meter) {
        guard.enter();
        try {
            if (meter != null && meter.threads() != pass.threads()) {
                throw new IllegalArgumentException("session: the meter is for " + meter.threads() + " threads, the session has "
                        + pass.threads() + "; make one for its workers");
            }
            if (meter != null) {
                images.operator = meter.operator("images");
                for (Step step : plan.steps) {
                    step.operator = meter.operator(step.label(network));
                }
                outputs.operator = meter.operator("loss");
                binding.operator = meter.operator("masks");
            }
            pass.team.meter = meter;
        } finally {
            guard.exit();
        }
    }

    /** {@return what measures this session; null where nothing does} */
    public Meter meter() {
        guard.look();
        return pass.team.meter;
    }

    /**
     * Keeps other threads out until the answer is closed: for callers whose work is several calls, as a training step is. Allocates
     * nothing; may be nested.
     *
     * @return close it in the same thread, for example by {@code try}; the session's one object for this
     * @throws IllegalStateException if another thread is inside, or the session is closed
     */
    public Hold hold() {
        guard.enter();
        return hold;
    }

    /** {@return the choices it was opened with} */
    public SessionOptions options() {
        guard.look();
        return options;
    }

    /** {@return the architecture} */
    public Network network() {
        guard.look();
        return network;
    }

    /** {@return what the session is for} */
    public Mode mode() {
        guard.look();
        return pass.mode;
    }

    /** {@return the largest number of images a pass takes} */
    public int batch() {
        guard.look();
        return batch;
    }

    /**
     * Images of the next pass: the live array, written by the caller before forward. Lanes past the count may hold anything; forward clears
     * them.
     *
     * @return values in layout [group][C][H][W][{@link dev.fedtiny.engine.tensor.Layout#LANES LANES}]
     */
    public float[] input() {
        guard.enter();
        try {
            guard.imagesSet();
            execution.handOutImages();
            return plan.images.data;
        } finally {
            guard.exit();
        }
    }

    /** {@return labels of the next pass, one an image: the live array (length batch)} */
    public int[] labels() {
        guard.look();
        return outputs.labels;
    }

    /**
     * Fills {@link #input()} from N,C,H,W order.
     *
     * @param nchw values of the images, the last extent fastest; copied
     * @param count images, from 1 to the batch
     * @throws IllegalArgumentException if there are not {@code count} images of the network's shape, or more than the batch
     * @throws NonFiniteException naming the first image and index that hold NaN or infinity
     */
    public void setImages(float[] nchw, int count) {
        guard.enter();
        try {
            execution.setImages(nchw, count);
            guard.imagesSet();
        } finally {
            guard.exit();
        }
    }

    /**
     * One pass over the first {@code count} images; 1 ≤ count ≤ batch. Where the session's workers are at work for another thread, waits
     * for its turn, as every pass and load does.
     *
     * @param count images, of the first lanes and groups of {@link #input()}
     * @throws IllegalArgumentException if the count is out of range, or if batch statistics would rest on a single value a channel
     * @throws NonFiniteException naming the first layer that gave something else than numbers; running statistics are as before then
     */
    public void forward(int count) {
        guard.enter();
        try {
            guard.useImages();
            workers().acquire();
            long begin = warmStart == null ? 0 : warmStart.begin();
            try {
                execution.forward(count);
            } finally {
                workers().release();
                if (warmStart != null) {
                    warmStart.end(begin, pass.threads());
                    warmStart = WarmStart.isSettled() ? null : warmStart;
                }
            }
        } finally {
            guard.exit();
        }
    }

    /**
     * Waits until this session is about as fast as it will be: until the JVM has compiled what an inference of a full batch runs, for a
     * service that says only then that it is ready. Without it the first answers come at once, from scalar kernels, and faster ones some
     * seconds later, with the same bits. It takes one to some seconds, and for that long the memory of a second session that shares this
     * one's weights.
     *
     * @throws IllegalStateException if the session is not for inference
     * @throws InterruptedException if the calling thread is interrupted while it waits for another one's compiling
     */
    public void warmUp() throws InterruptedException {
        guard.enter();
        try {
            if (pass.mode != Mode.INFERENCE) {
                throw new IllegalStateException("session: only sessions for INFERENCE can be warmed up without changing anything, this one "
                        + "is for " + pass.mode + "; run some passes instead");
            }
            if (warmStart != null) {
                warmStart.await();
                warmStart = null;
            }
            Session twin = warmingTwin();
            PassTimes times = new PassTimes();
            for (int passes = 0; passes < MOST_WARM_UP_PASSES && !times.steady(); passes++) {
                times.run(twin);
            }
        } finally {
            guard.exit();
        }
    }

    /** {@return how many images the last forward pass took} */
    public int count() {
        guard.look();
        return pass.count();
    }

    /** The caller reads results of the last pass; ends with the guard's exit. */
    private void enterResults() {
        guard.enter();
        try {
            execution.checkForward();
            guard.useResults();
        } catch (IllegalStateException e) {
            guard.exit();
            throw e;
        }
    }

    /**
     * One logit of the last pass.
     *
     * @param image from 0, below {@link #count()}
     * @param label class, from 0; for outputs of several pixels the position in C,H,W order
     * @return the value
     */
    public float logit(int image, int label) {
        enterResults();
        try {
            return outputs.logit(image, label);
        } finally {
            guard.exit();
        }
    }

    /**
     * The class of largest logit of one image of the last pass; the lowest one on ties.
     *
     * @param image from 0, below {@link #count()}
     * @return the class, from 0
     * @throws NonFiniteException if one of the logits is NaN or infinite, whatever {@link FiniteCheck} says
     */
    public int predicted(int image) {
        enterResults();
        try {
            return outputs.predicted(image);
        } finally {
            guard.exit();
        }
    }

    /**
     * Softmax over the outputs of one image of the last pass, in double, as a new array: one probability a class.
     *
     * @param image from 0, below {@link #count()}
     * @return probabilities that sum to 1
     * @throws NonFiniteException as {@link #predicted}
     */
    public double[] probabilities(int image) {
        enterResults();
        try {
            return outputs.probabilities(image);
        } finally {
            guard.exit();
        }
    }

    /**
     * The classes of the largest logits of one image of the last pass, as a new array: largest first, lower classes first on ties.
     *
     * @param count how many, at most as many as there are classes
     * @param image from 0, below {@link #count()}
     * @return classes, from 0
     * @throws NonFiniteException as {@link #predicted}
     */
    public int[] topClasses(int image, int count) {
        enterResults();
        try {
            return outputs.topClasses(image, count);
        } finally {
            guard.exit();
        }
    }

    /** {@return sum over the images of the last pass of the cross entropy against {@link #labels()}, in double} */
    public double lossSum() {
        enterResults();
        try {
            return outputs.lossSum();
        } finally {
            guard.exit();
        }
    }

    /**
     * {@return how many images of the last pass have their label as largest logit (lowest class on ties)}
     *
     * @throws NonFiniteException as {@link #predicted}
     */
    public int correct() {
        enterResults();
        try {
            return outputs.correct();
        } finally {
            guard.exit();
        }
    }

    /**
     * Whether targets fit an objective, before a pass.
     *
     * @param <T> what targets of this objective are
     * @param images of the pass to come
     * @param objective what will be minimised
     * @param targets of the images of the pass to come; only read
     * @return what the objective's first loss will divide by: how much the batch weighs among several
     * @throws IllegalArgumentException if they do not fit
     * @throws NonFiniteException naming the first target that is no number
     */
    public <T> double checkTargets(Objective<T> objective, T targets, int images) {
        guard.enter();
        try {
            return outputs.check(objective, targets, images);
        } finally {
            guard.exit();
        }
    }

    /**
     * The value of an objective on the last pass.
     *
     * @param <T> what targets of this objective are
     * @param targets of the images of the pass
     * @param objective what is computed of outputs and targets
     * @return the mean as the objective defines it
     * @throws IllegalArgumentException if they do not fit
     * @throws NonFiniteException naming the first target that is no number, or the image whose loss is none
     */
    public <T> double loss(Objective<T> objective, T targets) {
        enterResults();
        try {
            return outputs.value(objective, targets);
        } finally {
            guard.exit();
        }
    }

    /**
     * Gradients of the mean cross entropy of the last pass; TRAINING only, once a forward pass.
     *
     * @throws NonFiniteException naming the first gradient, in the order of computation, that is no number
     */
    public void backward() {
        enterBackward();
        try {
            execution.backward();
        } finally {
            exitBackward();
        }
    }

    /**
     * Gradients of an objective of the last pass; TRAINING only, once a forward pass.
     *
     * @param <T> what targets of this objective are
     * @param targets of the images of the pass
     * @param objective what is minimised
     * @return the objective's value
     * @throws IllegalArgumentException if the targets do not fit; a backward pass may follow still
     * @throws NonFiniteException naming the first target, image or gradient that is no number
     */
    public <T> double backward(Objective<T> objective, T targets) {
        enterBackward();
        try {
            return execution.backward(objective, targets);
        } finally {
            exitBackward();
        }
    }

    /**
     * Growth as in {@link #backward(int[], GradientSink[])}, from an objective as in {@link #backward(Objective, Object)}.
     *
     * @param <T> what targets of this objective are
     * @param objective what is minimised
     * @param targets of the images of the pass
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] is offered the gradient of every pruned position of parameters[i]
     * @return the objective's value
     */
    public <T> double backward(Objective<T> objective, T targets, int[] parameters, GradientSink[] growth) {
        enterBackward();
        try {
            return execution.backward(objective, targets, parameters, growth);
        } finally {
            exitBackward();
        }
    }

    private void enterBackward() {
        guard.enter();
        try {
            guard.useResults();
            workers().acquire();
        } catch (IllegalStateException e) {
            guard.exit();
            throw e;
        }
    }

    private void exitBackward() {
        workers().release();
        guard.exit();
    }

    /**
     * As {@link #backward()}, and offers the gradient of every PRUNED position of some weights (flat {@code state_dict} index) to sinks.
     * They are produced a few rows at a time; nothing of a layer's dense size is held.
     *
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] belongs to parameters[i]
     */
    public void backward(int[] parameters, GradientSink[] growth) {
        enterBackward();
        try {
            execution.backward(parameters, growth);
        } finally {
            exitBackward();
        }
    }

    /**
     * Growth as in {@link #backward(int[], GradientSink[])}, from a given gradient as in {@link #backward(float[])}.
     *
     * @param parameters positions of weights in {@link Network#parameters()}, none of them twice
     * @param growth growth[i] is offered the gradient of every pruned position of parameters[i]
     * @param outputGradient of the outputs, N,C,H,W
     */
    public void backward(int[] parameters, GradientSink[] growth, float[] outputGradient) {
        Objects.requireNonNull(outputGradient, "session: outputGradient");
        enterBackward();
        try {
            execution.backward(parameters, growth, outputGradient);
        } finally {
            exitBackward();
        }
    }

    /**
     * As {@link #backward()}, from a given gradient of the outputs in place of the cross entropy's.
     *
     * @param outputGradient N,C,H,W, one finite value an output
     */
    public void backward(float[] outputGradient) {
        enterBackward();
        try {
            execution.backward(outputGradient);
        } finally {
            exitBackward();
        }
    }

    /**
     * As {@link #backward()}, from given gradients of several outputs.
     *
     * @param outputGradients by the outputs' names, N,C,H,W, one finite value an output; outputs that are not in it have a gradient of 0
     * @throws IllegalArgumentException if there is none, one has no output of its name, or does not fit it
     */
    public void backward(Map<String, float[]> outputGradients) {
        Objects.requireNonNull(outputGradients, "session: outputGradients");
        enterBackward();
        try {
            execution.backward(outputGradients);
        } finally {
            exitBackward();
        }
    }

    /**
     * From here on weight gradients of convolutions see only the largest activations: of every channel of an image group that share of the
     * non-zero values, by magnitude; the images themselves are not cut. Values, loss and gradients of activations stay as they are. It
     * saves no memory here: a backward pass computes activations from the stored maps, piece by piece, and cuts them then.
     *
     * @param share in (0, 1]; 1: all, as in a fresh session
     */
    public void keepActivations(double share) {
        guard.enter();
        try {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("session: keeping a share " + share
                        + " of the activations, must be above 0 and at most 1");
            }
            pass.thinning = share == 1 ? null : new ActivationPruning(share, workers());
        } finally {
            guard.exit();
        }
    }

    /** {@return the outputs of the last pass, N,C,H,W, as a new array} */
    public float[] outputs() {
        enterResults();
        try {
            return outputs.values();
        } finally {
            guard.exit();
        }
    }

    /**
     * One of several outputs of the last pass.
     *
     * @param output its name, one of {@link Network#outputs()}
     * @return N,C,H,W, as a new array
     * @throws IllegalArgumentException if there is none of that name
     */
    public float[] outputs(String output) {
        enterResults();
        try {
            return outputs.values(output);
        } finally {
            guard.exit();
        }
    }

    /**
     * What an inner layer gave in the last pass: features, for a classifier of the application's own, or to look at. In training as in
     * inference; computed from the maps that the session keeps, so read it before the next images are set. Cost: two arrays of the layer's
     * size.
     *
     * @param layer position in {@link Network#layers()}, one of {@link SessionOptions#features()}
     * @return N,C,H,W, as a new array
     * @throws IllegalArgumentException if the session was not opened for that layer's values
     * @throws IllegalStateException if there is no pass yet, or other values have been loaded since
     */
    public float[] features(int layer) {
        enterResults();
        try {
            return execution.features(layer);
        } finally {
            guard.exit();
        }
    }

    /**
     * The gradient of the images after a backward pass, N,C,H,W, as a new array.
     *
     * @return one value a value of the images of the pass
     * @throws IllegalStateException if the session was not opened with {@link InputGradient#COMPUTED}, or no backward pass has gone through
     */
    public float[] inputGradient() {
        guard.enter();
        try {
            guard.useResults();
            return execution.inputGradient();
        } finally {
            guard.exit();
        }
    }

    /**
     * Live values of a parameter or running statistic; written by an optimiser in TRAINING mode only.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return one value an active position, in the order of its mask; not a copy
     */
    public float[] values(int parameter) {
        guard.look();
        return arrays.values[parameter(parameter)];
    }

    /**
     * Gradient of a trainable parameter, same order and length as {@link #values}; null for running statistics.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return the live array: of the last backward pass until the next
     */
    public float[] gradient(int parameter) {
        guard.look();
        return arrays.gradients[parameter(parameter)];
    }

    /**
     * The mask of a parameter.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return its mask now
     */
    public Mask mask(int parameter) {
        guard.look();
        return arrays.masks[parameter(parameter)];
    }

    private int parameter(int parameter) {
        if (parameter < 0 || parameter >= arrays.values.length) {
            throw new IllegalArgumentException("session: parameter " + parameter + ", must be in [0, " + arrays.values.length
                    + "), the positions in Network.parameters()");
        }
        return parameter;
    }

    /** {@return the masks now; what comes after them tells its holder that they have changed} */
    public MaskVersion maskVersion() {
        guard.look();
        return masks;
    }

    /**
     * For optimisers, before they change anything: whether there are gradients of the values and masks that the session has.
     *
     * @throws IllegalStateException if no backward pass has gone through since the session was opened or last loaded
     */
    public void checkGradients() {
        guard.enter();
        try {
            execution.checkGradients();
        } finally {
            guard.exit();
        }
    }

    /**
     * For optimisers, after they have changed values.
     *
     * @throws NonFiniteException naming the first value of a trained parameter that is no number
     */
    public void checkValues() {
        guard.enter();
        try {
            execution.checkValues();
        } finally {
            guard.exit();
        }
    }

    /**
     * The live values themselves as a state, without a copy: it changes with the session, so it must be used up before the session goes on.
     *
     * @return a state without copies
     */
    public ModelState liveState() {
        guard.enter();
        try {
            return counted(arrays.live());
        } finally {
            guard.exit();
        }
    }

    /** {@return the values copied out as an immutable state} */
    public ModelState state() {
        guard.enter();
        try {
            return counted(arrays.copied());
        } finally {
            guard.exit();
        }
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
     * backward pass needs a new forward pass then, and an optimiser a new backward pass. What optimisers remember by weight follows the
     * positions: it stays where a position is kept before and after, also when only values are others, and begins anew elsewhere.
     *
     * @param state network, masks and values; copied
     * @throws IllegalArgumentException if the state is of another architecture, or has a mask on a weight that may not be pruned here;
     *     nothing has changed then
     * @throws NonFiniteException if a value is no number; nothing has changed then
     */
    public void load(ModelState state) {
        load(state, ArrayOwnership.COPIED);
    }

    /**
     * As {@link #load(ModelState)}.
     *
     * @param state network, masks and values
     * @param ownership {@link ArrayOwnership#TAKEN_OVER}: the state's arrays become the session's own and change with it; nobody may use
     *     the state afterwards
     */
    public void load(ModelState state, ArrayOwnership ownership) {
        guard.enterAnyState();
        try {
            weights.checkSingle();
            arrays.check(state);
            if (options.finiteCheck() == FiniteCheck.ON) {
                state.checkFinite();
            }
            workers().acquire();
            try {
                guard.loading(true);
                take(state, ownership);
                guard.loading(false);
            } finally {
                workers().release();
            }
        } finally {
            guard.exit();
        }
    }

    private void take(ModelState state, ArrayOwnership ownership) {
        arrays.take(state, ownership);
        binding.run(pass.team);
        execution.loaded();
        bindSmallParameters();
        for (Normalization norm : plan.norms) {
            norm.batches = state.batchesTracked(norm.varianceParameter()).orElse(-1);
        }
        allocateWorkspace();
        // A training pass takes over the values itself, since an optimiser changes them.
        if (pass.mode != Mode.TRAINING) {
            execution.refresh();
        }
        masks = masks == null ? new MaskVersion(arrays.masks) : masks.follow(arrays.masks);
    }

    /** Everything but weights: what is not packed. */
    private void bindSmallParameters() {
        for (Normalization norm : plan.norms) {
            norm.bind(arrays.values, arrays.gradients);
            if (pass.mode == Mode.INFERENCE) {
                norm.useRunningStatistics();
            }
        }
        for (Step step : plan.steps) {
            step.bind(arrays.values, arrays.gradients);
        }
    }

    private void allocateWorkspace() {
        for (Step step : plan.steps) {
            step.reserve(pass.workspace);
        }
        pass.workspace.allocate();
    }

    /** {@return the workers every parallel step of this session runs on} */
    public Workers workers() {
        guard.look();
        return pass.team.workers;
    }

    /** {@return how many bytes all arrays take that the session holds} */
    public long bytes() {
        return ledger().live();
    }

    /**
     * {@return bytes of all arrays the session holds, by what they are for, as a new account} Optimiser, top-K buffers and messages are
     * others'.
     */
    public MemoryLedger ledger() {
        guard.enter();
        try {
            MemoryLedger ledger = new MemoryLedger();
            plan.memory().bytes().forEach(ledger::add);
            ledger.add(MemoryCategory.BATCH, 4L * batch);
            ledger.add(MemoryCategory.WORKSPACE, pass.workspace.bytes() + Outputs.bytes(plan)
                    + (pass.thinning == null ? 0 : pass.thinning.bytes()));
            if (!sharing) {
                arrays.account(ledger);
            }
            for (Step step : plan.steps) {
                step.account(ledger);
            }
            for (Normalization norm : plan.norms) {
                ledger.add(MemoryCategory.WORKSPACE, norm.bytes());
            }
            return ledger;
        } finally {
            guard.exit();
        }
    }

    /**
     * Restarts the stream of dropout masks.
     *
     * @param seed the same seed and images give the same masks, from the next pass on
     */
    public void seedDropout(long seed) {
        guard.enter();
        try {
            pass.dropoutSeed = seed;
            pass.number = 0;
        } finally {
            guard.exit();
        }
    }

    /**
     * Ends the session; its workers go on. Closed twice is closed.
     *
     * @throws IllegalStateException if another thread is inside
     */
    @Override
    public void close() {
        if (guard.close()) {
            weights.leave();
        }
    }
}
