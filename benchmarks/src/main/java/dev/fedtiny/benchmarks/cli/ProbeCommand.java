package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.internal.probe.Bandwidths;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.experiment.HeapFit;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Measures what this machine can do at best: the roofs of a roofline. */
final class ProbeCommand implements Command {
    /** Two that fit a first-level cache, two that fit a second-level one, and memory. */
    private static final String SIZES = "16,32,512,1434,98304";
    private static final int MOST_KILOBYTES = 1 << 20;
    private static final double SECONDS = 0.3;

    @Override
    public String name() {
        return "probe";
    }

    @Override
    public String summary() {
        return "the machine's limits, a roofline's roofs: multiply-adds in registers and fed by every cache, and bandwidths";
    }

    @Override
    public String usage() {
        return "[--threads T,T] [--kilobytes K,K] [--seconds S] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("threads", "T,T", "1 and one a processor", "numbers of worker threads"),
                Option.value("kilobytes", "K,K", SIZES, "working sets, KB a thread, from which multiply-adds read an operand each"),
                Option.above("seconds", "S", SECONDS + " s", "how long each figure is measured at least", MOST_SECONDS),
                Option.flag("json", "one JSON object a number of threads in place of the tables"));
    }

    @Override
    public String details() {
        return "Every figure is the best of many short bursts, all threads at once. Multiply-adds add to twelve vectors that stay in "
                + "registers (ten where both operands do) and read one vector each, over and over from as many bytes: the roof of a "
                + "sparse loop, which uses nothing twice of what it reads. Vectors of 512 bits hold two pixels of eight images, so every "
                + "third pass begins in the middle of a cache line, as one tap of a row of three does.";
    }

    /** Figures of one number of threads: multiply-adds by width of vectors, and bandwidths. */
    private record Limits(int threads, List<MultiplyAddRates> rates, Bandwidths bandwidths) {
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        int processors = Runtime.getRuntime().availableProcessors();
        int[] counts = numbers(arguments, "threads", processors == 1 ? "1" : "1," + processors, MOST_THREADS);
        int[] kilobytes = numbers(arguments, "kilobytes", SIZES, MOST_KILOBYTES);
        int most = Arrays.stream(counts).max().orElseThrow();
        HeapFit.check("--kilobytes", Arrays.stream(kilobytes).max().orElseThrow(), each -> most * 1024L * each);
        HeapFit.check("--threads", most, count -> (long) count * Bandwidths.Level.DRAM.bytes());
        double seconds = arguments.number("seconds", SECONDS);
        int[] bytes = Arrays.stream(kilobytes).map(each -> each * 1024).toArray();
        List<Limits> all = new ArrayList<>();
        for (int count : counts) {
            try (Workers workers = Workers.of(count)) {
                List<MultiplyAddRates> rates = new ArrayList<>();
                for (int bits : MultiplyAddRates.widths()) {
                    rates.add(MultiplyAddRates.measure(workers, bits, bytes, seconds));
                }
                all.add(new Limits(count, rates, Bandwidths.measure(workers, seconds)));
            }
        }
        if (arguments.has("json")) {
            all.forEach(limits -> terminal.out().println(JsonWriter.compact(json(limits))));
        } else {
            terminal.out().print(rates(all, bytes) + System.lineSeparator() + bandwidths(all));
        }
        return ExitCode.OK;
    }

    private static int[] numbers(Arguments arguments, String option, String fallback, int most) {
        String text = arguments.value(option).orElse(fallback);
        Numbers.Whole range = new Numbers.Whole(1, most, "");
        return Arrays.stream(text.split(",", -1)).mapToInt(one -> (int) range.read(one).orElseThrow(() -> new UsageException("option --"
                + option + " is '" + text + "', expected whole numbers from 1 to " + most + " with commas between them"))).toArray();
    }

    private static String rates(List<Limits> all, int[] bytes) {
        List<String> heading = new ArrayList<>(List.of("multiply-adds, GFLOP/s", "vectors", "in registers"));
        Arrays.stream(bytes).forEach(size -> heading.add("from " + size(size)));
        TextTable table = new TextTable(heading.toArray(String[]::new));
        for (Limits limits : all) {
            for (MultiplyAddRates rates : limits.rates()) {
                List<String> cells = new ArrayList<>(List.of(Numbers.counted(limits.threads(), "thread"), rates.bits() + " bits",
                        Units.fixed(rates.registersGflops(), 1)));
                rates.fed().forEach(fed -> cells.add(Units.fixed(fed.gflops(), 1)));
                table.row(cells.toArray(String[]::new));
            }
        }
        return table.toString();
    }

    private static String size(int bytes) {
        return bytes < 1 << 20 ? bytes / 1024 + " KB" : Units.axis(Math.round(10.0 * bytes / (1 << 20)) / 10.0) + " MB";
    }

    private static String bandwidths(List<Limits> all) {
        TextTable table = new TextTable("GB/s, " + Kernels.current().name(), "read L1", "L2", "L3", "DRAM", "copy L1", "L2", "L3", "DRAM");
        for (Limits limits : all) {
            List<String> cells = new ArrayList<>(List.of(Numbers.counted(limits.threads(), "thread")));
            Arrays.stream(limits.bandwidths().readGigabytes()).forEach(rate -> cells.add(Units.fixed(rate, 1)));
            Arrays.stream(limits.bandwidths().copyGigabytes()).forEach(rate -> cells.add(Units.fixed(rate, 1)));
            table.row(cells.toArray(String[]::new));
        }
        return table.toString();
    }

    private static JsonObject json(Limits limits) {
        List<JsonValue> widths = new ArrayList<>();
        for (MultiplyAddRates rates : limits.rates()) {
            List<JsonValue> fed = new ArrayList<>();
            rates.fed().forEach(one -> fed.add(JsonObject.builder().put("bytes", one.bytes()).put("gflops", one.gflops()).build()));
            widths.add(JsonObject.builder().put("bits", rates.bits()).put("registersGflops", rates.registersGflops())
                    .put("fed", new JsonValue.JsonArray(fed)).build());
        }
        List<JsonValue> levels = new ArrayList<>();
        for (Bandwidths.Level level : Bandwidths.Level.values()) {
            levels.add(JsonObject.builder().put("level", level.name().toLowerCase(Locale.ROOT)).put("bytes", level.bytes())
                    .put("readGigabytes", limits.bandwidths().readGigabytes()[level.ordinal()])
                    .put("copyGigabytes", limits.bandwidths().copyGigabytes()[level.ordinal()]).build());
        }
        return JsonObject.builder().put("threads", limits.threads()).put("kernels", Kernels.current().name())
                .put("multiplyAdds", new JsonValue.JsonArray(widths)).put("bandwidths", new JsonValue.JsonArray(levels)).build();
    }
}
