package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.model.ModelState;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Models in ONNX: graphs of convolutional networks of operator set 13 and later, for inference and training.
 *
 * <p>{@link #load} gives a network whose parameters are called as the file's initializers, PyTorch's {@code state_dict} keys where PyTorch
 * exported it, so that a file and a {@code state_dict} of one model fit each other. BatchNormalization nodes stay batch normalisations
 * with their ε and momentum, and are trained as such; where an exporter has folded them into convolutions, these are trained with their
 * bias.
 * Every weight but the first layer's may be pruned; zeros of a float32 weight count as pruned positions ({@link Zeros}). A Dropout node is
 * the identity, as ONNX has it, unless its training_mode is a constant that is true: then it is a dropout in training.
 *
 * <p>A file of one dimension, N,C,L, becomes a network on C × 1 × L; a constant that several nodes read becomes a parameter of each of
 * them. What cannot be taken is refused with every reason at once: node, operator, attribute ({@link OnnxException#reasons}). Reading costs
 * a window of 64 KiB, the text of the graph and the weights themselves, whatever the file says; nothing but the file is opened.
 */
public final class OnnxFile {
    private static final int BUFFER_BYTES = 1 << 16;

    private OnnxFile() {
    }

    /**
     * A model that was read.
     *
     * @param state the network and its values
     * @param notes one sentence for each thing that a user should know, often none
     */
    public record Imported(ModelState state, List<String> notes) {
        /** Keeps its own copy. */
        public Imported {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Whether a file is an ONNX model by its first bytes, or is called one ({@code .onnx}); false for what is no regular file.
     *
     * @param file any file
     * @return true where {@link #load(Path)} is the reader to ask, which says what is wrong with a damaged one
     * @throws IOException if it cannot be read
     */
    public static boolean recognizes(Path file) throws IOException {
        Given.notNull(file, "ONNX: file", "the path of a file");
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            Optional<FileSignature> signature = FileSignature.of(in.readNBytes(FileSignature.HEAD_BYTES));
            return signature.filter(FileSignature.ONNX::equals).isPresent() || file.toString().endsWith(".onnx");
        }
    }

    /**
     * Reads a model.
     *
     * @param file an {@code .onnx} file
     * @return a new state of a network built from the graph
     * @throws OnnxException if the file is no ONNX model, is damaged, or holds what cannot be taken
     * @throws IOException if it cannot be read
     */
    public static ModelState load(Path file) throws IOException {
        return read(file, Zeros.BY_TYPE).state();
    }

    /**
     * As {@link #load(Path)}, from a stream, for example a resource of a jar; the stream stays open.
     *
     * @param in read to its end from where it stands, and held
     * @return a new state
     * @throws IOException if it cannot be read, or what was read cannot be taken
     */
    public static ModelState load(InputStream in) throws IOException {
        try (ByteSource source = ByteSource.read(in, "ONNX stream")) {
            return read(source, Zeros.BY_TYPE).state();
        }
    }

    /**
     * As {@link #load(Path)}; says what zeros mean, and answers what a user should know.
     *
     * @param file an {@code .onnx} file
     * @param zeros what zeros in a float32 weight mean
     * @return a new state, and sentences for the user
     * @throws IOException if it cannot be read, or what was read cannot be taken
     */
    public static Imported read(Path file, Zeros zeros) throws IOException {
        Given.notNull(file, "ONNX: file", "the path of a file");
        if (Files.isDirectory(file)) {
            throw new OnnxException(file.toString(), -1, "this is a directory, expected an ONNX model");
        }
        try (ByteSource source = ByteSource.open(file)) {
            return read(source, zeros);
        }
    }

    /**
     * As {@link #read(Path, Zeros)}, from any source of bytes, which stays open.
     *
     * @param source all bytes of a file
     * @param zeros what zeros in a float32 weight mean
     * @return a new state, and sentences for the user
     * @throws IOException if it cannot be read, or what was read cannot be taken
     */
    public static Imported read(ByteSource source, Zeros zeros) throws IOException {
        Given.notNull(source, "ONNX: source", "all bytes of a file: of ByteSource");
        Given.notNull(zeros, "ONNX: zeros", "BY_TYPE, PRUNED or KEPT");
        return GraphImport.read(OnnxParser.parse(source), zeros);
    }

    /**
     * Writes a model: operator set 17 (19 to 22 where a layer needs it), float32, dense with zeros where weights are pruned, batch
     * normalisations as nodes, a free number of images {@code N}, input {@code input} and the network's outputs by their names. What
     * {@link #load} makes of the file has these outputs, with the same values bit for bit, unless a batch normalisation's ε, which ONNX has
     * in single precision, is rounded for it. A file of that name is replaced in one step, or
     * stays as it is when anything fails.
     *
     * @param state what is written; not changed
     * @param file where; its folder must exist
     * @throws IllegalArgumentException if ONNX has no operator for a layer, as for kinds of an embedder's own; all are named; or if no
     *     reader would take the file: one of more than 2^31 - 1 bytes, names of more than 65,280 bytes, an ε that is 0 or infinite in
     *     single precision
     * @throws IOException if writing fails
     */
    public static void save(ModelState state, Path file) throws IOException {
        Given.notNull(state, "ONNX: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(file, "ONNX: file", "the path of a file in a folder that exists");
        state.check();
        ProtobufWriter model = GraphExport.write(state);
        if (model.size() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("ONNX: the model takes " + model.size() + " bytes, dense as ONNX has it, and readers of its "
                    + "format refuse more than 2^31 - 1; save it with ModelFile");
        }
        AtomicFile.write(file, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            model.write(out);
            out.flush();
        });
    }
}
