package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.DataSource;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.network.Fingerprint;
import dev.fedtiny.network.device.FederatedDevice;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.protocol.DeviceToken;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Is one device of a federation over the network, with the images of a file or folder. */
final class JoinCommand implements Command {
    private static final int USUAL_PATIENCE = 24 * 3600;

    @Override
    public String name() {
        return "join";
    }

    @Override
    public String summary() {
        return "be one device of a federation on another machine, with images of one's own";
    }

    @Override
    public String usage() {
        return "URL --data DIR [--token-file FILE] [--key FILE] [--fingerprint HEX | --trust FILE]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        List<Option> own = List.of(Option.value("data", "PATH", "none; must be given",
                "a folder of images as 'run' reads them, of which the training part is used, or a file that 'partition --shares' wrote"),
                Option.value("token-file", "FILE", "none",
                "the device's one-time token, in a file of mode 0600; needed for the first time"),
                Option.value("key", "FILE", "device.key", "the device's key, made at the first start with mode 0600"),
                Option.value("fingerprint", "HEX", "none", "SHA-256 of the server's certificate, which 'serve' prints: trust this one"),
                Option.value("trust", "FILE", "the authorities of the public web", "certificates of authorities, in PEM or PKCS #12"),
                Option.value("identity", "FILE", "none", "PKCS #12 with a certificate of this device, where the server asks for one"),
                Option.value("identity-password-file", "FILE", "none", "file whose first line is that store's password"),
                Option.value("class", "NAME", "chosen by the heap", "the device's class, where the run has device-classes"),
                Option.value("keep", "DIR", "none", "folder for the latest model received, and for the same with running statistics of "
                        + "this device's images, which is made when the run is over"),
                Option.flag("only-masked", "take part only where the server uses secure aggregation"),
                Option.whole("patience", "N", Integer.toString(USUAL_PATIENCE), "how long a server that cannot be reached is waited for, s",
                        0, MOST_SECONDS));
        return Stream.concat(own.stream(), ImageOptions.options().stream()).toList();
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(Ineffective.with("trust", "fingerprint", "which trusts one certificate and no authority"),
                new Ineffective("identity-password-file", arguments -> !arguments.has("identity"), "without --identity"),
                ofFolders(ImageOptions.DATASET), ofFolders(ImageOptions.LABELS));
    }

    private static Ineffective ofFolders(String option) {
        return new Ineffective(option, arguments -> arguments.value("data").filter(path -> Files.isRegularFile(Path.of(path))).isPresent(),
                "on a file that 'partition' wrote, which says itself what its images are: leave it out");
    }

    @Override
    public String details() {
        return "The images stay here: what leaves this machine are weights, gradients, counts and losses, masked where "
                + "the run says secure-aggregation = on. The process ends when the "
                + "server says that the run is over. Where the run has the settings dataset or labels, a folder needs the options of these "
                + "names, too; mean and deviation that are measured are the run's. The heap limit is given to Java: "
                + "FEDTINY_JAVA_OPTS=-Xmx48m.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        URI server = server(arguments.single("address of a server, https://HOST:PORT"));
        Dataset data = data(Path.of(arguments.value("data").orElseThrow(() -> new UsageException("'join' needs --data DIR"))), arguments);
        Optional<DeviceToken> token = arguments.value("token-file").isPresent()
                ? Optional.of(TokenFile.read(Path.of(arguments.value("token-file").get()))) : Optional.empty();
        FederatedDevice.Joining joining = FederatedDevice.join(server, token).data(() -> data)
                .keys(Path.of(arguments.value("key").orElse("device.key")))
                .patience(Duration.ofSeconds(arguments.integer("patience", USUAL_PATIENCE)))
                .onTurn(cost -> terminal.err().println("fedtiny: " + cost)).notes(note -> terminal.err().println("fedtiny: " + note));
        arguments.value("class").ifPresent(joining::deviceClass);
        arguments.value("keep").ifPresent(folder -> joining.keep(Path.of(folder)));
        if (arguments.has("only-masked")) {
            joining.onlyMasked();
        }
        arguments.value("fingerprint").ifPresent(hex -> joining.pin(new Fingerprint(hex)));
        arguments.value("trust").ifPresent(file -> joining.trust(Path.of(file)));
        if (arguments.has("identity")) {
            joining.identity(Path.of(arguments.value("identity").orElseThrow()), SelfSigned.password(Path.of(
                    arguments.value("identity-password-file").orElseThrow(() -> new UsageException("--identity needs "
                            + "--identity-password-file FILE")))));
        }
        terminal.err().println("fedtiny: " + data + ", heap " + Runtime.getRuntime().maxMemory() / 1024 + " KiB; joining " + server);
        try (FederatedDevice device = joining.open()) {
            device.run();
            if (arguments.has("keep")) {
                terminal.err().println("fedtiny: " + (device.model().isPresent() ? "the model of this device is in "
                        : "no model was received for ") + arguments.value("keep").get());
            }
        }
        terminal.err().println("fedtiny: the run is over");
        return ExitCode.OK;
    }

    private static URI server(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new UsageException("'" + text + "' is no address, expected https://HOST:PORT");
        }
    }

    private static Dataset data(Path path, Arguments arguments) throws IOException {
        return Files.isRegularFile(path) ? ImageFile.map(path) : ImageOptions.open(DataSource.folder(path), arguments).train();
    }
}
