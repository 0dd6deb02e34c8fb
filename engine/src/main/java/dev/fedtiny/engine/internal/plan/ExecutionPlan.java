package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Layer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A network made ready to run: operators that store maps (convolutions, linear layers, pooling) become steps; batch normalisation, ReLU
 * and residual sums become parts of the {@link FusedInput}s that steps read. Where such a value is needed in a way that cannot be computed
 * on the fly, a copy is stored.
 */
public final class ExecutionPlan {
    public final List<Step> steps = new ArrayList<>();
    public final List<Normalization> norms = new ArrayList<>();
    public final StoredActivation images;
    public final FusedInput logits;
    private final Network network;
    private final RunContext pass;
    private final List<StoredActivation> maps = new ArrayList<>();
    private final List<FusedInput> values = new ArrayList<>();
    private final Set<FusedInput> prefixes = new HashSet<>();
    private final PlanMemory memory;

    public ExecutionPlan(Network network, RunContext pass, InputGradient inputGradient, ActivationStorage activations) {
        this.network = network;
        this.pass = pass;
        images = new StoredActivation(network.input(), Layout.IMAGES, -1);
        images.gradientWanted = inputGradient == InputGradient.COMPUTED;
        maps.add(images);
        logits = build();
        planSamples();
        for (FusedInput value : values) {
            if (value.prefix != null) {
                value.prefix.next = value;
            }
        }
        if (pass.mode == Mode.TRAINING) {
            planGradients();
        }
        for (Step step : steps) {
            step.begins = pass.mode == Mode.TRAINING && step.feedsBack() && begins(step);
        }
        memory = new PlanMemory(this, pass, activations);
    }

    /** Where all maps and gradients lie. */
    public PlanMemory memory() {
        return memory;
    }

    /** All maps, the images first. */
    List<StoredActivation> maps() {
        return maps;
    }

    /** All values that steps read or add to. */
    List<FusedInput> values() {
        return values;
    }

    private FusedInput build() {
        List<Layer> layers = network.layers();
        int[] users = new int[layers.size()];
        for (Layer layer : layers) {
            layer.sources().forEach(source -> users[source]++);
        }
        FusedInput[] of = new FusedInput[layers.size()];
        for (int i = 0; i < layers.size(); i++) {
            of[i] = switch (layers.get(i)) {
                case Layer.Input input -> pass.tiled() ? copy(used(stored(images))) : stored(images);
                case Layer.Conv2d conv -> convolution(conv, used(of[conv.source()]));
                case Layer.Linear linear -> linear(linear, used(of[linear.source()]));
                case Layer.BatchNorm2d norm -> {
                    FusedInput source = of[norm.source()];
                    FusedInput map = source.isStored() && users[norm.source()] == 1 ? source : copy(used(source));
                    Normalization normalization = new Normalization(network.indexOf(norm.name() + ".weight"), norm.output().channels(),
                            pass.capacityGroups, pass.mode);
                    norms.add(normalization);
                    yield new FusedInput(map.map, normalization, null, false);
                }
                case Layer.Relu relu -> {
                    FusedInput source = of[relu.source()];
                    if (users[relu.source()] > 1 || source.relu) {
                        source = copy(used(source));
                    }
                    yield new FusedInput(source.map, source.norm, source.prefix, true);
                }
                case Layer.Add add -> sum(of[add.left()], users[add.left()], of[add.right()], users[add.right()]);
                case Layer.MaxPool2d pool -> {
                    StoredActivation out = map(pool.output());
                    steps.add(new PlainStep.MaxPool(pass, steps.size(), used(of[pool.source()]), out, pool.kernel(), pool.stride()));
                    yield stored(out);
                }
                case Layer.GlobalAveragePool pool -> {
                    StoredActivation out = map(pool.output());
                    steps.add(new PlainStep.Average(pass, steps.size(), used(of[pool.source()]), out));
                    yield stored(out);
                }
                case Layer.Repeat repeat -> {
                    StoredActivation out = map(repeat.output());
                    steps.add(new PlainStep.Repeat(pass, steps.size(), used(of[repeat.source()]), out));
                    yield stored(out);
                }
                case Layer.Dropout dropout -> {
                    if (pass.mode != Mode.TRAINING || dropout.probability() == 0) {
                        users[dropout.source()] += users[i] - 1;
                        yield of[dropout.source()];
                    }
                    StoredActivation out = map(dropout.output());
                    steps.add(new PlainStep.Drop(pass, steps.size(), used(of[dropout.source()]), out, dropout.probability()));
                    yield stored(out);
                }
            };
        }
        FusedInput last = of[layers.size() - 1];
        return used(last.isStored() && last.map.producer >= 0 ? last : copy(used(last)));
    }

    /** Lets a convolution with a stride keep for a later one what that reads. */
    private void planSamples() {
        for (Step writer : steps) {
            if (writer instanceof ConvolutionStep first && first.sampled() == null) {
                planSample(first);
            }
        }
    }

    private void planSample(ConvolutionStep writer) {
        for (Step step : writer.input.readers) {
            if (step instanceof ConvolutionStep reader && reader.sampled() == null) {
                SampledInput kept = SampledInput.between(writer, reader);
                if (kept != null) {
                    reader.readKept(writer, kept);
                    return;
                }
            }
        }
    }

