package dev.fedtiny.cli;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Parameter;
import dev.fedtiny.engine.sparse.WeightFormat;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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
    public List<Option> options() {
        return List.of();
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        ModelState state = ModelFile.load(Path.of(arguments.single("model file")));
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
        return Main.OK;
    }
}
