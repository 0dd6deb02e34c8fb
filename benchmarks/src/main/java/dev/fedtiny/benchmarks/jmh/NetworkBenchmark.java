package dev.fedtiny.benchmarks.jmh;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A whole network: training step, growth batch, change of masks, optimisers, inference. */
@State(Scope.Benchmark)
public class NetworkBenchmark extends TeamBenchmark {
    private static final double GROWN_SHARE = 0.15;
    private static final long WARM_NANOS = 60_000_000_000L;
    private static final long QUIET_BYTES = 16 << 10;

    /** Architecture, for 3×32×32 images and 10 classes. */
    @Param("resnet18")
    public String model;
    /** Active share of every prunable layer, by magnitude; 1 with a model file: what it keeps. */
    @Param("0.1")
    public double density;

    private Session training;
    private Session inference;
    private Optimizer.Updater sgd;
    private Optimizer.Updater adam;
    private ModelState[] states;
    private int next;
    private int[] growing;
    private TopK[] buffers;
    private double flops;
    private double denseFlops;
    private double inferenceFlops;
    private double denseInferenceFlops;
    private double optimizerBytes;
    private double growthFlops;

    /** Builds the sessions; before anything is timed, one step of every form of the weights must give the same bits. */
    @Override
    void prepare(Workers team) {
        ModelState unpruned = BenchmarkModel.of(model);
        ModelState dense = Initializer.initialize(unpruned.network(), 1);
        ModelState state = Magnitude.atMost(unpruned, density);
        verify(state, team);
        training = session(state, Mode.TRAINING, AlgorithmPolicy.AUTOMATIC, batch, team);
        inference = session(state, Mode.INFERENCE, AlgorithmPolicy.AUTOMATIC, batch, team);
        // Optimisers take steps along gradients that there are.
        training.forward(batch);
        training.backward();
        sgd = new Sgd(0.9, 1e-4).bind(training);
        adam = Adam.amsgrad(1e-4).bind(training);
        states = new ModelState[] {shifted(state), state};
        flops = ExactCost.trainingFlops(state, batch);
        denseFlops = ExactCost.trainingFlops(dense, batch);
        inferenceFlops = ExactCost.forwardFlops(state, batch);
        denseInferenceFlops = ExactCost.forwardFlops(dense, batch);
        // SGD with momentum reads weight, gradient and velocity and writes weight and velocity.
        optimizerBytes = 5.0 * Float.BYTES * trained(state);
        prepareGrowth(state);
        warmUp(() -> step(training, sgd));
        warmUp(() -> inference.forward(batch));
    }

    /**
     * Repeats until three calls in a row allocate next to nothing, or some time has gone by: vector code makes objects until C2 has
     * compiled it, and kernels that a step calls seldom are compiled late.
     */
    private static void warmUp(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long start = System.nanoTime();
        for (int quiet = 0; quiet < 3 && System.nanoTime() - start < WARM_NANOS;) {
            long before = threads.getTotalThreadAllocatedBytes();
            call.run();
            quiet = threads.getTotalThreadAllocatedBytes() - before < QUIET_BYTES ? quiet + 1 : 0;
        }
    }

    private static long trained(ModelState state) {
        long values = 0;
        for (int i = 0; i < state.network().parameters().size(); i++) {
            values += state.network().parameters().get(i).kind().trainable() ? state.values(i).length : 0;
        }
        return values;
    }

