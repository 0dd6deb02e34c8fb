package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.List;
import java.util.Map;

/** The passes of a session: what must have happened before each, the steps in order, and whether what they gave is finite. */
public final class Execution {
    private final Network network;
    private final RunContext pass;
    private final ExecutionPlan plan;
    private final Outputs outputs;
    private final InputImages images;
    private final NonFiniteSearch search;
    private final boolean checks;
    /** Whether an output depends on a parameter that is trained. */
    private final boolean trains;
    private final GivenGradient given;
    private final Objective<Map<String, float[]>> givenByName;
    private final Map<Integer, WeightedStep> weighted;
    private final WeightedStep[] weightedSteps;
    private final Normalization onePixelNorm;
    private final ParameterArrays arrays;
    private long passes;
    /** Whether the values are those of the last pass. */
    private boolean unchanged;
    /** Whether the images are those of the last pass, as far as is known. */
    private boolean imagesKept;
    /** Whether there are results of a pass that went through. */
    private boolean results;
    /** Whether a backward pass may follow. */
    private boolean forwardDone;
    /** Whether gradients belong to the values and masks that the session has. */
    private boolean gradients;
    /** Whether the last backward pass broke off, after the last load. */
    private boolean backwardFailed;
    /** Whether the gradient of the images is where the last backward pass left it. */
    private boolean inputGradient;
    /** Whether somebody holds the live images, and may write what nobody looks at before the pass. */
    private boolean imagesHandedOut;

    public Execution(Network network, RunContext pass, ExecutionPlan plan, Outputs outputs, InputImages images, ParameterArrays arrays,
            FiniteCheck check) {
        this.network = network;
        this.pass = pass;
        this.plan = plan;
        this.outputs = outputs;
        this.images = images;
        this.arrays = arrays;
        this.search = new NonFiniteSearch(network, plan, pass, arrays);
        this.checks = check == FiniteCheck.ON;
        this.trains = plan.outputs.stream().anyMatch(FusedInput::needsGradient);
        this.given = new GivenGradient(checks ? search : null);
        this.givenByName = this::givenTerms;
        this.weighted = plan.weighted();
        this.weightedSteps = weighted.values().toArray(WeightedStep[]::new);
        this.onePixelNorm = Normalization.ofOnePixel(plan.norms);
    }

    private void givenTerms(Map<String, float[]> gradients, Objective.Terms terms) {
        for (int i = 0; i < network.outputs().size(); i++) {
            String name = network.outputs().get(i).name();
            if (gradients.get(name) != null) {
                terms.add(name, 1, given, gradients.get(name));
            }
        }
    }

    public WeightedStep[] weightedSteps() {
        return weightedSteps;
    }

    /** The live images are the caller's to write from now on. */
    public void handOutImages() {
        checkForm(false);
        imagesHandedOut = true;
        images.handOut();
    }

    /** The live images, as bytes. */
    public byte[] bytes() {
        checkForm(true);
        return plan.bytes.pixels();
    }

    public void setImages(byte[] nchw, int count) {
        checkForm(true);
        checkImages(nchw.length, count);
        imagesKept = false;
        images.set(nchw, count);
    }

    public void setImages(float[] nchw, int count) {
        checkForm(false);
        checkImages(nchw.length, count);
        if (checks) {
            search.checkImages(nchw, count);
        }
        imagesKept = false;
        images.set(nchw, count);
        inputGradient &= !images.areNormalised();
    }

    /** A full batch of zeros. */
    public void setBlankImages() {
        int values = pass.batch * network.input().size();
        if (plan.bytes == null) {
            setImages(new float[values], pass.batch);
        } else {
            setImages(new byte[values], pass.batch);
        }
    }

    private void checkForm(boolean bytes) {
        if (bytes != (plan.bytes != null)) {
            throw new IllegalStateException(bytes
                    ? "session: it holds images as floats, expected bytes: open it with SessionOptions.withImages(ImageForm.bytes(mean, "
                    + "deviation)), or give it floats"
                    : "session: it holds images as bytes, expected floats: give it bytes (setImages(byte[], count) or inputBytes()), or "
                    + "open it with ImageForm.FLOATS");
        }
    }

    private void checkImages(int values, int count) {
        checkCount(count);
        long needed = (long) count * network.input().size();
        if (values < needed || values % network.input().size() != 0) {
            throw new IllegalArgumentException("session: " + count + " images of " + network.input() + " need " + needed
                    + " values, got " + values + (values > needed ? ": of a last one only a part" : ""));
        }
    }

