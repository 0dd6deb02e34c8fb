package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A convolution of a real network, one line of a shape file.
 *
 * @param model the file it is from, without ending
 * @param name {@code state_dict} prefix
 * @param geometry the shape
 */
record LayerShape(String model, String name, Conv2dGeometry geometry) {
    /** Networks that have a shape file. */
    static final List<String> MODELS = List.of("resnet18", "vgg11");

    private static final int FIELDS = 8;

    /** What benchmarks call it: model and name. */
    String key() {
        return model + "/" + name;
    }

    /** All layers of a model, in forward order. */
    static List<LayerShape> of(String model) {
        try (InputStream in = LayerShape.class.getResourceAsStream(model + ".shapes")) {
            if (in == null) {
                throw new IllegalArgumentException("no shape file for '" + model + "'; there are " + String.join(", ", MODELS));
            }
            return parse(model, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the shape file of '" + model + "'", e);
        }
    }

    /**
     * Reads lines {@code name C K H W R stride padding}; empty ones and those that begin with # are skipped.
     *
     * @throws IllegalArgumentException naming the line that is malformed
     */
    static List<LayerShape> parse(String model, String text) {
        List<LayerShape> layers = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] fields = line.strip().split("\\s+");
            if (fields.length != FIELDS) {
                throw new IllegalArgumentException("shape file " + model + ": '" + line + "' has " + fields.length
                        + " fields, expected name C K H W R stride padding");
            }
            int[] n = new int[FIELDS];
            for (int i = 1; i < FIELDS; i++) {
                try {
                    n[i] = Integer.parseInt(fields[i]);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("shape file " + model + ": '" + fields[i] + "' in '" + line
                            + "' is no whole number", e);
                }
            }
            layers.add(new LayerShape(model, fields[0], new Conv2dGeometry(new Shape(n[1], n[3], n[4]), n[2], n[5], n[5], n[6], n[7])));
        }
        return layers;
    }

    /** The first layer of every different shape of a model. */
    static List<LayerShape> distinct(String model) {
        Map<Conv2dGeometry, LayerShape> first = new LinkedHashMap<>();
        of(model).forEach(layer -> first.putIfAbsent(layer.geometry(), layer));
        return List.copyOf(first.values());
    }

    /** The layer of a {@link #key()}. */
    static LayerShape ofKey(String key) {
        int slash = key.indexOf('/');
        String model = slash < 0 ? key : key.substring(0, slash);
        return of(model).stream().filter(layer -> layer.key().equals(key)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no layer '" + key + "'; " + model + " has "
                        + of(model).stream().map(LayerShape::key).toList()));
    }
}
