package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** All kinds of layers that files may hold: those of the engine, and those that {@link ServiceLoader} finds. */
public final class LayerKinds {
    private static final List<LayerKind> OWN = List.of(Add.KIND, AveragePool2d.KIND, BatchNorm2d.KIND, Clamp.KIND, Concat.KIND, Conv2d.KIND,
            Dropout.KIND, Flatten.KIND, GlobalAveragePool.KIND, GroupNorm.KIND, Identity.KIND, Input.KIND, LayerNorm.KIND, Linear.KIND,
            MaxPool2d.KIND, Multiply.KIND, Repeat.KIND, Softmax.KIND, Upsample.KIND);
    private static Map<String, LayerKind> kinds;

    private LayerKinds() {
    }

    /** Not when the class is initialised: what cannot be used would then be told once, as an error, and be a riddle ever after. */
    private static synchronized Map<String, LayerKind> kinds() {
        if (kinds == null) {
            Map<String, LayerKind> all = new TreeMap<>();
            OWN.forEach(kind -> put(all, kind));
            Activation.KINDS.forEach(kind -> put(all, kind));
            try {
                ServiceLoader.load(LayerKind.class).forEach(kind -> put(all, kind));
            } catch (ServiceConfigurationError e) {
                throw new IllegalStateException("a kind of layers that is registered cannot be used: " + e.getMessage()
                        + "; mend its registration, or leave it out", e);
            }
            kinds = Collections.unmodifiableMap(all);
        }
        return kinds;
    }

    private static void put(Map<String, LayerKind> kinds, LayerKind kind) {
        LayerKind other = kinds.putIfAbsent(kind.key(), kind);
        if (other != null) {
            throw new IllegalStateException("two kinds of layers are called '" + kind.key() + "': " + other.getClass().getName() + " and "
                    + kind.getClass().getName() + "; give one of them another key");
        }
    }

    /**
     * All of them.
     *
     * @return the kinds by their keys, in alphabetical order
     * @throws IllegalStateException if one that is registered cannot be used, or has the key of another
     */
    public static Map<String, LayerKind> byKey() {
        return kinds();
    }

    /**
     * The kind of a key.
     *
     * @param key what {@link Layer#kind()} says
     * @return the kind that makes such layers
     * @throws IllegalArgumentException listing the keys there are
     * @throws IllegalStateException if a kind that is registered cannot be used, or has the key of another
     */
    public static LayerKind of(String key) {
        Given.notNull(key, "layer kinds: key", "what Layer.kind() says");
        LayerKind kind = kinds().get(key);
        if (kind == null) {
            throw new IllegalArgumentException("there is no kind of layer '" + key + "'; known are " + String.join(", ", kinds().keySet())
                    + "; a kind of one's own is registered as a service " + LayerKind.class.getName());
        }
        return kind;
    }
}
