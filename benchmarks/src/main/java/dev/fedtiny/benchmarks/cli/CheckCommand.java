package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.check.Deviation;
import dev.fedtiny.benchmarks.check.GoldenCheck;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Failure;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Compares the engine with reference files. */
final class CheckCommand implements Command {
    @Override
    public String name() {
        return "check";
    }

    @Override
    public String summary() {
        return "compare the engine with reference results computed by PyTorch";
    }

    @Override
    public String usage() {
        return "DIR [--all] [--json]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.flag("all", "print every tensor, not only the worst of each file"), Option.json());
    }

    @Override
    public String details() {
        return "Runs every *.safetensors file in DIR. Errors are relative to a tensor's largest magnitude; operators pass within "
                + "2e-5, losses and first steps of training within 2e-3, trained parameters within 5e-3. Training steps are taken with the "
                + "file's own optimizer, SGD or Adam; what the engine cannot do is refused by name. Exit code 1 when a file fails.";
    }

    @Override
    public String fields() {
        return """
                files: one object a file: file, passes, and worst: tensor, error (relative; left out where a value is not finite) and \
                tolerance; with --all tensors, the same of every tensor; error in place of both where the file cannot be run
                passed, failed: how many files""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path directory = Path.of(arguments.single("directory of reference files"));
        if (!Files.isDirectory(directory)) {
            throw new DataException("'" + directory + "' is no directory; give the folder that holds the reference files");
        }
        List<Path> files;
        try (Stream<Path> list = Files.list(directory)) {
            files = list.filter(f -> f.getFileName().toString().endsWith(".safetensors")).sorted().toList();
        }
        if (files.isEmpty()) {
            throw new DataException("'" + directory + "' holds no *.safetensors file");
        }
        int passed = 0;
        List<JsonValue> objects = new ArrayList<>();
        for (Path file : files) {
            JsonObject.Builder object = JsonObject.builder().put("file", file.getFileName().toString());
            boolean passes = check(file, arguments.has("all"), terminal, object);
            passed += passes ? 1 : 0;
            objects.add(object.put("passes", passes).build());
        }
        int ok = passed;
        terminal.out().println(ok + " of " + files.size() + " files pass");
        terminal.document(document -> document.put("files", new JsonValue.JsonArray(objects)).put("passed", ok)
                .put("failed", files.size() - ok));
        return ok == files.size() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Runs one file and prints how it went; a file that cannot be read fails, and the others still run. */
    private static boolean check(Path file, boolean all, Terminal terminal, JsonObject.Builder object) {
        GoldenCheck.Outcome outcome;
        try {
            outcome = GoldenCheck.run(file);
        } catch (IOException | RuntimeException | Error e) {
            terminal.out().printf(Locale.ROOT, "FAIL  %-42s  %s%n", file.getFileName(), Failure.of(e).sentence());
            object.put("error", Failure.of(e).sentence());
            return false;
        }
        Deviation worst = outcome.worst();
        terminal.out().printf(Locale.ROOT, "%-4s  %-42s  %.2e of %.0e  (%s, %d tensors)%n", outcome.passes() ? "ok" : "FAIL",
                outcome.file(), worst.error(), worst.tolerance(), worst.tensor(), outcome.deviations().size());
        object.put("worst", json(worst));
        if (all) {
            object.put("tensors", new JsonValue.JsonArray(outcome.deviations().stream().map(CheckCommand::json).toList()));
            outcome.deviations().forEach(d -> terminal.out().printf(Locale.ROOT, "      %-40s  %.2e%n", d.tensor(), d.error()));
        }
        return outcome.passes();
    }

    private static JsonValue json(Deviation deviation) {
        JsonObject.Builder object = JsonObject.builder().put("tensor", deviation.tensor());
        if (Double.isFinite(deviation.error())) {
            object.put("error", deviation.error());
        }
        return object.put("tolerance", deviation.tolerance()).build();
    }
}
