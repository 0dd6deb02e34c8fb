package dev.fedtiny.engine.io;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns a state into the tensors and metadata that {@link ModelFile} describes. */
final class ModelEncoder {
    static final String VALUES = ".values";
    static final String BATCHES = ".num_batches_tracked";

    private static final String VARIANCE = ".running_var";

    private ModelEncoder() {
    }

    static SafetensorsWriter encode(ModelState state, ModelFile.Form form, Map<String, String> further) {
        SafetensorsWriter writer = new SafetensorsWriter();
        if (form == ModelFile.Form.DENSE) {
            // What other writers of PyTorch tensors put there.
            writer.metadata("format", "pt");
        }
        writer.metadata(ModelFile.VERSION_KEY, ModelFile.VERSION);
        writer.metadata(ModelFile.FORM_KEY, form.key());
        Network network = state.network();
        network.spec().ifPresent(spec -> describe(writer, spec, network));
        further.forEach((key, value) -> {
            if (key.startsWith("fedtiny.") || key.equals("format")) {
                throw new IllegalArgumentException("model file: metadata key '" + key + "' is taken; choose another name");
            }
            writer.metadata(key, value);
        });
        for (int i = 0; i < network.parameters().size(); i++) {
            Parameter parameter = network.parameters().get(i);
            Mask mask = state.mask(i);
            if (form == ModelFile.Form.SPARSE && !mask.isFull()) {
                writer.floats(parameter.name() + VALUES, List.of(mask.count()), state.values(i));
                KeptPositions.write(writer, parameter, mask);
            } else {
                writer.floats(parameter.name(), parameter.shape(), mask.isFull() ? state.values(i) : state.dense(i));
            }
            if (form == ModelFile.Form.DENSE) {
                addMaskEntry(writer, parameter, mask, state.values(i));
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
        for (Parameter usual : spec.build().parameters()) {
            if (usual.prunable() && !network.parameters().get(network.indexOf(usual.name())).prunable()) {
                neverPruned.add(usual.name());
            }
        }
        if (!neverPruned.isEmpty()) {
            writer.metadata(ModelFile.NEVER_PRUNED_KEY, String.join(",", neverPruned));
        }
    }

    private static void addMaskEntry(SafetensorsWriter writer, Parameter parameter, Mask mask, float[] values) {
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
        if (!zeros.isEmpty() || !mask.isFull() && !parameter.prunable()) {
            writer.metadata(ModelFile.MASK_PREFIX + parameter.name(), zeros.toString());
        }
    }
}