    /** Refuses a number of images that no pass takes. */
    public void checkCount(int count) {
        if (count < 1 || count > pass.batch) {
            throw new IllegalArgumentException("session: " + count + " images, must be in [1, " + pass.batch + "], the session's batch");
        }
    }

    public void forward(int count) {
        checkCount(count);
        if (pass.mode != Mode.INFERENCE && count == 1 && onePixelNorm != null) {
            onePixelNorm.checkSingle();
        }
        images.clearPadding(count);
        if (checks && imagesHandedOut) {
            search.checkLaidOutImages(count);
        }
        results = false;
        forwardDone = false;
        inputGradient = false;
        pass.begin(count);
        passes++;
        pass.team.share(pass.tiled() ? count * products() : Long.MAX_VALUE);
        try {
            runForward();
        } finally {
            // What follows, packing other weights above all, is not a pass of few products.
            pass.team.share(Long.MAX_VALUE);
        }
        results = true;
        unchanged = true;
        imagesKept = true;
        forwardDone = true;
    }

    private void runForward() {
        images.layOut();
        if (pass.mode == Mode.TRAINING) {
            refresh();
        }
        if (pass.mode != Mode.INFERENCE) {
            useFrozenStatistics();
            images.moments();
        }
        List<Step> steps = plan.steps;
        for (int i = plan.firstStep(); i < steps.size();) {
            int end = pass.bands.end(steps, i);
            if (i < end) {
                pass.bands.run(steps, i, end);
                i = end;
            } else {
                steps.get(i++).forward();
            }
        }
        if (checks && !search.finitePass()) {
            NonFiniteException found = search.inForward("session: forward pass " + passes);
            pass.undo();
            throw found;
        }
        if (pass.mode != Mode.INFERENCE) {
            for (int i = 0; i < plan.norms.size(); i++) {
                plan.norms.get(i).takeStatistics();
            }
        }
    }

    /** Multiply-adds of an image. */
    private long products() {
        long products = 0;
        for (WeightedStep step : weightedSteps) {
            products += step.products();
        }
        return products;
    }

    private void useFrozenStatistics() {
        for (int i = 0; i < plan.norms.size(); i++) {
            if (!plan.norms.get(i).usesBatch) {
                plan.norms.get(i).useFrozenStatistics();
            }
        }
    }

    /** Packs the weights' current values. */
    public void refresh() {
        for (WeightedStep step : weightedSteps) {
            step.refresh();
        }
    }

    public void checkForward() {
        if (!results) {
            throw new IllegalStateException(passes == 0 ? "session: no forward pass has been run yet; run forward first"
                    : "session: the last forward pass failed and left no results; run forward again");
        }
    }

    private void checkBackward() {
        if (pass.mode != Mode.TRAINING) {
            throw new IllegalStateException("session: backward needs mode TRAINING, this session is for " + pass.mode
                    + "; open another one");
        }
        if (!trains) {
            throw new IllegalStateException("session: none of the parameters that the outputs depend on is trained, so there is no "
                    + "gradient to compute; open a session of a state in which fewer are frozen");
        }
        checkForward();
        if (!forwardDone) {
            throw new IllegalStateException("session: backward runs once after a forward pass, with the values of that pass; run forward "
                    + "first");
        }
        if (!imagesKept) {
            throw new IllegalStateException("session: other images have been set since the last forward pass, and gradients are computed "
                    + "from its own; run forward first");
        }
    }

    /** From the session's own labels. */
    public void backward() {
        backward(outputs.labelLoss, outputs.labels);
    }

    /** From a given gradient of the outputs. */
    public void backward(float[] outputGradient) {
        backward(given, outputGradient);
    }

    /** From given gradients of outputs, by name; those of others are 0. */
    public void backward(Map<String, float[]> outputGradients) {
        outputs.checkGiven(outputGradients);
        backward(givenByName, outputGradients);
    }

    /** From an objective, whose value is returned. */
    public <T> double backward(Objective<T> objective, T targets) {
        checkBackward();
        outputs.check(objective, targets, pass.count());
        begin();
        double value = outputs.start(objective, targets);
        run();
        return value;
    }

    private void begin() {
        forwardDone = false;
        gradients = false;
        backwardFailed = true;
        inputGradient = false;
    }

