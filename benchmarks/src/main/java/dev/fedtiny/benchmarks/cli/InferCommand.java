package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.benchmarks.timing.Timings;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Times inference from images in N,C,H,W order to a class; one image by default. */
final class InferCommand implements Command {
    @Override
    public String name() {
        return "infer";
    }

    @Override
    public String summary() {
        return "inference: median, 10th and 90th percentile, FLOP/s, bytes held";
    }

    @Override
    public String usage() {
        return "[OPTION]... [--json]";
    }

    @Override
    public List<Command.Option> options() {
        return BenchedModel.options();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException, InterruptedException {
        BenchedModel benched = BenchedModel.of(arguments, 1);
        int batch = benched.batch();
        benched.checkHeap(Mode.INFERENCE, SessionOptions.DEFAULT.withAlgorithms(benched.algorithms()), benched.state());
        try (Workers workers = Workers.of(benched.threads());
                Session session = Session.open(benched.state(), Mode.INFERENCE, batch, workers, benched.algorithms())) {
            if (batch <= Layout.LANES) {
                // Or it would time the scalar kernels that answer first; larger batches have vector kernels at once.
                session.warmUp();
            }
            float[] images = benched.images();
            Timings timings = Timings.measure(() -> classify(session, images, batch), benched.seconds());
            double useful = ExactCost.forwardFlops(benched.state(), batch) / timings.median() / 1e6;
            double equivalent = ExactCost.forwardFlops(benched.dense(), batch) / timings.median() / 1e6;
            if (arguments.has("json")) {
                terminal.out().println(JsonWriter.compact(benched.json(timings, useful, equivalent).put("sessionBytes", session.bytes())
                        .build()));
            } else {
                terminal.out().printf(Locale.ROOT, "%s batch %d density %s threads %d: median %.3f ms (p10 %.3f, p90 %.3f, %d passes), "
                                + "%.1f GFLOP/s over nonzeros, %.1f dense-equivalent, %.1f MiB held%n",
                        benched.model(), batch, Units.density(benched.state().density()), benched.threads(),
                        timings.median(), timings.percentile(0.1), timings.percentile(0.9), timings.count(), useful, equivalent,
                        session.bytes() / 1048576.0);
            }
        }
        return ExitCode.OK;
    }

    private static void classify(Session session, float[] images, int batch) {
        session.setImages(images, batch);
        session.forward(batch);
        for (int i = 0; i < batch; i++) {
            session.predicted(i);
        }
    }
}
