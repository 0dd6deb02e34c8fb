package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How a file's tensors differ from those that a network has: what is missing, what is too much, what has another shape. */
final class StateDictProblems {
    private static final int SHOWN = 3;

    /** What PyTorch calls the parts of a weight that is computed from others, and what to do about it. */
    private static final Map<String, String> COMPUTED = new LinkedHashMap<>();

    static {
        String parametrised = "some weights are parametrised; before saving, call "
                + "torch.nn.utils.parametrize.remove_parametrizations(module, \"weight\")";
        COMPUTED.put(".parametrizations.weight.original", parametrised);
        COMPUTED.put(".parametrizations.weight.original0", parametrised);
        COMPUTED.put(".weight_v", "some weights are normalised; before saving, call torch.nn.utils.remove_weight_norm(module)");
        COMPUTED.put("._packed_params._packed_params", "the model is quantised; save the one it was made from");
        COMPUTED.put(".zero_point", "the model is quantised; save the one it was made from");
        COMPUTED.put(".lora_A.weight", "these are adapters; merge them into the model before saving");
        COMPUTED.put(".qweight", "the model is quantised; save the one it was made from");
    }

    private final Network network;
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final List<TensorEntry> shaped = new ArrayList<>();
    private final List<String> shapes = new ArrayList<>();
    private List<TensorEntry> extra = List.of();

    StateDictProblems(Network network) {
        this.network = network;
    }

    void missing(String name, String expected) {
        missing.put(name, expected);
    }

    void shape(TensorEntry entry, String problem) {
        shaped.add(entry);
        shapes.add(problem);
    }

    void extra(List<TensorEntry> entries) {
        extra = List.copyOf(entries);
    }

    int count() {
        return missing.size() + shapes.size() + extra.size();
    }

    /** Tensors of other shapes, where names are all as expected; 0 where other images would not help. */
    int onlyShapes() {
        return missing.isEmpty() && extra.isEmpty() ? shapes.size() : 0;
    }

    /** Everything that is wrong as one exception, at the place of the first tensor that is there and wrong. */
    SafetensorsException failure(String file, StateDictNames names) {
        List<String> clauses = new ArrayList<>();
        if (!shapes.isEmpty()) {
            clauses.add(listed(shapes, Function.identity(), "other shapes"));
        }
        if (!missing.isEmpty()) {
            clauses.add("there is no tensor " + listed(List.copyOf(missing.entrySet()), e -> "'" + e.getKey() + "' (" + e.getValue() + ")",
                    "missing"));
        }
        if (!extra.isEmpty()) {
            clauses.add("the network has no tensor " + listed(extra, e -> "'" + e.name() + "' " + e.shape(), "extra"));
        }
        long offset = !shaped.isEmpty() ? shaped.getFirst().begin() : missing.isEmpty() && !extra.isEmpty() ? extra.getFirst().begin() : -1;
        String prefix = names.prefix().isEmpty() ? "" : " (without '" + names.prefix() + "', with which keys begin)";
        return new SafetensorsException(file, offset, String.join("; ", clauses) + prefix + "; " + hint(names));
    }

    /** What was taken and what was left, where only a part of the tensors fits. */
    StateDict.Loaded report(ModelState state, StateDictNames names, Set<Parameter> absent) {
        return new StateDict.Loaded(state, names.prefix(), absent.stream().map(Parameter::name).toList(), List.copyOf(shapes),
                extra.stream().map(TensorEntry::name).toList());
    }

    static <T> String listed(List<T> all, Function<T, String> text, String what) {
        String shown = all.stream().limit(SHOWN).map(text).collect(Collectors.joining(", "));
        return all.size() <= SHOWN ? shown : shown + " and " + (all.size() - SHOWN) + " more (" + all.size() + " " + what + ")";
    }

    private String hint(StateDictNames names) {
        if (missing.isEmpty()) {
            return "is the file of another network?";
        }
        for (Map.Entry<String, String> part : COMPUTED.entrySet()) {
            if (names.anyEndsWith(part.getKey())) {
                return part.getValue();
            }
        }
        return renamed().map(pair -> pair + "; rename it if that is what it is").orElse("is the file of another network?");
    }

    /** A missing tensor of whose shape there is exactly one extra tensor. */
    private Optional<String> renamed() {
        for (String name : missing.keySet()) {
            Optional<Parameter> parameter = network.parameters().stream().filter(p -> p.name().equals(name)).findFirst();
            List<TensorEntry> alike = parameter.map(p -> extra.stream().filter(e -> e.hasShape(p.shape())).toList()).orElse(List.of());
            if (alike.size() == 1) {
                return Optional.of("'" + alike.getFirst().name() + "' has the shape of '" + name + "'");
            }
        }
        return Optional.empty();
    }
}
