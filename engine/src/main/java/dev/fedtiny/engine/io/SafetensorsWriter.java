package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects tensors and writes them as one safetensors file. Tensors of wider elements come first, as other readers expect for the sake
 * of alignment, otherwise in the order of the calls. The same calls give the same bytes. Arrays are not copied; they must not change
 * before {@link #write}, which needs a buffer of 64 KiB beside the header.
 */
public final class SafetensorsWriter {
    /** Ends the name of the scales of weights of I8. */
    static final String SCALE = ".scale";

    private static final int CHUNK_BYTES = 1 << 16;
    private static final String VALUES = "safetensors: values";
    private static final String IN_ORDER = "the tensor's values, the last extent fastest";
    private static final int ALIGNMENT_BYTES = 8;

    private final List<Pending> tensors = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private interface ElementWriter {
        void put(ByteBuffer to, int index);
    }

    private record Pending(String name, DataType dataType, List<Integer> shape, int elements, ElementWriter element) {
        private long bytes() {
            return (long) elements * dataType.bytes();
        }
    }

    /** A file without tensors and metadata. */
    public SafetensorsWriter() {
    }

    /**
     * Adds a string to the file's metadata.
     *
     * @param key its name in {@code __metadata__}
     * @param value any text
     * @return this
     * @throws IllegalArgumentException if the key is there already
     */
    public SafetensorsWriter metadata(String key, String value) {
        Given.notNull(key, "safetensors: key", "the name of an entry of the metadata");
        Given.notNull(value, "safetensors: value", "the text of an entry of the metadata");
        if (metadata.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("safetensors: metadata key '" + key + "' is there already");
        }
        return this;
    }

    /**
     * Adds a tensor of F32.
     *
     * @param shape extents; empty for a scalar
     * @param name the tensor's key
     * @param values in the file's order, the last extent fastest; also NaN and infinities
     * @return this
     * @throws IllegalArgumentException if the name is taken or the shape does not hold as many values
     */
    public SafetensorsWriter floats(String name, List<Integer> shape, float[] values) {
        return add(name, DataType.F32, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) -> to.putFloat(values[i]));
    }

    /**
     * Adds a tensor of F16, every value rounded to the nearest; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents; empty for a scalar
     * @param values in the file's order; beyond ±65,504 they become infinite
     * @return this
     */
    public SafetensorsWriter halfFloats(String name, List<Integer> shape, float[] values) {
        return add(name, DataType.F16, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) ->
                to.putShort(Float.floatToFloat16(values[i])));
    }

    /**
     * Adds a tensor of I32; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents; empty for a scalar
     * @param values in the file's order
     * @return this
     */
    public SafetensorsWriter ints(String name, List<Integer> shape, int[] values) {
        return add(name, DataType.I32, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) -> to.putInt(values[i]));
    }

    /**
     * Adds a tensor of U16 from values of 0 to 65,535, of which the lower 16 bits are taken; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents; empty for a scalar
     * @param values in the file's order
     * @return this
     */
    public SafetensorsWriter unsignedShorts(String name, List<Integer> shape, int[] values) {
        return add(name, DataType.U16, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) -> to.putShort((short) values[i]));
    }

    /**
     * Adds a tensor of I64; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents; empty for a scalar
     * @param values in the file's order
     * @return this
     */
    public SafetensorsWriter longs(String name, List<Integer> shape, long[] values) {
        return add(name, DataType.I64, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) -> to.putLong(values[i]));
    }

    /**
     * Adds a tensor of U8; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents; empty for a scalar
     * @param values in the file's order
     * @return this
     */
    public SafetensorsWriter bytes(String name, List<Integer> shape, byte[] values) {
        return add(name, DataType.U8, shape, Given.notNull(values, VALUES, IN_ORDER).length, (to, i) -> to.put(values[i]));
    }

    /**
     * Adds weights in the type of their storage, and {@code name.scale} of F32 where they have scales; otherwise as {@link #floats}.
     *
     * @param name the tensor's key
     * @param shape extents of the numbers
     * @param weights the numbers, and one scale an output channel where the storage has them
     * @return this
     */
    public SafetensorsWriter weights(String name, List<Integer> shape, StoredWeights weights) {
        int[] numbers = Given.notNull(weights, "safetensors: weights", "stored weights, of StoredWeights.of").numbers();
        DataType type = weights.storage().dataType();
        add(name, type, shape, numbers.length, switch (type.bytes()) {
            case Byte.BYTES -> (to, i) -> to.put((byte) numbers[i]);
            case Short.BYTES -> (to, i) -> to.putShort((short) numbers[i]);
            default -> (to, i) -> to.putInt(numbers[i]);
        });
        float[] scales = weights.scales();
        return scales.length == 0 ? this : floats(name + SCALE, List.of(scales.length), scales);
    }

    private SafetensorsWriter add(String name, DataType type, List<Integer> shape, int elements, ElementWriter element) {
        Given.notNull(name, "safetensors: name", "the tensor's key");
        Given.notNull(shape, "safetensors: shape", "the tensor's extents; none for a scalar");
        long product = 1;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("safetensors: tensor '" + name + "' has a negative extent in " + shape);
            }
            // From here on more than an array holds, unless an extent is 0.
            product = Math.min(product, Integer.MAX_VALUE + 1L) * extent;
        }
        if (product != elements) {
            throw new IllegalArgumentException("safetensors: tensor '" + name + "' " + shape + " needs "
                    + (product > Integer.MAX_VALUE ? "more than 2^31 - 1" : product) + " values, got " + elements);
        }
        if (name.equals(SafetensorsHeader.METADATA) || !names.add(name)) {
            throw new IllegalArgumentException("safetensors: a tensor cannot be called '" + name + "'; the name is taken");
        }
        tensors.add(new Pending(name, type, List.copyOf(shape), elements, element));
        return this;
    }

    /**
     * Writes the file as {@link AtomicFile} does.
     *
     * @param target the file; its folder must exist
     * @throws IOException if that fails
     * @throws IllegalArgumentException if the header would be longer than this engine reads (16 MiB)
     */
    public void write(Path target) throws IOException {
        List<Pending> ordered = new ArrayList<>(tensors);
        ordered.sort(Comparator.comparingInt((Pending tensor) -> tensor.dataType().bytes()).reversed());
        byte[] header = header(ordered);
        AtomicFile.write(target, channel -> {
            ByteBuffer length = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, length.putLong(header.length).flip());
            writeFully(channel, ByteBuffer.wrap(header));
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Pending tensor : ordered) {
                for (int i = 0; i < tensor.elements(); i++) {
                    if (chunk.remaining() < tensor.dataType().bytes()) {
                        writeFully(channel, chunk.flip());
                        chunk.clear();
                    }
                    tensor.element().put(chunk, i);
                }
            }
            writeFully(channel, chunk.flip());
        });
    }

    private byte[] header(List<Pending> ordered) {
        JsonObject.Builder header = JsonObject.builder();
        if (!metadata.isEmpty()) {
            header.put(SafetensorsHeader.METADATA, JsonObject.ofStrings(metadata));
        }
        long begin = 0;
        for (Pending tensor : ordered) {
            long end = begin + tensor.bytes();
            header.put(tensor.name(), JsonObject.builder()
                    .put("dtype", tensor.dataType().name())
                    .put("shape", new JsonArray(tensor.shape().stream().map(extent -> JsonValue.of(extent)).toList()))
                    .put("data_offsets", new JsonArray(List.of(JsonValue.of(begin), JsonValue.of(end))))
                    .build());
            begin = end;
        }
        StringBuilder json = new StringBuilder(JsonWriter.compact(header.build()));
        int bytes = json.toString().getBytes(StandardCharsets.UTF_8).length;
        json.repeat(" ", Math.ceilDiv(bytes, ALIGNMENT_BYTES) * ALIGNMENT_BYTES - bytes);
        byte[] padded = json.toString().getBytes(StandardCharsets.UTF_8);
        if (padded.length > SafetensorsHeader.MAXIMUM_BYTES) {
            throw new IllegalArgumentException("safetensors: names and metadata make a header of " + padded.length + " bytes, at most "
                    + SafetensorsHeader.MAXIMUM_BYTES + " can be read; write less metadata");
        }
        return padded;
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
