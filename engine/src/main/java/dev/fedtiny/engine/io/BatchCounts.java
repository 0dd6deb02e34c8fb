package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The counts of batches beside running statistics in a {@link ModelFile}: tensors in the dense form, metadata in the sparse one. What is
 * not known is not written.
 */
final class BatchCounts {
    /** Beyond it, a floating-point count would not be whole. */
    private static final double LARGEST_FLOAT = 1L << 24;

    private final SafetensorsFile file;
    private final Network network;
    private final StateDictNames names;

    BatchCounts(SafetensorsFile file, Network network, StateDictNames names) {
        this.file = file;
        this.network = network;
        this.names = names;
    }

    static void write(SafetensorsWriter writer, ModelState state, ModelFile.Form form) {
        List<String> counts = new ArrayList<>();
        for (int i = 0; i < state.network().parameters().size(); i++) {
            Parameter parameter = state.network().parameters().get(i);
            OptionalLong count = state.batchesTracked(i);
            if (form == ModelFile.Form.DENSE && count.isPresent()) {
                ModelEncoder.batchesKey(parameter).ifPresent(key -> writer.longs(key, List.of(), new long[] {count.getAsLong()}));
            } else if (parameter.kind() == Parameter.Kind.RUNNING_VARIANCE) {
                counts.add(count.isPresent() ? Long.toString(count.getAsLong()) : "");
            }
        }
        if (form == ModelFile.Form.SPARSE && counts.stream().anyMatch(count -> !count.isEmpty())) {
            writer.metadata(ModelFile.BATCHES_KEY, String.join(",", counts));
        }
    }

    /** One a parameter, negative where there is none. */
    long[] read(ModelFile.Form form) throws IOException {
        long[] counts = new long[network.parameters().size()];
        Arrays.fill(counts, -1);
        if (form == ModelFile.Form.SPARSE) {
            readMetadata(counts);
        } else {
            for (int i = 0; i < counts.length; i++) {
                Optional<TensorEntry> entry = ModelEncoder.batchesKey(network.parameters().get(i)).flatMap(names::find);
                counts[i] = entry.isPresent() ? count(entry.get()) : -1;
            }
        }
        return counts;
    }

    /** A count as PyTorch has it, or as somebody's conversion of a whole file has made it. */
    private long count(TensorEntry entry) throws IOException {
        if (entry.elements() != 1) {
            throw new SafetensorsException(file.name(), entry.begin(), "tensor '" + entry.name() + "' has shape " + entry.shape()
                    + ", expected a single count of batches");
        }
        boolean whole = entry.dataType() == DataType.I64 || entry.dataType() == DataType.I32;
        double count = whole ? file.readLongs(entry.name())[0] : file.readNumbers(entry.name())[0];
        if (!(count >= 0)) {
            throw new SafetensorsException(file.name(), entry.begin(), "tensor '" + entry.name() + "' has " + count
                    + ", expected a count of batches, at least 0");
        }
        if (whole) {
            return file.readLongs(entry.name())[0];
        }
        return count == Math.rint(count) && count < LARGEST_FLOAT ? (long) count : -1;
    }

    private void readMetadata(long[] counts) throws SafetensorsException {
        String text = file.metadata().get(ModelFile.BATCHES_KEY);
        if (text == null) {
            return;
        }
        String[] texts = text.split(",", -1);
        int next = 0;
        for (int i = 0; i < counts.length; i++) {
            if (network.parameters().get(i).kind() == Parameter.Kind.RUNNING_VARIANCE) {
                counts[i] = next < texts.length ? count(texts[next]) : -1;
                next++;
            }
        }
        if (next != texts.length) {
            throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.BATCHES_KEY + "' has "
                    + texts.length + " counts, the network has " + next + " batch normalisations");
        }
    }

    private long count(String text) throws SafetensorsException {
        try {
            long count = text.isEmpty() ? -1 : Long.parseLong(text);
            if (count >= 0 || text.isEmpty()) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a negative one is.
        }
        throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.BATCHES_KEY + "' has '" + text
                + "', expected counts of batches, at least 0, or nothing");
    }
}
