package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.experiment.AlgorithmSetting;
import dev.fedtiny.experiment.BuildInfo;
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
        return "[--formats FORM] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.formats(AlgorithmSetting.AUTOMATIC.text()), Option.json());
    }

    @Override
    public String fields() {
        return """
                version, commit: of this program; commit is the hash of its sources, with -dirty behind it where they were changed, or \
                unknown
                machine: processor, processors, system, system-version, memory-bytes, java, java-options, maximum-heap-bytes, \
                kernels, kernels-reason, fused-multiply-add
                formOfWeights: in which form layers are computed""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        String form = AlgorithmSetting.of(arguments.value("formats").orElse(AlgorithmSetting.AUTOMATIC.text())).choice().toString();
        terminal.out().printf(Locale.ROOT, "%-20s %s%n", "fedtiny", BuildInfo.get().version());
        terminal.out().printf(Locale.ROOT, "%-20s %s%n", "commit", BuildInfo.get().commit());
        Machine.facts().forEach((name, value) -> terminal.out().printf(Locale.ROOT, "%-20s %s%n", name, value));
        terminal.out().printf(Locale.ROOT, "%-20s %s%n", "form of weights", form);
        terminal.document(document -> document.put("version", BuildInfo.get().version()).put("commit", BuildInfo.get().commit())
                .put("machine", JsonReader.parse(Machine.text())).put("formOfWeights", form));
        return ExitCode.OK;
    }
}
