package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonBoolean;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKinds;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as JSON, in the metadata of a {@link ModelFile}: format and version, the layers in their order, each with its kind, its sources
 * and its attributes, and the blocks by names of parameters. Shapes and parameters follow from these. Where the output is not simply that
 * of the last layer, {@code "outputs":[{"name":"mask","layer":12},...]} says what is answered, and the version is 2.
 *
 * <pre>{@code
 * {"format":"fedtiny.network","version":1,"layers":[{"kind":"input","attributes":{"shape":[3,32,32]}},
 *  {"kind":"conv2d","sources":[0],"attributes":{"name":"conv1",...}},...],"blocks":[{"name":"conv2_x","parameters":["conv2.weight",...]}]}
 * }</pre>
 */
public final class NetworkJson {
    private static final String FORMAT = "fedtiny.network";
    /** Of a network whose only output is that of its last layer. */
    private static final long VERSION = 1;
    private static final long VERSION_WITH_OUTPUTS = 2;
    private static final JsonLimits LIMITS = new JsonLimits(8 << 20, 8, 400_000);

    private NetworkJson() {
    }

    /**
     * Writes a network. Two equal networks give the same text.
     *
     * @param network any that consists of layers of known kinds
     * @return JSON in one line
     */
    public static String write(Network network) {
        Given.notNull(network, "network: network", "a network: of a NetworkSpec, a builder or a model file");
        List<JsonValue> layers = new ArrayList<>();
        for (Layer layer : network.layers()) {
            JsonObject.Builder object = JsonObject.builder().put("kind", layer.kind());
            if (!layer.sources().isEmpty()) {
                object.put("sources", numbers(layer.sources()));
            }
            JsonObject.Builder attributes = JsonObject.builder();
            layer.attributes().asMap().forEach((name, value) -> attributes.put(name, value(value)));
            layers.add(object.put("attributes", attributes.build()).build());
        }
        List<JsonValue> blocks = network.blocks().stream().map(block -> (JsonValue) JsonObject.builder().put("name", block.name())
                .put("parameters", JsonArray.ofStrings(block.parameters().stream().map(i -> network.parameters().get(i).name()).toList()))
                .build()).toList();
        boolean plain = network.outputs().equals(List.of(new Network.Output(Network.Output.ONLY, layers.size() - 1)));
        JsonObject.Builder root = JsonObject.builder().put("format", FORMAT).put("version", plain ? VERSION : VERSION_WITH_OUTPUTS)
                .put("layers", new JsonArray(layers)).put("blocks", new JsonArray(blocks));
        if (!plain) {
            root.put("outputs", new JsonArray(network.outputs().stream().map(output -> (JsonValue) JsonObject.builder()
                    .put("name", output.name()).put("layer", output.layer()).build()).toList()));
        }
        return JsonWriter.compact(root.build());
    }

    private static JsonValue numbers(List<? extends Number> numbers) {
        return new JsonArray(numbers.stream().map(number -> JsonValue.of(number.longValue())).toList());
    }

    private static JsonValue value(Object value) {
        return switch (value) {
            case Long number -> JsonValue.of(number);
            case Double number -> JsonValue.of(number);
            case Boolean flag -> JsonValue.of(flag);
            case String text -> JsonValue.of(text);
            case List<?> list -> numbers(list.stream().map(Long.class::cast).toList());
            default -> throw new IllegalStateException("attributes hold " + value.getClass().getName());
        };
    }

    /**
     * Builds a network.
     *
     * @param json what {@link #write} gave, from a source that need not be trusted
     * @return the network
     * @throws IllegalArgumentException if the text is none, of another version, or of a network that cannot be: which layer and why
     */
    public static Network read(String json) {
        Given.notNull(json, "network: json", "what NetworkJson.write gave");
        JsonObject root;
        try {
            if (!(JsonReader.parse(json.getBytes(StandardCharsets.UTF_8), LIMITS) instanceof JsonObject object)) {
                throw new IllegalArgumentException("expected an object");
            }
            root = object;
            long version = root.integer("version");
            if (!root.string("format").equals(FORMAT) || version < VERSION || version > VERSION_WITH_OUTPUTS) {
                throw new IllegalArgumentException("it is '" + root.string("format") + "' of version " + version + ", this engine reads '"
                        + FORMAT + "' of versions " + VERSION + " and " + VERSION_WITH_OUTPUTS);
            }
            return build(root);
        } catch (JsonException e) {
            throw new IllegalArgumentException(e.problem() + " (at byte " + e.byteOffset() + " of the text)", e);
        }
    }

