package dev.fedtiny.protocol;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** 64 bits that tell whether server and device mean the same network: parameter names, kinds, shapes, what may be pruned, and layers. */
public final class NetworkFingerprint {
    private NetworkFingerprint() {
    }

    /**
     * The first eight bytes of a SHA-256 over the description of every parameter and layer.
     *
     * @param network any
     * @return 64 bits; equal networks give equal ones on every machine
     */
    public static long of(Network network) {
        MessageDigest digest = Sha256.begin();
        for (Parameter parameter : network.parameters()) {
            digest.update((parameter.name() + ' ' + parameter.kind() + ' ' + parameter.shape() + ' ' + parameter.prunable() + '\n')
                    .getBytes(StandardCharsets.UTF_8));
        }
        network.layers().forEach(layer -> digest.update((Text.of(layer) + "\n").getBytes(StandardCharsets.UTF_8)));
        return ByteBuffer.wrap(digest.digest()).getLong();
    }

    /**
     * What a layer is, in words that do not change: kind, sources, shapes and attributes. Kinds of the first release keep that release's
     * words, so that its checkpoints and devices go on to fit; what such a layer has learnt since then is added where it is used.
     */
    private static final class Text {
        private final Layer layer;
        private final Map<String, Object> rest;

        private Text(Layer layer) {
            this.layer = layer;
            this.rest = new LinkedHashMap<>(layer.attributes().asMap());
        }

        static String of(Layer layer) {
            Text text = new Text(layer);
            String words = text.words();
            return words + (text.rest.isEmpty() ? "" : " " + text.rest);
        }

        private String words() {
            String output = "output=" + layer.output() + "]";
            return switch (layer.kind()) {
                case "input" -> "Input[" + told("shape", output);
                case "conv2d" -> convolution();
                case "linear" -> "Linear[name=" + take("name") + ", " + source() + ", inputs=" + input().size() + ", outputs="
                        + take("outputs") + told("prunable", ", bias=" + take("bias") + "]");
                case "batch_norm2d" -> normalization(output);
                case "relu" -> "Relu[" + source() + ", " + output;
                case "clamp" -> rest.equals(Map.of("lower", 0.0)) ? told("lower", "Relu[" + source() + ", " + output) : any();
                case "add" -> layer.sources().size() == 2 ? "Add[left=" + layer.sources().getFirst() + ", right="
                        + layer.sources().getLast() + ", " + output : any();
                case "max_pool2d" -> pool();
                case "global_average_pool" -> "GlobalAveragePool[" + source() + ", input=" + input() + "]";
                case "repeat" -> "Repeat[" + source() + ", " + told("extents", output);
                case "dropout" -> "Dropout[" + source() + ", output=" + layer.output() + ", probability=" + take("probability") + "]";
                default -> any();
            };
        }

        private String any() {
            return layer.kind() + layer.sources() + ", inputs=" + layer.inputs() + ", output=" + layer.output();
        }

        private String convolution() {
            List<?> kernel = (List<?>) take("kernel");
            String words = "Conv2d[name=" + take("name") + ", " + source() + ", geometry=Conv2dGeometry[input=" + input()
                    + ", outputChannels=" + take("output_channels") + ", kernelHeight=" + kernel.getFirst() + ", kernelWidth="
                    + kernel.getLast() + ", stride=" + alike("stride") + ", padding=" + alike("padding") + "], bias=" + take("bias") + "]";
            rest.remove("prunable");
            rest.remove("dilation", List.of(1L, 1L));
            rest.remove("groups", 1L);
            rest.remove("dimensions", 2L);
            return words;
        }

        private String normalization(String output) {
            rest.remove("epsilon", 1e-5);
            rest.remove("momentum", 0.1);
            rest.remove("frozen", false);
            return "BatchNorm2d[name=" + take("name") + ", " + source() + ", " + output;
        }

        private String pool() {
            String words = "MaxPool2d[" + source() + ", input=" + input() + ", kernel=" + alike("kernel") + ", stride=" + alike("stride")
                    + "]";
            rest.remove("padding", List.of(0L, 0L, 0L, 0L));
            rest.remove("dilation", List.of(1L, 1L));
            rest.remove("ceil_mode", false);
            return words;
        }

        /** The one number of a list of equal ones; of others the list. */
        private Object alike(String name) {
            Object value = take(name);
            return value instanceof List<?> numbers && numbers.stream().distinct().count() == 1 ? numbers.getFirst() : value;
        }

        private Object take(String name) {
            return rest.remove(name);
        }

        /** The words, which tell an attribute. */
        private String told(String name, String words) {
            rest.remove(name);
            return words;
        }

        private String source() {
            return "source=" + layer.sources().getFirst();
        }

        private Shape input() {
            return layer.inputs().getFirst();
        }
    }
}
