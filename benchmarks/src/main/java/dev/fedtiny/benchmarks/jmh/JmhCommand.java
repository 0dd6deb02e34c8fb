package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.runtime.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks that a command line asks for, prints a table and writes result files. */
public final class JmhCommand implements Command {
    @Override
    public String name() {
        return "jmh";
    }

    @Override
    public String summary() {
        return "time kernels and steps with JMH";
    }

    @Override
    public String usage() {
        return "[OPTION]... [FILTER]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public String details() {
        return Options.DETAILS;
    }

    @Override
    public List<Option> options() {
        return Options.ALL;
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        return run(new Options(arguments), terminal);
    }

    /** Whether a word, as a filter, leaves any benchmark. */
    public static boolean hasBenchmark(String filter) {
        try {
            Pattern pattern = Pattern.compile(filter);
            return Overview.BENCHMARKS.stream().anyMatch(benchmark -> Overview.methods(benchmark, pattern) > 0);
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static ExitCode run(Options options, Terminal terminal) throws IOException {
        Map<String, String> environment = ResultFiles.environment();
        List<Measurement> measurements = new ArrayList<>();
        boolean failed = false;
        List<Plan> plans = Plan.all(options);
        terminal.out().println(Overview.of(plans, options).text());
        for (Plan plan : plans) {
            try {
                Collection<RunResult> results = new Runner(jmh(plan, options)).run();
                results.forEach(result -> measurements.add(Measurement.of(result)));
            } catch (NoBenchmarksException e) {
                // The filter leaves nothing of this class.
            } catch (RunnerException e) {
                terminal.err().println("benchmarks: " + e.getMessage());
                failed = true;
            }
        }
        if (measurements.isEmpty()) {
            terminal.err().println("benchmarks: nothing was measured"
                    + (options.filter().isEmpty() ? "" : " with filter '" + options.filter() + "'"));
            return ExitCode.FAILED;
        }
        ResultTable table = new ResultTable(measurements);
        terminal.out().println();
        environment.forEach((fact, value) -> terminal.out().println(fact + ": " + value));
        terminal.out().println(table.common() + "\n");
        terminal.out().print(table.text());
        Path file = ResultFiles.write(options.out(), ResultFiles.name(environment), environment,
                measurements.stream().map(Measurement::json).toList(), table.common() + "\n\n" + table.markdown());
        terminal.out().println("\nwritten: " + file);
        return failed ? ExitCode.FAILED : ExitCode.OK;
    }

    private static org.openjdk.jmh.runner.options.Options jmh(Plan plan, Options options) {
        Pace pace = Pace.of(plan.benchmark(), options.has("quick"));
        TimeValue iteration = TimeValue.milliseconds(pace.iterationMillis());
        // Both the class and the filter must match: a lookahead on the class, then the filter anywhere.
        ChainedOptionsBuilder builder = new OptionsBuilder().include("(?=.*\\." + plan.benchmark() + "\\.).*(" + options.filter() + ")")
                .forks(1).warmupIterations(pace.warmUps()).warmupTime(iteration)
                .measurementIterations(pace.iterations()).measurementTime(iteration)
                .addProfiler(GCProfiler.class).addProfiler(RateProfiler.class).shouldFailOnError(true)
                .jvmArgsAppend("-D" + Kernels.PROPERTY + "=" + plan.kernels(),
                        "-D" + BenchmarkModel.FILE_PROPERTY + "=" + options.model());
        plan.parameters().forEach(builder::param);
        return builder.build();
    }
}
