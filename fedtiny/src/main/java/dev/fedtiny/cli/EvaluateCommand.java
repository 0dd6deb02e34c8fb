package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.Recalibration;
import dev.fedtiny.device.Scoring;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.WeightStorage;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.experiment.HeapFit;
import dev.fedtiny.protocol.Evaluation;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Measures a model on a test set. */
final class EvaluateCommand implements Command {
    private static final String NONE = "-";
    private static final String STORAGES = Arrays.stream(WeightStorage.values()).map(WeightStorage::key).collect(Collectors.joining(", "));

    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String summary() {
        return "accuracy and loss of a model file on a test set";
    }

    @Override
    public String usage() {
        return "MODEL --data DIR [--recalibrate N] [--json]";
    }

    @Override
    public String details() {
        return """
                With --recalibrate, the model is measured a second time, with the running statistics that forward \
                passes over some training images give it. Where the two differ much, averaged statistics of \
                devices do not fit the averaged weights. With --storages, it is measured with its weights rounded to \
                each of the numbers that files can store them in (import --storage).

                """ + ModelInput.HELP;
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        List<Option> own = List.of(Option.value("data", "DIR", Datasets.DEMO, "folder of the data set, or demo"),
                Option.batch("64 images", "images of a pass"),
                Option.whole("recalibrate", "N", "0 images",
                        "training images, a seeded draw, for running statistics; 0: those in the file stay", 0, Numbers.MOST_WHOLE),
                Option.whole("seed", "S", "1", "of that draw and the order of its images", Long.MIN_VALUE, Long.MAX_VALUE),
                Option.flag("storages", "a table of the accuracy with weights stored as " + STORAGES),
                Option.threads("one a processor"), Option.json());
        return Stream.of(own, ImageOptions.options(), ModelInput.options()).flatMap(List::stream).toList();
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(new Ineffective("seed", arguments -> arguments.integer("recalibrate", 0) == 0,
                "without --recalibrate of at least 1 image, since nothing else is drawn: leave it out"),
                new Ineffective(ImageOptions.LABELS, arguments -> arguments.value("data").orElse(Datasets.DEMO).equals(Datasets.DEMO),
                        "on the demo, whose images have one kind of labels: leave it out"));
    }

