package dev.fedtiny.data;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileSignature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A split that is kept in a file, so that runs of any seed, and other programs, can use the same one: JSON with {@code format},
 * {@code algorithm} and its parameters ({@code alpha}, {@code smallestShare} and others), {@code seed}, {@code samples},
 * {@code labelsSha256}, {@code publicSet} and {@code devices}, where positions count the training images from 0.
 *
 * @param algorithm how the split was drawn, for example {@code dirichlet}; only for the reader
 * @param parameters of the draw, {@link Double} or {@link Long} by name; only for the reader
 * @param seed of the draw
 * @param samples training images the positions refer to
 * @param labelHash {@link Dataset#labelHash} of those images
 * @param split public images and devices' images
 */
public record PartitionFile(String algorithm, Map<String, Number> parameters, long seed, int samples, String labelHash, DataSplit split) {
    private static final String FORMAT = "fedtiny-partition-1";

    private static final List<String> NAMES = List.of("format", "algorithm", "seed", "samples", "labelsSha256", "publicSet", "devices");

    /** Keeps its own map, in the order given. */
    public PartitionFile {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * The split of a training set, ready to be written.
     *
     * @param algorithm how the split was drawn, for example {@code iid}
     * @param parameters of the draw, {@link Double} or {@link Long} by name
     * @param seed of the draw
     * @param train all training images, of which the file gets number and labels' hash
     * @param split positions in {@code train}
     * @return what a file will hold
     */
    public static PartitionFile of(String algorithm, Map<String, Number> parameters, long seed, Dataset train, DataSplit split) {
        return new PartitionFile(algorithm, parameters, seed, train.count(), train.labelHash(), split);
    }

    /**
     * Writes the file; it appears under its name only when complete, and whatever fails leaves nothing behind.
     *
     * @param path where; its folder must exist
     * @throws java.nio.file.FileAlreadyExistsException if there is something of that name
     * @throws IOException as above, or if it cannot be written
     */
    public void write(Path path) throws IOException {
        JsonObject.Builder object = JsonObject.builder().put("format", FORMAT).put("algorithm", algorithm);
        parameters.forEach((name, value) -> object.put(name, value instanceof Long whole ? JsonValue.of(whole)
                : JsonValue.of(value.doubleValue())));
        object.put("seed", seed).put("samples", samples).put("labelsSha256", labelHash).put("publicSet", numbers(split.publicSet()))
                .put("devices", new JsonValue.JsonArray(split.devices().deviceIndices().stream().map(PartitionFile::numbers).toList()));
        AtomicFile.create(path, JsonWriter.indented(object.build()) + "\n");
    }

    private static JsonValue numbers(int[] numbers) {
        return new JsonValue.JsonArray(Arrays.stream(numbers).mapToObj(JsonValue::of).toList());
    }

    /**
     * Reads a file.
     *
     * @param path a file that {@link #write} or another program wrote
     * @return what it holds
     * @throws DataException if it is missing, no partition file, or contradicts itself
     */
    public static PartitionFile read(Path path) {
        int most = JsonLimits.DEFAULT.maximumBytes();
        byte[] text = DataFile.of(path).read(in -> in.readNBytes(most + 1));
        if (text.length > most) {
            throw new DataException(path + ": has more than " + most + " bytes, too many for a partition file");
        }
        try {
            if (!(JsonReader.parse(text, JsonLimits.DEFAULT) instanceof JsonObject object)) {
                throw new DataException(path + ": is no partition file, expected a JSON object");
            }
            if (!object.string("format").equals(FORMAT)) {
                throw new DataException(path + ": has format '" + object.string("format") + "', expected '" + FORMAT + "'");
            }
            int samples = positive(object.integer("samples"));
            List<int[]> devices = new ArrayList<>();
            for (JsonValue list : object.array("devices")) {
                devices.add(positions(list, samples, "device " + devices.size()));
            }
            return new PartitionFile(object.string("algorithm"), parameters(object), object.integer("seed"), samples,
                    object.string("labelsSha256"), new DataSplit(positions(object.get("publicSet"), samples, "the public set"),
                    new Partition(devices)));
        } catch (JsonException | IllegalArgumentException e) {
            throw new DataException(path + ": is no usable partition file: "
                    + FileSignature.describe(path, FileSignature.JSON).orElse(e.getMessage()), e);
        }
    }

    /** Numbers of other names. */
    private static Map<String, Number> parameters(JsonObject object) {
        Map<String, Number> parameters = new LinkedHashMap<>();
        object.members().forEach((name, value) -> {
            if (!NAMES.contains(name) && value instanceof JsonValue.JsonNumber number) {
                parameters.put(name, number.toLong().isPresent() && number.text().matches("-?[0-9]+") ? number.toLong().getAsLong()
                        : (Number) number.toDouble());
            }
        });
        return parameters;
    }

    private static int positive(long samples) {
        if (samples < 1 || samples > ImageCollector.MAXIMUM_IMAGES) {
            throw new IllegalArgumentException("samples is " + samples + ", expected 1 to " + ImageCollector.MAXIMUM_IMAGES);
        }
        return (int) samples;
    }

    private static int[] positions(JsonValue list, int samples, String whose) {
        if (!(list instanceof JsonValue.JsonArray array)) {
            throw new IllegalArgumentException(whose + " has " + list.kind() + ", expected an array of positions");
        }
        return array.values().stream().mapToInt(value -> {
            if (value instanceof JsonValue.JsonNumber number && number.toLong().orElse(-1) >= 0 && number.toLong().getAsLong() < samples) {
                return (int) number.toLong().getAsLong();
            }
            throw new IllegalArgumentException(whose + " has " + (value instanceof JsonValue.JsonNumber n ? n.text() : value.kind())
                    + ", expected positions from 0 to " + (samples - 1));
        }).toArray();
    }

    /**
     * The split, if it was made for this training set.
     *
     * @param name of the file, for messages
     * @param train all training images of the run
     * @return the split
     * @throws DataException if the training set has another number of images or other labels
     */
    public DataSplit splitOf(Dataset train, String name) {
        if (train.count() != samples || !train.labelHash().equals(labelHash)) {
            throw new DataException(name + ": was made for " + samples + " training images with labels of SHA-256 " + labelHash
                    + ", these are " + train.count() + " with " + train.labelHash()
                    + "; use the data, max-images and seed it was made with, or make a new one");
        }
        return split;
    }
}
