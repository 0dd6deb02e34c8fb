package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command.Option;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.WeightStorage;
import dev.fedtiny.engine.model.ModelState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A model file that a command writes: its options, and what is said of it. */
final class ModelOutput {
    static final Option OUT = Option.value("out", "FILE", "none; must be given", "file to create");
    static final String FIELDS = """
            model, file: what was read and what was written
            bytes: of the file written
            input: channels, height and width of an image, as text
            outputs: values that the network gives an image
            layers, parameters: how many; parameters trained by gradients, pruned or not
            density: over the prunable weights; null where there are none""";

    private static final String STORAGES = Arrays.stream(WeightStorage.values()).map(WeightStorage::key).collect(Collectors.joining(", "));

    private ModelOutput() {
    }

    static List<Option> options() {
        return List.of(OUT, Option.value("form", "FORM", "dense", "dense: zeros where pruned; sparse: active weights and positions"),
                Option.value("storage", "TYPE", "float32", "numbers that weights are rounded to: " + STORAGES));
    }

    static Path path(Arguments arguments, String command) {
        Path out = Path.of(arguments.value("out").orElseThrow(() -> new UsageException(command + " needs --out FILE")));
        if (Files.exists(out)) {
            throw new UsageException("'" + out + "' exists already; give another --out");
        }
        return out;
    }

    static ModelFile.Form form(Arguments arguments) {
        String key = arguments.value("form").orElse(ModelFile.Form.DENSE.key());
        return Arrays.stream(ModelFile.Form.values()).filter(form -> form.key().equals(key)).findFirst().orElseThrow(() ->
                new UsageException("option --form is '" + key + "', expected dense or sparse"));
    }

    static WeightStorage storage(Arguments arguments) {
        String key = arguments.value("storage").orElse(WeightStorage.FLOAT32.key());
        return WeightStorage.ofKey(key).orElseThrow(() -> new UsageException("option --storage is '" + key + "', expected one of "
                + STORAGES));
    }

    /** One line on what was written, and the document. */
    static void report(Terminal terminal, Path from, ModelState state, Path out, String kind) throws IOException {
        long bytes = Files.size(out);
        int layers = state.network().layers().size() - 1;
        long parameters = state.network().trainableCount();
        int outputs = state.network().outputs().stream().mapToInt(output -> state.network().shape(output).size()).sum();
        String density = state.network().prunable().isEmpty() ? "none prunable" : String.format(Locale.ROOT, "density %.4f",
                state.density());
        terminal.out().printf(Locale.ROOT, "%d layers, %d parameters, %s; images %s, %d outputs; wrote %s (%s, %d bytes)%n", layers,
                parameters, density, state.network().input(), outputs, out, kind, bytes);
        terminal.document(document -> document.put("model", from.toString()).put("file", out.toString()).put("bytes", bytes)
                .put("input", state.network().input().toString()).put("outputs", outputs).put("layers", layers)
                .put("parameters", parameters).put("density", state.network().prunable().isEmpty()
                        ? JsonValue.JsonNull.NULL : JsonValue.of(state.density())));
    }
}
