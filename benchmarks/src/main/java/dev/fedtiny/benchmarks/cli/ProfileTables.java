package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.profile.Agreement;
import dev.fedtiny.benchmarks.profile.Observers;
import dev.fedtiny.benchmarks.profile.StepProfile;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.ProcessFigures;
import dev.fedtiny.experiment.metrics.MeterJson;
import dev.fedtiny.report.Repetitions;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** A profile as tables and as JSON. */
final class ProfileTables {
    private static final double MEBI = 1048576;
    private static final double LEAST_SHARE = 0.005;

    private ProfileTables() {
    }

    private static double share(StepProfile profile, OperatorCost cost) {
        return (double) cost.nanos() / profile.reading().stepNanos();
    }

    /** Tables, of all passes or of those that take a share worth a line. */
    static String text(StepProfile profile, boolean all) {
        double steps = profile.reading().steps();
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s, density %s, batch %d, %d threads, activations %s: step %.2f ms (median of %d; %s)%n",
                profile.setup().model(),
                Units.density(profile.setup().state().density()), profile.setup().batch(), profile.setup().threads(), activations(profile),
                profile.millis(0.5), profile.stepMillis().length, scatter(profile)));
        text.append(String.format(Locale.ROOT, "Roof, measured here: %.1f GFLOP/s, %.1f GB/s.%n%n", profile.roof().gflops(),
                profile.roof().gigabytes()));
        List<OperatorCost> shown = profile.reading().operators().stream().filter(o -> all || share(profile, o) >= LEAST_SHARE).toList();
        text.append(table(profile, shown, steps));
        if (shown.size() < profile.reading().operators().size()) {
            long hidden = profile.reading().total(OperatorCost::nanos) - shown.stream().mapToLong(OperatorCost::nanos).sum();
            text.append(String.format(Locale.ROOT, "and %d passes below %s each, %.3f ms together (--all shows them)%n",
                    profile.reading().operators().size() - shown.size(), Units.percent(LEAST_SHARE), hidden / steps / 1e6));
        }
        text.append(System.lineSeparator());
        text.append(table(profile, profile.reading().byPass(), steps)).append(System.lineSeparator());
        text.append(rest(profile)).append(System.lineSeparator());
        return text.append(memory(profile)).append(process(profile)).toString();
    }

    private static String scatter(StepProfile profile) {
        String percentiles = profile.hasPercentiles() ? String.format(Locale.ROOT, "10th percentile %.2f, 90th %.2f, ", profile.millis(0.1),
                profile.millis(0.9)) : "";
        return percentiles + "interquartile range " + (profile.spread().isEmpty() ? Repetitions.tooFew(profile.stepMillis().length)
                : String.format(Locale.ROOT, "%.1f %%", 100 * profile.spread().getAsDouble()));
    }

    private static String activations(StepProfile profile) {
        return profile.setup().sessions().activations().name().toLowerCase(Locale.ROOT);
    }

    private static String table(StepProfile profile, List<OperatorCost> costs, double steps) {
        TextTable table = new TextTable("operator", "pass", "calls", "ms", "share", "thread ms", "useful GFLOP/s", "executed", "of dense",
                "MB moved", "FLOP/B", "roofs", "B allocated");
        for (OperatorCost cost : costs) {
            double roof = profile.roof().nanos(cost);
            table.row(cost.operator(), cost.pass().name().toLowerCase(Locale.ROOT).replace('_', ' '), Units.fixed(cost.calls() / steps, 0),
                    Units.fixed(cost.nanos() / steps / 1e6, 3), Units.percent(share(profile, cost)),
                    Units.fixed(cost.threadNanos() / steps / 1e6, 3), macs(cost, Units.fixed(cost.usefulGflops(), 1)),
                    macs(cost, Units.fixed(cost.executedGflops(), 1)),
                    macs(cost, Units.fixed((double) cost.usefulMacs() / cost.denseMacs(), 4)),
                    Units.fixed(cost.trafficBytes() / steps / 1e6, 2), macs(cost, Units.fixed(cost.intensity(), 2)),
                    roof == 0 ? "" : Units.fixed(cost.nanos() / roof, 1), Units.fixed(cost.allocatedBytes() / steps, 0));
        }
        return table.toString();
    }

    private static String macs(OperatorCost cost, String text) {
        return cost.denseMacs() == 0 ? "" : text;
    }

    private static String rest(StepProfile profile) {
        double steps = profile.reading().steps();
        return String.format(Locale.ROOT, "A step: %.3f ms = operators %.3f ms + rest %.3f ms (%.2f %%); %s of processor time, %.2f GFLOP "
                        + "useful, %.2f executed, %.2f dense-equivalent; energy %s.%nms: share of the caller's time; thread ms: added over "
                        + "threads; roofs: ms over the least the machine could take for useful work or traffic.%n",
                profile.reading().stepNanos() / steps / 1e6, profile.reading().meteredNanos() / steps / 1e6,
                profile.reading().restNanos() / steps / 1e6, 100.0 * profile.reading().restNanos() / profile.reading().stepNanos(),
                millis(profile.reading().cpuNanos(), steps), 2e-9 * profile.reading().total(OperatorCost::usefulMacs) / steps,
                2e-9 * profile.reading().total(OperatorCost::executedMacs) / steps,
                2e-9 * profile.reading().total(OperatorCost::denseMacs) / steps, joules(profile.joules(), steps));
    }

    private static String millis(OptionalLong nanos, double steps) {
        return nanos.isPresent() ? Units.fixed(nanos.getAsLong() / steps / 1e6, 3) + " ms" : "unknown";
    }

    private static String joules(OptionalDouble joules, double steps) {
        return joules.isPresent() ? Units.fixed(joules.getAsDouble() / steps, 3) + " J of the whole machine"
                : "not available on this system";
    }

    private static String memory(StepProfile profile) {
        TextTable table = new TextTable("memory", "bytes", "MiB", "share");
        long own = 4 * IntStream.range(0, profile.setup().state().network().parameters().size())
                .mapToLong(p -> profile.setup().state().mask(p).count()).sum();
        profile.memory().forEach((category, bytes) -> {
            if (category == MemoryCategory.VALUES) {
                memory(table, profile, "values", own);
                memory(table, profile, "values packed for forward", bytes - own);
            } else {
                memory(table, profile, category.name().toLowerCase(Locale.ROOT).replace('_', ' '), bytes);
            }
        });
        return table.row("all", Long.toString(profile.memoryBytes()), Units.fixed(profile.memoryBytes() / MEBI, 2), "")
                + System.lineSeparator();
    }

    private static void memory(TextTable table, StepProfile profile, String kind, long bytes) {
        table.row(kind, Long.toString(bytes), Units.fixed(bytes / MEBI, 2), Units.percent((double) bytes / profile.memoryBytes()));
    }

    private static String process(StepProfile profile) {
        ProcessFigures figures = profile.process();
        return String.format(Locale.ROOT,
                "Process: heap after collection %s, limit %.1f MiB, peak resident size %s, %d collections in %d ms, %d threads.%n",
                mebibytes(figures.heapAfterCollectionBytes()), figures.maximumHeapBytes() / MEBI,
                mebibytes(figures.peakResidentBytes()), figures.collections(), figures.collectionMillis(), figures.threads());
    }

    private static String mebibytes(OptionalLong bytes) {
        return bytes.isPresent() ? Units.fixed(bytes.getAsLong() / MEBI, 1) + " MiB" : "unknown";
    }

    static JsonObject json(StepProfile profile) {
        JsonObject.Builder object = JsonObject.builder().put("model", profile.setup().model())
                .put("density", profile.setup().state().density()).put("batch", profile.setup().batch())
                .put("threads", profile.setup().threads()).put("activations", activations(profile))
                .put("medianMillis", profile.millis(0.5)).put("steps", profile.stepMillis().length)
                .put("tooFewSteps", !profile.hasPercentiles());
        if (profile.hasPercentiles()) {
            object.put("p10Millis", profile.millis(0.1)).put("p90Millis", profile.millis(0.9));
        }
        object.put("roofGflops", profile.roof().gflops()).put("roofGigabytes", profile.roof().gigabytes());
        profile.joules().ifPresent(joules -> object.put("joules", joules));
        return object.put("measured", MeterJson.of(profile.reading())).put("memory", MeterJson.memory(profile.memory()))
                .put("process", MeterJson.of(profile.process())).build();
    }

    static String text(Observers.Outcome outcome) {
        TextTable table = new TextTable("figure", "meter", "observer", "observed", "ratio", "agrees");
        for (Agreement a : outcome.agreements()) {
            table.row(a.figure(), Units.fixed(a.measured(), 0), a.observer(), Units.fixed(a.observed(), 0), Units.fixed(a.ratio(), 4),
                    a.holds() ? "yes" : "NO");
        }
        return table + String.format(Locale.ROOT, "Measuring adds %.2f %% to a step: median of %d pairs of steps, one with the meter "
                + "and one without; quartiles %s.%n", 100 * outcome.overhead(0.5), outcome.overheads().length, outcome.hasQuartiles()
                        ? String.format(Locale.ROOT, "%.2f and %.2f %%", 100 * outcome.overhead(0.25), 100 * outcome.overhead(0.75))
                        : Repetitions.tooFew(outcome.overheads().length));
    }

    static JsonObject json(Observers.Outcome outcome) {
        List<JsonValue> agreements = outcome.agreements().stream().map(a -> (JsonValue) JsonObject.builder().put("figure", a.figure())
                .put("measured", a.measured()).put("observer", a.observer()).put("observed", a.observed()).put("agrees", a.holds()).build())
                .toList();
        JsonObject.Builder object = JsonObject.builder().put("agreements", new JsonValue.JsonArray(agreements))
                .put("overhead", outcome.overhead(0.5)).put("pairs", outcome.overheads().length)
                .put("tooFewPairs", !outcome.hasQuartiles());
        if (outcome.hasQuartiles()) {
            object.put("overheadLowerQuartile", outcome.overhead(0.25)).put("overheadUpperQuartile", outcome.overhead(0.75));
        }
        return object.build();
    }
}
