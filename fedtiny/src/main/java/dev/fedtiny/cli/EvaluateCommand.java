package dev.fedtiny.cli;

import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Datasets;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Measures a model on a test set. */
final class EvaluateCommand implements Command {
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
        return "MODEL --data DIR";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("data", "DIR", "demo", "folder of the data set, or demo"),
                Option.value("batch", "N", "64 images", "images of a pass"),
                Option.value("threads", "N", "one a processor", "worker threads"));
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        ModelState state = ModelFile.load(Path.of(arguments.single("model file")));
        String path = arguments.value("data").orElse("demo");
        Dataset test = (path.equals("demo") ? Datasets.demo() : Datasets.open(Path.of(path))).test();
        Shape shape = new Shape(test.channels(), test.height(), test.width());
        if (!state.network().input().equals(shape) || state.network().classes() < test.classes()) {
            throw new DataException("the model takes images of " + state.network().input() + " and knows " + state.network().classes()
                    + " classes; the data has " + shape + " and " + test.classes());
        }
        int batch = arguments.integer("batch", 64, 1);
        int[] indices = new int[test.count()];
        java.util.Arrays.setAll(indices, i -> i);
        double loss = 0;
        int correct = 0;
        try (Workers workers = Workers.of(arguments.integer("threads", Runtime.getRuntime().availableProcessors(), 1));
                Session session = Session.open(state, Mode.INFERENCE, batch, workers, FormatChoice.AUTOMATIC)) {
            BatchLoader loader = BatchLoader.forImagesOf(test);
            for (int from = 0; from < indices.length; from += batch) {
                int count = Math.min(batch, indices.length - from);
                loader.load(test, indices, from, count, session.input());
                BatchLoader.loadLabels(test, indices, from, count, session.labels());
                session.forward(count);
                loss += session.lossSum();
                correct += session.correct();
            }
        }
        terminal.out().printf(Locale.ROOT, "accuracy %.2f %% (%d of %d), loss %.4f%n", 100.0 * correct / indices.length, correct,
                indices.length, loss / indices.length);
        return Main.OK;
    }
}
