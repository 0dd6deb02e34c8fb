package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.WeightStorage;
import dev.fedtiny.engine.model.ModelState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Takes a model of others and keeps it as a model file of this program. */
final class ImportCommand implements Command {
    @Override
    public String name() {
        return "import";
    }

    @Override
    public String summary() {
        return "turn an ONNX model or a state_dict of PyTorch into a model file";
    }

    @Override
    public String usage() {
        return "MODEL --out FILE [--form FORM] [--storage TYPE] [--json]";
    }

    @Override
    public String details() {
        return """
                The file that is written says itself what network it is of: evaluate, inspect, export and \
                ModelFile.load need nothing else. What of an ONNX model cannot be taken is named with node, \
                operator and attribute, everything at once, and nothing is written.

                """ + ModelInput.HELP;
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return Stream.of(ModelOutput.options(), ModelInput.options(), List.of(Option.json())).flatMap(List::stream).toList();
    }

    @Override
    public String fields() {
        return ModelOutput.FIELDS;
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = Path.of(arguments.single("model file"));
        Path out = ModelOutput.path(arguments, "import");
        ModelFile.Form form = ModelOutput.form(arguments);
        WeightStorage storage = ModelOutput.storage(arguments);
        ModelState state = ModelInput.of(arguments, file).load(Optional.empty(), terminal.err()::println);
        ModelFile.save(state, out, form, storage, Map.of());
        ModelOutput.report(terminal, file, state, out, form.key() + ", " + storage.key());
        return ExitCode.OK;
    }
}