    private static Network build(JsonObject root) {
        List<JsonValue> layers = root.array("layers");
        Map<String, String> blockOf = new HashMap<>();
        for (JsonValue block : root.array("blocks")) {
            for (JsonValue parameter : object(block, "a block").array("parameters")) {
                blockOf.put(text(parameter), object(block, "a block").string("name"));
            }
        }
        Network.Builder network = null;
        String open = null;
        for (int i = 0; i < layers.size(); i++) {
            try {
                JsonObject described = object(layers.get(i), "a layer");
                Layer layer = layer(described, network, i);
                if (i == 0) {
                    network = Network.builder(layer.output());
                    continue;
                }
                for (Parameter parameter : layer.parameters()) {
                    String block = blockOf.get(parameter.name());
                    if (parameter.prunable() && block != null && !block.equals(open)) {
                        network.block(block);
                        open = block;
                    }
                }
                network.add(layer);
            } catch (JsonException e) {
                throw new IllegalArgumentException("layer " + i + ": " + e.problem(), e);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new IllegalArgumentException("layer " + i + ": " + e.getMessage(), e);
            }
        }
        if (network == null) {
            throw new IllegalArgumentException("it has no layers, expected at least the input and one more");
        }
        if (root.integer("version") == VERSION_WITH_OUTPUTS) {
            for (JsonValue output : root.array("outputs")) {
                JsonObject described = object(output, "an output");
                network.output(described.string("name"), Math.toIntExact(Math.clamp(described.integer("layer"), -1, Integer.MAX_VALUE)));
            }
        }
        return network.build();
    }

    private static Layer layer(JsonObject described, Network.Builder network, int position) {
        List<Integer> sources = new ArrayList<>();
        List<Shape> shapes = new ArrayList<>();
        for (JsonValue source : described.find("sources").isPresent() ? described.array("sources") : List.<JsonValue>of()) {
            long at = source instanceof JsonNumber number ? number.toLong().orElse(-1) : -1;
            if (at < 0 || at >= position) {
                throw new IllegalArgumentException("it reads " + JsonWriter.compact(source) + ", expected positions of layers before it");
            }
            sources.add((int) at);
            shapes.add(network.shape((int) at));
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        described.object("attributes").members().forEach((name, value) -> attributes.put(name, attribute(name, value)));
        Layer layer = LayerKinds.of(described.string("kind")).read(Attributes.of(attributes), sources, shapes);
        if (layer instanceof Input != (position == 0)) {
            throw new IllegalArgumentException("it is of kind '" + layer.kind() + "'; the first layer, and no other, is the input");
        }
        return layer;
    }

    private static Object attribute(String name, JsonValue value) {
        return switch (value) {
            case JsonString string -> string.value();
            case JsonBoolean flag -> flag.value();
            case JsonNumber number when number.toLong().isPresent() -> number.toLong().getAsLong();
            case JsonNumber number -> number.toDouble();
            case JsonArray array -> array.values().stream().map(element -> attribute(name, element)).toList();
            default -> throw new IllegalArgumentException("attribute '" + name + "' is " + value.kind()
                    + ", expected a number, text, true or false, or a list of whole numbers");
        };
    }

    private static JsonObject object(JsonValue value, String what) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new IllegalArgumentException(what + " is " + value.kind() + ", expected an object");
    }

    private static String text(JsonValue value) {
        if (value instanceof JsonString string) {
            return string.value();
        }
        throw new IllegalArgumentException("a block lists " + value.kind() + ", expected names of parameters");
    }
}
