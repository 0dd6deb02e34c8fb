package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns a state into the tensors and metadata that {@link ModelFile} describes. */
final class ModelEncoder {
    static final String VALUES = ".values";
    static final String BATCHES = ".num_batches_tracked";

    private static final String VARIANCE = ".running_var";
    /** What describes a known architecture, and would be taken for one in the file of any other network. */
    private static final Set<String> SPEC_KEYS = Architecture.RESNET18.usual().toMetadata().keySet();

    private ModelEncoder() {
    }

    static SafetensorsWriter encode(ModelState state, ModelFile.Form form, WeightStorage storage, Map<String, String> further) {
        SafetensorsWriter writer = new SafetensorsWriter();
        if (form == ModelFile.Form.DENSE) {
            // What other writers of PyTorch tensors put there.
            writer.metadata("format", "pt");
        }
        writer.metadata(ModelFile.VERSION_KEY, ModelFile.VERSION);
        writer.metadata(ModelFile.FORM_KEY, form.key());
        Network network = state.network();
        network.spec().ifPresentOrElse(spec -> describe(writer, spec, network),
                () -> writer.metadata(ModelFile.NETWORK_KEY, NetworkJson.write(network)));
        further.forEach((key, value) -> {
            if (key.startsWith("fedtiny.") || key.equals("format") || SPEC_KEYS.contains(key)) {
                throw new IllegalArgumentException("model file: metadata key '" + key + "' is taken; choose another name");
            }
            writer.metadata(key, value);
        });
        for (int i = 0; i < network.parameters().size(); i++) {
            Parameter parameter = network.parameters().get(i);
            Mask mask = state.mask(i);
            WeightStorage own = parameter.kind().isWeight() ? storage : WeightStorage.FLOAT32;
            float[] values = own == WeightStorage.FLOAT32 ? state.values(i) : own.rounded(mask, parameter.columns(), state.values(i));
            if (form == ModelFile.Form.SPARSE && !mask.isFull()) {
                write(writer, parameter.name() + VALUES, List.of(mask.count()), own, mask, parameter.columns(), values);
                ActivePositions.write(writer, parameter, mask);
            } else {
                write(writer, parameter.name(), parameter.shape(), own, Mask.full(mask.size()), parameter.columns(),
                        mask.isFull() ? values : mask.scatter(values));
            }
            if (form == ModelFile.Form.DENSE) {
                addMaskEntry(writer, parameter, mask, values, own);
            }
        }
        BatchCounts.write(writer, state, form);
        return writer;
    }

    /** The key of the count of batches that PyTorch keeps beside a running variance; empty for every other parameter. */
    static Optional<String> batchesKey(Parameter parameter) {
        boolean variance = parameter.kind() == Parameter.Kind.RUNNING_VARIANCE && parameter.name().endsWith(VARIANCE);
        return variance ? Optional.of(parameter.name().substring(0, parameter.name().length() - VARIANCE.length()) + BATCHES)
                : Optional.empty();
    }

    private static void describe(SafetensorsWriter writer, NetworkSpec spec, Network network) {
        spec.toMetadata().forEach(writer::metadata);
        List<String> neverPruned = new ArrayList<>();
        List<String> alsoPruned = new ArrayList<>();
        for (Parameter usual : spec.build().parameters()) {
            boolean here = network.parameters().get(network.indexOf(usual.name())).prunable();
            if (usual.prunable() != here) {
                (here ? alsoPruned : neverPruned).add(usual.name());
            }
        }
        if (!neverPruned.isEmpty()) {
            writer.metadata(ModelFile.NEVER_PRUNED_KEY, String.join(",", neverPruned));
        }
        if (!alsoPruned.isEmpty()) {
            writer.metadata(ModelFile.ALSO_PRUNED_KEY, String.join(",", alsoPruned));
        }
    }

    private static void write(SafetensorsWriter writer, String name, List<Integer> shape, WeightStorage storage, Mask mask, int columns,
            float[] values) {
        if (storage == WeightStorage.FLOAT32) {
            writer.floats(name, shape, values);
        } else {
            writer.weights(name, shape, StoredWeights.of(storage, mask, columns, values));
        }
    }

    private static void addMaskEntry(SafetensorsWriter writer, Parameter parameter, Mask mask, float[] values, WeightStorage storage) {
        if (!parameter.kind().isWeight()) {
            return;
        }
        StringBuilder zeros = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            if (values[i] == 0) {
                if (mask.isFull()) {
                    writer.metadata(ModelFile.MASK_PREFIX + parameter.name(), ModelFile.MASK_ALL);
                    return;
                }
                zeros.append(zeros.isEmpty() ? "" : ",").append(mask.index(i));
            }
        }
        // Zeros of narrower types count as values unless the file says otherwise.
        if (!zeros.isEmpty() || !mask.isFull() && (!parameter.prunable() || storage != WeightStorage.FLOAT32)) {
            writer.metadata(ModelFile.MASK_PREFIX + parameter.name(), zeros.toString());
        }
    }
}
