package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.onnx.OnnxModel.Attribute;
import dev.fedtiny.engine.onnx.OnnxModel.Node;
import dev.fedtiny.engine.onnx.OnnxModel.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the messages of onnx.proto (IR version 3 to 13) into an {@link OnnxModel}; field numbers stand in the order of that file. */
final class OnnxParser {
    private static final int MOST_EXTENTS = 16;

    private final String source;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, Long> opsets = new LinkedHashMap<>();
    private boolean graphFound;

    private OnnxParser(String source) {
        this.source = source;
    }

    /**
     * Reads a model; the source must stay open as long as the model is used.
     *
     * @throws OnnxException if it is none, cut or damaged
     */
    static OnnxModel parse(ByteSource source) throws IOException {
        if (source.size() == 0) {
            throw new OnnxException(source.name(), 0, "the file is empty, expected an ONNX model; fetch or write it again");
        }
        try {
            OnnxParser parser = new OnnxParser(source.name());
            parser.model(ProtobufReader.of(source, "model"));
            return parser.result();
        } catch (OnnxException e) {
            Optional<String> other = FileSignature.describe(source, FileSignature.ONNX, FileSignature.TENSORFLOW);
            if (other.isPresent()) {
                throw new OnnxException(source.name(), 0, other.get());
            }
            throw e;
        }
    }

    private OnnxModel result() throws OnnxException {
        if (!graphFound) {
            throw new OnnxException(source, -1, "there is no graph in it; this is no ONNX model");
        }
        Map<String, Long> others = new LinkedHashMap<>(opsets);
        Long own = others.remove("");
        Long alias = others.remove("ai.onnx");
        long opset = own != null ? own : alias != null ? alias : 0;
        return new OnnxModel(source, opset, others, nodes, constants, inputs, outputs);
    }

    private void model(ProtobufReader fields) throws IOException {
        while (fields.next()) {
            switch (fields.field()) {
                case 7 -> {
                    if (graphFound) {
                        throw fields.failure("there is a second graph, expected one");
                    }
                    graphFound = true;
                    graph(fields.message("graph"));
                }
                case 8 -> opset(fields.message("operator set"));
                case 25 -> throw fields.failure("the model defines functions of its own, which are not taken; export it with the functions "
                        + "inlined (in Python onnx.inliner.inline_local_functions)");
                default -> fields.skip();
            }
        }
    }