    @Override
    public String fields() {
        return """
                model, data: as given
                asStored: accuracy (0 to 1), correct, count, loss of the model as it is in the file
                recalibrated: the same with new running statistics, where --recalibrate asks for them
                storages: with --storages the same for each storage of the weights, as an object by its name, with weightBytes: of \
                the active weights, scales included; or impossible: why the model cannot be stored so""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        ModelInput model = ModelInput.of(arguments, Path.of(arguments.single("model file")));
        int batch = arguments.integer("batch", 64);
        int recalibrate = arguments.integer("recalibrate", 0);
        long seed = arguments.whole("seed", 1);
        String path = arguments.value("data").orElse(Datasets.DEMO);
        TrainTest images = path.equals(Datasets.DEMO) ? Datasets.demo(ImageOptions.kind(arguments))
                : ImageOptions.open(Path.of(path), arguments);
        images.notes().forEach(note -> terminal.err().println("fedtiny: warning: " + note));
        Dataset test = images.test();
        terminal.document(document -> document.put("model", arguments.positional().getFirst()).put("data", path));
        Shape shape = new Shape(test.channels(), test.height(), test.width());
        ModelState state = model.load(Optional.of(shape), terminal.err()::println);
        checkClassifies(state.network());
        if (!state.network().input().equals(shape) || state.network().classes() < test.classes()) {
            throw new DataException("the model takes images of " + state.network().input() + " and knows " + state.network().classes()
                    + " classes; the data has " + shape + " and " + test.classes());
        }
        if (recalibrate > images.train().count()) {
            throw new UsageException("--recalibrate " + recalibrate + ": there are " + images.train().count() + " training images");
        }
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
        HeapFit.check("--batch", batch, size -> MemoryEstimate.of(state, recalibrate > 0 ? Mode.STATISTICS : Mode.INFERENCE, size, threads,
                options(test)).total());
        try (Workers workers = Workers.of(threads)) {
            print(terminal, Statistics.AS_STORED, state, test, batch, workers);
            if (arguments.has("storages")) {
                printStorages(terminal, state, test, batch, workers);
            }
            if (recalibrate > 0) {
                print(terminal, Statistics.RECALIBRATED, recalibrated(state, images.train(), recalibrate, batch, seed, workers), test,
                        batch, workers);
            }
        }
        return ExitCode.OK;
    }

    private static SessionOptions options(Dataset images) {
        return BatchLoader.options(SessionOptions.DEFAULT, images, Augmentation.NONE);
    }

    /** Refuses networks of which no output is a class of an image. */
    private static void checkClassifies(Network network) {
        String outputs = network.outputs().stream().map(output -> "'" + output.name() + "' of " + network.shape(output))
                .collect(Collectors.joining(", "));
        if (network.outputs().size() > 1 || network.shape(network.outputs().getFirst()).pixels() > 1) {
            throw new DataException("the model's output is " + outputs + " an image; accuracy is measured of networks with one output, a "
                    + "logit a class");
        }
    }

    private static ModelState recalibrated(ModelState state, Dataset train, int count, int batch, long seed, Workers workers) {
        int[] drawn = IntStream.range(0, train.count()).toArray();
        RandomStream.of(seed, "recalibration-images").shuffle(drawn);
        try (Session session = Session.open(state, Mode.STATISTICS, batch, workers, options(train))) {
            return Recalibration.run(session, train, Arrays.copyOf(drawn, count), RandomStream.of(seed, "recalibration-shuffle")).in(state);
        }
    }

    /** Whose running statistics a model has. */
    private enum Statistics {
        AS_STORED("asStored", ""), RECALIBRATED("recalibrated", "recalibrated: ");

        private final String field;
        private final String title;

        Statistics(String field, String title) {
            this.field = field;
            this.title = title;
        }
    }

    private static void print(Terminal terminal, Statistics statistics, ModelState state, Dataset test, int batch, Workers workers) {
        Evaluation.Score score = score(state, test, batch, workers);
        if (!Double.isFinite(score.lossSum())) {
            throw new ArithmeticException(statistics.title + "the model's loss on these images is " + score.lossSum() / test.count()
                    + ": its outputs are not finite, so it has no accuracy; the model has diverged, or its values are not a trained "
                    + "model's");
        }
        terminal.out().printf(Locale.ROOT, "%saccuracy %.2f %% (%d of %d), loss %.4f%n", statistics.title,
                100.0 * score.correct() / test.count(), score.correct(), test.count(), score.lossSum() / test.count());
        terminal.document(document -> document.put(statistics.field, json(score, test).build()));
    }

    private static Evaluation.Score score(ModelState state, Dataset test, int batch, Workers workers) {
        try (Session session = Session.open(state, Mode.INFERENCE, batch, workers, options(test))) {
            return Scoring.score(session, test, IntStream.range(0, test.count()).toArray());
        }
    }

    private static JsonObject.Builder json(Evaluation.Score score, Dataset test) {
        return JsonObject.builder().put("accuracy", (double) score.correct() / test.count()).put("correct", score.correct())
                .put("count", test.count()).put("loss", score.lossSum() / test.count());
    }

    /** Weights that a storage has no numbers for are, to this table, outputs that are not finite. */
    private static ModelState rounded(WeightStorage storage, ModelState state) {
        try {
            return storage.rounded(state);
        } catch (IllegalArgumentException e) {
            throw (ArithmeticException) new ArithmeticException(e.getMessage()).initCause(e);
        }
    }

    private static Evaluation.Score finite(Evaluation.Score score) {
        if (!Double.isFinite(score.lossSum())) {
            throw new ArithmeticException("the loss on these images is " + score.lossSum() + " with the weights so rounded");
        }
        return score;
    }

    private static void printStorages(Terminal terminal, ModelState state, Dataset test, int batch, Workers workers) {
        TextTable table = new TextTable("weights", "accuracy %", "correct", "loss", "weight bytes");
        JsonObject.Builder document = JsonObject.builder();
        List<String> impossible = new ArrayList<>();
        for (WeightStorage storage : WeightStorage.values()) {
            try {
                Evaluation.Score score = finite(score(rounded(storage, state), test, batch, workers));
                table.row(storage.key(), Units.fixed(100.0 * score.correct() / test.count(), 2), Integer.toString(score.correct()),
                        Units.fixed(score.lossSum() / test.count(), 4), Long.toString(storage.bytes(state)));
                document.put(storage.key(), json(score, test).put("weightBytes", storage.bytes(state)).build());
            } catch (ArithmeticException e) {
                table.row(storage.key(), NONE, NONE, NONE, NONE);
                impossible.add(storage.key() + ": " + e.getMessage());
                document.put(storage.key(), JsonObject.builder().put("impossible", e.getMessage()).build());
            }
        }
        terminal.out().print(table);
        impossible.forEach(terminal.out()::println);
        terminal.document(whole -> whole.put("storages", document.build()));
    }
}
