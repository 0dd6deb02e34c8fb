package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.network.server.EnrolmentTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes tokens with which devices take their places. */
final class EnrolCommand implements Command {
    private static final int MOST_TOKENS = 100_000;
    private static final int MOST_HOURS = 24 * 366;
    private static final int USUAL_HOURS = 24 * 7;

    @Override
    public String name() {
        return "enrol";
    }

    @Override
    public String summary() {
        return "make one-time tokens with which devices take their places in a federation";
    }

    @Override
    public String usage() {
        return "--federation DIR [--count N] [--tokens DIR] [--hours N] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("federation", "DIR", "none; must be given", "folder of the federation, as 'serve' takes it"),
                Option.whole("count", "N", "1", "how many devices are to come", 1, MOST_TOKENS),
                Option.value("tokens", "DIR", "tokens in the federation's folder", "where the token files go, one a device"),
                Option.whole("hours", "N", Integer.toString(USUAL_HOURS), "how long the tokens can be used, hours", 1, MOST_HOURS),
                Option.json());
    }

    @Override
    public String fields() {
        return "tokens: the files, in the order of the places";
    }

    @Override
    public String details() {
        return "Each token is good for one device and one place, from 0 on in the order in which they are made. It lies in a file of "
                + "mode 0600 called device-N.token, which is brought to the device by a way that nobody else can read, and may be removed "
                + "there once the device has joined: from then on it is known by its key. The federation's folder keeps a hash alone. A "
                + "server that runs knows new tokens at once. Devices join by " + Program.command("join") + ".";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path folder = Path.of(arguments.value("federation").orElseThrow(() -> new UsageException("'enrol' needs --federation DIR")));
        Path into = arguments.value("tokens").map(Path::of).orElse(folder.resolve("tokens"));
        List<Path> files = EnrolmentTokens.make(folder, into, arguments.integer("count", 1),
                Duration.ofHours(arguments.integer("hours", USUAL_HOURS)));
        files.forEach(file -> terminal.out().println(file));
        terminal.document(document -> document.put("tokens", JsonValue.JsonArray.ofStrings(files.stream().map(Path::toString).toList())));
        return ExitCode.OK;
    }
}
