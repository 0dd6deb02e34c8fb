package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.io.StateDictSpec;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.sparse.WeightFormat;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
        return "MODEL";
    }

    @Override
    public String details() {
        return ModelInput.HELP + " Of a file of any other\nnetwork the tensors are listed.";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return ModelInput.options();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = Path.of(arguments.single("model file"));
        if (!ModelInput.named(arguments) && listUnknown(file, terminal)) {
            return ExitCode.OK;
        }
        ModelState state = ModelInput.of(arguments, file).load(Optional.empty(), terminal.err()::println);
        TextTable table = new TextTable("key", "shape", "kept", "density", "dense bytes", "CSR bytes", "bitmask bytes");
        long[] totals = new long[3];
        for (int p = 0; p < state.network().parameters().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            long[] bytes = {4L * parameter.size(), 4L * parameter.size(), 4L * parameter.size()};
            if (parameter.kind().isWeight()) {
                bytes[1] = state.weights(p, WeightFormat.CSR).bytes();
                bytes[2] = state.weights(p, WeightFormat.BITMASK).bytes();
            }
            for (int i = 0; i < totals.length; i++) {
                totals[i] += bytes[i];
            }
            table.row(parameter.name(), parameter.shape().toString(), Integer.toString(state.mask(p).count()),
                    Units.fixed(state.mask(p).density(), 4), Long.toString(bytes[0]), Long.toString(bytes[1]), Long.toString(bytes[2]));
        }
        table.row("total", "", Long.toString(state.valueCount()), Units.fixed(state.density(), 4), Long.toString(totals[0]),
                Long.toString(totals[1]), Long.toString(totals[2]));
        terminal.out().print(table);
        terminal.out().println("The total's density is over the prunable weights.");
        long zeros = zeros(state);
        if (zeros > 0) {
            terminal.out().println(zeros + " kept weights are zero: values, not pruned positions (--zeros pruned counts them as pruned).");
        }
        return ExitCode.OK;
    }

    /** Lists the tensors of a file that is of no network known here; false where it is of one. */
    private static boolean listUnknown(Path file, Terminal terminal) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            if (ModelFile.spec(tensors).isPresent()) {
                return false;
            }
            try {
                StateDictSpec.infer(tensors, StateDictSpec.Known.NOTHING);
                return false;
            } catch (SafetensorsException e) {
                TextTable table = new TextTable("key", "shape", "type", "bytes");
                tensors.tensors().forEach(t -> table.row(t.name(), t.shape().toString(), t.typeName(), Long.toString(t.bytes())));
                terminal.out().print(table);
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
