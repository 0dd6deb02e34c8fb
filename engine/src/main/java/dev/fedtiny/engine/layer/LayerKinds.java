package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** All kinds of layers that files may hold: those of the engine, and those that {@link ServiceLoader} finds. */
public final class LayerKinds {
    private static final List<LayerKind> OWN = List.of(Add.KIND, AveragePool2d.KIND, BatchNorm2d.KIND, Clamp.KIND, Concat.KIND, Conv2d.KIND,
            Dropout.KIND, Flatten.KIND, GlobalAveragePool.KIND, GroupNorm.KIND, Identity.KIND, Input.KIND, LayerNorm.KIND, Linear.KIND,
            MaxPool2d.KIND, Multiply.KIND, Repeat.KIND, Softmax.KIND, Upsample.KIND);
    private static final Map<String, LayerKind> KINDS = all();

    private LayerKinds() {
    }

    private static Map<String, LayerKind> all() {
        Map<String, LayerKind> kinds = new TreeMap<>();
        OWN.forEach(kind -> put(kinds, kind));
        Activation.KINDS.forEach(kind -> put(kinds, kind));
        ServiceLoader.load(LayerKind.class).forEach(kind -> put(kinds, kind));
        return Collections.unmodifiableMap(kinds);
    }

    private static void put(Map<String, LayerKind> kinds, LayerKind kind) {
        if (kinds.putIfAbsent(kind.key(), kind) != null) {
            throw new IllegalStateException("two kinds of layers are called '" + kind.key() + "': " + kind.getClass().getName()
                    + " is one; give it another key");
        }
    }

    /** {@return the kinds by their keys, in alphabetical order} */
    public static Map<String, LayerKind> byKey() {
        return KINDS;
    }

    /**
     * The kind of a key.
     *
     * @param key what {@link Layer#kind()} says
     * @return the kind that makes such layers
     * @throws IllegalArgumentException listing the keys there are
     */
    public static LayerKind of(String key) {
        Given.notNull(key, "layer kinds: key", "what Layer.kind() says");
        LayerKind kind = KINDS.get(key);
        if (kind == null) {
            throw new IllegalArgumentException("there is no kind of layer '" + key + "'; known are " + String.join(", ", KINDS.keySet())
                    + "; a kind of one's own is registered as a service " + LayerKind.class.getName());
        }
        return kind;
    }
}
