package dev.fedtiny.cli;

import java.util.List;

/** Says which release this is. */
final class VersionCommand implements Command {
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
    public int run(Arguments arguments, Terminal terminal) {
        terminal.out().println("fedtiny " + Version.text());
        return Main.OK;
    }
}
