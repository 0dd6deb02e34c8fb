package dev.fedtiny.engine.io;

import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.NetworkSpec;
import dev.fedtiny.engine.nn.Parameter;
import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns the tensors and metadata that {@link ModelFile} describes into a state, trusting none of them. */
final class ModelDecoder {
    private final SafetensorsFile file;
    private final Network network;
    private final Set<String> used = new HashSet<>();

    ModelDecoder(SafetensorsFile file, Network network) {
        this.file = file;
        this.network = network;
    }

    static Optional<NetworkSpec> spec(SafetensorsFile file) throws SafetensorsException {
        if (!file.metadata().containsKey("architecture")) {
            return Optional.empty();
        }
        try {
            return Optional.of(NetworkSpec.ofMetadata(file.metadata()));
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES, e.getMessage(), e);
        }
    }

    /** The network that a file's metadata describe. */
    static Network network(SafetensorsFile file) throws SafetensorsException {
        NetworkSpec spec = spec(file).orElseThrow(() -> new SafetensorsException(file.path(), -1,
                "the metadata do not say which network this is; name it: load(file, spec)"));
        try {
            Network network = spec.build();
            String neverPruned = file.metadata().get(ModelFile.NEVER_PRUNED_KEY);
            if (neverPruned != null) {
                for (String name : neverPruned.split(",", -1)) {
                    if (!network.parameters().get(network.indexOf(name)).prunable()) {
                        throw new IllegalArgumentException("metadata '" + ModelFile.NEVER_PRUNED_KEY + "' names '" + name
                                + "', expected distinct weights that may otherwise be pruned");
                    }
                    network = network.withoutPruning(name);
                }
            }
            return network;
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES,
                    "the metadata describe no network: " + e.getMessage(), e);
        }
    }

    ModelState decode() throws IOException {
        ModelFile.Form form = form();
        checkNames(form);
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            if (form == ModelFile.Form.SPARSE && file.find(parameter.name()).isEmpty()) {
                float[] kept = finite(parameter, parameter.name() + ModelEncoder.VALUES);
                masks.add(positions(parameter, kept.length));
                values.add(kept);
            } else {
                float[] dense = finite(parameter, parameter.name());
                Mask mask = form == ModelFile.Form.SPARSE ? Mask.full(dense.length) : denseMask(parameter, dense);
                masks.add(mask);
                values.add(mask.isFull() ? dense : mask.gather(dense));
            }
        }
        return ModelState.of(network, masks, values);
    }

    private ModelFile.Form form() throws SafetensorsException {
        Map<String, String> metadata = file.metadata();
        String version = metadata.getOrDefault(ModelFile.VERSION_KEY, ModelFile.VERSION);
        if (!version.equals(ModelFile.VERSION)) {
            throw new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.VERSION_KEY + "' is '"
                    + version + "', this engine reads version " + ModelFile.VERSION);
        }
        String key = metadata.getOrDefault(ModelFile.FORM_KEY, ModelFile.Form.DENSE.key());
        return ModelFile.Form.ofKey(key).orElseThrow(() -> new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES,
                "metadata '"
                + ModelFile.FORM_KEY + "' is '" + key + "', expected 'dense' or 'sparse'"));
    }

    /** Checks that every tensor is there in its shape and that there are no others; reads none. */
    private void checkNames(ModelFile.Form form) throws SafetensorsException {
        for (Parameter parameter : network.parameters()) {
            checkSize(parameter);
            String name = parameter.name();
            ModelEncoder.batchesKey(parameter).ifPresent(used::add);
            if (form == ModelFile.Form.SPARSE && parameter.kind().isWeight() && file.find(name).isEmpty()) {
                TensorEntry values = require(name + ModelEncoder.VALUES, "tensor '" + name + "' is missing too");
                if (values.shape().size() != 1 || values.elements() > parameter.size()) {
                    throw new SafetensorsException(file.path(), values.begin(), "'" + values.name() + "' has shape " + values.shape()
                            + ", expected one extent of at most " + parameter.size());
                }
                if (file.find(name + KeptPositions.BITMASK).isPresent()) {
                    requireShape(name + KeptPositions.BITMASK, List.of(Math.ceilDiv(parameter.size(), 8)));
                } else {
                    requireShape(name + KeptPositions.ROW_POINTERS, List.of(parameter.rows() + 1));
                    requireShape(name + KeptPositions.COLUMN_INDICES, List.of((int) values.elements()));
                }
            } else {
                requireShape(name, parameter.shape());
            }
        }
        Optional<TensorEntry> stranger = firstUnknown();
        if (stranger.isPresent()) {
            TensorEntry entry = stranger.get();
            throw new SafetensorsException(file.path(), entry.begin(), "the network has no tensor '" + entry.name() + "' " + entry.shape()
                    + "; is the file of another network?");
        }
    }

    /** Metadata may describe weights of more positions than an array has; they must fail before anything multiplies their extents. */
    private void checkSize(Parameter parameter) throws SafetensorsException {
        long size = 1;
        for (int extent : parameter.shape()) {
            size *= extent;
            if (size > Integer.MAX_VALUE) {
                throw new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES, "'" + parameter.name() + "' "
                        + parameter.shape() + " of the network has more than 2^31 - 1 positions");
            }
        }
    }

    private Optional<TensorEntry> firstUnknown() {
        return file.tensors().stream().filter(entry -> !used.contains(entry.name())).findFirst();
    }

    private TensorEntry require(String name, String expected) throws SafetensorsException {
        used.add(name);
        return file.find(name).orElseThrow(() -> new SafetensorsException(file.path(), -1, "there is no tensor '" + name + "' (" + expected
                + ") among the file's " + file.tensors().size() + "; is the file of another network?"));
    }

    private void requireShape(String name, List<Integer> shape) throws SafetensorsException {
        TensorEntry entry = require(name, "expected shape " + shape);
        if (!entry.hasShape(shape)) {
            throw new SafetensorsException(file.path(), entry.begin(), "tensor '" + name + "' has shape " + entry.shape()
                    + ", the network expects " + shape);
        }
    }

    private float[] finite(Parameter parameter, String name) throws IOException {
        TensorEntry entry = file.get(name);
        float[] values = file.readFloats(name);
        boolean variance = parameter.kind() == Parameter.Kind.RUNNING_VARIANCE;
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i]) || variance && values[i] < 0) {
                throw new SafetensorsException(file.path(), entry.begin() + (long) i * entry.dataType().bytes(),
                        "tensor '" + name + "' has " + values[i] + " at place " + i + ", expected a finite number"
                        + (variance ? " that is not negative" : ""));
            }
        }
        return values;
    }

    private Mask positions(Parameter parameter, int count) throws IOException {
        Optional<TensorEntry> bitmask = file.find(parameter.name() + KeptPositions.BITMASK);
        if (bitmask.isPresent()) {
            return KeptPositions.readBitmask(file, bitmask.get(), parameter, count);
        }
        return KeptPositions.readRows(file, file.get(parameter.name() + KeptPositions.ROW_POINTERS),
                file.get(parameter.name() + KeptPositions.COLUMN_INDICES), parameter);
    }

    private Mask denseMask(Parameter parameter, float[] dense) throws SafetensorsException {
        String listed = file.metadata().get(ModelFile.MASK_PREFIX + parameter.name());
        if (!parameter.kind().isWeight() || ModelFile.MASK_ALL.equals(listed) || listed == null && !parameter.prunable()) {
            return Mask.full(dense.length);
        }
        if (listed == null) {
            return Mask.ofNonZero(dense);
        }
        int[] zeros = zeros(parameter, listed, dense);
        int[] kept = new int[dense.length];
        int count = 0;
        int next = 0;
        for (int i = 0; i < dense.length; i++) {
            if (next < zeros.length && zeros[next] == i) {
                next++;
                kept[count++] = i;
            } else if (dense[i] != 0) {
                kept[count++] = i;
            }
        }
        return Mask.of(dense.length, Arrays.copyOf(kept, count));
    }

    /** The kept zeros that the metadata list: strictly rising positions at which the tensor is zero. */
    private int[] zeros(Parameter parameter, String listed, float[] dense) throws SafetensorsException {
        String[] texts = listed.isEmpty() ? new String[0] : listed.split(",", -1);
        int[] zeros = new int[texts.length];
        int previous = -1;
        for (int i = 0; i < texts.length; i++) {
            try {
                zeros[i] = Integer.parseInt(texts[i]);
            } catch (NumberFormatException e) {
                zeros[i] = -1;
            }
            if (zeros[i] <= previous || zeros[i] >= dense.length || dense[zeros[i]] != 0) {
                throw new SafetensorsException(file.path(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.MASK_PREFIX
                        + parameter.name() + "' has '" + texts[i] + "' at place " + i + "; expected 'all' or rising positions in [0, "
                        + dense.length + ") at which the tensor is zero");
            }
            previous = zeros[i];
        }
        return zeros;
    }
}
