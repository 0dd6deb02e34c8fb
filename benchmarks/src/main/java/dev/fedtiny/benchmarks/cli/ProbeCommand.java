package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.probe.MachineLimits;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measures what this machine can do at best: the roofs of a roofline. */
final class ProbeCommand implements Command {
    @Override
    public String name() {
        return "probe";
    }

    @Override
    public String summary() {
        return "the machine's limits, a roofline's roofs: FMA peak, and bandwidths of its caches and memory";
    }

    @Override
    public String usage() {
        return "[--threads T,T]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("threads", "T,T", "1 and one a processor", "numbers of worker threads"));
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        TextTable table = new TextTable("GFLOP/s and GB/s, " + Kernels.current().name(), "FMA", "fed by L1", "by L2", "read L1",
                "L2", "L3", "DRAM", "copy L1", "L2", "L3", "DRAM");
        String usual = "1," + Runtime.getRuntime().availableProcessors();
        for (String threads : arguments.value("threads").orElse(usual).split(",")) {
            try (Workers workers = Workers.of(Integer.parseInt(threads))) {
                MachineLimits limits = MachineLimits.measure(workers);
                List<String> cells = new ArrayList<>(List.of("threads " + threads, Units.fixed(limits.fmaGflops(), 1),
                        Units.fixed(limits.fedL1Gflops(), 1), Units.fixed(limits.fedL2Gflops(), 1)));
                Arrays.stream(limits.readGigabytes()).forEach(v -> cells.add(Units.fixed(v, 1)));
                Arrays.stream(limits.copyGigabytes()).forEach(v -> cells.add(Units.fixed(v, 1)));
                table.row(cells.toArray(String[]::new));
            }
        }
        terminal.out().print(table);
        return ExitCode.OK;
    }
}
