package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A network made ready to run: operators that store maps (convolutions, linear layers, pooling) become steps; batch normalisation, clamps
 * and residual sums become parts of the {@link FusedInput}s that steps read. Where such a value is needed in a way that cannot be computed
 * on the fly, a copy is stored.
 */
public final class ExecutionPlan {
    private static final StorageKernel FLOAT32 = KernelRegistry.current().float32();

    public final List<Step> steps = new ArrayList<>();
    public final List<Normalization> norms = new ArrayList<>();
    public final StoredActivation images;
    /** What is answered, in the order of {@link Network#outputs}. */
    public final List<FusedInput> outputs;
    /** What can be read besides, by the layer's position. */
    public final Map<Integer, FusedInput> features;
    /** The images where they come as bytes, else null. */
    final ByteImages bytes;
    /** The images cut into tiles, which the first step makes of {@link #images}; null where lanes are images. */
    final StoredActivation imageTiles;
    private final Network network;
    private final RunContext pass;
    private final List<StoredActivation> maps = new ArrayList<>();
    private final List<FusedInput> values = new ArrayList<>();
    private final Set<FusedInput> prefixes = new HashSet<>();
    /** What the maps of the layer that is being planned are stored in, where they have more than one pixel. */
    private StorageKernel storage = FLOAT32;
    private final PlanMemory memory;

    public ExecutionPlan(Network network, RunContext pass, SessionOptions options) {
        this.network = network;
        this.pass = pass;
        images = new StoredActivation(network.input(), Layout.IMAGES, -1, options.inputGradient() == InputGradient.COMPUTED, FLOAT32);
        bytes = ByteImages.of(pass, network.input(), options.images());
        images.bytes = pass.tiled() || isReadByStepsAlone() ? bytes : null;
        maps.add(images);
        FusedInput[] ofLayers = build(options.activations());
        outputs = network.outputs().stream().map(output -> output(ofLayers[output.layer()])).toList();
        features = features(options.features(), ofLayers);
        imageTiles = pass.tiled() ? steps.getFirst().output.map : null;
        planSamples();
        finishAtOnce();
        ImageBands.placeEdges(steps);
        for (FusedInput value : values) {
            if (value.prefix != null) {
                value.prefix.next = value;
            }
        }
        if (pass.mode == Mode.TRAINING) {
            planGradients();
            steps.forEach(step -> step.inputs.forEach(InputPort::planGradient));
            planInPlace();
        }
        memory = new PlanMemory(this, pass);
    }

    /** Where all maps and gradients lie. */
    public PlanMemory memory() {
        return memory;
    }

    /** The first step of a pass: the second where the images came as tiles, as which they lie in the place of the images. */
    int firstStep() {
        return imageTiles != null && imageTiles.data == images.data ? 1 : 0;
    }

    /** All maps, the images first. */
    List<StoredActivation> maps() {
        return maps;
    }

    /** All values that steps read or add to. */
    List<FusedInput> values() {
        return values;
    }

    /** Whether steps alone read the images, which lay them out themselves: no normalisation, bound or sum is built on them. */
    private boolean isReadByStepsAlone() {
        return network.layers().stream().filter(layer -> layer.sources().contains(0)).allMatch(layer -> layer instanceof WeightedLayer
                || layer instanceof OperatorLayer && !ValueReaders.isIdentity(layer, pass.mode));
    }

    /** What a training session stores maps of several pixels in; the outputs, and maps of one pixel, stay as they are. */
    private StorageKernel storage(ActivationStorage activations) {
        return switch (pass.mode == Mode.TRAINING ? activations : ActivationStorage.FLOAT32) {
            case FLOAT32 -> FLOAT32;
            case BFLOAT16 -> KernelRegistry.current().bfloat16();
        };
    }

