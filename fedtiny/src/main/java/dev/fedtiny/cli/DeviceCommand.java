package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.device.Device;
import dev.fedtiny.device.FailureListener;
import dev.fedtiny.experiment.DeviceFolder;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.process.DeviceProcess;
import dev.fedtiny.federation.process.TokenFile;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.settings.Numbers;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/** Is one device of a federation, in this process, or one after the other as a process of a pool. */
final class DeviceCommand implements Command {
    private static final int LARGEST_PORT = 65_535;

    private static final String STANDARD_INPUT = "-";

    @Override
    public String name() {
        return "device";
    }

    @Override
    public String summary() {
        return "be a device of a federation on this machine, or one after the other: connect to a server and train what it asks";
    }

    @Override
    public String usage() {
        return "[FILE] --connect HOST:PORT (--device K [--images FILE] | --process N --images DIR) --token-file FILE";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("connect", "HOST:PORT", "none", "where the server listens; it prints the address"),
                Option.whole("device", "K", "none", "which device this is, from 0", 0, Numbers.MOST_WHOLE),
                Option.whole("process", "N", "none", "which process of a pool this is, from 0, in place of --device: the server says "
                        + "before every request for which device it is", 0, Numbers.MOST_WHOLE),
                Option.value("token-file", "FILE", "none",
                "the device's secret, in a file of mode 0600 that the server wrote; '-': the first "
                        + "line of standard input, whose end is then the end of this process, too"),
                Option.value("images", "FILE", "the share of the data set",
                        "the device's images, mapped from a file that the server wrote; with --process the folder of those of all devices"),
                ExperimentArguments.SET);
    }

    @Override
    public String details() {
        return "The server of 'run --devices process' starts such processes itself and prints the command of the first. Every "
                + "device has a secret of its own, which is in no command line and in no log. Connections are not encrypted: they go "
                + "over the "
                + "loopback interface only. The heap limit is given to Java: "
                + "FEDTINY_JAVA_OPTS=-Xmx48m " + Program.command("device") + " ...";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        InetSocketAddress server = address(required(arguments, "connect"));
        if (arguments.has("process")) {
            return inPool(arguments, server, terminal);
        }
        required(arguments, "device");
        int number = arguments.integer("device", 0);
        DeviceToken token = token(required(arguments, "token-file"));
        Experiment experiment = Experiment.of(ExperimentArguments.given(arguments));
        Dataset data = data(arguments, experiment, number);
        TrainingPlan plan = experiment.plan(data);
        Device device = heard(new Device(number, plan.network(), data, plan.deviceSettings()), terminal);
        terminal.err().println("device " + number + ": " + data + ", heap " + Runtime.getRuntime().maxMemory() / 1024 + " KiB, "
                + Runtime.getRuntime().availableProcessors() + " processors; connecting to " + server);
        new DeviceProcess(device, server, token, experiment.get(Setting.METER)).run();
        terminal.err().println("device " + number + ": the server closed the connection");
        return ExitCode.OK;
    }

    /** A device whose log says why a request could not be done, which the server may not be told. */
    private static Device heard(Device device, Terminal terminal) {
        device.onFailed(FailureListener.inWords(text -> terminal.err().println("device " + device.number() + ": " + text)));
        return device;
    }

    private static ExitCode inPool(Arguments arguments, InetSocketAddress server, Terminal terminal) throws IOException {
        if (arguments.has("device")) {
            throw new UsageException("'device' takes --device or --process, got both: a process of a pool is told which device it is");
        }
        int number = arguments.integer("process", 0);
        Path folder = Path.of(required(arguments, "images"));
        DeviceToken token = token(required(arguments, "token-file"));
        Experiment experiment = Experiment.of(ExperimentArguments.given(arguments));
        terminal.err().println("process " + number + ": heap " + Runtime.getRuntime().maxMemory() / 1024 + " KiB, "
                + Runtime.getRuntime().availableProcessors() + " processors; connecting to " + server);
        DeviceProcess.ofPool(number, new PooledDevices(experiment, folder, terminal), server, token, experiment.get(Setting.METER)).run();
        terminal.err().println("process " + number + ": the server closed the connection");
        return ExitCode.OK;
    }

    /** Makes the devices of a folder, of which there is one at a time: the images of the one before are let go of. */
    private static final class PooledDevices implements IntFunction<Device> {
        private final Experiment experiment;
        private final DeviceFolder folder;
        private final Terminal terminal;
        private TrainingPlan plan;
        private Arena images = Arena.ofShared();

        private PooledDevices(Experiment experiment, Path folder, Terminal terminal) {
            this.experiment = experiment;
            this.folder = new DeviceFolder(folder);
            this.terminal = terminal;
        }

        @Override
        public Device apply(int number) {
            images.close();
            images = Arena.ofShared();
            Dataset data = ImageFile.map(folder.images(number), images);
            if (plan == null) {
                plan = experiment.plan(data);
            }
            return heard(new Device(number, plan.network(), data, plan.deviceSettings()), terminal);
        }
    }

    private static String required(Arguments arguments, String option) {
        return arguments.value(option).orElseThrow(() -> new UsageException("'device' needs --" + option + "; the server of 'run --devices "
                + "process' prints the whole command"));
    }

    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.lastIndexOf(':');
        OptionalLong port = new Numbers.Whole(1, LARGEST_PORT, "").read(text.substring(colon + 1));
        if (colon > 0 && port.isPresent()) {
            InetAddress host = InetAddress.getByName(text.substring(0, colon));
            if (!host.isLoopbackAddress()) {
                throw new UsageException("option --connect is '" + text + "', expected an address of the loopback interface such as "
                        + "127.0.0.1: the secret and the model would cross the network unencrypted; to another machine use a tunnel");
            }
            return new InetSocketAddress(host, (int) port.getAsLong());
        }
        throw new UsageException("option --connect is '" + text + "', expected HOST:PORT");
    }

    private static Dataset data(Arguments arguments, Experiment experiment, int number) {
        Optional<String> file = arguments.value("images");
        if (file.isPresent()) {
            return ImageFile.map(Path.of(file.get()));
        }
        if (number >= experiment.get(Setting.DEVICES)) {
            throw new UsageException("option --device is " + number + ", but " + Setting.DEVICES.key() + " = "
                    + experiment.get(Setting.DEVICES));
        }
        return experiment.data(experiment.open()).devices().get(number);
    }

    private static DeviceToken token(String file) throws IOException {
        if (!file.equals(STANDARD_INPUT)) {
            return TokenFile.read(Path.of(file));
        }
        InputStream in = new FileInputStream(FileDescriptor.in);
        DeviceToken token = TokenFile.read(in);
        Thread.ofPlatform().daemon().name("fedtiny-server-watch").start(() -> endWith(in));
        return token;
    }

    /** A server that was killed cannot end its devices: they notice it by the pipe that it held, also in the middle of their work. */
    private static void endWith(InputStream in) {
        try {
            while (in.read() >= 0) {
                // Nothing is said after the token.
            }
        } catch (IOException e) {
            // Nobody is there either.
        }
        Runtime.getRuntime().halt(ExitCode.OK.number());
    }
}
