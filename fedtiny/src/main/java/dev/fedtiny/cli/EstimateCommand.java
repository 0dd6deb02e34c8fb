package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.cost.CostClass;
import dev.fedtiny.cost.PaperCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.experiment.Choices;
import dev.fedtiny.experiment.ClassEstimate;
import dev.fedtiny.experiment.Estimate;
import dev.fedtiny.experiment.EstimateJson;
import dev.fedtiny.experiment.ExactEstimate;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.RoundEstimate;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.metrics.Quantiles;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Says what an experiment costs before it runs. */
final class EstimateCommand implements Command {
    @Override
    public String name() {
        return "estimate";
    }

    @Override
    public String summary() {
        return "FLOPs, bytes sent, bytes stored and bytes held of an experiment, before it runs";
    }

    @Override
    public String usage() {
        return "[FILE] [--set key=value]... [--exact] [--json]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET,
                Option.flag("exact", "pretrain and choose the mask for real, so that the exact count is the run's own"),
                Option.json());
    }

    @Override
    public String fields() {
        return """
                method, model, images, density: what is counted
                denseRoundFlops, maxDeviceRoundFlops, ratioToDense: of a device's round, as the papers count
                modelBytes: dense, bitmask, csr; paperMemoryBytes: both by the papers' rules
                bytesUpRound, bytesDownRound, bytesUpDeviceRound, bytesDownDeviceRound: of an ordinary round, exactly
                sessionBytes, updateBytes: what a device's training session, and the server for updates, hold
                expected: with dropout, shareOfRounds, flops, bytesDown and bytesUp
                privacy: with dp-noise, epsilon, delta, releases, noiseMultiplier, clip and rate
                paper, exact: all figures of either count""";
    }

    @Override
    public String details() {
        return "Without data, the papers' setting is counted: CIFAR-10's 50,000 training images, and the defaults that are not the demo's; "
                + "with --exact, the demo. The papers' count takes a real-valued density and equal shares; the exact count takes integer "
                + "masks, the devices' sample numbers and encoded frames. docs/cost-model.md has the formulas.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Estimate estimate = Estimate.of(ExperimentArguments.given(arguments), arguments.has("exact"));
        if (arguments.has("json")) {
            JsonObject counted = (JsonObject) JsonReader.parse(EstimateJson.of(estimate));
            terminal.document(document -> counted.members().forEach(document::put));
            return ExitCode.OK;
        }
        terminal.out().println(estimate.experiment().method().name() + " at density " + estimate.paper().density() + "; "
                + estimate.images() + "; " + Numbers.counted(estimate.exact().samples().size(), "device") + ", "
                + Numbers.counted(estimate.paper().epochs(), "epoch") + ", batch " + estimate.paper().batch());
        terminal.out().println("images a device: " + Quantiles.of(estimate.exact().samples().stream().mapToDouble(count -> count))
                .words(images -> Units.fixed(images, 0)));
        terminal.out().println();
        paper(estimate, terminal);
        terminal.out().println();
        exact(estimate.exact(), estimate.experiment(), terminal);
        participation(estimate, terminal);
        return ExitCode.OK;
    }

    private static void paper(Estimate estimate, Terminal terminal) {
        PaperCost paper = estimate.paper();
        terminal.out().println("The papers' count: " + paper.images() + " images and " + paper.steps()
                + " steps a device-round, F_sparse / F_dense " + Units.fixed(paper.sparseForwardFlops() / paper.denseForwardFlops(), 5));
        TextTable table = new TextTable("counted as", "max device-round, FLOPs", "of dense", "memory");
        for (CostClass costClass : CostClass.values()) {
            table.row(words(costClass) + (costClass == estimate.costClass() ? " (this method)" : ""),
                    Units.scientific(paper.maxDeviceRoundFlops(costClass)), Units.fixed(paper.ratioToDense(costClass), 5),
                    Units.megabytes(Math.round(paper.memoryBytes(costClass))));
        }
        terminal.out().print(table);
        double other = paper.maxDeviceRoundFlops(CostClass.DENSE_GRADIENT_EVERY_STEP);
        if (estimate.costClass() == CostClass.GROWTH_IN_ONE_BATCH) {
            terminal.out().println("FLOPs saved against a dense gradient in every step (PruneFL): "
                    + Units.percent(1 - paper.maxDeviceRoundFlops(estimate.costClass()) / other) + "; memory saved: "
                    + Units.percent(1 - paper.memoryBytes(estimate.costClass()) / paper.memoryBytes(CostClass.DENSE_GRADIENT_EVERY_STEP)));
        }
        terminal.out().println("stored model: dense " + Units.megabytes(Math.round(paper.denseBytes())) + ", bitmask "
                + Units.megabytes(Math.round(paper.bitmaskBytes())) + ", CSR " + Units.megabytes(Math.round(paper.csrBytes())));
    }

    private static String words(CostClass costClass) {
        return switch (costClass) {
            case DENSE -> "dense";
            case STATIC -> "static mask";
            case DENSE_GRADIENT_EVERY_STEP -> "dense gradient every step";
            case GROWTH_IN_ONE_BATCH -> "growth in one batch";
        };
    }

    private static void exact(ExactEstimate exact, Experiment experiment, Terminal terminal) {
        terminal.out().println("The exact count, all devices together: " + exact.model().prunableActive() + " prunable weights kept, "
                + "density " + Units.fixed(exact.model().density(), 6)
                + (exact.initialised() ? ", the run's own masks" : ", initial weights, floors of d·n"));
        TextTable table = new TextTable("", "FLOPs", "max device, FLOPs", "bytes down", "bytes up");
        row(table, "round 1, with masks", exact.rounds().getFirst());
        row(table, "ordinary round", exact.ordinary());
        exact.largestAdjustment().ifPresent(round -> row(table, "largest adjustment, round " + round.number(), round));
        table.row("pretraining, server", Long.toString(exact.pretraining()), "-", "-", "-");
        if (exact.scoring() > 0) {
            table.row("choice by scores, server", Long.toString(exact.scoring()), "-", "-", "-");
        }
        exact.stageOne().ifPresent(stage -> table.row("BN selection", Long.toString(stage.flops()), "-", Long.toString(stage.bytesDown()),
                Long.toString(stage.bytesUp())));
        exact.recalibration().ifPresent(step -> table.row("recalibration, last", Long.toString(step.flops()), "-",
                Long.toString(step.bytesDown()), Long.toString(step.bytesUp())));
        table.row("total, " + exact.rounds().size() + " rounds", Long.toString(exact.totalFlops()), "-",
                Long.toString(exact.totalBytesDown()), Long.toString(exact.totalBytesUp()));
        terminal.out().print(table);
        classes(exact, terminal);
        exact.stageOne().ifPresent(stage -> terminal.out().println("BN selection asks " + stage.devices() + " of " + exact.samples().size()
                + " devices (selection-sample), which compute " + Units.fixed(exact.stageOneOverRounds(), 2)
                + " times as much for it as all "
                + "rounds together take; fewer devices or candidates (pool) cost less"));
        exact.stageOne().filter(_ -> !exact.initialised()).ifPresent(stage -> terminal.out().println("BN selection will choose among "
                + "masks of " + stage.leastActive() + " to " + stage.mostActive() + " weights; training an image then costs "
                + stage.leastTrainingFlops() + " to " + stage.mostTrainingFlops() + " FLOPs; --exact finds out which"));
        terminal.out().println("stored model with running statistics: dense "
                + Units.megabytes(exact.modelBytes(ConvolutionAlgorithm.DENSE))
                + ", bitmask " + Units.megabytes(exact.modelBytes(ConvolutionAlgorithm.BITMASK)) + ", CSR "
                + Units.megabytes(exact.modelBytes(ConvolutionAlgorithm.CSR)));
        terminal.out().println("held by this engine while a device trains: " + Units.megabytes(exact.sessionBytes())
                + ", and in adjustments at most " + Units.megabytes(exact.bufferBytes()) + " of gradients at pruned positions"
                + (experiment.get(Setting.SECURE_AGGREGATION) == Choices.Switch.ON ? " and of what secure sums keep of them" : ""));
    }

    /** What devices of every class do in all rounds, and whether they can hold it. */
    private static void classes(ExactEstimate exact, Terminal terminal) {
        if (exact.classes().isEmpty()) {
            return;
        }
        TextTable table = new TextTable("class", "density", "devices", "max device, FLOPs", "FLOPs", "bytes down", "bytes up", "needs",
                "has");
        for (ClassEstimate one : exact.classes()) {
            table.row(one.of().name(), Double.toString(one.of().density()), Integer.toString(one.of().devices()),
                    Long.toString(one.maxDeviceFlops()), Long.toString(one.flops()), Long.toString(one.bytesDown()),
                    Long.toString(one.bytesUp()), Units.megabytes(one.plan().total()),
                    one.of().memoryBytes().isEmpty() ? "-" : Units.megabytes(one.of().memoryBytes().getAsLong())
                            + (one.fits() ? ", fits" : ", too little"));
        }
        terminal.out().println("classes of devices, all rounds together:");
        terminal.out().print(table);
    }

    /** What the settings about absent and slow devices do to the counts. */
    private static void participation(Estimate estimate, Terminal terminal) {
        String sample = estimate.experiment().text(Setting.SAMPLE);
        terminal.out().println("Counted with every device asked there and in time; asked are "
                + (sample.equals("0") ? "all devices" : sample + " a round, the seeded draw that the run makes"));
        terminal.out().println("aggregation = " + estimate.experiment().text(Setting.AGGREGATION) + ": the server holds "
                + Units.megabytes(estimate.exact().updateBytes())
                + switch (estimate.experiment().get(Setting.AGGREGATION)) {
                    case MEAN, CLIPPED_MEAN -> " of sums, for any number of devices";
                    case TRIMMED_MEAN, MEDIAN -> " of updates, all of a round, where all have this many weights";
                });
        boolean over = estimate.experiment().get(Setting.OVER_SELECT) > 1;
        estimate.expected().ifPresent(expected -> terminal.out().printf(Locale.ROOT, "Expected with dropout = %s: a round costs "
                + "%s = %.4f of that%s; in total %s FLOPs, %s down, %s up%n  p: dropout; A: expected attempts at a round, "
                + "Σ (1 − q)^i for i = 0 … max-repeats if on-too-few = repeat, else 1; q = P(Binomial(asked, 1 − p) ≥ min-reporters)%n"
                + "  not in it: masks that absent devices get later, adjustments that skipped rounds leave out%n",
                estimate.experiment().text(Setting.DROPOUT), over ? "A·E[min(wanted, Binomial(asked, 1 − p))] / wanted" : "A·(1 − p)",
                expected.share(), over ? ", and its requests A·(1 − p)" : "", Units.scientific(expected.flops()),
                Units.megabytes(Math.round(expected.bytesDown())), Units.megabytes(Math.round(expected.bytesUp()))));
        estimate.experiment().noise().ifPresent(mechanism -> {
            int rounds = estimate.experiment().get(Setting.ROUNDS);
            terminal.out().printf(Locale.ROOT, "differential privacy of devices: epsilon %.4g at delta %.3g after %d rounds (noise %.4g, "
                    + "clip %.4g, rate %.4g); who takes part is drawn in secret, counted is the draw of the seed%n",
                    mechanism.epsilon(rounds),
                    mechanism.delta(), rounds, mechanism.noiseMultiplier(), mechanism.clip(), mechanism.rate());
        });
        if (estimate.experiment().get(Setting.DEADLINE) > 0) {
            terminal.out().println("deadline: a late device is counted in full, since what it computes and sends is discarded; that it "
                    + "gets its mask again, and repeated rounds for want of reporters in time, are not counted");
        }
    }

    private static void row(TextTable table, String what, RoundEstimate round) {
        table.row(what, Long.toString(round.flops()), Long.toString(round.maxDeviceFlops()), Long.toString(round.bytesDown()),
                Long.toString(round.bytesUp()));
    }
}
