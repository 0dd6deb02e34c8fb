package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.experiment.BuildInfo;
import dev.fedtiny.experiment.Formats;
import dev.fedtiny.experiment.Machine;
import java.util.List;
import java.util.Locale;

/** Says what runs here, and why. */
final class InfoCommand implements Command {
    @Override
    public String name() {
        return "info";
    }

    @Override
    public String summary() {
        return "machine, JVM, which kernels run and why";
    }

    @Override
    public String usage() {
        return "[--formats FORM]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.formats(Formats.AUTOMATIC.text()));
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        terminal.out().printf(Locale.ROOT, "%-20s %s%n", "fedtiny", BuildInfo.get().version());
        Machine.facts().forEach((name, value) -> terminal.out().printf(Locale.ROOT, "%-20s %s%n", name, value));
        terminal.out().printf(Locale.ROOT, "%-20s %s%n", "form of weights",
                Formats.of(arguments.value("formats").orElse(Formats.AUTOMATIC.text())).choice());
        return ExitCode.OK;
    }
}