    private Session session(ModelState state, Mode mode, AlgorithmPolicy algorithms, int images, Workers team) {
        Session session = Session.open(state, mode, images, team, algorithms);
        RandomStream random = RandomStream.of(1, "benchmark-images");
        float[] pixels = new float[images * session.network().input().size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        session.setImages(pixels, images);
        for (int i = 0; i < images; i++) {
            session.labels()[i] = i % session.network().classes();
        }
        return session;
    }

    private void verify(ModelState state, Workers team) {
        int images = Math.min(batch, 8);
        float[][] reference = null;
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            try (Session session = session(state, Mode.TRAINING, new AlgorithmPolicy.Always(algorithm), images, team)) {
                session.forward(images);
                session.backward();
                float[][] gradients = new float[state.network().parameters().size()][];
                for (int i = 0; i < gradients.length; i++) {
                    gradients[i] = session.gradient(i) == null ? new float[0] : session.gradient(i).clone();
                }
                if (reference != null && !Arrays.deepEquals(reference, gradients)) {
                    throw new IllegalStateException("benchmark: gradients of " + model + " with " + algorithm
                            + " weights differ from dense ones");
                }
                reference = gradients;
            }
        }
    }

    /** The same number of weights, every active one but the last moved to the next pruned position where there is one. */
    private static ModelState shifted(ModelState state) {
        List<Mask> masks = new ArrayList<>(state.masks());
        for (int p : state.network().prunable()) {
            int[] active = state.mask(p).indices();
            for (int i = 0; i < active.length; i++) {
                int bound = i + 1 < active.length ? active[i + 1] : state.mask(p).size();
                active[i] = active[i] + 1 < bound ? active[i] + 1 : active[i];
            }
            masks.set(p, Mask.of(state.mask(p).size(), active));
        }
        return state.masked(masks);
    }

    private void prepareGrowth(ModelState state) {
        Network network = state.network();
        growing = network.blocks().getLast().parameters().stream().mapToInt(Integer::intValue)
                .filter(p -> !state.mask(p).isFull()).toArray();
        buffers = Arrays.stream(growing).mapToObj(p -> new TopK((int) Math.ceil(GROWN_SHARE * state.mask(p).count()))).toArray(TopK[]::new);
        growthFlops = ExactCost.growthFlops(state, Arrays.stream(growing).boxed().toList(), batch);
    }

    /** Ends the sessions. */
    @TearDown(Level.Trial)
    public void closeSessions() {
        training.close();
        inference.close();
    }

    private void step(Session session, Optimizer.Updater updater) {
        session.forward(batch);
        session.lossSum();
        session.backward();
        updater.step(1e-3);
    }

    /** Forward, loss, backward, SGD with momentum and weight decay. */
    @Benchmark
    public void trainingStep(Counters counters) {
        step(training, sgd);
        count(counters, flops, denseFlops, 0);
    }

    /** Forward and backward with the gradient of all pruned positions of the last block, the largest active. */
    @Benchmark
    public void growthBatch(Counters counters) {
        for (TopK buffer : buffers) {
            buffer.clear();
        }
        training.forward(batch);
        training.backward(growing, buffers);
        count(counters, flops + growthFlops, denseFlops, 0);
    }

    /** Forward and backward alone: what {@link #growthBatch} is compared with. */
    @Benchmark
    public void gradientBatch(Counters counters) {
        training.forward(batch);
        training.backward();
        count(counters, flops, denseFlops, 0);
    }

    /** Other masks for all layers: packing, transposing, values. Allocates the new structure. */
    @Benchmark
    public void maskChange(Counters counters) {
        training.load(states[next]);
        next ^= 1;
        count(counters, 0, 0, 0);
    }

    /** SGD with momentum and weight decay. */
    @Benchmark
    public void sgd(Counters counters) {
        sgd.step(1e-6);
        count(counters, 0, 0, optimizerBytes);
    }

    /** Adam with AMSGrad. */
    @Benchmark
    public void adam(Counters counters) {
        adam.step(1e-6);
        // Two moments and their largest are read and written, where SGD has one velocity.
        count(counters, 0, 0, optimizerBytes / 5 * 9);
    }

    /** A forward pass by the running statistics. */
    @Benchmark
    public void inference(Counters counters) {
        inference.forward(batch);
        count(counters, inferenceFlops, denseInferenceFlops, 0);
    }
}
