package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Which tensor of a file is which of a network's {@code state_dict}. Keys that a wrapper has lengthened are taken as the network's own: a
 * prefix that all of the network's tensors share ({@code module.}, {@code _orig_mod.}, {@code model.} or any other), and the segments that
 * PyTorch's wrappers put into the middle of a key.
 */
final class StateDictNames {
    /** What {@code torch.nn.utils.prune} calls a weight before its mask. */
    static final String ORIGINAL = "_orig";
    /** What {@code torch.nn.utils.prune} calls a weight's mask. */
    static final String MASK = "_mask";

    /** What {@code DataParallel}, {@code torch.compile}, FSDP and checkpointing wrap modules in. */
    private static final Set<String> WRAPPERS = Set.of("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");
    /** What {@code torch.optim.swa_utils.AveragedModel} counts, beside the averaged model. */
    private static final String AVERAGED = "n_averaged";

    private final String prefix;
    private final Map<String, TensorEntry> entries = new HashMap<>();
    private final List<TensorEntry> others = new ArrayList<>();
    private final int found;

    private StateDictNames(Map<TensorEntry, String> keys, String prefix, Set<String> parameters) {
        this.prefix = prefix;
        for (Map.Entry<TensorEntry, String> key : keys.entrySet()) {
            TensorEntry entry = key.getKey();
            String name = key.getValue();
            boolean inside = name.startsWith(prefix);
            if (!inside && name.equals(AVERAGED) && !prefix.isEmpty()) {
                continue;
            }
            if (!inside || entries.putIfAbsent(name.substring(prefix.length()), entry) != null) {
                others.add(entry);
            }
        }
        found = (int) parameters.stream().filter(name -> entries.containsKey(name) || entries.containsKey(name + ORIGINAL)).count();
    }

    /** The names as they are. */
    static StateDictNames plain(SafetensorsFile file) {
        return new StateDictNames(keys(file, false, UnaryOperator.identity()), "", Set.of());
    }

    /**
     * The names as the network's, whatever wrapped them.
     *
     * @throws SafetensorsException if the network's tensors are in the file under two prefixes
     */
    static StateDictNames of(SafetensorsFile file, Network network) throws SafetensorsException {
        return of(file, network, UnaryOperator.identity());
    }

    /** As {@link #of(SafetensorsFile, Network)}, once every key has been renamed. */
    static StateDictNames of(SafetensorsFile file, Network network, UnaryOperator<String> renaming) throws SafetensorsException {
        Set<String> parameters = network.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
        StateDictNames asWritten = of(file, keys(file, false, renaming), parameters);
        if (asWritten.found == parameters.size()) {
            return asWritten;
        }
        StateDictNames unwrapped = of(file, keys(file, true, renaming), parameters);
        return unwrapped.found > asWritten.found ? unwrapped : asWritten;
    }

    private static Map<TensorEntry, String> keys(SafetensorsFile file, boolean unwrapped, UnaryOperator<String> renaming) {
        Map<TensorEntry, String> keys = new LinkedHashMap<>();
        for (TensorEntry entry : file.tensors()) {
            String name = renaming.apply(entry.name());
            keys.put(entry, unwrapped ? List.of(name.split("\\.", -1)).stream().filter(part -> !WRAPPERS.contains(part))
                    .collect(Collectors.joining(".")) : name);
        }
        return keys;
    }

    private static StateDictNames of(SafetensorsFile file, Map<TensorEntry, String> keys, Set<String> parameters)
            throws SafetensorsException {
        int segments = parameters.stream().mapToInt(name -> name.split("\\.", -1).length).max().orElse(1);
        Map<String, Integer> counts = new HashMap<>();
        for (String key : keys.values()) {
            String name = key.endsWith(ORIGINAL) ? key.substring(0, key.length() - ORIGINAL.length()) : key;
            int from = name.length();
            for (int i = 0; i < segments && from >= 0; i++) {
                from = name.lastIndexOf('.', from - 1);
                if (parameters.contains(name.substring(from + 1))) {
                    counts.merge(name.substring(0, from + 1), 1, Integer::sum);
                }
                if (from <= 0) {
                    break;
                }
            }
        }
        int most = counts.values().stream().max(Comparator.naturalOrder()).orElse(0);
        if (counts.isEmpty() || counts.getOrDefault("", 0) == most) {
            return new StateDictNames(keys, "", parameters);
        }
        List<String> prefixes = counts.keySet().stream().filter(prefix -> counts.get(prefix) == most).sorted().toList();
        if (prefixes.size() > 1 && most == parameters.size()) {
            throw new SafetensorsException(file.name(), -1, "the network's tensors are there under '" + prefixes.get(0) + "' and under '"
                    + prefixes.get(1) + "'; write those of one of them to a file of their own");
        }
        return new StateDictNames(keys, prefixes.getFirst(), parameters);
    }

    /** Parameters of the network that are there, under any type and shape. */
    int found() {
        return found;
    }

    /** What all keys begin with that belong to the network; often empty. */
    String prefix() {
        return prefix;
    }

    /** A tensor by the network's name for it. */
    Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** Whether any tensor's name ends so. */
    boolean anyEndsWith(String suffix) {
        return entries.keySet().stream().anyMatch(name -> name.endsWith(suffix));
    }

    /** Tensors that are none of these, in the order of the file. */
    List<TensorEntry> except(Set<String> used) {
        Set<String> keys = new HashSet<>();
        used.forEach(name -> find(name).ifPresent(entry -> keys.add(entry.name())));
        List<TensorEntry> rest = new ArrayList<>(others);
        entries.values().stream().filter(entry -> !keys.contains(entry.name())).forEach(rest::add);
        rest.sort(Comparator.comparingLong(TensorEntry::begin).thenComparing(TensorEntry::name));
        return rest;
    }
}
