package dev.fedtiny.benchmarks;

import dev.fedtiny.benchmarks.charts.Charts;
import dev.fedtiny.command.StandardError;
import dev.fedtiny.engine.internal.probe.MachineLimits;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks a command line asks for, prints a table and writes result files. */
public final class Main {
    private Main() {
    }

    /** Exit codes: those of the application; 1 when a benchmark failed. */
    public static void main(String[] words) {
        System.exit(Ending.of(() -> {
            StandardError.takeOver();
            return program(words);
        }));
    }

    private static int program(String[] words) throws IOException {
        if (words.length > 0 && words[0].equals("charts")) {
            return Charts.run(Path.of(""), Arrays.copyOfRange(words, 1, words.length));
        }
        boolean probe = words.length > 0 && words[0].equals("probe");
        Options options = Options.parse(probe ? Arrays.copyOfRange(words, 1, words.length) : words);
        if (options.has("help")) {
            System.out.print(Options.USAGE);
            return 0;
        }
        return probe ? probe(options) : run(options);
    }

    private static int probe(Options options) {
        TextTable table = new TextTable("GFLOP/s and GB/s, " + Kernels.current().name(), "FMA", "fed by L1", "by L2", "read L1",
                "L2", "L3", "DRAM", "copy L1", "L2", "L3", "DRAM");
        for (String threads : options.list("threads", "1", Integer.toString(Runtime.getRuntime().availableProcessors()))) {
            try (Workers workers = Workers.of(Integer.parseInt(threads))) {
                MachineLimits limits = MachineLimits.measure(workers);
                List<String> cells = new ArrayList<>(List.of("threads " + threads, Units.fixed(limits.fmaGflops(), 1),
                        Units.fixed(limits.fedL1Gflops(), 1), Units.fixed(limits.fedL2Gflops(), 1)));
                Arrays.stream(limits.readGigabytes()).forEach(v -> cells.add(Units.fixed(v, 1)));
                Arrays.stream(limits.copyGigabytes()).forEach(v -> cells.add(Units.fixed(v, 1)));
                table.row(cells.toArray(String[]::new));
            }
        }
        System.out.print(table);
        return 0;
    }

    private static int run(Options options) throws IOException {
        Map<String, String> environment = ResultFiles.environment();
        List<Measurement> measurements = new ArrayList<>();
        boolean failed = false;
        List<Plan> plans = Plan.all(options);
        System.out.println(Overview.of(plans, options).text());
        for (Plan plan : plans) {
            try {
                Collection<RunResult> results = new Runner(jmh(plan, options)).run();
                results.forEach(result -> measurements.add(Measurement.of(result)));
            } catch (NoBenchmarksException e) {
                // The filter leaves nothing of this class.
            } catch (RunnerException e) {
                System.err.println("benchmarks: " + e.getMessage());
                failed = true;
            }
        }
        if (measurements.isEmpty()) {
            System.err.println("benchmarks: nothing was measured"
                    + (options.filter().isEmpty() ? "" : " with filter '" + options.filter() + "'"));
            return 1;
        }
        ResultTable table = new ResultTable(measurements);
        System.out.println();
        environment.forEach((fact, value) -> System.out.println(fact + ": " + value));
        System.out.println(table.common() + "\n");
        System.out.print(table.text());
        Path file = ResultFiles.write(options.out(), ResultFiles.name(environment), environment,
                measurements.stream().map(Measurement::json).toList(), table.common() + "\n\n" + table.markdown());
        System.out.println("\nwritten: " + file);
        return failed ? 1 : 0;
    }

    private static org.openjdk.jmh.runner.options.Options jmh(Plan plan, Options options) {
        Pace pace = Pace.of(plan.benchmark(), options.has("quick"));
        TimeValue iteration = TimeValue.milliseconds(pace.iterationMillis());
        // Both the class and the filter must match: a lookahead on the class, then the filter anywhere.
        ChainedOptionsBuilder builder = new OptionsBuilder().include("(?=.*\\." + plan.benchmark() + "\\.).*(" + options.filter() + ")")
                .forks(1).warmupIterations(pace.warmUps()).warmupTime(iteration)
                .measurementIterations(pace.iterations()).measurementTime(iteration)
                .addProfiler(GCProfiler.class).shouldFailOnError(true)
                .jvmArgsAppend("-D" + Kernels.PROPERTY + "=" + plan.kernels(),
                        "-D" + BenchmarkModel.FILE_PROPERTY + "=" + options.values().getOrDefault("model", ""));
        plan.parameters().forEach(builder::param);
        return builder.build();
    }
}
