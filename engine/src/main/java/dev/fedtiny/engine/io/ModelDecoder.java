package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Turns the tensors and metadata that {@link ModelFile} describes into a state, trusting none of them. */
final class ModelDecoder {
    private final SafetensorsFile file;
    private final Network network;
    private final ModelFile.Zeros zeros;
    private final ModelFile.Form form;
    private final StateDictNames names;
    private final boolean masksGiven;
    private final Set<String> used = new HashSet<>();
    /** Parameters that the file has not, or has in another shape. */
    private final Set<Parameter> absent = new LinkedHashSet<>();
    private Parameter checked;

    ModelDecoder(SafetensorsFile file, Network network, ModelFile.Zeros zeros) throws SafetensorsException {
        this(file, network, zeros, UnaryOperator.identity());
    }

    ModelDecoder(SafetensorsFile file, Network network, ModelFile.Zeros zeros, UnaryOperator<String> renaming)
            throws SafetensorsException {
        this.file = file;
        this.network = network;
        this.zeros = zeros;
        this.form = form();
        this.names = form == ModelFile.Form.SPARSE ? StateDictNames.plain(file) : StateDictNames.of(file, network, renaming);
        this.masksGiven = network.parameters().stream()
                .anyMatch(p -> p.kind().isWeight() && find(p.name() + StateDictNames.MASK).isPresent());
    }