    private FusedInput[] build(ActivationStorage activations) {
        List<Layer> layers = network.layers();
        int[] users = ValueReaders.count(network, pass.mode);
        FusedInput[] of = new FusedInput[layers.size()];
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            boolean isOutput = network.outputs().stream().anyMatch(output -> output.layer() == layer)
                    && (layers.get(i) instanceof WeightedLayer || layers.get(i) instanceof OperatorLayer);
            storage = isOutput ? FLOAT32 : storage(activations);
            of[i] = switch (layers.get(i)) {
                case Input input -> pass.tiled() ? copy(used(stored(images))) : stored(images);
                case Conv2d conv -> convolution(conv, used(of[conv.source()]), parameters(i, conv));
                case Linear linear -> linear(linear, used(of[linear.source()]), parameters(i, linear));
                case BatchNorm2d norm -> {
                    FusedInput source = of[norm.source()];
                    FusedInput map = source.isStored() && users[norm.source()] == 1 ? source : copy(used(source));
                    Normalization normalization = new Normalization(norm, network, network.firstParameter(i), pass);
                    norms.add(normalization);
                    yield new FusedInput(map.map, normalization, null, null);
                }
                case Clamp clamp -> {
                    FusedInput source = of[clamp.source()];
                    if (users[clamp.source()] > 1 || source.clamp != null) {
                        source = copy(used(source));
                    }
                    yield new FusedInput(source.map, source.norm, source.prefix, clamp);
                }
                case Add add -> sum(add, of, users);
                case OperatorLayer operator -> {
                    if (ValueReaders.isIdentity(operator, pass.mode)) {
                        yield of[operator.sources().getFirst()];
                    }
                    yield operator(operator, operator.sources().stream().map(source -> of[source]).toList(), network.firstParameter(i));
                }
            };
        }
        return of;
    }

    /** A stored map that nobody else reads: its gradient comes from the loss alone. */
    private FusedInput output(FusedInput value) {
        boolean own = value.isStored() && value.map.producer >= 0 && value.readers.isEmpty() && value.map.value == null
                && !value.map.rounds();
        return used(own ? value : copy(used(value), FLOAT32));
    }

    private Map<Integer, FusedInput> features(List<Integer> layers, FusedInput[] of) {
        Map<Integer, FusedInput> values = new TreeMap<>();
        for (int layer : layers) {
            if (layer < 0 || layer >= of.length) {
                throw new IllegalArgumentException("session: features of layer " + layer + "; the layers are 0 (the images) to "
                        + (of.length - 1) + ", see Network.layer(name)");
            }
            values.put(layer, of[layer]);
        }
        return values;
    }

    /** Lets steps that store their output by way of scratch store what is built on it, where nobody wants the output itself. */
    private void finishAtOnce() {
        for (Step step : steps) {
            StoredActivation map = step.output.map;
            if (step.output.canFinish() && features.values().stream().noneMatch(value -> value.map == map)) {
                map.value.finish();
            }
        }
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
        for (Step step : steps) {
            if (step instanceof ConvolutionStep reader && reader.sampled() == null) {
                SampledInput kept = SampledInput.between(writer, reader);
                if (kept != null) {
                    reader.readKept(writer, kept);
                    return;
                }
            }
        }
    }

    private WeightParameters parameters(int layer, WeightedLayer weighted) {
        return WeightParameters.of(network, network.firstParameter(layer), weighted.bias());
    }

    private StoredActivation map(Shape shape, boolean needsGradient) {
        return map(shape, pass.layout(shape), needsGradient);
    }

    private StoredActivation map(Shape shape, Layout layout, boolean needsGradient) {
        return map(shape, layout, needsGradient, storage(shape));
    }

    private StoredActivation map(Shape shape, Layout layout, boolean needsGradient, StorageKernel form) {
        StoredActivation map = new StoredActivation(shape, layout, steps.size(), needsGradient, form);
        maps.add(map);
        return map;
    }

    /** A single pixel is no worth of rounding: maps of one are small, and steps of linear layers go through all groups at once. */
    private StorageKernel storage(Shape shape) {
        return shape.pixels() == 1 ? FLOAT32 : storage;
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
        return copy(source, storage(source.map.shape));
    }

    private FusedInput copy(FusedInput source, StorageKernel form) {
        Shape shape = source.map.shape;
        StoredActivation out = map(shape, pass.layout(shape), source.needsGradient(), form);
        SmallParameters none = SmallParameters.of(network, List.of(), 0, 1, pass);
        steps.add(OperatorStep.of(pass, steps.size(), new Identity(0, out.shape), List.of(source), out, none));
        return stored(out);
    }

    private FusedInput operator(OperatorLayer operator, List<FusedInput> sources, int firstParameter) {
        List<FusedInput> inputs = new ArrayList<>();
        for (FusedInput source : sources) {
            // Contributions to one gradient that one step makes twice would have to wait for each other.
            inputs.add(used(inputs.contains(source) ? copy(source) : source));
        }
        int blocks = Math.ceilDiv(operator.output().pixels(), operator.division().block(operator.output()));
        SmallParameters own = SmallParameters.of(network, operator.parameters(), firstParameter, blocks, pass);
        if (pass.lanesArePixels() && ChannelLanesStep.covers(operator, network)) {
            StoredActivation out = map(operator.output(), false);
            steps.add(new ChannelLanesStep(pass, steps.size(), operator, inputs.getFirst(), out, own));
            return stored(out);
        }
        StoredActivation out = map(operator.output(), OperatorStep.layout(pass, operator),
                own.trained() || inputs.stream().anyMatch(FusedInput::needsGradient));
        steps.add(OperatorStep.of(pass, steps.size(), operator, inputs, out, own));
        return stored(out);
    }

    /** Images are stored as they are, and a chain of sums in one form. */
    private FusedInput sum(Add add, FusedInput[] of, int[] users) {
        FusedInput left = inForm(of[add.left()]);
        FusedInput right = add.left() == add.right() ? left : inForm(of[add.right()]);
        return sum(left, left == of[add.left()] ? users[add.left()] : 1, right, right == of[add.right()] ? users[add.right()] : 1);
    }

    private FusedInput inForm(FusedInput summand) {
        return summand.map.storage == storage(summand.map.shape) ? summand : copy(used(summand));
    }

    /** One summand becomes the prefix of the other, which must be no more than a normalised map that nobody else reads. */
    private FusedInput sum(FusedInput left, int leftUsers, FusedInput right, int rightUsers) {
        if (left == right) {
            FusedInput twice = liesAsCopies(left) ? left : copy(used(left));
            return new FusedInput(copy(used(twice)).map, null, prefix(twice), null);
        }
        if (!left.map.layout.equals(right.map.layout)) {
            // What an operator of whole maps gave is cut into tiles as the other is.
            return left.map.layout.equals(Layout.IMAGES) ? sum(copy(used(left)), 1, right, rightUsers)
                    : sum(left, leftUsers, copy(used(right)), 1);
        }
        boolean ontoLeft = left.prefix == null && left.clamp == null && leftUsers == 1;
        boolean ontoRight = !ontoLeft && right.prefix == null && right.clamp == null && rightUsers == 1;
        boolean copies = !ontoLeft && !ontoRight || prefixes.contains(ontoRight ? left : right);
        if (copies && !liesAsCopies(left)) {
            // Maps of a sum lie alike, and a copy would be cut into tiles where both are whole.
            return sum(copy(used(left)), 1, copy(used(right)), 1);
        }
        if (ontoLeft) {
            return new FusedInput(left.map, left.norm, prefix(right), null);
        }
        if (ontoRight) {
            return new FusedInput(right.map, right.norm, prefix(left), null);
        }
        return new FusedInput(copy(used(left)).map, null, prefix(right), null);
    }

    /** Whether a copy has its lanes as the value's map does; what an operator of whole maps gave lies otherwise where lanes are tiles. */
    private boolean liesAsCopies(FusedInput value) {
        return value.map.layout.equals(pass.layout(value.map.shape));
    }

    /** A value can be the prefix of one sum only; another sum gets a copy. */
    private FusedInput prefix(FusedInput value) {
        FusedInput free = prefixes.add(value) ? value : copy(used(value));
        prefixes.add(free);
        return used(free);
    }

    private FusedInput convolution(Conv2d conv, FusedInput input, WeightParameters parameters) {
        StoredActivation out = map(conv.output(), input.needsGradient() || parameters.trains());
        if (pass.lanesArePixels()) {
            return convolutionOfPixels(conv.geometry(), input, parameters, out);
        }
        // The order in which a bias' gradient is summed depends on the halo, so frozen layers before this one do not change that. Layers
        // that read the images sum without it.
        ScratchLayout layout = pass.tiled() ? new ScratchLayout(TileReader.tileGeometry(conv.geometry(), out.layout))
                : new ScratchLayout(conv.geometry(), input.map != images || input.needsGradient());
        LaneReader tiles = pass.tiled() ? TileReader.convolution(pass, input, out, layout, conv.geometry().padding()) : null;
        return convolution(layout, new InputPort(pass, steps.size(), input, layout.inputPlacement(), tiles),
                new OutputPort(pass, out, layout.gradientPlacement()), parameters);
    }

    private FusedInput convolutionOfPixels(Conv2dGeometry geometry, FusedInput input, WeightParameters parameters, StoredActivation out) {
        boolean pointwise = PixelLanes.isPointwise(geometry);
        ScratchLayout layout = pointwise ? new ScratchLayout(PixelLanes.inOneRow(geometry, input.map), false)
                : ScratchLayout.ofPixels(geometry);
        boolean asItLies = pointwise || layout.readsMaps();
        Placement placement = asItLies ? Placement.contiguous(input.map.tile) : layout.inputPlacement();
        LaneReader planes = asItLies ? null : PixelReader.planes(pass, input, layout);
        PixelOutput written = pointwise ? PixelOutput.inPlace(out)
                : layout.readsMaps() ? PixelOutput.ofWindows(layout, out) : PixelOutput.gapped(layout);
        return convolution(layout, new InputPort(pass, steps.size(), input, placement, planes),
                new OutputPort(pass, out, layout.gradientPlacement(), written), parameters);
    }

    private FusedInput convolution(ScratchLayout layout, InputPort from, OutputPort to, WeightParameters parameters) {
        steps.add(layout.geometry().isDepthwise() ? new DepthwiseStep(pass, steps.size(), from, to, layout, parameters)
                : new ConvolutionStep(pass, steps.size(), from, to, layout, parameters));
        return stored(to.map);
    }

    private FusedInput linear(Linear linear, FusedInput input, WeightParameters parameters) {
        FusedInput features = input.map.rounds() ? used(copy(input, FLOAT32)) : input;
        StoredActivation out = map(linear.output(), input.needsGradient() || parameters.trains());
        steps.add(new LinearStep(pass, steps.size(), features, out, parameters));
        return stored(out);
    }

    private void planGradients() {
        outputs.forEach(output -> output.finish = steps.size());
        for (FusedInput value : values) {
            planFinish(value);
        }
        for (FusedInput value : values) {
            boolean evaluated = value.clamp != null && value.needsGradient() && value.finish >= 0 && value.finish < steps.size()
                    && (value.lastIsLink || !reader(value).placement.holdsAll());
            if (evaluated) {
                pass.workspace.needValues((long) pass.threads() * InputPort.evaluatedFloats(value));
            }
        }
    }

    /** Lets the last step that uses a gradient's buffer make its output's gradient there, of the value's. */
    private void planInPlace() {
        Map<FusedInput, Integer> last = new HashMap<>();
        for (FusedInput value : values) {
            if (value.needsGradient()) {
                last.merge(value.gradientOwner(), value.map.producer, Math::min);
            }
        }
        for (Step step : steps) {
            FusedInput value = step.output.map.value;
            step.output.inPlace = step.runsBackward() && last.get(value.gradientOwner()) == step.index
                    && step.output.gradientPlacement.isContiguous() && !step.output.map.rounds();
        }
    }

    /** By whom the gradient of a value becomes complete. */
    private static InputPort reader(FusedInput value) {
        return value.readers.stream().filter(port -> port.step == value.finish).findFirst().orElseThrow();
    }

    private void planFinish(FusedInput value) {
        if (value.finish >= 0) {
            return;
        }
        int smallest = value.smallestReader();
        if (value.next == null) {
            value.finish = smallest;
            return;
        }
        planFinish(value.next);
        int linked = value.next.finish;
        int largest = value.largestReader();
        if (value.readers.isEmpty()) {
            value.link = value.clamp != null ? FusedInput.Link.COPIED : FusedInput.Link.SHARED;
        } else if (value.next.map.producer > largest) {
            value.link = FusedInput.Link.SHARED;
        } else {
            value.link = linked > largest ? FusedInput.Link.COPIED : FusedInput.Link.ADDED;
        }
        value.lastIsLink = value.readers.isEmpty() || value.link != FusedInput.Link.SHARED && linked < smallest;
        value.finish = value.lastIsLink ? linked : smallest;
    }

    /** The steps that hold weights, by the weight's parameter. */
    public Map<Integer, WeightedStep> weighted() {
        Map<Integer, WeightedStep> weighted = new TreeMap<>();
        for (Step step : steps) {
            if (step instanceof WeightedStep w) {
                weighted.put(w.weightParameter(), w);
            }
        }
        return weighted;
    }
}
