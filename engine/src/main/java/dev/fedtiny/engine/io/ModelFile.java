package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link ModelState} in a safetensors file. A state read back is equal, bit for bit, masks included.
 *
 * <p><b>Dense form</b>: every parameter and running statistic as F32 under its {@code state_dict} key, zeros where pruned, and a
 * scalar {@code num_batches_tracked} of I64 for every batch normalisation whose count is known
 * ({@link ModelState#batchesTracked}), so that PyTorch takes it with
 * {@code model.load_state_dict(safetensors.torch.load_file("model.safetensors"))}; where a count is not known the key is left out, which
 * PyTorch takes, too, since such a file has no versions of modules. Positions that are zero count as pruned in
 * weights that may be pruned, and as kept everywhere else. Where that is wrong, since an active weight happens to be zero or a
 * weight is pruned that is otherwise not, the metadata has the entry {@code fedtiny.mask.NAME}: {@code all} positions are
 * kept, or the flat indices of the active zeros, comma-separated.
 *
 * <p><b>Sparse form</b>: a tensor of which nothing is pruned as above; for each other one {@code NAME.values} (F32, the active values in
 * rising order of position) and its positions in the smaller of two forms: {@code NAME.bitmask} (U8, ⌈n/8⌉ bytes, position
 * i is bit i mod 8 of byte ⌊i/8⌋) or {@code NAME.row_pointers} (I32, rows + 1) with {@code NAME.column_indices} (U16, I32 from
 * 65,537 columns on). Rows are K or out, columns C·R·S or in.
 *
 * <p><b>Weights in fewer bits</b> ({@link WeightStorage}): the same tensors of type F16, BF16, or I8 with the scales of the output channels
 * beside them, {@code NAME.scale} (F32, K or out); in the dense form with an entry {@code fedtiny.mask.NAME} for every pruned weight.
 *
 * <p><b>The network</b> travels with its values, so that {@link #load} needs no code that built it: one of the known architectures as the
 * entries of its {@link NetworkSpec}, with the weights that may be pruned here and not there, or the other way round, in
 * {@code fedtiny.also_pruned} and {@code fedtiny.never_pruned}, comma-separated; any other as JSON in {@code fedtiny.network}: {@code
 * format}, {@code version}, the layers by {@link dev.fedtiny.engine.layer.LayerKind} with their sources and attributes, and the blocks.
 * Kinds of an embedder's own are found by {@link java.util.ServiceLoader}; a kind that is not there is named.
 *
 * <p>The metadata of both holds {@code fedtiny.version}, {@code fedtiny.form} and the network; that of the sparse form also the known
 * counts of batches, {@code fedtiny.num_batches_tracked}: one a batch normalisation, comma-separated, empty where it is not known.
 *
 * <p><b>Files of others</b>, that have none of this, are read as dense ones when the network is given ({@link StateDictSpec} finds it out
 * where it can). Keys may begin with a common prefix ({@code module.}, {@code _orig_mod.}, any other), and {@code NAME_mask} beside
 * {@code NAME} or {@code NAME_orig} is the mask of a pruned weight as {@code torch.nn.utils.prune} writes it. Whether zeros are pruned
 * positions or values is for {@link Zeros} to say.
 *
 * <p>Reading takes at most a small multiple of the file's size, whatever the file says.
 */
public final class ModelFile {
    static final String VERSION_KEY = "fedtiny.version";
    static final String VERSION = "1";
    static final String FORM_KEY = "fedtiny.form";
    static final String NETWORK_KEY = "fedtiny.network";
    static final String NEVER_PRUNED_KEY = "fedtiny.never_pruned";
    static final String ALSO_PRUNED_KEY = "fedtiny.also_pruned";
    static final String MASK_PREFIX = "fedtiny.mask.";
    static final String MASK_ALL = "all";
    static final String BATCHES_KEY = "fedtiny.num_batches_tracked";

    private ModelFile() {
    }

    /** How pruned weights are written. */
    public enum Form {
        /** Zero-filled, as PyTorch loads it. */
        DENSE("dense"),
        /** Active values and their positions. */
        SPARSE("sparse");

        private final String key;

        Form(String key) {
            this.key = key;
        }

        /** {@return the name used in files and on the command line} */
        public String key() {
            return key;
        }

        static Optional<Form> ofKey(String key) {
            return List.of(values()).stream().filter(form -> form.key.equals(key)).findFirst();
        }
    }

    /** What zeros in a weight of a dense file mean, where neither the file's metadata nor a mask of its own say it. */
    public enum Zeros {
        /**
         * Pruned in weights of F32 and F64; values in weights of 16 bits, where small values have become zero by rounding and a mask of
         * nearly all positions would only cost memory, and in a file that has masks of its own for other weights.
         */
        BY_TYPE("auto"),
        /** Pruned, in weights that may be pruned. */
        PRUNED("pruned"),
        /** Values like any other: no weight is pruned but by a mask of its own. */
        KEPT("kept");

        private final String key;

        Zeros(String key) {
            this.key = key;
        }

        /** {@return the name used on the command line} */
        public String key() {
            return key;
        }

        /**
         * The choice of a name, or empty when there is none.
         *
         * @param key the name as {@link #key} gives it
         * @return its constant; empty where there is none
         */
        public static Optional<Zeros> ofKey(String key) {
            return List.of(values()).stream().filter(zeros -> zeros.key.equals(key)).findFirst();
        }
    }

    /**
     * Writes a state as {@link #save(ModelState, Path, Form, Map)} does, without further metadata.
     *
     * @param state what is written; not changed
     * @param file where; its folder must exist
     * @param form how pruned weights are written
     * @throws IOException if writing fails
     */
    public static void save(ModelState state, Path file, Form form) throws IOException {
        save(state, file, form, Map.of());
    }

    /**
     * Writes a state; a file of that name is replaced in one step, or stays as it is when anything fails. The dense form takes,
     * beside the state, the memory of the network's dense parameters.
     *
     * @param further entries for the file's metadata, for example how images were normalised; keys that start with {@code fedtiny.},
     *     {@code format} and those of {@link NetworkSpec#toMetadata()} are taken
     * @param state what is written; not changed
     * @param file where; its folder must exist
     * @param form how pruned weights are written
     * @throws IllegalStateException if a value is not finite or a running variance negative, so that the file could not be read back
     * @throws IllegalArgumentException if one of the further keys is taken
     * @throws IOException if writing fails
     */
    public static void save(ModelState state, Path file, Form form, Map<String, String> further) throws IOException {
        save(state, file, form, WeightStorage.FLOAT32, further);
    }

    /**
     * As {@link #save(ModelState, Path, Form, Map)}, with weights in fewer bits: what is read back are the weights rounded as
     * {@link WeightStorage#rounded} does, under the same masks.
     *
     * @param state what is written; not changed
     * @param file where; its folder must exist
     * @param form how pruned weights are written
     * @param storage how many bits a weight takes; biases, normalisations and statistics stay F32
     * @param further entries for the file's metadata
     * @throws IllegalArgumentException if a weight is beyond the range of float16, too
     * @throws IOException if writing fails
     */
    public static void save(ModelState state, Path file, Form form, WeightStorage storage, Map<String, String> further)
            throws IOException {
        Given.notNull(state, "model file: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(file, "model file: file", "the path of a file in a folder that exists");
        Given.notNull(form, "model file: form", "DENSE, or SPARSE, which is smaller");
        Given.notNull(storage, "model file: storage", "FLOAT32 or fewer bits");
        Given.notNull(further, "model file: further", "further metadata, Map.of() for none");
        state.check();
        ModelEncoder.encode(state, form, storage, further).write(file);
    }

    /**
     * Reads a state written by {@link #save}, of the network that its metadata describe.
     *
     * @param file a safetensors file
     * @return a new state; weights of any of the types of {@link WeightStorage} as float32
     * @throws SafetensorsException if the file is malformed, does not say which network it is of or does not fit it, or holds a value
     *     that is not finite or a negative running variance
     * @throws IOException if it cannot be read
     */
    public static ModelState load(Path file) throws IOException {
        return load(file, Zeros.BY_TYPE);
    }

    /**
     * As {@link #load(Path)}; says what zeros mean.
     *
     * @param file a safetensors file
     * @param zeros what zeros in a dense weight mean where the file does not say it
     * @return a new state
     * @throws IOException if it cannot be read, or what was read is no such file
     */
    public static ModelState load(Path file, Zeros zeros) throws IOException {
        Given.notNull(zeros, "model file: zeros", "BY_TYPE, PRUNED or KEPT");
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return load(tensors, zeros);
        }
    }

    /**
     * As {@link #load(Path)}, from a stream, for example a resource of a jar, which is read to its end and stays open.
     *
     * @param in read from where it stands
     * @return a new state
     * @throws IOException if it cannot be read, or what was read is no such file
     */
    public static ModelState load(InputStream in) throws IOException {
        return load(ByteSource.read(in, "model stream"));
    }

    /**
     * As {@link #load(Path)}, from any source, for example bytes in memory, which is closed.
     *
     * @param source all bytes of a file
     * @return a new state
     * @throws IOException if it cannot be read, or what was read is no such file
     */
    public static ModelState load(ByteSource source) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(source)) {
            return load(tensors, Zeros.BY_TYPE);
        }
    }

    private static ModelState load(SafetensorsFile tensors, Zeros zeros) throws IOException {
        return new ModelDecoder(tensors, ModelDecoder.network(tensors), zeros).decode();
    }

    /**
     * Reads a state of a known architecture as {@link #load(Path, Network)} does.
     *
     * @param file a safetensors file
     * @param spec the network
     * @return a new state of the network that {@code spec} builds
     * @throws IOException if it cannot be read or does not fit
     */
    public static ModelState load(Path file, NetworkSpec spec) throws IOException {
        Given.notNull(spec, "model file: spec", "the architecture that the file is of");
        return load(file, spec.build());
    }

    /**
     * Reads a state of a given network, written by {@link #save} or by others as a {@code state_dict}.
     *
     * @param file a safetensors file
     * @param network the network; what the file says of its own is not looked at
     * @return a new state of this network
     * @throws SafetensorsException if the file is malformed, its names or shapes are not the network's, or it holds a value that is not
     *     finite or a negative running variance
     * @throws IOException if it cannot be read
     */
    public static ModelState load(Path file, Network network) throws IOException {
        return load(file, network, Zeros.BY_TYPE);
    }

    /**
     * As {@link #load(Path, Network)}; says what zeros mean.
     *
     * @param file a safetensors file
     * @param network the network
     * @param zeros what zeros in a dense weight mean where the file does not say it
     * @return a new state of this network
     * @throws IOException if it cannot be read or does not fit
     */
    public static ModelState load(Path file, Network network, Zeros zeros) throws IOException {
        Given.notNull(zeros, "model file: zeros", "BY_TYPE, PRUNED or KEPT");
        Given.notNull(network, "model file: network", "a network: of a NetworkSpec, a builder or a model file");
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return new ModelDecoder(tensors, network, zeros).decode();
        }
    }

    /**
     * Whether a file's metadata say what network it is of, well or not, so that {@link #load(Path)} needs nothing else.
     *
     * @param file an open file, of which only the header is looked at
     * @return true where there is a description, be it a damaged one
     */
    public static boolean describesNetwork(SafetensorsFile file) {
        Given.notNull(file, "model file: file", "an open safetensors file");
        return file.metadata().containsKey("architecture") || file.metadata().containsKey(NETWORK_KEY);
    }

    /**
     * What known architecture a file's metadata describe, or empty where they describe another network or none.
     *
     * @param file an open file, of which only the header is looked at
     * @return the architecture with width, classes and size of the images
     * @throws SafetensorsException if they describe one, but not well
     */
    public static Optional<NetworkSpec> spec(SafetensorsFile file) throws SafetensorsException {
        Given.notNull(file, "model file: file", "an open safetensors file");
        return ModelDecoder.spec(file);
    }
}
