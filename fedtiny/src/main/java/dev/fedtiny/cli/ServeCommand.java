package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.NetworkHosting;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.RunExtension;
import dev.fedtiny.experiment.RunResults;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Runs an experiment with devices that join over the network. */
final class ServeCommand implements Command {
    private static final int LARGEST_PORT = 65_535;
    private static final int MOST_DEVICES = 1_000_000;

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "run an experiment with devices on other machines, which join over HTTPS";
    }

    @Override
    public String usage() {
        return "[FILE] [--set key=value]... --listen HOST:PORT --federation DIR (--self-signed NAME | --keystore FILE "
                + "--password-file FILE) --out DIR, or --resume DIR in place of FILE and --out";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET,
                Option.value("listen", "HOST:PORT", "none; must be given", "where devices connect to; port 0: any free one"),
                Option.value("federation", "DIR", "none; must be given",
                        "folder with tokens, roster and audit log, which stays from run to run"),
                Option.repeated("self-signed", "NAME", "use a key made by keytool for this host name or address; devices pin its "
                        + "fingerprint, which is printed"),
                Option.value("keystore", "FILE", "none", "PKCS #12 with the server's key and certificate, of an authority"),
                Option.value("password-file", "FILE", "none", "file whose first line is the key store's password"),
                Option.value("authorities", "FILE", "none", "PKCS #12 with authorities of devices' certificates: mutual TLS"),
                Option.value("authorities-password-file", "FILE", "none", "file whose first line is that store's password"),
                Option.whole("wait", "N", "the setting devices", "how many devices must be there before the run begins", 1, MOST_DEVICES),
                Option.value("out", "DIR", "none", "directory to create for metrics, manifest and model"),
                Option.value("resume", "DIR", "none", "go on with the run that DIR holds, with the bits of a run never interrupted"),
                Option.flag("quiet", "no progress lines"), Option.json());
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(Ineffective.with("keystore", "self-signed", "which makes a key of its own"),
                Ineffective.with("password-file", "self-signed", "which makes a password of its own"));
    }

    @Override
    public String fields() {
        return """
                directory: the run's
                result: what result.json in the directory holds, as 'run' has it""";
    }

    @Override
    public String details() {
        return "Devices need a token each, made by " + Program.command("enrol") + ", and join by " + Program.command("join")
                + ". The experiment's public and test images are the server's; the devices' images are their own, whatever the "
                + "experiment's partition says. The dense run beside it (baseline) is left out: serve it by itself. A server that was "
                + "stopped or killed goes on with --resume and the same --federation and --listen; devices wait for it. The status page "
                + "is at the same address, for whoever has the password in operator.token of the federation's folder.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        InetSocketAddress listen = address(required(arguments, "listen"));
        Path folder = PrivateFolder.createAll(Path.of(required(arguments, "federation")));
        Optional<Path> resumed = arguments.value("resume").map(Path::of);
        Experiment experiment = resumed.isPresent() ? begun(arguments, resumed.get()) : given(arguments);
        TrainTest images = experiment.open();
        Runner.check(experiment, images);
        ServerTls tls = tls(arguments, folder);
        RunDirectory directory = resumed.isPresent() ? RunDirectory.begun(resumed.get()) : RunDirectory.create(out(arguments));
        Progress progress = new Progress(experiment, terminal, arguments.has("quiet"), Program.command("serve", "--resume",
                directory.path().toString()) + " with the same --federation and --listen");
        images.notes().forEach(progress::warning);
        terminal.document(document -> document.put("directory", directory.path().toString()));
        int devices = arguments.integer("wait", experiment.get(Setting.DEVICES));
        Runner.Result result = Runner.run(experiment, images, directory,
                NetworkHosting.at(new NetworkHosting.Door(folder, listen, tls, Limits.USUAL, devices)), progress);
        terminal.document(document -> document.put("result", JsonReader.parse(RunResults.text(result))));
        terminal.out().print(RunCommand.table(List.of(result)));
        terminal.out().println(RunCommand.curve(result));
        return result.diverged().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Path out(Arguments arguments) {
        return Path.of(arguments.value("out").orElseThrow(() -> new UsageException("serve needs --out DIR, or --resume DIR")));
    }

    private static Experiment given(Arguments arguments) throws IOException {
        Map<SettingSpec<?>, String> given = ExperimentArguments.given(arguments);
        given.put(Setting.BASELINE, "false");
        return Experiment.of(given);
    }

    private static Experiment begun(Arguments arguments, Path directory) throws IOException {
        if (!arguments.positional().isEmpty() || arguments.has("out")) {
            throw new UsageException("--resume takes its settings from the directory: leave out the experiment file and --out");
        }
        RunDirectory begun = RunDirectory.begun(directory);
        Experiment experiment = begun.experiment().withFree(ExperimentArguments.given(arguments));
        new RunExtension(begun, experiment).refuseWhereServed();
        return experiment;
    }

    private static ServerTls tls(Arguments arguments, Path folder) throws IOException {
        if (arguments.has("self-signed")) {
            return SelfSigned.openOrCreate(folder, arguments.all("self-signed"));
        }
        Optional<Path> authorities = arguments.value("authorities").map(Path::of);
        return ServerTls.of(Path.of(required(arguments, "keystore")), SelfSigned.password(Path.of(required(arguments, "password-file"))),
                authorities, authorities.isPresent()
                        ? SelfSigned.password(Path.of(required(arguments, "authorities-password-file"))) : new char[0]);
    }

    private static String required(Arguments arguments, String option) {
        return arguments.value(option).orElseThrow(() -> new UsageException("'serve' needs --" + option
                + (option.equals("keystore") ? ", or --self-signed NAME for trying out" : "")));
    }

    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.lastIndexOf(':');
        OptionalLong port = new Numbers.Whole(0, LARGEST_PORT, "").read(text.substring(colon + 1));
        if (colon > 0 && port.isPresent()) {
            return new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), (int) port.getAsLong());
        }
        throw new UsageException("option --listen is '" + text + "', expected HOST:PORT");
    }
}
