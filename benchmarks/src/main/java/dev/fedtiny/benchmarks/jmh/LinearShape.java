package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;

/**
 * A linear layer of a real network for 3×32×32 images and 10 classes.
 *
 * @param model the architecture's key
 * @param name {@code state_dict} prefix
 * @param inputs features in
 * @param outputs features out
 */
record LinearShape(String model, String name, int inputs, int outputs) {
    /** Networks whose linear layers are timed. */
    private static final List<String> MODELS = List.of("resnet18", "vgg11", "vgg11-imagenet");

    /** What benchmarks call it: model and name. */
    String key() {
        return model + "/" + name;
    }

    /** All there are, model by model. */
    static List<LinearShape> all() {
        return MODELS.stream().flatMap(LinearShape::of).toList();
    }

    private static Stream<LinearShape> of(String model) {
        return Architecture.ofKey(model).usual().build().layers().stream()
                .filter(Linear.class::isInstance).map(Linear.class::cast)
                .map(linear -> new LinearShape(model, linear.name(), linear.features(), linear.outputs()));
    }

    /** Whether a key is one of a linear layer. */
    static boolean has(String key) {
        return all().stream().anyMatch(layer -> layer.key().equals(key));
    }

    /** The layer of a {@link #key()}. */
    static LinearShape ofKey(String key) {
        return all().stream().filter(layer -> layer.key().equals(key)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "no linear layer '" + key + "'; there are " + all().stream().map(LinearShape::key).toList()));
    }

    /** The convolution that computes it for so many groups of images. */
    LayerShape over(int groups) {
        return new LayerShape(model, name, new Conv2dGeometry(new Shape(inputs, 1, groups), outputs, 1, 1, 1, 0));
    }
}
