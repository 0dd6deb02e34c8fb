package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.onnx.OnnxModel.Attribute;
import dev.fedtiny.engine.onnx.OnnxModel.Node;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns a graph into a network and a state, node by node; notes everything that stands in the way before it gives up. */
final class GraphImport {
    /** The first operator set that is read: before it, operators had other inputs. */
    static final long FIRST_OPSET = 13;
    /** The last one whose operators were looked at; of later ones every attribute that is not known is refused. */
    static final long LAST_OPSET = 25;

    private static final int MOST_REASONS = 100;
    /** The block of layers that have no name. */
    private static final String NAMELESS = "network";
    /** Operators that only rename or rearrange; of constants they are read before everything that looks for constants. */
    private static final Set<String> VIEWS = Set.of("Cast", "Concat", "Reshape", "Squeeze", "Transpose", "Unsqueeze");

    private final OnnxModel model;
    private final Zeros zeros;
    private final Map<String, Term> terms = new HashMap<>();
    private final Map<String, List<Node>> readers = new HashMap<>();
    private final Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<String> problems = new ArrayList<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<String, Values> values = new LinkedHashMap<>();
    private final Set<String> outputNames;
    private final Set<String> layerNames = new HashSet<>();
    /** The number that the next layer of a name which is taken begins to look for a free one with. */
    private final Map<String, Integer> suffixes = new HashMap<>();
    private Network.Builder network;
    /** Images that the graph is for; empty where their number is free. */
    private Optional<Long> images = Optional.empty();
    private String block = "";

    /** Numbers of a parameter, and whether zeros among them are pruned positions. */
    private record Values(float[] numbers, boolean zerosArePruned) {
    }

    private GraphImport(OnnxModel model, Zeros zeros) {
        this.model = model;
        this.zeros = zeros;
        this.outputNames = model.outputs().stream().map(OnnxModel.Value::name).collect(Collectors.toSet());
    }

    /**
     * Builds the network of a model.
     *
     * @throws OnnxException with every reason, where it cannot be taken
     */
    static OnnxFile.Imported read(OnnxModel model, Zeros zeros) throws IOException {
        return new GraphImport(model, zeros).read();
    }

    private OnnxFile.Imported read() throws IOException {
        checkOpset();
        index();
        Set<Node> needed = needed();
        constants(needed);
        boolean readable = input();
        for (Node node : model.nodes()) {
            if (needed.contains(node) && !done.contains(node) && (readable || reader(node) == null)) {
                read(node);
            }
        }
        if (readable) {
            outputs();
        }
        giveUp();
        try {
            return new OnnxFile.Imported(state(network.build()), List.copyOf(notes));
        } catch (IllegalArgumentException | NonFiniteException e) {
            throw new OnnxException(model.source(), List.of(e.getMessage()));
        }
    }

    private void giveUp() throws OnnxException {
        if (!problems.isEmpty()) {
            throw new OnnxException(model.source(), problems);
        }
    }

    private void checkOpset() throws OnnxException {
        if (model.opset() == 0) {
            throw new OnnxException(model.source(), -1, "the model names no version of ONNX's own operator set, without which operators "
                    + "mean nothing; expected " + FIRST_OPSET + " or later: export it again, or put it into opset_import");
        }
        if (model.opset() < FIRST_OPSET) {
            throw new OnnxException(model.source(), -1, "the model is of operator set " + model.opset() + ", in which operators meant "
                    + "something else; expected " + FIRST_OPSET + " or later: convert it, in Python onnx.version_converter.convert_version("
                    + "model, 17), or export it again");
        }
        if (model.opset() > LAST_OPSET) {
            note("operator set " + model.opset() + " is newer than " + LAST_OPSET + ", the last one this engine was written for; operators "
                    + "whose attributes are all known are taken to mean what they did");
        }
    }

