package dev.fedtiny.experiment;

import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * In which form the weights of layers are computed, as a setting says it. Results do not depend on it, but for the fastest choices, whose
 * transform of layers that are dense enough rounds otherwise. A table is a file of a line
 * {@code C K H W R stride density} a shape of convolution, the density being the smallest one computed densely (0: always, above 1: never),
 * and of a last line {@code shapes N} that says how many there are. Lines that start with # are comments.
 *
 * @param text as given
 * @param choice what it stands for
 * @param hash SHA-256 of the table's file in lower-case hexadecimal; empty where there is none
 */
public record AlgorithmSetting(String text, AlgorithmPolicy choice, Optional<String> hash) {
    /** The fastest. */
    public static final AlgorithmSetting AUTOMATIC = new AlgorithmSetting("auto", AlgorithmPolicy.AUTOMATIC, Optional.empty());
    /** The same without the transform: the bits of all other forms, and less memory, which is what devices are short of. */
    private static final AlgorithmSetting DIRECT = new AlgorithmSetting("direct", AlgorithmPolicy.DIRECT, Optional.empty());
    /** The same with the transform where nothing is trained as well: an image may then round otherwise alone than in a batch. */
    private static final AlgorithmSetting TRANSFORMED = new AlgorithmSetting("winograd", AlgorithmPolicy.TRANSFORMED, Optional.empty());
    /** What may be given. */
    public static final String FORM = "auto, direct, winograd, dense, csr, bitmask, or a file written by 'bin/benchmarks kernels --table'";

    private static final String LAST = "shapes";
    private static final double MOST_DENSITY = 2;
    private static final long MOST_BYTES = 1 << 20;

    /**
     * Reads what a setting says.
     *
     * @param text a word with a meaning, or the path of a table
     * @return the setting
     * @throws IllegalArgumentException if it is neither a word that has a meaning nor a file
     * @throws DataException if the file is no table, or not all of one
     */
    public static AlgorithmSetting of(String text) {
        for (AlgorithmSetting known : List.of(AUTOMATIC, DIRECT, TRANSFORMED)) {
            if (text.equals(known.text)) {
                return known;
            }
        }
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            if (algorithm.name().toLowerCase(Locale.ROOT).equals(text)) {
                return new AlgorithmSetting(text, new AlgorithmPolicy.Always(algorithm), Optional.empty());
            }
        }
        Path file = Path.of(text);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("formats = '" + text + "', expected " + FORM + "; there is no file of that name");
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw damaged(text, "it has " + Files.size(file) + " bytes, too many for a table");
            }
            byte[] bytes = Files.readAllBytes(file);
            FileSignature.describe(bytes).ifPresent(what -> {
                throw damaged(text, what);
            });
            return new AlgorithmSetting(text, new AlgorithmPolicy.Measured(parse(text, new String(bytes, StandardCharsets.UTF_8))),
                    Optional.of(Sha256.of(bytes)));
        } catch (IOException e) {
            throw new DataException(text + ": cannot be read: " + IoProblem.explain(e), e);
        }
    }

    /** In which modes what a setting says may go through a transform, which rounds otherwise. */
    static Set<Mode> transformed(String text) {
        return Stream.of(AUTOMATIC, TRANSFORMED).filter(known -> text.equals(known.text))
                .map(known -> ((AlgorithmPolicy.Transformed) known.choice).modes()).findFirst().orElse(Set.of());
    }

    private static Map<ConvolutionShape, Double> parse(String name, String text) {
        Map<ConvolutionShape, Double> denseFrom = new LinkedHashMap<>();
        boolean complete = false;
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            String where = "line " + number + " is '" + content.substring(0, Math.min(60, content.length())) + "', expected ";
            if (complete) {
                throw damaged(name, where + "nothing after the line '" + LAST + " N'");
            }
            String[] words = content.split(" +");
            if (words[0].equals(LAST)) {
                if (!content.equals(LAST + " " + denseFrom.size())) {
                    throw damaged(name, where + "'" + LAST + " " + denseFrom.size() + "', as many as there are lines");
                }
                complete = true;
            } else if (put(denseFrom, words,
                    damaged(name, where + ConvolutionShape.FIELDS + " density, the density from 0 to 2")) != null) {
                throw damaged(name, where + "a shape that no line before has");
            }
        }
        if (!complete) {
            throw damaged(name, "it is not complete: it has no last line '" + LAST + " N'");
        }
        return denseFrom;
    }

    private static Double put(Map<ConvolutionShape, Double> denseFrom, String[] words, DataException otherwise) {
        try {
            List<String> all = List.of(words);
            double density = Double.parseDouble(all.getLast());
            if (density >= 0 && density <= MOST_DENSITY) {
                return denseFrom.put(ConvolutionShape.parse(all.subList(0, all.size() - 1)), density);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, as a density out of range is.
        }
        throw otherwise;
    }

    private static DataException damaged(String name, String why) {
        return new DataException(name + ": is no usable table of forms: " + why + "; write it again with 'bin/benchmarks kernels --table'");
    }

    /**
     * Checks that a table has all shapes of a network.
     *
     * @param network whose convolutions are looked for
     * @return this
     * @throws IllegalArgumentException naming the first layer it lacks
     */
    public AlgorithmSetting check(Network network) {
        if (choice instanceof AlgorithmPolicy.Measured measured) {
            for (Layer layer : network.layers()) {
                if (layer instanceof Conv2d conv && !measured.denseFrom().containsKey(ConvolutionShape.of(conv.geometry()))) {
                    throw new IllegalArgumentException("formats = '" + text + "': the table has no line for layer '" + conv.name() + "' ("
                            + ConvolutionShape.FIELDS + " = " + ConvolutionShape.of(conv.geometry())
                            + "); write one for this model, width and input with 'bin/benchmarks kernels --table'");
                }
            }
        }
        return this;
    }

    /**
     * Writes a table, whole or not at all.
     *
     * @param file where; its folder must exist
     * @param comments lines, without {@code #}
     * @param denseFrom by shape, the smallest density computed densely
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, List<String> comments, Map<ConvolutionShape, Double> denseFrom) throws IOException {
        StringBuilder lines = new StringBuilder();
        comments.forEach(comment -> lines.append("# ").append(comment).append('\n'));
        denseFrom.forEach((shape, density) -> lines.append(shape).append(String.format(Locale.ROOT, " %.3f\n", density)));
        lines.append(LAST).append(' ').append(denseFrom.size()).append('\n');
        AtomicFile.write(file, lines.toString());
    }
}
