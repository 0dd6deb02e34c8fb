package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.StateDictSpec;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Shows what a model file holds. */
final class InspectCommand implements Command {
    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String summary() {
        return "keys, shapes, density a layer and bytes in each form of a model file";
    }

    @Override
    public String usage() {
        return "MODEL [--json]";
    }

    @Override
    public String details() {
        return ModelInput.HELP + " Of a file of any other network the tensors are listed.";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return Stream.concat(ModelInput.options().stream(), Stream.of(Option.json())).toList();
    }

    @Override
    public String fields() {
        return """
                file: as given
                network: architecture, width, classes, input (channels, height, width), where it is one that is known
                parameters: one object a parameter: key, shape, active, density, denseBytes, csrBytes, bitmaskBytes
                total: active, density (over the prunable weights), denseBytes, csrBytes, bitmaskBytes
                activeZeros: active weights that are zero: values, not pruned positions
                tensors: in place of all but file, of a file of no network that is known: key, shape, type, bytes of each
                reason: why only the tensors are listed""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = Path.of(arguments.single("model file"));
        terminal.document(document -> document.put("file", file.toString()));
        if (!ModelInput.named(arguments) && listUnknown(file, arguments, terminal)) {
            return ExitCode.OK;
        }
        ModelState state = ModelInput.of(arguments, file).load(Optional.empty(), terminal.err()::println);
        TextTable table = new TextTable("key", "shape", "active", "density", "dense bytes", "CSR bytes", "bitmask bytes");
        long[] totals = new long[3];
        List<JsonValue> objects = new ArrayList<>();
        for (int p = 0; p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            long[] bytes = {4L * parameter.size(), 4L * parameter.size(), 4L * parameter.size()};
            if (parameter.kind().isWeight()) {
                bytes[1] = state.weights(p, ConvolutionAlgorithm.CSR).bytes();
                bytes[2] = state.weights(p, ConvolutionAlgorithm.BITMASK).bytes();
            }
            for (int i = 0; i < totals.length; i++) {
                totals[i] += bytes[i];
            }
            objects.add(bytes(JsonObject.builder().put("key", parameter.name()).put("shape", numbers(parameter.shape()))
                    .put("active", state.mask(p).count()).put("density", state.mask(p).density()), bytes));
            table.row(parameter.name(), parameter.shape().toString(), Integer.toString(state.mask(p).count()),
                    Units.density(state.mask(p).density()), Long.toString(bytes[0]), Long.toString(bytes[1]), Long.toString(bytes[2]));
        }
        table.row("total", "", Long.toString(state.valueCount()), Units.density(state.density()), Long.toString(totals[0]),
                Long.toString(totals[1]), Long.toString(totals[2]));
        terminal.out().print(table);
        terminal.out().println("The total's density is over the prunable weights.");
        long zeros = zeros(state);
        terminal.document(document -> {
            state.network().spec().ifPresent(spec -> document.put("network", network(spec)));
            document.put("parameters", new JsonValue.JsonArray(objects)).put("total", bytes(JsonObject.builder()
                    .put("active", state.valueCount()).put("density", state.density()), totals)).put("activeZeros", zeros);
        });
        if (zeros > 0) {
            terminal.out().println(zeros + " active weights are zero: values, not pruned positions (--zeros pruned counts them as "
                    + "pruned).");
        }
        return ExitCode.OK;
    }

    private static JsonObject network(NetworkSpec spec) {
        return JsonObject.builder().put("architecture", spec.architecture().key()).put("width", spec.width())
                .put("classes", spec.classes()).put("input", numbers(List.of(spec.input().channels(),
                        spec.input().height(), spec.input().width())))
                .build();
    }

    private static JsonObject bytes(JsonObject.Builder object, long[] bytes) {
        return object.put("denseBytes", bytes[0]).put("csrBytes", bytes[1]).put("bitmaskBytes", bytes[2]).build();
    }

    private static JsonValue numbers(List<? extends Number> numbers) {
        return new JsonValue.JsonArray(numbers.stream().map(number -> JsonValue.of(number.longValue())).toList());
    }

    /** Lists the tensors of a file that is of no network known here; false where it is of one. */
    private static boolean listUnknown(Path file, Arguments arguments, Terminal terminal) throws IOException {
        if (ModelInput.describesItself(file)) {
            return false;
        }
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            try {
                StateDictSpec.infer(tensors, StateDictSpec.Known.NOTHING);
                return false;
            } catch (SafetensorsException e) {
                if (arguments.has("zeros")) {
                    throw new UsageException("option --zeros has no effect on a file of which only the tensors are listed: leave it out; "
                            + e.getMessage());
                }
                TextTable table = new TextTable("key", "shape", "type", "bytes");
                tensors.tensors().forEach(t -> table.row(t.name(), t.shape().toString(), t.typeName(), Long.toString(t.bytes())));
                terminal.out().print(table);
                terminal.document(document -> document.put("tensors", new JsonValue.JsonArray(tensors.tensors().stream()
                        .map(t -> (JsonValue) JsonObject.builder().put("key", t.name()).put("shape", numbers(t.shape()))
                                .put("type", t.typeName()).put("bytes", t.bytes()).build()).toList())).put("reason", e.getMessage()));
                terminal.err().println("only its tensors are listed: " + e.getMessage());
                return true;
            }
        }
    }

    private static long zeros(ModelState state) {
        long zeros = 0;
        for (int p : state.network().prunable()) {
            for (float value : state.values(p)) {
                zeros += value == 0 ? 1 : 0;
            }
        }
        return zeros;
    }
}
