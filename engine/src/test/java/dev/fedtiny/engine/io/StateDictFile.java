package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A {@code state_dict} as other programs write it: any names, any types of elements. */
final class StateDictFile {
    private record Entry(String type, List<Integer> shape, byte[] bytes) {
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** All parameters of a state under their names, as F32. */
    static StateDictFile of(ModelState state) {
        StateDictFile file = new StateDictFile();
        for (int p = 0; p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            file.put(parameter.name(), DataType.F32, parameter.shape(), doubles(state.dense(p)));
        }
        return file;
    }

    static double[] doubles(float... values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    StateDictFile put(String name, DataType type, List<Integer> shape, double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (type) {
                case F64 -> bytes.putDouble(value);
                case F32 -> bytes.putFloat((float) value);
                case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
                case I64 -> bytes.putLong((long) value);
                case I32 -> bytes.putInt((int) value);
                case BOOL, U8, I8 -> bytes.put((byte) value);
                default -> throw new IllegalArgumentException(type.toString());
            }
        }
        byte[] used = new byte[bytes.flip().remaining()];
        bytes.get(used);
        entries.put(name, new Entry(type.name(), shape, used));
        return this;
    }

    StateDictFile remove(String name) {
        if (entries.remove(name) == null) {
            throw new IllegalArgumentException(name);
        }
        return this;
    }

    StateDictFile rename(UnaryOperator<String> renaming) {
        Map<String, Entry> old = new LinkedHashMap<>(entries);
        entries.clear();
        old.forEach((name, entry) -> entries.put(renaming.apply(name), entry));
        return this;
    }

    Path write(Path folder) throws IOException {
        StringBuilder header = new StringBuilder("{");
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            int begin = data.size();
            data.writeBytes(entry.bytes());
            header.append(header.length() == 1 ? "" : ",").append(SafetensorsBytes.tensor(named.getKey(), entry.type(),
                    entry.shape().stream().map(Object::toString).collect(Collectors.joining(",", "[", "]")), begin, data.size()));
        }
        byte[] file = SafetensorsBytes.file(header + "}", data.size());
        System.arraycopy(data.toByteArray(), 0, file, file.length - data.size(), data.size());
        return Files.write(folder.resolve("state_dict.safetensors"), file);
    }
}