    /** Who reads what, and that no value is computed twice. */
    private void index() {
        Set<String> computed = new HashSet<>(model.constants().keySet());
        model.inputs().forEach(input -> computed.add(input.name()));
        for (Node node : model.nodes()) {
            for (String input : new HashSet<>(node.inputs())) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
            }
            for (String output : node.outputs()) {
                if (!output.isEmpty() && !computed.add(output)) {
                    problem(node.text() + ": value '" + output + "' is given twice");
                }
            }
        }
    }

    /** The nodes that an output depends on; what others compute is of no matter. */
    private Set<Node> needed() throws OnnxException {
        if (model.outputs().isEmpty()) {
            throw new OnnxException(model.source(), -1, "the graph has no outputs, so there is nothing to compute; export the model with "
                    + "those that are wanted");
        }
        Set<String> wanted = new HashSet<>(outputNames);
        Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : model.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(output -> !output.isEmpty() && wanted.contains(output))) {
                needed.add(node);
                wanted.addAll(node.inputs());
            }
        }
        return needed;
    }

    /** Finds the images; false where they are not as they must be. */
    private boolean input() {
        List<OnnxModel.Value> inputs = model.inputs().stream().filter(input -> !model.constants().containsKey(input.name())).toList();
        if (inputs.size() != 1) {
            problem("the graph has " + inputs.size() + " inputs that are no constants (" + String.join(", ", inputs.stream()
                    .map(OnnxModel.Value::name).toList()) + "), expected one: the images");
            return false;
        }
        OnnxModel.Value input = inputs.getFirst();
        if (input.type().isPresent() && !input.type().get().isFloating()) {
            problem("input '" + input.name() + "' is of type " + input.type().get() + ", expected floats");
            return false;
        }
        List<Optional<Long>> extents = input.shape().orElse(List.of());
        int rank = extents.size();
        List<Integer> sizes = extents.stream().skip(1).map(extent -> extent.filter(e -> e >= 1 && e <= Integer.MAX_VALUE)
                .map(Long::intValue).orElse(0)).toList();
        if (rank < 2 || rank > 4 || sizes.contains(0)) {
            problem("input '" + input.name() + "' has " + (rank == 0 ? "no shape" : "shape " + extents.stream().map(e ->
                    e.map(String::valueOf).orElse("?")).toList()) + ", expected N,C,H,W, N,C,L or N,F in which all but N are known and at "
                    + "least 1; export the model with images of a fixed size and a free number of them");
            return false;
        }
        try {
            network = Network.builder(new Shape(sizes.getFirst(), rank == 4 ? sizes.get(1) : 1, rank == 2 ? 1 : sizes.getLast()));
        } catch (IllegalArgumentException e) {
            problem("input '" + input.name() + "': " + e.getMessage());
            return false;
        }
        terms.put(input.name(), new Term.Activation(0, rank));
        images = extents.getFirst().filter(number -> number >= 1);
        return true;
    }

    /** Initializers, Constant nodes, and what identities and views make of them, in whatever order they stand among the others. */
    private void constants(Set<Node> needed) throws IOException {
        model.constants().forEach((name, tensor) -> terms.put(name, new Term.Constant(name, tensor)));
        for (Node node : model.nodes()) {
            if (!needed.contains(node) || !node.domain().isEmpty()) {
                continue;
            }
            if (node.operator().equals("Constant") && node.outputs().size() == 1) {
                String output = node.outputs().getFirst();
                literal(node).ifPresentOrElse(tensor -> terms.put(output, new Term.Constant(output, tensor)), () -> {
                    problem(node.text() + ": has the attributes " + node.attributes().keySet()
                            + ", expected one of value, value_float, value_floats, value_int and value_ints");
                    terms.put(output, new Term.Unknown());
                });
                done.add(node);
            } else if (node.operator().equals("Identity") && node.inputs().size() == 1 && node.outputs().size() == 1
                    && terms.get(node.inputs().getFirst()) instanceof Term.Constant constant) {
                terms.put(node.outputs().getFirst(), named(node, constant));
                done.add(node);
            } else if (VIEWS.contains(node.operator()) && node.inputs().stream().allMatch(input -> input.isEmpty()
                    || terms.get(input) instanceof Term.Constant)) {
                read(node);
                done.add(node);
            }
        }
    }

    /** What a Constant node holds, in any of the forms that are numbers. */
    private Optional<OnnxTensor> literal(Node node) {
        if (node.attributes().size() != 1) {
            return Optional.empty();
        }
        Map.Entry<String, Attribute> only = node.attributes().entrySet().iterator().next();
        return switch (only.getValue()) {
            case Attribute.Tensor tensor when only.getKey().equals("value") -> Optional.of(tensor.value());
            case Attribute.Real real when only.getKey().equals("value_float") ->
                    Optional.of(OnnxTensor.of(model.source(), List.of(), List.of(real.value())));
            case Attribute.Reals reals when only.getKey().equals("value_floats") ->
                    Optional.of(OnnxTensor.of(model.source(), List.of((long) reals.values().size()), reals.values()));
            case Attribute.Whole whole when only.getKey().equals("value_int") ->
                    Optional.of(OnnxTensor.ofWholes(model.source(), List.of(), List.of(whole.value())));
            case Attribute.Wholes wholes when only.getKey().equals("value_ints") ->
                    Optional.of(OnnxTensor.ofWholes(model.source(), List.of((long) wholes.values().size()), wholes.values()));
            default -> Optional.empty();
        };
    }

    /** Exporters store equal tensors once and give the others by identities, which are called as the tensors were. */
    private Term.Constant named(Node node, Term.Constant constant) {
        String output = node.outputs().getFirst();
        boolean shared = readers.getOrDefault(constant.name(), List.of()).size() > 1;
        return shared ? new Term.Constant(output, constant.tensor()) : constant;
    }

    private static OperatorReader reader(Node node) {
        return node.domain().isEmpty() ? Operators.READERS.get(node.operator()) : null;
    }

    private void read(Node node) throws IOException {
        OperatorReader reader = reader(node);
        if (reader == null) {
            problem(node.text() + ": operator " + (node.domain().isEmpty() ? "" : node.domain() + ".") + node.operator()
                    + " is not supported");
        } else {
            try {
                reader.read(new NodeReader(this, node));
                checkFurtherOutputs(node);
            } catch (NodeReader.Refused e) {
                // Its reasons are noted.
            } catch (IllegalArgumentException e) {
                problem(node.text() + ": " + e.getMessage());
            } catch (OnnxException e) {
                problem(node.text() + ": " + e.problem());
            }
        }
        node.outputs().forEach(output -> terms.putIfAbsent(output, new Term.Unknown()));
    }

    /** Refuses a node of which an output is read that its reader has not given: no operator here has more than one. */
    private void checkFurtherOutputs(Node node) {
        for (int i = 1; i < node.outputs().size(); i++) {
            String output = node.outputs().get(i);
            if (!output.isEmpty() && !terms.containsKey(output) && (readers.containsKey(output) || outputNames.contains(output))) {
                problem(node.text() + ": output " + i + ", '" + output + "', is read, which only the first one can be");
            }
        }
    }

    /** Says what the network answers: the graph's outputs by their names, of one value under two names or of the images a copy. */
    private void outputs() {
        Set<Integer> taken = new HashSet<>();
        for (OnnxModel.Value value : model.outputs()) {
            int before = problems.size();
            checkOutput(value.name());
            if (problems.size() == before && terms.get(value.name()) instanceof Term.Activation activation) {
                int layer = activation.layer();
                try {
                    // The images themselves are no layer's, and taken from the first.
                    network.output(value.name(), layer > 0 && taken.add(layer) ? layer
                            : network.add(new Identity(layer, network.shape(layer))));
                } catch (IllegalArgumentException e) {
                    problem(e.getMessage());
                }
            }
        }
    }

    private void checkOutput(String output) {
        Term term = terms.get(output);
        if (!(term instanceof Term.Activation || term instanceof Term.Unknown)) {
            problem("output '" + output + "' is not computed from the images");
        }
    }

    private ModelState state(Network built) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> numbers = new ArrayList<>();
        for (Parameter parameter : built.parameters()) {
            Values given = values.remove(parameter.name());
            Mask mask = parameter.prunable() && given.zerosArePruned() ? Mask.ofNonZero(given.numbers()) : Mask.full(parameter.size());
            masks.add(mask);
            numbers.add(mask.isFull() ? given.numbers() : mask.gather(given.numbers()));
        }
        return ModelState.of(built, masks, numbers);
    }

    /**
     * Whether an extent is the number of images: the graph's own, or 1 in graphs whose number has been freed after they were exported. Any
     * other number puts values of several images together, or takes one image apart.
     */
    boolean isBatch(long extent) {
        return extent == Term.BATCH || extent == images.orElse(1L);
    }

    /** What messages call the file. */
    String source() {
        return model.source();
    }

    /** Version of the operator set. */
    long opset() {
        return model.opset();
    }

    /** Notes a reason why the model cannot be taken. */
    void problem(String reason) {
        if (problems.size() < MOST_REASONS && !problems.contains(reason)) {
            problems.add(reason);
        }
    }

    /** Notes what a user should know of a model that is taken. */
    void note(String sentence) {
        notes.add(sentence);
    }

    /** What a value is; empty where nothing has given it yet. */
    Optional<Term> term(String name) {
        return Optional.ofNullable(terms.get(name));
    }

    /** Says what a value is. */
    void put(String name, Term term) {
        terms.put(name, term);
    }

    /** The only node that reads a value, which is no output of the graph. */
    Optional<Node> onlyReader(String name) {
        List<Node> all = readers.getOrDefault(name, List.of());
        return all.size() == 1 && !outputNames.contains(name) ? Optional.of(all.getFirst()) : Optional.empty();
    }

    /** Takes a node as part of one before it, once its first output is known. */
    void absorb(Node node) {
        checkFurtherOutputs(node);
        node.outputs().forEach(output -> terms.putIfAbsent(output, new Term.Unknown()));
        done.add(node);
    }

    /** The shape of a layer's output. */
    Shape shape(int layer) {
        return network.shape(layer);
    }

    /** Adds a layer. */
    int add(Layer layer) {
        return network.add(layer);
    }

    /** Whether a layer with a weight has been added already; the first one, which reads the images, is not pruned. */
    boolean hasWeights() {
        return !block.isEmpty();
    }

    /** Begins the block that a layer's weight belongs to: layers of one module are one block. */
    void enterBlock(String layerName) {
        int dot = layerName.lastIndexOf('.');
        String prefix = dot > 0 ? layerName.substring(0, dot) : layerName;
        String own = prefix.isBlank() ? NAMELESS : prefix;
        if (!own.equals(block)) {
            block = own;
            network.block(own);
        }
    }

    /** A name that no layer has yet. */
    String layerName(String wanted) {
        String name = wanted;
        int suffix = suffixes.getOrDefault(wanted, 2);
        while (!layerNames.add(name)) {
            name = wanted + "_" + suffix++;
        }
        suffixes.put(wanted, suffix);
        return name;
    }

    /** Gives a parameter its numbers; zeros of a weight are pruned positions where the file's type and the caller say so. */
    void value(String parameter, float[] numbers, OnnxTensor.Type type) {
        boolean wide = type == OnnxTensor.Type.FLOAT || type == OnnxTensor.Type.DOUBLE;
        values.put(parameter, new Values(numbers, zeros == Zeros.PRUNED || zeros == Zeros.BY_TYPE && wide));
    }
}
