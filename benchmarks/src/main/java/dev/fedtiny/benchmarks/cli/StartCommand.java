package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.start.AnswerTimes;
import dev.fedtiny.benchmarks.start.StartingJvm;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.report.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Times the first answers of fresh processes. */
final class StartCommand implements Command {
    private static final int MOST_ROUNDS = 1000;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "the first answers of a fresh JVM, one image and one thread: with the warm start, without it, on scalar kernels";
    }

    @Override
    public String usage() {
        return "[--model M] [--density D] [--rounds N] [--one-core] [--image DIR] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Option.width("64 channels"),
                Option.above("density", "D", "0.05", "active share of the prunable weights, at positions drawn uniformly", 1),
                Option.whole("rounds", "N", "3", "processes of each kind, in turn", 1, MOST_ROUNDS),
                Option.flag("one-core", "JVMs that see one processor and have 64 MiB of heap"),
                Option.value("image", "DIR", "none",
                        "an image made by bin/make-image, timed beside the others without and with an AOT cache"),
                Option.flag("json", "one JSON object a kind of JVM in place of the table"));
    }

    @Override
    public String details() {
        return "Every process answers 1000 times. Columns are milliseconds of an answer, medians over the processes of a kind; 100th is "
                + "the median of ten answers around it, 1000th that of the last hundred. The last column counts from the start of the "
                + "process: JVM, network, masks, session, first answer.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        List<String> further = arguments.has("one-core") ? List.of("-XX:ActiveProcessorCount=1", "-Xmx64m") : List.of();
        List<StartingJvm> jvms = new ArrayList<>(StartingJvm.usual(further));
        List<String> model = List.of(arguments.value("model").orElse("resnet18"), Integer.toString(arguments.integer("width", 64)),
                Double.toString(arguments.number("density", 0.05)));
        if (arguments.has("image")) {
            Path cache = Files.createTempDirectory("fedtiny-start").resolve("answers.aot");
            List<StartingJvm> image = StartingJvm.image(Path.of(arguments.value("image").orElseThrow()), cache, further);
            image.getFirst().train(cache, model);
            jvms.addAll(image);
        }
        Map<StartingJvm, List<AnswerTimes>> times = new LinkedHashMap<>();
        for (int round = 0; round < arguments.integer("rounds", 3); round++) {
            for (StartingJvm jvm : jvms) {
                times.computeIfAbsent(jvm, one -> new ArrayList<>()).add(jvm.run(model));
            }
        }
        if (arguments.has("json")) {
            times.forEach((jvm, processes) -> terminal.out().println(JsonWriter.compact(AnswerTimes.json(processes).put("jvm", jvm.name())
                    .put("options", String.join(" ", jvm.options())).build())));
            return ExitCode.OK;
        }
        TextTable table = new TextTable(Stream.concat(Stream.of("JVM"), Stream.of(AnswerTimes.titles())).toArray(String[]::new));
        times.forEach((jvm, processes) -> {
            List<String> row = new ArrayList<>(List.of(jvm.name()));
            for (double millis : AnswerTimes.medians(processes)) {
                row.add(String.format(Locale.ROOT, millis < 10 ? "%.1f" : "%.0f", millis));
            }
            table.row(row.toArray(String[]::new));
        });
        terminal.out().print(table);
        return ExitCode.OK;
    }
}
