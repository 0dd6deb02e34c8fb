package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.experiment.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Measures this machine: one benchmark a word. */
final class BenchCommand implements Command {
    private static final List<Benchmark> BENCHMARKS = List.of(new StepBenchmark(), new InferenceBenchmark(), new KernelBenchmark(),
            new AdjustmentBenchmark());

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String summary() {
        return "time this machine: " + BENCHMARKS.stream().map(Benchmark::name).collect(Collectors.joining(", "));
    }

    @Override
    public String usage() {
        return BENCHMARKS.stream().map(Benchmark::name).collect(Collectors.joining("|")) + " [OPTION]... [--json]";
    }

    @Override
    public String details() {
        return BENCHMARKS.stream().map(b -> "  " + b.name() + ": " + b.summary() + "; reads "
                + b.options().stream().map(o -> "--" + o.name()).collect(Collectors.joining(" "))).collect(Collectors.joining("\n"));
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        Map<String, Option> all = new LinkedHashMap<>();
        BENCHMARKS.forEach(b -> b.options().forEach(o -> all.putIfAbsent(o.name(), o)));
        return new ArrayList<>(all.values());
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws Exception {
        List<String> names = BENCHMARKS.stream().map(Benchmark::name).toList();
        String word = arguments.single("benchmark (" + String.join(", ", names) + ")");
        Benchmark benchmark = BENCHMARKS.stream().filter(b -> b.name().equals(word)).findFirst()
                .orElseThrow(() -> new UsageException("no benchmark '" + word + "', expected one of " + String.join(", ", names)
                        + Nearest.to(word, names).map(n -> "; did you mean '" + n + "'?").orElse("")));
        for (String option : arguments.values().keySet()) {
            if (benchmark.options().stream().noneMatch(o -> o.name().equals(option))) {
                throw new UsageException("'bench " + word + "' does not read --" + option + "; it reads "
                        + benchmark.options().stream().map(o -> "--" + o.name()).collect(Collectors.joining(", ")));
            }
        }
        return benchmark.run(arguments, terminal);
    }
}
