package dev.fedtiny.cli;

import dev.fedtiny.cluster.Cluster;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.EngineOption;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Failure;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.ClusterSweep;
import dev.fedtiny.experiment.EngineHosting;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Pace;
import dev.fedtiny.experiment.RunResults;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Runs all experiments of a file. */
final class SweepCommand implements Command {
    /** A fault that passes is gone by then, and one that does not is not waited for. */
    private static final int RETRIES = 1;
    private static final int MOST_RETRIES = 1000;
    /** Runs that are not done, in one sentence. */
    private static final int MOST_NAMED = 20;
    private static final int USUAL_SLICE = 30;
    private static final int USUAL_SLICE_TIMEOUT = 3600;

    @Override
    public String name() {
        return "sweep";
    }

    @Override
    public String summary() {
        return "run many experiments from one file; what is done is skipped, what was interrupted goes on";
    }

    @Override
    public String usage() {
        return "FILE [--set key=value]... --out DIR [--on hazelcast|spark] [--list] [--table] [--against NAME] [--retries N] [--json]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET,
                Option.value("out", "DIR", "none, must be given",
                        "directory of the runs' directories; may hold runs of this sweep already"),
                Option.flag("list", "print which runs there are and whether they are done, and do nothing"),
                Option.flag("table", "print the tables of what is done and how far the other runs have come, and run nothing; needs no "
                        + "images"),
                Option.value(Sweep.AGAINST, "NAME", "'against' in FILE, or the first row", "case, or row of the table, that the others are "
                        + "compared with; it comes first"),
                Option.whole("retries", "N", "1", "how often a run that failed goes on from its checkpoint; never where settings or images "
                        + "are wrong", 0, MOST_RETRIES),
                Option.value(EngineOption.NAME, "ENGINE", "this process: one run after the other",
                        "hazelcast or spark: whole runs are done by the nodes of a cluster, which the setting cluster names"),
                Option.whole("slice", "N", Integer.toString(USUAL_SLICE), "with --on, s after which a run's directory comes back from its "
                        + "node, behind a whole round", 1, MOST_SECONDS),
                Option.whole("slice-timeout", "N", Integer.toString(USUAL_SLICE_TIMEOUT), "with --on, s after which such a slice is given "
                        + "to another node", 1, MOST_SECONDS),
                Option.flag("rounds", "progress lines of every round, as 'run' prints them"), Option.json());
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(Ineffective.with("rounds", "list", "which runs nothing"),
                Ineffective.with("retries", "list", "which runs nothing"), Ineffective.with("table", "list", "which prints no table"),
                Ineffective.with(Sweep.AGAINST, "list", "which prints no table"),
                Ineffective.with("rounds", "table", "which runs nothing"), Ineffective.with("retries", "table", "which runs nothing"),
                Ineffective.with(EngineOption.NAME, "list", "which runs nothing"),
                Ineffective.with(EngineOption.NAME, "table", "which runs nothing"),
                Ineffective.with("rounds", EngineOption.NAME, "which prints a line a slice"),
                Ineffective.with("retries", EngineOption.NAME, "where a node that fails has its runs given to another one"),
                new Ineffective("slice", arguments -> !arguments.has(EngineOption.NAME), "without --on"),
                new Ineffective("slice-timeout", arguments -> !arguments.has(EngineOption.NAME), "without --on"));
    }

    @Override
    public String fields() {
        return """
                directory: as --out says
                runs: one object a run, in order: name, directory, place (what tells it from the others), state (done, diverged, failed, \
                or elsewhere: another process is at it; with --list and --table done, diverged, or open), before (whether it was done \
                already), result (as 'run' has it, of runs that are done or diverged), error and exitCode (of runs that failed), \
                accuracies (0 to 1, by round, of runs that are open, with --table)
                groups: without --list, one object for all runs that differ by their seeds alone: place, runs, counted (done and not \
                diverged), diverged, accuracyRounds, accuracy (0 to 1, the mean), standardDeviation (from 3 on), recalibratedAccuracy and \
                recalibratedStandardDeviation (with recalibrate-last), differences (against: the \
                place of the group that it is compared with, pairs, accuracy: the mean difference over shared seeds, halfInterval: 95 %, \
                from 3 pairs on)""";
    }

    @Override
    public String details() {
        return """
                FILE holds settings, lists 'sweep.KEY = value, value' and cases 'case.NAME = key=value; key=value'. The runs are the \
                product of all lists and of the cases. Each gets a directory in DIR named by its place in the product.
                The last lines are tables: mean and standard deviation over seeds of the accuracy (mean of the last accuracy-rounds \
                rounds), and differences to the first row, seed by seed, with 95 % intervals. 'against = NAME' in FILE, or --against, puts \
                another case or row first; of a case with several rows, each other row is compared with the one that shares its lists.
                A run that fails or diverges does not stop the others. Exit code 1 when one failed, diverged or is not done.""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path file = Path.of(arguments.single("sweep file"));
        Path out = Path.of(arguments.value("out").orElseThrow(() -> new UsageException("sweep needs --out DIR")));
        Map<String, String> changes = ExperimentArguments.assignments(arguments);
        arguments.value(Sweep.AGAINST).ifPresent(name -> changes.put(Sweep.AGAINST, name));
        Sweep sweep = Sweep.read(file, changes);
        if (arguments.has("list")) {
            List<JsonValue> runs = new ArrayList<>();
            for (Sweep.Run run : sweep.runs()) {
                Optional<Runner.Result> result = SweepRunner.result(run, out);
                terminal.out().println(run.name() + result.map(done -> "  " + state(done)).orElse(""));
                JsonObject.Builder object = begin(run, out).put("state", result.map(SweepCommand::state).orElse("open"));
                result.ifPresent(done -> object.put("result", JsonReader.parse(RunResults.text(done))));
                runs.add(object.build());
            }
            terminal.document(document -> document.put("directory", out.toString()).put("runs", new JsonValue.JsonArray(runs)));
            return ExitCode.OK;
        }
        if (!arguments.has("table")) {
            // Where no run could have a directory, none begins.
            PrivateFolder.createAll(out);
        }
        List<Outcome> outcomes = arguments.has("table") ? SweepRunner.found(sweep, out)
                : arguments.has(EngineOption.NAME) ? onCluster(sweep, out, arguments, terminal)
                : SweepRunner.run(sweep, out, arguments.integer("retries", RETRIES), new Lines(sweep.runs().size(), arguments, terminal));
        SweepTable table = SweepTable.of(outcomes, sweep.against());
        terminal.out().print(table);
        terminal.document(document -> document.put("directory", out.toString())
                .put("runs", new JsonValue.JsonArray(outcomes.stream().map(outcome -> json(outcome, out)).toList()))
                .put("groups", table.json()));
        List<Outcome> undone = outcomes.stream().filter(outcome -> !(outcome instanceof Outcome.Done)).toList();
        if (!undone.isEmpty()) {
            terminal.out().println("not done: " + String.join(", ", undone.stream().limit(MOST_NAMED).map(SweepCommand::undone).toList())
                    + (undone.size() > MOST_NAMED ? " and " + (undone.size() - MOST_NAMED) + " more; --list names all" : ""));
        }
        List<String> diverged = outcomes.stream().filter(outcome -> outcome instanceof Outcome.Done done
                && done.result().diverged().isPresent()).map(outcome -> outcome.run().name()).toList();
        if (!diverged.isEmpty()) {
            terminal.out().println("diverged, and not among the means: " + String.join(", ", diverged));
        }
        return arguments.has("table") || undone.isEmpty() && diverged.isEmpty() ? ExitCode.OK : code(outcomes);
    }

    /** A run's name, and of one that was begun how far it has come. */
    private static String undone(Outcome outcome) {
        if (!(outcome instanceof Outcome.Open open) || open.accuracies().isEmpty()) {
            return outcome.run().name();
        }
        return open.run().name() + " (" + open.accuracies().size() + " of " + open.run().experiment().get(Setting.ROUNDS) + " rounds"
                + open.accuracies().stream().filter(Double::isFinite).reduce((_, last) -> last)
                        .map(last -> ", last " + Units.percent(last)).orElse("") + ")";
    }

    /** Whole runs on nodes; of settings that decide about the cluster the first run's count. */
    private static List<Outcome> onCluster(Sweep sweep, Path out, Arguments arguments, Terminal terminal) throws IOException {
        Experiment first = sweep.runs().getFirst().experiment();
        EngineProvider engine = EngineOption.engine(arguments);
        Cluster.Rules rules = EngineHosting.rules(first, arguments.integer("slice-timeout", USUAL_SLICE_TIMEOUT));
        try (Cluster cluster = new Cluster(engine.connect(first.get(Setting.CLUSTER)),
                first.get(Setting.EXACT) ? Platforms.SAME : Platforms.ANY, rules, note -> terminal.err().println("fedtiny: " + note))) {
            cluster.await(1);
            List<Outcome> outcomes = ClusterSweep.run(sweep, out, cluster, arguments.integer("slice", USUAL_SLICE),
                    new ClusterLines(sweep.runs().size(), terminal));
            terminal.err().println("fedtiny: " + cluster.summary());
            return outcomes;
        }
    }

    private static JsonObject.Builder begin(Sweep.Run run, Path out) {
        return JsonObject.builder().put("name", run.name()).put("directory", out.resolve(run.name()).toString())
                .put("place", JsonObject.ofStrings(run.place()));
    }

    private static String state(Runner.Result result) {
        return result.diverged().isPresent() ? "diverged" : "done";
    }

    private static JsonValue json(Outcome outcome, Path out) {
        JsonObject.Builder object = begin(outcome.run(), out);
        switch (outcome) {
            case Outcome.Done done -> object.put("state", state(done.result())).put("before", done.before())
                    .put("result", JsonReader.parse(RunResults.text(done.result())));
            case Outcome.Failed failed -> object.put("state", "failed").put("error", Failure.of(failed.cause()).sentence())
                    .put("exitCode", Failure.of(failed.cause()).code().number());
            case Outcome.Elsewhere _ -> object.put("state", "elsewhere");
            case Outcome.Open open -> object.put("state", "open").put("accuracies", new JsonValue.JsonArray(open.accuracies().stream()
                    .map(accuracy -> JsonValue.ofNullable(accuracy)).toList()));
        }
        return object.build();
    }

    /** Where nothing ran because of the images or of the machine alone, that is what was wrong. */
    private static ExitCode code(List<Outcome> outcomes) {
        for (ExitCode code : List.of(ExitCode.DATA, ExitCode.IO)) {
            if (outcomes.stream().allMatch(o -> o instanceof Outcome.Failed failed && Failure.of(failed.cause()).code() == code)) {
                return code;
            }
        }
        return ExitCode.FAILED;
    }

    /** A line a run, and after it the time that the others will take. */
    private static final class Lines implements SweepRunner.Listener {
        private final int runs;
        private final Arguments arguments;
        private final Terminal terminal;
        private final Pace pace = new Pace();
        /** Of runs that have not begun, by name. */
        private final Map<String, Pace.Plan> later = new LinkedHashMap<>();

        private Lines(int runs, Arguments arguments, Terminal terminal) {
            this.runs = runs;
            this.arguments = arguments;
            this.terminal = terminal;
        }

        @Override
        public Runner.Listener begins(int number, Sweep.Run run, Path directory) {
            terminal.err().println("[" + number + "/" + runs + "] " + run.name() + " ...");
            return new Progress(run.experiment(), terminal, !arguments.has("rounds"), "the same command (in the middle of " + directory
                    + ")", pace);
        }

        @Override
        public void planned(Map<String, Pace.Plan> steps) {
            later.putAll(steps);
        }

        @Override
        public void retried(int number, Sweep.Run run, Throwable cause, int attempt) {
            terminal.err().println("[" + number + "/" + runs + "] " + run.name() + " failed: " + Failure.of(cause).sentence()
                    + "; it goes on from its checkpoint, attempt " + attempt);
        }

        @Override
        public void ended(int number, Outcome outcome) {
            later.remove(outcome.run().name());
            String start = "[" + number + "/" + runs + "] " + outcome.run().name() + " ";
            terminal.err().println(start + switch (outcome) {
                case Outcome.Done done -> SweepTable.line(done.result()) + (done.before() ? " (done before)" : timeLeft());
                case Outcome.Failed failed -> "failed: " + Failure.of(failed.cause()).sentence();
                case Outcome.Elsewhere _ -> "is being run by another process: left to it";
                case Outcome.Open _ -> "is not done";
            });
        }

        /** For the end of a line; empty where nothing is left, or nothing can be said. */
        private String timeLeft() {
            OptionalDouble seconds = pace.seconds(later.values().stream().flatMap(plan -> plan.steps().stream()).toList());
            boolean atMost = later.values().stream().anyMatch(Pace.Plan::atMost);
            return later.isEmpty() || seconds.isEmpty() ? "" : "; " + (atMost ? "at most " : "about ")
                    + Units.roughly(seconds.getAsDouble()) + " left for "
                    + later.size() + (later.size() == 1 ? " run" : " runs");
        }
    }
}
