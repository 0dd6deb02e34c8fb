package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNull;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, wholly checked: every tensor's type, shape and range are consistent, and the ranges cover
 * the data part without gap or overlap. Reads no tensor.
 *
 * @param tensors by name, in the order of their bytes
 * @param metadata the file's strings, in the order of the header
 */
record SafetensorsHeader(Map<String, TensorEntry> tensors, Map<String, String> metadata) {
    /** Bytes of the header's length, in front of the header. */
    static final int LENGTH_BYTES = 8;
    /** 16 MiB: some 150,000 tensors. The format's own limit is 100 MB, more than a small device should spend on a listing. */
    static final int MAXIMUM_BYTES = 16 << 20;
    static final String METADATA = "__metadata__";

    private static final JsonLimits LIMITS = new JsonLimits(MAXIMUM_BYTES, 8, 1_000_000);

    /**
     * Parses and checks a header.
     *
     * @param json the header, padding included
     * @param fileBytes size of the whole file, at least {@code LENGTH_BYTES + json.length}
     */
    static SafetensorsHeader parse(String file, byte[] json, long fileBytes) throws SafetensorsException {
        if (json.length == 0 || json[0] != '{') {
            throw new SafetensorsException(file, LENGTH_BYTES, "the header does not start with '{'; this is not a safetensors file");
        }
        JsonObject header;
        try {
            // It starts with a brace, so it is an object or fails.
            header = (JsonObject) JsonReader.parse(json, LIMITS);
        } catch (JsonException e) {
            throw new SafetensorsException(file, LENGTH_BYTES + e.byteOffset(), "the header is not as expected: " + e.problem(), e);
        }
        long dataBegin = LENGTH_BYTES + json.length;
        Map<String, String> metadata = Map.of();
        List<TensorEntry> entries = new ArrayList<>();
        Map<String, Long> headerOffsets = new LinkedHashMap<>();
        for (Map.Entry<String, JsonValue> member : header.members().entrySet()) {
            String name = member.getKey();
            if (name.equals(METADATA) && member.getValue() == JsonNull.NULL) {
                // The format's own library writes and takes it for a file without metadata.
                continue;
            }
            if (!(member.getValue() instanceof JsonObject object)) {
                throw new SafetensorsException(file, LENGTH_BYTES, "header entry '" + name + "' is " + member.getValue().kind()
                        + ", expected an object");
            }
            long headerOffset = LENGTH_BYTES + object.byteOffset();
            if (name.equals(METADATA)) {
                metadata = metadata(file, headerOffset, object);
            } else {
                entries.add(new EntryParser(file, name, object, headerOffset).parse(dataBegin, fileBytes));
                headerOffsets.put(name, headerOffset);
            }
        }
        entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        checkCoverage(file, entries, headerOffsets, dataBegin, fileBytes);
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        entries.forEach(entry -> tensors.put(entry.name(), entry));
        return new SafetensorsHeader(Collections.unmodifiableMap(tensors), metadata);
    }

    private static Map<String, String> metadata(String file, long offset, JsonObject object) throws SafetensorsException {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            if (!(member.getValue() instanceof JsonString string)) {
                throw new SafetensorsException(file, offset, METADATA + " entry '" + member.getKey() + "' is " + member.getValue().kind()
                        + ", expected a string");
            }
            metadata.put(member.getKey(), string.value());
        }
        return Collections.unmodifiableMap(metadata);
    }

    private static void checkCoverage(String file, List<TensorEntry> sorted, Map<String, Long> headerOffsets, long dataBegin,
            long fileBytes) throws SafetensorsException {
        long covered = dataBegin;
        String previous = "the header";
        for (TensorEntry entry : sorted) {
            if (entry.begin() != covered) {
                String how = entry.begin() < covered ? "overlaps" : "leaves a gap after";
                throw new SafetensorsException(file, headerOffsets.get(entry.name()), "tensor '" + entry.name() + "' " + how + " "
                        + previous
                        + ": it begins at data offset " + (entry.begin() - dataBegin) + ", expected " + (covered - dataBegin));
            }
            covered = entry.end();
            previous = "'" + entry.name() + "'";
        }
        if (covered != fileBytes) {
            throw new SafetensorsException(file, covered, "the tensors end here, but " + (fileBytes - covered)
                    + " more bytes follow that belong to none");
        }
    }

    /** Reads one tensor's entry; {@code headerOffset} is where its object starts in the file. */
    private record EntryParser(String file, String name, JsonObject object, long headerOffset) {
        private TensorEntry parse(long dataBegin, long fileBytes) throws SafetensorsException {
            if (!(member("dtype") instanceof JsonString typeName)) {
                throw failure("has dtype '" + member("dtype").kind() + "', expected a string");
            }
            DataType type = DataType.ofKey(typeName.value());
            List<Long> shape = counts("shape");
            List<Long> range = counts("data_offsets");
            if (range.size() != 2) {
                throw failure("has " + range.size() + " data_offsets, expected 2: begin and end");
            }
            long begin = range.get(0);
            long end = range.get(1);
            long dataBytes = fileBytes - dataBegin;
            if (begin > end || end > dataBytes) {
                throw failure("has data_offsets [" + begin + ", " + end + "], expected begin <= end <= " + dataBytes
                        + ", the bytes after the header");
            }
            long bits = product(shape, type == DataType.OTHER ? 1 : type.bits());
            // How long a tensor of a type is that this release does not know, only its range says.
            if (type != DataType.OTHER && (bits % 8 != 0 || bits / 8 != end - begin)) {
                throw failure("is " + type + " " + shape + " and needs " + (bits % 8 == 0 ? bits / 8 + " bytes" : bits + " bits")
                        + ", its data_offsets [" + begin + ", " + end + "] hold " + (end - begin));
            }
            return new TensorEntry(name, type, typeName.value(), shape, dataBegin + begin, dataBegin + end);
        }

        private long product(List<Long> shape, long elementBits) throws SafetensorsException {
            try {
                long product = elementBits;
                for (long extent : shape) {
                    product = Math.multiplyExact(product, extent);
                }
                return product;
            } catch (ArithmeticException e) {
                throw failure("has shape " + shape + ", whose bits do not fit in 64 bits");
            }
        }

        private JsonValue member(String member) throws SafetensorsException {
            return object.find(member).orElseThrow(() -> failure("has no '" + member + "'; expected dtype, shape and data_offsets"));
        }

        private List<Long> counts(String member) throws SafetensorsException {
            if (!(member(member) instanceof JsonArray array)) {
                throw failure("has a '" + member + "' that is " + member(member).kind() + ", expected an array");
            }
            List<Long> counts = new ArrayList<>(array.values().size());
            for (JsonValue value : array.values()) {
                long count = value instanceof JsonNumber number ? number.toLong().orElse(-1) : -1;
                if (count < 0) {
                    String found = value instanceof JsonNumber number ? number.text() : value.kind();
                    throw failure("has " + found + " in '" + member + "', expected whole numbers from 0 to 2^63 - 1");
                }
                counts.add(count);
            }
            return counts;
        }

        private SafetensorsException failure(String problem) {
            return new SafetensorsException(file, headerOffset, "tensor '" + name + "' " + problem);
        }
    }
}