    private void opset(ProtobufReader fields) throws IOException {
        String domain = "";
        long version = 0;
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> domain = fields.text();
                case 2 -> version = fields.varint();
                default -> fields.skip();
            }
        }
        opsets.put(domain, version);
    }

    private void graph(ProtobufReader fields) throws IOException {
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> nodes.add(node(fields.message("node " + nodes.size())));
                case 5 -> {
                    OnnxTensor tensor = tensor(fields.message("initializer " + constants.size()));
                    if (constants.put(tensor.name(), tensor) != null) {
                        throw fields.failure("two initializers are called '" + tensor.name() + "'");
                    }
                }
                case 11 -> inputs.add(value(fields.message("input " + inputs.size())));
                case 12 -> outputs.add(value(fields.message("output " + outputs.size())));
                case 15 -> throw fields.failure("there are sparse initializers, which are not taken; write them dense");
                default -> fields.skip();
            }
        }
    }

    private static Node node(ProtobufReader fields) throws IOException {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        String name = "";
        String operator = "";
        String domain = "";
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> inputs.add(fields.text());
                case 2 -> outputs.add(fields.text());
                case 3 -> name = fields.text();
                case 4 -> operator = fields.text();
                case 5 -> attribute(fields.message("attribute of " + (name.isEmpty() ? "a node" : "node '" + name + "'")), attributes);
                case 7 -> domain = fields.text();
                default -> fields.skip();
            }
        }
        return new Node(name, operator, domain.equals("ai.onnx") ? "" : domain, inputs, outputs, attributes);
    }

    private static void attribute(ProtobufReader fields, Map<String, Attribute> attributes) throws IOException {
        String name = "";
        Attribute value = null;
        List<Long> wholes = new ArrayList<>();
        List<Float> reals = new ArrayList<>();
        long type = 0;
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> name = fields.text();
                case 2 -> value = new Attribute.Real(fields.fixed32());
                case 3 -> value = new Attribute.Whole(fields.varint());
                case 4 -> value = new Attribute.Text(fields.text());
                case 5 -> value = new Attribute.Tensor(tensor(fields.message("tensor of attribute '" + name + "'")));
                case 6 -> {
                    fields.skip();
                    value = new Attribute.Other("a graph");
                }
                case 7 -> reals(fields, reals);
                case 8 -> wholes(fields, wholes);
                case 9, 10, 11, 14, 15, 22, 23 -> {
                    fields.skip();
                    value = new Attribute.Other("a list of text, tensors or graphs, a type or a sparse tensor");
                }
                case 20 -> type = fields.varint();
                case 21 -> {
                    fields.skip();
                    value = new Attribute.Other("a reference to an attribute of a function");
                }
                default -> fields.skip();
            }
        }
        // A list may be empty, which only the type tells, and a number of 0 may have been left out.
        Attribute found = value != null ? value : type == 7 || type == 0 && !wholes.isEmpty() ? new Attribute.Wholes(wholes)
                : type == 6 || !reals.isEmpty() ? new Attribute.Reals(reals) : type == 1 ? new Attribute.Real(0)
                : type == 2 ? new Attribute.Whole(0) : type == 3 ? new Attribute.Text("") : new Attribute.Other("nothing");
        if (attributes.put(name, found) != null) {
            throw fields.failure("there are two attributes '" + name + "'");
        }
    }

    private static void wholes(ProtobufReader fields, List<Long> to) throws IOException {
        if (fields.wire() != ProtobufReader.Wire.BYTES) {
            fields.count();
            to.add(fields.varint());
            return;
        }
        ProtobufReader numbers = fields.packed();
        while (numbers.position() < numbers.end()) {
            fields.count();
            to.add(numbers.packedVarint());
        }
    }

    private static void reals(ProtobufReader fields, List<Float> to) throws IOException {
        if (fields.wire() != ProtobufReader.Wire.BYTES) {
            fields.count();
            to.add(fields.fixed32());
            return;
        }
        ProtobufReader numbers = fields.packed();
        while (numbers.position() < numbers.end()) {
            fields.count();
            to.add(Float.intBitsToFloat(numbers.packed32()));
        }
    }

    private static OnnxTensor tensor(ProtobufReader fields) throws IOException {
        long begin = fields.position();
        String name = "";
        List<Long> shape = new ArrayList<>();
        OnnxTensor.Type type = OnnxTensor.Type.OTHER;
        boolean external = false;
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> wholes(fields, shape);
                case 2 -> type = OnnxTensor.Type.of(fields.varint());
                case 8 -> name = fields.text();
                case 13 -> {
                    fields.skip();
                    external = true;
                }
                case 14 -> external |= fields.varint() != 0;
                default -> fields.skip();
            }
            if (shape.size() > MOST_EXTENTS) {
                throw fields.failure("a tensor has more than " + MOST_EXTENTS + " extents");
            }
        }
        return new OnnxTensor(name, shape, type, external, fields.over(begin, fields.end()));
    }

    private static Value value(ProtobufReader fields) throws IOException {
        String name = "";
        Optional<OnnxTensor.Type> type = Optional.empty();
        Optional<List<Optional<Long>>> shape = Optional.empty();
        while (fields.next()) {
            if (fields.field() == 1) {
                name = fields.text();
            } else if (fields.field() == 2) {
                ProtobufReader kinds = fields.message("type of '" + name + "'");
                while (kinds.next()) {
                    if (kinds.field() != 1) {
                        kinds.skip();
                        continue;
                    }
                    ProtobufReader tensor = kinds.message("type of '" + name + "'");
                    while (tensor.next()) {
                        switch (tensor.field()) {
                            case 1 -> type = Optional.of(OnnxTensor.Type.of(tensor.varint()));
                            case 2 -> shape = Optional.of(extents(tensor.message("shape of '" + name + "'")));
                            default -> tensor.skip();
                        }
                    }
                }
            } else {
                fields.skip();
            }
        }
        return new Value(name, type, shape);
    }

    private static List<Optional<Long>> extents(ProtobufReader fields) throws IOException {
        List<Optional<Long>> extents = new ArrayList<>();
        while (fields.next()) {
            if (fields.field() != 1) {
                fields.skip();
                continue;
            }
            Optional<Long> extent = Optional.empty();
            ProtobufReader dimension = fields.message("extent");
            while (dimension.next()) {
                if (dimension.field() == 1) {
                    extent = Optional.of(dimension.varint());
                } else {
                    dimension.skip();
                }
            }
            extents.add(extent);
        }
        return extents;
    }
}
