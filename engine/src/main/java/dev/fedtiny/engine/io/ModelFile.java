package dev.fedtiny.engine.io;

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
 * weights that may be pruned, and as kept everywhere else. Where that is wrong, since a kept weight happens to be zero or a
 * weight is pruned that is otherwise not, the metadata has the entry {@code fedtiny.mask.NAME}: {@code all} positions are
 * kept, or the flat indices of the kept zeros, comma-separated.
 *
 * <p><b>Sparse form</b>: a tensor of which nothing is pruned as above; for each other one {@code NAME.values} (F32, the kept values in
 * rising order of position) and its positions in the smaller of two forms: {@code NAME.bitmask} (U8, ⌈n/8⌉ bytes, position
 * i is bit i mod 8 of byte ⌊i/8⌋) or {@code NAME.row_pointers} (I32, rows + 1) with {@code NAME.column_indices} (U16, I32 from
 * 65,537 columns on). Rows are K or out, columns C·R·S or in.
 *
 * <p><b>Weights in fewer bits</b> ({@link WeightStorage}): the same tensors of type F16, BF16, or I8 with the scales of the output channels
 * beside them, {@code NAME.scale} (F32, K or out); in the dense form with an entry {@code fedtiny.mask.NAME} for every pruned weight.
 *
 * <p><b>The network</b> travels with its values, so that {@link #load} needs no code that built it: one of the known architectures as the
 * entries of its {@link NetworkSpec}, any other as JSON in {@code fedtiny.network}: {@code format}, {@code version}, the layers by
 * {@link dev.fedtiny.engine.layer.LayerKind} with their sources and attributes, and the blocks. Kinds of an embedder's own are found by
 * {@link java.util.ServiceLoader}; a kind that is not there is named.
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
    static final String MASK_PREFIX = "fedtiny.mask.";
    static final String MASK_ALL = "all";
    static final String BATCHES_KEY = "fedtiny.num_batches_tracked";

    private ModelFile() {
    }

    /** How pruned weights are written. */
    public enum Form {
        /** Zero-filled, as PyTorch loads it. */
        DENSE("dense"),
        /** Kept values and their positions. */
        SPARSE("sparse");

        private final String key;

        Form(String key) {
            this.key = key;
        }

        /** The name used in files and on the command line. */
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

        /** The name used on the command line. */
        public String key() {
            return key;
        }

        /** The choice of a name, or empty when there is none. */
        public static Optional<Zeros> ofKey(String key) {
            return List.of(values()).stream().filter(zeros -> zeros.key.equals(key)).findFirst();
        }
    }

    /** Writes a state as {@link #save(ModelState, Path, Form, Map)} does, without further metadata. */
    public static void save(ModelState state, Path file, Form form) throws IOException {
        save(state, file, form, Map.of());
    }

    /**
     * Writes a state; a file of that name is replaced in one step, or stays as it is when anything fails. The dense form takes,
     * beside the state, the memory of the network's dense parameters.
     *
     * @param further entries for the file's metadata, for example how images were normalised; keys that start with {@code fedtiny.},
     *     {@code format} and those of {@link NetworkSpec#toMetadata()} are taken
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
     * @throws IllegalArgumentException if a weight is beyond the range of float16, too
     */
    public static void save(ModelState state, Path file, Form form, WeightStorage storage, Map<String, String> further)
            throws IOException {
        state.check();
        ModelEncoder.encode(state, form, storage, further).write(file);
    }

    /**
     * Reads a state written by {@link #save}, of the network that its metadata describe.
     *
     * @throws SafetensorsException if the file is malformed, does not say which network it is of or does not fit it, or holds a value
     *     that is not finite or a negative running variance
     * @throws IOException if it cannot be read
     */
    public static ModelState load(Path file) throws IOException {
        return load(file, Zeros.BY_TYPE);
    }

    /** As {@link #load(Path)}; says what zeros mean. */
    public static ModelState load(Path file, Zeros zeros) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return load(tensors, zeros);
        }
    }

    /** As {@link #load(Path)}, from a stream, for example a resource of a jar, which is read to its end and stays open. */
    public static ModelState load(InputStream in) throws IOException {
        return load(ByteSource.read(in, "model stream"));
    }

    /** As {@link #load(Path)}, from any source, for example bytes in memory, which is closed. */
    public static ModelState load(ByteSource source) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(source)) {
            return load(tensors, Zeros.BY_TYPE);
        }
    }

    private static ModelState load(SafetensorsFile tensors, Zeros zeros) throws IOException {
        return new ModelDecoder(tensors, ModelDecoder.network(tensors), zeros).decode();
    }

    /** Reads a state of a known architecture as {@link #load(Path, Network)} does. */
    public static ModelState load(Path file, NetworkSpec spec) throws IOException {
        return load(file, spec.build());
    }

    /**
     * Reads a state of a given network, written by {@link #save} or by others as a {@code state_dict}.
     *
     * @throws SafetensorsException if the file is malformed, its names or shapes are not the network's, or it holds a value that is not
     *     finite or a negative running variance
     * @throws IOException if it cannot be read
     */
    public static ModelState load(Path file, Network network) throws IOException {
        return load(file, network, Zeros.BY_TYPE);
    }

    /** As {@link #load(Path, Network)}; says what zeros mean. */
    public static ModelState load(Path file, Network network, Zeros zeros) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return new ModelDecoder(tensors, network, zeros).decode();
        }
    }

    /** Whether a file's metadata say what network it is of, well or not, so that {@link #load(Path)} needs nothing else. */
    public static boolean describesNetwork(SafetensorsFile file) {
        return file.metadata().containsKey("architecture") || file.metadata().containsKey(NETWORK_KEY);
    }

    /**
     * What known architecture a file's metadata describe, or empty where they describe another network or none.
     *
     * @throws SafetensorsException if they describe one, but not well
     */
    public static Optional<NetworkSpec> spec(SafetensorsFile file) throws SafetensorsException {
        return ModelDecoder.spec(file);
    }
}
