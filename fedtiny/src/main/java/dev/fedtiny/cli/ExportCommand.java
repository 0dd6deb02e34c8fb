package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.onnx.OnnxFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes a model for others. */
final class ExportCommand implements Command {
    private static final String ONNX = ".onnx";
    private static final String SAFETENSORS = ".safetensors";

    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "write a model as ONNX, or as a dense state_dict that PyTorch loads";
    }

    @Override
    public String usage() {
        return "MODEL --out FILE [--json]";
    }

    @Override
    public String details() {
        return """
                The name of FILE says the format. FILE.onnx: operator set 17 (19, 20 or 21 where a layer needs \
                it), float32, dense with zeros where weights are pruned, batch normalisation as nodes, any number of \
                images. FILE.safetensors: the state_dict under its keys, for \
                load_state_dict(safetensors.torch.load_file(FILE)).

                """ + ModelInput.HELP;
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return Stream.of(List.of(ModelOutput.OUT), ModelInput.options(), List.of(Option.json())).flatMap(List::stream).toList();
    }

    @Override
    public String fields() {
        return ModelOutput.FIELDS;
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = Path.of(arguments.single("model file"));
        Path out = ModelOutput.path(arguments, "export");
        boolean onnx = out.toString().endsWith(ONNX);
        if (!onnx && !out.toString().endsWith(SAFETENSORS)) {
            throw new UsageException("--out is '" + out + "', expected a name that ends in " + ONNX + " or " + SAFETENSORS);
        }
        ModelState state = ModelInput.of(arguments, file).load(Optional.empty(), terminal.err()::println);
        if (onnx) {
            OnnxFile.save(state, out);
        } else {
            ModelFile.save(state, out, ModelFile.Form.DENSE);
        }
        ModelOutput.report(terminal, file, state, out, onnx ? "ONNX, float32" : "dense, float32");
        return ExitCode.OK;
    }
}