    private StoredActivation map(Shape shape) {
        StoredActivation map = new StoredActivation(shape, pass.layout(shape), steps.size());
        maps.add(map);
        return map;
    }

    private static FusedInput stored(StoredActivation map) {
        return FusedInput.of(map);
    }

    /** Makes a value part of the plan: the one that is built on its map. */
    private FusedInput used(FusedInput value) {
        if (value.map.value != value) {
            if (value.map.value != null) {
                throw new IllegalStateException("plan: two values are built on the map of step " + value.map.producer);
            }
            value.map.value = value;
            values.add(value);
            if (value.prefix != null) {
                used(value.prefix);
            }
        }
        return value;
    }

    private FusedInput copy(FusedInput source) {
        StoredActivation out = map(source.map.shape);
        steps.add(new PlainStep.Copy(pass, steps.size(), source, out));
        return stored(out);
    }

    /** One summand becomes the prefix of the other, which must be no more than a normalised map that nobody else reads. */
    private FusedInput sum(FusedInput left, int leftUsers, FusedInput right, int rightUsers) {
        if (left == right) {
            return new FusedInput(copy(used(left)).map, null, prefix(left), false);
        }
        if (left.prefix == null && !left.relu && leftUsers == 1) {
            return new FusedInput(left.map, left.norm, prefix(right), false);
        }
        if (right.prefix == null && !right.relu && rightUsers == 1) {
            return new FusedInput(right.map, right.norm, prefix(left), false);
        }
        return new FusedInput(copy(used(left)).map, null, prefix(right), false);
    }

    /** A value can be the prefix of one sum only; another sum gets a copy. */
    private FusedInput prefix(FusedInput value) {
        FusedInput free = prefixes.add(value) ? value : copy(used(value));
        prefixes.add(free);
        return used(free);
    }

    private FusedInput convolution(Layer.Conv2d conv, FusedInput input) {
        StoredActivation out = map(conv.output());
        int weight = network.indexOf(conv.name() + ".weight");
        if (pass.tiled()) {
            ScratchLayout tile = new ScratchLayout(TileReader.tileGeometry(conv.geometry(), out.layout));
            Step step = new ConvolutionStep(pass, steps.size(), input, out, tile, weight, conv.bias());
            step.readTiles(TileReader.convolution(pass, input, out, tile, conv.geometry().padding()));
            steps.add(step);
        } else {
            steps.add(new ConvolutionStep(pass, steps.size(), input, out,
                    new ScratchLayout(conv.geometry(), input.needsGradient()), weight, conv.bias()));
        }
        return stored(out);
    }

    private FusedInput linear(Layer.Linear linear, FusedInput input) {
        StoredActivation out = map(linear.output());
        steps.add(new LinearStep(pass, steps.size(), input, out, network.indexOf(linear.name() + ".weight"), linear.bias()));
        return stored(out);
    }

    private static int smallestReader(FusedInput value) {
        return value.readers.stream().mapToInt(s -> s.index).min().orElse(Integer.MAX_VALUE);
    }

    static int largestReader(FusedInput value) {
        return value.readers.stream().mapToInt(s -> s.index).max().orElse(-1);
    }

    private void planGradients() {
        logits.finish = steps.size();
        for (FusedInput value : values) {
            planFinish(value);
        }
        for (FusedInput value : values) {
            boolean evaluated = value.relu && value.needsGradient() && value.finish >= 0 && value.finish < steps.size()
                    && (value.lastIsLink || !steps.get(value.finish).inputPlacement.holdsAll());
            if (evaluated) {
                pass.workspace.needValues((long) pass.threads() * value.map.groupFloats);
            }
        }
    }

    private void planFinish(FusedInput value) {
        if (value.finish >= 0) {
            return;
        }
        int smallest = smallestReader(value);
        if (value.next == null) {
            value.finish = smallest;
            return;
        }
        planFinish(value.next);
        int linked = value.next.finish;
        int largest = largestReader(value);
        if (value.readers.isEmpty()) {
            value.link = value.relu ? FusedInput.Link.COPIED : FusedInput.Link.SHARED;
        } else if (value.next.map.producer > largest) {
            value.link = FusedInput.Link.SHARED;
        } else {
            value.link = linked > largest ? FusedInput.Link.COPIED : FusedInput.Link.ADDED;
        }
        value.lastIsLink = value.readers.isEmpty() || value.link != FusedInput.Link.SHARED && linked < smallest;
        value.finish = value.lastIsLink ? linked : smallest;
    }

    private static boolean begins(Step step) {
        FusedInput value = step.input;
        boolean fresh = value.link == null || value.link == FusedInput.Link.ADDED;
        return fresh && step.index == largestReader(value);
    }

    /** The steps that hold weights, by the weight's parameter. */
    public Map<Integer, WeightedStep> weighted() {
        Map<Integer, WeightedStep> weighted = new TreeMap<>();
        for (Step step : steps) {
            if (step instanceof WeightedStep w) {
                weighted.put(w.weightParameter, w);
            }
        }
        return weighted;
    }
}
