package dev.fedtiny.command;

import dev.fedtiny.experiment.BuildInfo;
import java.util.List;

/**
 * Says which release this is.
 *
 * @param program that is asked
 */
public record VersionCommand(String program) implements Command {
    @Override
    public String name() {
        return "version";
    }

    @Override
    public String summary() {
        return "print the version";
    }

    @Override
    public String usage() {
        return "";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        terminal.out().println(program + " " + BuildInfo.get().version());
        return ExitCode.OK;
    }
}