    private void run() {
        for (int i = plan.steps.size() - 1; i >= 0; i--) {
            plan.steps.get(i).backward();
        }
        plan.images.prepareGradient(pass);
        if (checks && !search.finite(arrays.gradients)) {
            throw search.inGradients("session: backward pass " + passes);
        }
        gradients = true;
        backwardFailed = false;
        inputGradient = true;
    }

    /** As {@link #backward(Objective, Object)}, with sinks for what some weights could grow by. */
    public <T> double backward(Objective<T> objective, T targets, int[] parameters, GradientSink[] growth) {
        checkBackward();
        try {
            askForGrowth(parameters, growth);
            return backward(objective, targets);
        } catch (IllegalStateException e) {
            // What a worker came upon is wrapped; what the caller came upon is not.
            if (e.getCause() instanceof NonFiniteException found) {
                throw found.in("session: backward pass " + passes);
            }
            throw e;
        } finally {
            for (WeightedStep step : weightedSteps) {
                step.grow(null);
            }
        }
    }

    public void backward(int[] parameters, GradientSink[] growth) {
        backward(outputs.labelLoss, outputs.labels, parameters, growth);
    }

    public void backward(int[] parameters, GradientSink[] growth, float[] outputGradient) {
        backward(given, outputGradient, parameters, growth);
    }

    private void askForGrowth(int[] parameters, GradientSink[] growth) {
        if (parameters.length != growth.length) {
            throw new IllegalArgumentException("session: " + parameters.length + " parameters and " + growth.length
                    + " sinks; give one sink a parameter");
        }
        for (int i = 0; i < parameters.length; i++) {
            if (!weighted.containsKey(parameters[i])) {
                throw new IllegalArgumentException("session: parameter " + parameters[i] + " is no weight; only weights can grow");
            }
            if (!network.isTrained(parameters[i])) {
                throw new IllegalArgumentException("session: '" + network.parameters().get(parameters[i]).name() + "' is frozen, and so "
                        + "are its mask and its pruned positions; grow weights that are trained");
            }
            if (growth[i] == null) {
                throw new IllegalArgumentException("session: the sink of parameter " + parameters[i] + " is null; leave the parameter out "
                        + "where nothing shall grow");
            }
            for (int j = 0; j < i; j++) {
                if (parameters[j] == parameters[i]) {
                    throw new IllegalArgumentException("session: parameter " + parameters[i] + " is asked for twice, at places " + j
                            + " and " + i + "; give one sink a parameter");
                }
            }
        }
        for (int i = 0; i < parameters.length; i++) {
            weighted.get(parameters[i]).grow(growth[i]);
        }
        pass.workspace.allocate();
    }

    /** Refuses gradients that are not of the values and masks the session has. */
    public void checkGradients() {
        if (!gradients) {
            throw new IllegalStateException(passes == 0 ? "session: there are no gradients yet; run forward and backward first"
                    : backwardFailed ? "session: the last backward pass failed and left no gradients; run forward and backward again"
                    : "session: there are no gradients of the values it has, since no backward pass has gone through after the last load; "
                    + "run forward and backward first");
        }
    }

    /** Values have changed: refuses those of trained parameters that are no numbers, and a backward pass of a pass with other ones. */
    public void checkValues() {
        forwardDone = false;
        if (checks && !search.finite(arrays.values)) {
            throw search.inValues("session");
        }
    }

    /** What a layer gave in the last pass, N,C,H,W, as a new array. */
    public float[] features(int layer) {
        FusedInput value = plan.features.get(layer);
        if (value == null) {
            throw new IllegalArgumentException("session: the values of layer " + layer + " were not asked for, only those of layers "
                    + plan.features.keySet() + "; open it with SessionOptions.withFeatures(" + layer + ")");
        }
        if (!unchanged) {
            throw new IllegalStateException("session: other values have been loaded since the last forward pass; run forward again");
        }
        if (!imagesKept) {
            throw new IllegalStateException("session: other images have been set since the last forward pass, from which features are "
                    + "computed; read them before, or run forward again");
        }
        return outputs.values(value);
    }

    /** The gradient of the images. */
    public float[] inputGradient() {
        images.checkGradient();
        checkGradients();
        if (!inputGradient) {
            throw new IllegalStateException("session: other images have come since the last backward pass, and where its gradient of the "
                    + "images was there is something else; read it before them, or run backward again");
        }
        return images.gradient();
    }

    /** Other values have been loaded. */
    public void loaded() {
        unchanged = false;
        forwardDone = false;
        gradients = false;
        backwardFailed = false;
    }
}