    static Optional<NetworkSpec> spec(SafetensorsFile file) throws SafetensorsException {
        if (!file.metadata().containsKey("architecture")) {
            return Optional.empty();
        }
        try {
            return Optional.of(NetworkSpec.ofMetadata(file.metadata()));
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, e.getMessage(), e);
        }
    }

    /** The network that a file's metadata describe. */
    static Network network(SafetensorsFile file) throws SafetensorsException {
        Optional<NetworkSpec> spec = spec(file);
        String graph = file.metadata().get(ModelFile.NETWORK_KEY);
        if (spec.isEmpty() && graph == null) {
            String format = file.metadata().get("format");
            throw new SafetensorsException(file.name(), -1, "the metadata" + (format == null ? "" : " (format '" + format + "')")
                    + " do not say which network this is; if it is a model, name its network: load(file, spec)");
        }
        try {
            Network network = spec.isPresent() ? spec.get().build() : NetworkJson.read(graph);
            for (String name : listed(file, ModelFile.NEVER_PRUNED_KEY, spec.isPresent())) {
                if (!network.parameters().get(network.indexOf(name)).prunable()) {
                    throw new IllegalArgumentException("metadata '" + ModelFile.NEVER_PRUNED_KEY + "' names '" + name
                            + "', expected distinct weights that may otherwise be pruned");
                }
                network = network.withoutPruning(name);
            }
            for (String name : listed(file, ModelFile.ALSO_PRUNED_KEY, spec.isPresent())) {
                if (network.parameters().get(network.indexOf(name)).prunable()) {
                    throw new IllegalArgumentException("metadata '" + ModelFile.ALSO_PRUNED_KEY + "' names '" + name
                            + "', expected distinct weights that may otherwise not be pruned");
                }
                network = network.withPruning(name);
            }
            return network;
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES,
                    "the metadata describe no network: " + e.getMessage(), e);
        }
    }

    /**
     * The names of an entry of the metadata; none where it is not there.
     *
     * @param known whether it is a known architecture's, of which alone the entry says anything
     */
    private static List<String> listed(SafetensorsFile file, String key, boolean known) {
        String names = file.metadata().get(key);
        if (names != null && !known) {
            throw new IllegalArgumentException("metadata '" + key + "' beside a network whose layers say themselves what may be pruned of "
                    + "them; expected one of the two");
        }
        return names == null ? List.of() : List.of(names.split(",", -1));
    }

    ModelState decode() throws IOException {
        StateDictProblems problems = problems();
        if (problems.count() > 0) {
            throw problems.failure(file.name(), names);
        }
        return decode(Optional.empty());
    }

    /** What fits, and of everything else what a state has already. */
    StateDict.Loaded decodeInto(ModelState start) throws IOException {
        StateDictProblems problems = problems();
        if (absent.size() == network.parameters().size()) {
            throw problems.failure(file.name(), names);
        }
        return problems.report(decode(Optional.of(start)), names, absent);
    }

    private ModelState decode(Optional<ModelState> start) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            String name = parameter.name();
            Optional<TensorEntry> mask = find(name + StateDictNames.MASK);
            if (start.isPresent() && absent.contains(parameter)) {
                masks.add(start.get().mask(network.indexOf(name)));
                values.add(start.get().values(network.indexOf(name)));
            } else if (form == ModelFile.Form.SPARSE && find(name).isEmpty()) {
                TensorEntry entry = find(name + ModelEncoder.VALUES).orElseThrow();
                Mask active = positions(parameter, (int) entry.elements());
                masks.add(active);
                values.add(finite(parameter, entry, active));
            } else if (form == ModelFile.Form.DENSE && mask.isPresent()) {
                addMasked(parameter, mask.get(), masks, values);
            } else {
                TensorEntry entry = find(name).orElseThrow();
                float[] dense = finite(parameter, entry, Mask.full(parameter.size()));
                Mask active = form == ModelFile.Form.SPARSE ? Mask.full(dense.length) : denseMask(parameter, entry, dense);
                masks.add(active);
                values.add(active.isFull() ? dense : active.gather(dense));
            }
        }
        try {
            ModelState state = ModelState.of(network, masks, values);
            // The counts of a sparse file are one list, which says nothing when not all of them are there.
            return form == ModelFile.Form.SPARSE && !absent.isEmpty() ? state
                    : state.withBatchesTracked(new BatchCounts(file, network, names).read(form));
        } catch (NonFiniteException e) {
            throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, e.getMessage(), e);
        }
    }

    /** A tensor that came with its mask: what is pruned is 0, and of a weight it is not held. */
    private void addMasked(Parameter parameter, TensorEntry maskEntry, List<Mask> masks, List<float[]> values) throws IOException {
        TensorEntry entry = find(parameter.name()).or(() -> find(parameter.name() + StateDictNames.ORIGINAL)).orElseThrow();
        float[] dense = finite(parameter, entry, Mask.full(parameter.size()));
        float[] active = file.readNumbers(maskEntry.name());
        for (int i = 0; i < active.length; i++) {
            if (active[i] != 0 && active[i] != 1) {
                throw new SafetensorsException(file.name(), maskEntry.begin() + (long) i * maskEntry.dataType().bytes(), "mask '"
                        + maskEntry.name() + "' has " + active[i] + " at place " + i + ", expected 0 or 1");
            }
            dense[i] = active[i] == 0 ? 0 : dense[i];
        }
        Mask mask = parameter.kind().isWeight() ? Mask.ofNonZero(active) : Mask.full(dense.length);
        masks.add(mask);
        values.add(mask.isFull() ? dense : mask.gather(dense));
    }

    private ModelFile.Form form() throws SafetensorsException {
        Map<String, String> metadata = file.metadata();
        String version = metadata.getOrDefault(ModelFile.VERSION_KEY, ModelFile.VERSION);
        if (!version.equals(ModelFile.VERSION)) {
            throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.VERSION_KEY + "' is '"
                    + version + "', this engine reads version " + ModelFile.VERSION);
        }
        String key = metadata.getOrDefault(ModelFile.FORM_KEY, ModelFile.Form.DENSE.key());
        return ModelFile.Form.ofKey(key).orElseThrow(() -> new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES,
                "metadata '"
                + ModelFile.FORM_KEY + "' is '" + key + "', expected 'dense' or 'sparse'"));
    }

    /** Whether every tensor is there in its shape and there are no others; reads none. */
    StateDictProblems problems() throws SafetensorsException {
        StateDictProblems problems = new StateDictProblems(network);
        for (Parameter parameter : network.parameters()) {
            checkSize(parameter);
            String name = parameter.name();
            checked = parameter;
            ModelEncoder.batchesKey(parameter).ifPresent(used::add);
            if (form == ModelFile.Form.SPARSE && parameter.kind().isWeight() && find(name).isEmpty()) {
                checkSparse(parameter, problems);
            } else if (form == ModelFile.Form.DENSE && find(name).isEmpty() && find(name + StateDictNames.ORIGINAL).isPresent()) {
                require(name + StateDictNames.ORIGINAL, parameter.shape(), problems);
                require(name + StateDictNames.MASK, parameter.shape(), problems);
            } else {
                require(name, parameter.shape(), problems);
                find(name).ifPresent(entry -> requireScales(parameter, entry, problems));
                if (form == ModelFile.Form.DENSE && find(name + StateDictNames.MASK).isPresent()) {
                    require(name + StateDictNames.MASK, parameter.shape(), problems);
                }
            }
        }
        problems.extra(names.except(used));
        return problems;
    }

    private void checkSparse(Parameter parameter, StateDictProblems problems) {
        String name = parameter.name();
        Optional<TensorEntry> values = find(name + ModelEncoder.VALUES);
        used.add(name + ModelEncoder.VALUES);
        values.ifPresent(entry -> requireScales(parameter, entry, problems));
        if (values.isEmpty()) {
            missing(problems, name + ModelEncoder.VALUES, "tensor '" + name + "' is missing too");
        } else if (values.get().shape().size() != 1 || values.get().elements() > parameter.size()) {
            shape(problems, values.get(), "'" + values.get().name() + "' has shape " + values.get().shape()
                    + ", expected one extent of at most " + parameter.size());
        }
        if (find(name + ActivePositions.BITMASK).isPresent()) {
            require(name + ActivePositions.BITMASK, List.of(Math.ceilDiv(parameter.size(), 8)), problems);
        } else {
            require(name + ActivePositions.ROW_POINTERS, List.of(parameter.rows() + 1), problems);
            int count = (int) Math.min(parameter.size(), values.map(TensorEntry::elements).orElse(0L));
            require(name + ActivePositions.COLUMN_INDICES, List.of(count), problems);
        }
    }

    /** Metadata may describe weights of more positions than an array has; they must fail before anything multiplies their extents. */
    private void checkSize(Parameter parameter) throws SafetensorsException {
        long size = 1;
        for (int extent : parameter.shape()) {
            size *= extent;
            if (size > Integer.MAX_VALUE) {
                throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, "'" + parameter.name() + "' "
                        + parameter.shape() + " of the network has more than 2^31 - 1 positions");
            }
        }
    }

    private Optional<TensorEntry> find(String name) {
        return names.find(name);
    }

    private void require(String name, List<Integer> shape, StateDictProblems problems) {
        used.add(name);
        Optional<TensorEntry> entry = find(name);
        if (entry.isEmpty()) {
            missing(problems, name, "expected shape " + shape);
        } else if (!fits(entry.get(), shape)) {
            shape(problems, entry.get(), "tensor '" + entry.get().name() + "' has shape " + entry.get().shape()
                    + ", the network expects " + shape);
        }
    }

    /** Whether a tensor has the extents; a convolution of one dimension is one of height 1, whichever the file has. */
    private static boolean fits(TensorEntry entry, List<Integer> shape) {
        return entry.hasShape(shape) || shape.size() == 4 && shape.get(2) == 1 && entry.hasShape(List.of(shape.get(0), shape.get(1),
                shape.get(3))) || shape.size() == 3 && entry.hasShape(List.of(shape.get(0), shape.get(1), 1, shape.get(2)));
    }

    private void missing(StateDictProblems problems, String name, String expected) {
        absent.add(checked);
        problems.missing(name, expected);
    }

    private void shape(StateDictProblems problems, TensorEntry entry, String problem) {
        absent.add(checked);
        problems.shape(entry, problem);
    }

    private void requireScales(Parameter parameter, TensorEntry entry, StateDictProblems problems) {
        scales(parameter, entry).ifPresent(scales -> require(scales.name(), List.of(parameter.rows()), problems));
    }

    /** The scales of a weight of whole numbers; empty for any other tensor. */
    private Optional<TensorEntry> scales(Parameter parameter, TensorEntry entry) {
        boolean whole = parameter.kind().isWeight() && entry.dataType() == WeightStorage.INT8.dataType();
        return whole ? find(entry.name() + SafetensorsWriter.SCALE) : Optional.empty();
    }

    private float[] numbers(Parameter parameter, TensorEntry entry, Mask mask) throws IOException {
        Optional<TensorEntry> scales = scales(parameter, entry);
        return scales.isEmpty() ? file.readFloats(entry.name()) : new StoredWeights(WeightStorage.INT8, file.readInts(entry.name()),
                file.readFloats(scales.get().name())).decode(mask, parameter.columns());
    }

    /** @param mask positions that the tensor's elements are of */
    private float[] finite(Parameter parameter, TensorEntry entry, Mask mask) throws IOException {
        float[] values = numbers(parameter, entry, mask);
        boolean variance = parameter.kind() == Parameter.Kind.RUNNING_VARIANCE;
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i]) || variance && values[i] < 0) {
                throw new SafetensorsException(file.name(), entry.begin() + (long) i * entry.dataType().bytes(),
                        "tensor '" + entry.name() + "' has " + values[i] + " at place " + i + ", expected a finite number"
                        + (variance ? " that is not negative" : ""));
            }
        }
        return values;
    }

    private Mask positions(Parameter parameter, int count) throws IOException {
        Optional<TensorEntry> bitmask = file.find(parameter.name() + ActivePositions.BITMASK);
        if (bitmask.isPresent()) {
            return ActivePositions.readBitmask(file, bitmask.get(), parameter, count);
        }
        return ActivePositions.readRows(file, file.get(parameter.name() + ActivePositions.ROW_POINTERS),
                file.get(parameter.name() + ActivePositions.COLUMN_INDICES), parameter);
    }

    private Mask denseMask(Parameter parameter, TensorEntry entry, float[] dense) throws IOException {
        String listed = file.metadata().get(ModelFile.MASK_PREFIX + parameter.name());
        boolean all = zeros == ModelFile.Zeros.KEPT || ModelFile.MASK_ALL.equals(listed) || listed == null && !parameter.prunable();
        if (!parameter.kind().isWeight() || all) {
            return Mask.full(dense.length);
        }
        if (listed == null) {
            boolean values = zeros == ModelFile.Zeros.BY_TYPE && (masksGiven || entry.dataType().bits() < Float.SIZE);
            return values ? Mask.full(dense.length) : nonZero(entry, dense);
        }
        int[] zeros = keptZeros(parameter, listed, dense);
        int[] active = new int[dense.length];
        int count = 0;
        int next = 0;
        for (int i = 0; i < dense.length; i++) {
            if (next < zeros.length && zeros[next] == i) {
                next++;
                active[count++] = i;
            } else if (dense[i] != 0) {
                active[count++] = i;
            }
        }
        return Mask.of(dense.length, Arrays.copyOf(active, count));
    }

    /** What is zero in the file; a number of 64 bits may become zero only as a float, and stays a value. */
    private Mask nonZero(TensorEntry entry, float[] dense) throws IOException {
        return Mask.ofNonZero(entry.dataType() == DataType.F64 ? file.readNonZero(entry.name()) : dense);
    }

    /** The active zeros that the metadata list: strictly rising positions at which the tensor is zero. */
    private int[] keptZeros(Parameter parameter, String listed, float[] dense) throws SafetensorsException {
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
                throw new SafetensorsException(file.name(), SafetensorsHeader.LENGTH_BYTES, "metadata '" + ModelFile.MASK_PREFIX
                        + parameter.name() + "' has '" + texts[i] + "' at place " + i + "; expected 'all' or rising positions in [0, "
                        + dense.length + ") at which the tensor is zero");
            }
            previous = zeros[i];
        }
        return zeros;
    }
}
