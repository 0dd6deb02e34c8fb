package dev.fedtiny.command;

import dev.fedtiny.command.Command.Option;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.StateDictSpec;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.onnx.OnnxFile;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A model file given to a command: one of this program or an ONNX model, which say themselves what network they are of, or a
 * {@code state_dict} of PyTorch in safetensors, of which the options, names and shapes say it.
 */
public final class ModelInput {
    /** Paragraph of the help of commands that take such files. */
    public static final String HELP = """
            MODEL is a model file of this program, an ONNX model (operator set 13 and later), or a state_dict that \
            PyTorch tools wrote to safetensors: which network that is of follows from its names and shapes, and from \
            --model, --width, --classes and --input where they do not say it.""";

    private static final int LARGEST = 1 << 16;
    private static final int LARGEST_IMAGE = 1 << 24;
    private static final List<String> NETWORK = List.of("model", "width", "classes", "input");

    private final Path file;
    private final StateDictSpec.Known known;
    private final ModelFile.Zeros zeros;
    private final Source source;

    /** What says which network a file is of. */
    private enum Source {
        /** The file's metadata. */
        METADATA,
        /** The graph of an ONNX model. */
        ONNX,
        /** Names, shapes and options. */
        STATE_DICT
    }

    private ModelInput(Path file, StateDictSpec.Known known, ModelFile.Zeros zeros, Source source) {
        this.file = file;
        this.known = known;
        this.zeros = zeros;
        this.source = source;
    }

    /** {@return the options that {@link #of} reads} */
    public static List<Option> options() {
        return List.of(Option.value("model", "MODEL", "as the file says", "architecture of a state_dict of PyTorch"),
                Option.whole("width", "N", "as the file says", "channels of its first stage", 1, LARGEST),
                Option.whole("classes", "N", "as the file says", "its logits", 1, LARGEST),
                Option.value("input", "CxHxW", "as the file says", "images it takes, for example 3x32x32"),
                Option.value("zeros", "Z", "auto", "zeros of weights in a dense file: pruned positions, kept as values, or auto: kept in "
                        + "types of 16 bits and beside masks of the file's own, else pruned"));
    }

    /**
     * Looks at a file and the options, and fails where they cannot fit; reads no tensor.
     *
     * @param arguments options of {@link #options()}
     * @param file a model file
     * @return the file and what is known of its network
     * @throws UsageException if an option is malformed or contradicts the file
     * @throws IOException if the file cannot be read, or no network that is known fits it
     */
    public static ModelInput of(Arguments arguments, Path file) throws IOException {
        String zerosKey = arguments.value("zeros").orElse(ModelFile.Zeros.BY_TYPE.key());
        ModelFile.Zeros zeros = ModelFile.Zeros.ofKey(zerosKey).orElseThrow(() -> new UsageException("option --zeros is '" + zerosKey
                + "', expected auto, pruned or kept"));
        StateDictSpec.Known known = known(arguments);
        if (OnnxFile.recognizes(file)) {
            refuseNames(arguments, file);
            return new ModelInput(file, known, zeros, Source.ONNX);
        }
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Optional<NetworkSpec> spec = ModelFile.spec(tensors);
            if (spec.isPresent()) {
                checkAgreement(spec.get(), known, file);
            } else if (ModelFile.describesNetwork(tensors)) {
                refuseNames(arguments, file);
            } else {
                StateDictSpec.infer(tensors, known);
            }
            return new ModelInput(file, known, zeros, ModelFile.describesNetwork(tensors) ? Source.METADATA : Source.STATE_DICT);
        }
    }

    private static void refuseNames(Arguments arguments, Path file) {
        NETWORK.stream().filter(arguments::has).findFirst().ifPresent(option -> {
            throw new UsageException(file + " says itself what network it is of: leave out --" + option);
        });
    }

    private static StateDictSpec.Known known(Arguments arguments) {
        return new StateDictSpec.Known(arguments.value("model").map(ModelInput::architecture), number(arguments, "width"),
                number(arguments, "classes"), arguments.value("input").map(ModelInput::shape), Optional.empty());
    }

    private static Architecture architecture(String key) {
        try {
            return Architecture.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new UsageException("option --model: " + e.getMessage());
        }
    }

    private static OptionalInt number(Arguments arguments, String option) {
        if (!arguments.has(option)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(arguments.integer(option, 1));
    }

    /**
     * What {@code --input} says.
     *
     * @param text for example {@code 3x32x32}
     * @return C × H × W
     * @throws UsageException if it is no shape, or beyond what images may be
     */
    public static Shape shape(String text) {
        String[] extents = text.split("[x×]", -1);
        Numbers.Whole range = new Numbers.Whole(1, LARGEST, "");
        if (extents.length == 3 && Arrays.stream(extents).allMatch(range::holds)) {
            int[] sizes = Arrays.stream(extents).mapToInt(extent -> (int) range.read(extent).orElseThrow()).toArray();
            if ((long) sizes[0] * sizes[1] * sizes[2] <= LARGEST_IMAGE) {
                return new Shape(sizes[0], sizes[1], sizes[2]);
            }
        }
        throw new UsageException("option --input is '" + text + "', expected channels x height x width, for example 3x32x32");
    }

    private static void checkAgreement(NetworkSpec spec, StateDictSpec.Known known, Path file) {
        NetworkSpec asked = new NetworkSpec(known.architecture().orElse(spec.architecture()), known.input().orElse(spec.input()),
                known.width().orElse(spec.width()), known.classes().orElse(spec.classes()));
        if (!asked.equals(spec)) {
            throw new UsageException(file + " says that it is of " + text(spec) + ", the options ask for " + text(asked) + "; leave out --"
                    + String.join(", --", NETWORK));
        }
    }

    private static String text(NetworkSpec spec) {
        return spec.architecture().key() + ", width " + spec.width() + ", classes " + spec.classes() + ", input " + spec.input();
    }

    /**
     * Whether an option says what network a file is of.
     *
     * @param arguments options of {@link #options()}
     * @return true where one of them does
     */
    public static boolean named(Arguments arguments) {
        return NETWORK.stream().anyMatch(arguments::has);
    }

    /**
     * Whether a file says itself what network it is of.
     *
     * @param file a model file
     * @return true for ONNX, and for safetensors whose metadata describe a network
     * @throws IOException if it cannot be read
     */
    public static boolean describesItself(Path file) throws IOException {
        if (OnnxFile.recognizes(file)) {
            return true;
        }
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return ModelFile.describesNetwork(tensors);
        }
    }

    /**
     * Reads the file.
     *
     * @param data images at hand: of their size the model is where it could be of any
     * @param notes takes one line of what was found out and not given
     * @return a new state
     * @throws IOException if it cannot be read, or does not fit the network
     */
    public ModelState load(Optional<Shape> data, Consumer<String> notes) throws IOException {
        if (source == Source.METADATA) {
            return ModelFile.load(file, zeros);
        }
        if (source == Source.ONNX) {
            OnnxFile.Imported imported = OnnxFile.read(file, zeros);
            imported.notes().forEach(note -> notes.accept(file + ": " + note));
            return imported.state();
        }
        StateDictSpec.Inferred inferred;
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            inferred = StateDictSpec.infer(tensors, data.map(known::withData).orElse(known));
        }
        if (!inferred.found().isEmpty()) {
            notes.accept(file + ": " + String.join("; ", inferred.found()));
        }
        return ModelFile.load(file, inferred.spec().build(), zeros);
    }
}
