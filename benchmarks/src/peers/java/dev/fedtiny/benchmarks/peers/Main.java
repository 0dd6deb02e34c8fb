package dev.fedtiny.benchmarks.peers;

import dev.fedtiny.command.CommandLine;
import java.util.List;
import java.util.stream.Stream;

/** The program {@code benchmarks peers}: our engine and others in turn. */
public final class Main {
    private static final CommandLine PROGRAM = new CommandLine("benchmarks peers", "Our engine and others in turn; without a command it is "
            + "step.", () -> List.of(PeerCommand.STEP, PeerCommand.INFER, new DepthwiseCommand()), Main::stepWhereNoneIsNamed);

    private Main() {
    }

    /** Exit codes: those of the application; 1 when a process failed. */
    public static void main(String[] words) {
        System.setProperty("dev.fedtiny.program", "bin/benchmarks peers");
        PROGRAM.main(words);
    }

    private static List<String> stepWhereNoneIsNamed(List<String> words) {
        return words.isEmpty() || words.getFirst().startsWith("--") && !words.getFirst().equals("--help")
                ? Stream.concat(Stream.of("step"), words.stream()).toList() : words;
    }
}
