package dev.fedtiny.cli;

import dev.fedtiny.command.Terminal;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Pace;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.LayerAdjustment;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.Numbers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** One line a round on the error stream, with the time that is left; on a terminal a bar below it has that. */
final class Progress implements Runner.Listener {
    private static final int BAR = 40;

    private final Terminal terminal;
    private final boolean quiet;
    private final String goOn;
    private final SkippedRound skipped;
    private final Pace pace;
    private final Deque<Pace.Step> left = new ArrayDeque<>();
    /** Of the run that goes on. */
    private Dropouts dropouts = new Dropouts();
    private String method = "";
    private boolean atMost;
    private String then = "";

    /** Lines of a run, and of the dense one beside it; {@code goOn} is the command that goes on with it. */
    Progress(Experiment experiment, Terminal terminal, boolean quiet, String goOn) {
        this(experiment, terminal, quiet, goOn, new Pace());
    }

    /** Lines of a run among others, whose pace is known. */
    Progress(Experiment experiment, Terminal terminal, boolean quiet, String goOn, Pace pace) {
        this.skipped = new SkippedRound(experiment);
        this.terminal = terminal;
        this.quiet = quiet;
        this.goOn = goOn;
        this.pace = pace;
    }

    /** What follows the run, whose time is not told; empty for nothing. */
    void followedBy(String what) {
        then = what;
    }

    @Override
    public void planned(Pace.Plan plan) {
        left.clear();
        left.addAll(plan.steps());
        atMost = plan.atMost();
    }

    @Override
    public void stepped(double seconds) {
        if (!left.isEmpty()) {
            pace.measured(left.removeFirst(), seconds);
        }
    }

    /** The time that is left in words, for the end of a line; empty where nothing is left, or nothing can be said. */
    private String timeLeft() {
        OptionalDouble seconds = pace.seconds(left);
        return left.isEmpty() || seconds.isEmpty() ? "" : (atMost ? "at most " : "about ") + Units.roughly(seconds.getAsDouble()) + " left"
                + (then.isEmpty() ? "" : ", then " + then);
    }

    /** Says which answers were missing in the run that is over, where some were; the next one counts from nothing. */
    void summary() {
        String missing = dropouts.summary();
        dropouts = new Dropouts();
        if (!missing.isEmpty()) {
            terminal.err().println("fedtiny: " + method + ": " + missing);
        }
    }

    @Override
    public void warning(String sentence) {
        terminal.err().println("fedtiny: warning: " + sentence);
    }

    @Override
    public void stopped(int roundsDone, int rounds) {
        terminal.err().println("fedtiny: stopped, " + roundsDone + " of " + rounds
                + " rounds are done; go on with: " + goOn);
        terminal.err().flush();
    }

    @Override
    public void resumed(Method started, int roundsDone, TestResult test) {
        method = started.name();
        if (!quiet) {
            terminal.err().printf(Locale.ROOT, "%-8s goes on after round %d, accuracy %6.2f %%%n", method, roundsDone,
                    100 * test.accuracy());
        }
    }

    @Override
    public void note(String text) {
        if (!quiet) {
            terminal.err().println("fedtiny: " + text);
        }
    }

    @Override
    public void started(Method started, InitReport report, TestResult test) {
        method = started.name();
        report.warnings().forEach(w -> terminal.err().println("fedtiny: warning: " + w));
        if (quiet) {
            return;
        }
        terminal.err().printf(Locale.ROOT, "%-8s pretrained in %s, %.1f s%n", method,
                Numbers.counted(report.pretraining().steps(), "step"), report.pretraining().costs().seconds());
        report.selection().ifPresent(s -> terminal.err().printf(Locale.ROOT,
                "%-8s candidate %d of %d chosen, loss %.4f, spread %.4f, standard error %.4f%s; %.1f s%n", method, s.chosen() + 1,
                s.candidates().size(), s.candidates().get(s.chosen()).loss(), s.spread(), s.standardError(),
                s.candidates().size() < 2 ? " (no choice)" : s.coinToss() ? " (a coin toss)" : "", s.costs().seconds()));
        report.scoring().ifPresent(s -> terminal.err().printf(Locale.ROOT, "%-8s weights scored in %d steps; %.1f s%n", method, s.steps(),
                s.costs().seconds()));
        terminal.err().printf(Locale.ROOT, "%-8s start         accuracy %6.2f %%  loss %.4f  density %s%n", method, 100 * test.accuracy(),
                test.loss(), Units.density(report.density()));
    }

    @Override
    public void recalibrated(FinalRecalibration.Outcome outcome, TestResult test) {
        outcome.failures().forEach(f -> terminal.err().println("fedtiny: device " + f.device() + " dropped out: " + f.reason()));
        if (!quiet) {
            terminal.err().printf(Locale.ROOT, "%-8s recalibrated  accuracy %6.2f %%  loss %.4f  by %d devices  down %s  up %s  %.1f s%n",
                    method, 100 * test.accuracy(), test.loss(), outcome.reporters().size(),
                    Units.megabytes(outcome.costs().traffic().bytesDown()), Units.megabytes(outcome.costs().traffic().bytesUp()),
                    outcome.costs().seconds());
        }
    }

    @Override
    public void round(RoundReport report, TestResult test, int rounds) {
        dropouts.lines(report.failures()).forEach(line -> terminal.err().println("fedtiny: " + line));
        Optional<String> inVain = skipped.sentence(report).or(() -> Optional.of("round " + report.number() + " took "
                + report.effort().attempts() + " attempts").filter(_ -> report.effort().attempts() > 1));
        inVain.ifPresent(sentence -> terminal.err().println("fedtiny: " + sentence));
        if (quiet) {
            return;
        }
        int grown = report.adjustments().stream().mapToInt(LayerAdjustment::exchanged).sum();
        int before = report.adjustments().stream().mapToInt(LayerAdjustment::grownBefore).sum();
        int survivors = report.adjustments().stream().mapToInt(LayerAdjustment::survivors).sum();
        String adjusted = report.adjustments().isEmpty() ? "" : "  grew and pruned " + grown
                + (before > 0 ? ", " + survivors + " of " + before + " grown before survive" : "");
        String time = timeLeft();
        terminal.err().printf(Locale.ROOT, "%-8s round %3d/%-3d %s  density %s  down %s  up %s  %.1f s%s%s%n",
                method, report.number(), rounds, score(test), Units.density(report.density()),
                Units.megabytes(report.costs().traffic().bytesDown()), Units.megabytes(report.costs().traffic().bytesUp()),
                report.costs().seconds(), adjusted, time.isEmpty() || terminal.interactive() ? "" : "  " + time);
        if (report.number() < rounds) {
            terminal.bar(report.number(), rounds, BAR, time);
        }
    }

    /** As wide where nothing was evaluated. */
    private static String score(TestResult test) {
        return test.evaluated() ? String.format(Locale.ROOT, "accuracy %6.2f %%  loss %.4f", 100 * test.accuracy(), test.loss())
                : "accuracy      –    loss      –";
    }
}
