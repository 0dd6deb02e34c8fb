package dev.fedtiny.cli;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.Device;
import dev.fedtiny.federation.process.DeviceLauncher;
import dev.fedtiny.federation.process.DeviceProcess;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Is one device of a federation, in this process. */
final class DeviceCommand implements Command {
    @Override
    public String name() {
        return "device";
    }

    @Override
    public String summary() {
        return "be one device of a federation: connect to a server and train what it asks";
    }

    @Override
    public String usage() {
        return "[FILE] --connect HOST:PORT --device K [--images FILE]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("connect", "HOST:PORT", "none", "where the server listens; it prints the address"),
                Option.value("device", "K", "none", "which device this is, from 0"),
                Option.value("images", "FILE", "the share of the data set",
                        "the device's images, mapped from a file that the server wrote"),
                ExperimentArguments.SET);
    }

    @Override
    public String details() {
        return "The server of 'run --devices process' starts such processes itself and prints the command of the first. The secret of "
                + "the run is expected in the variable " + DeviceLauncher.TOKEN_VARIABLE + ". The heap limit is given to Java: "
                + "FEDTINY_JAVA_OPTS=-Xmx48m bin/fedtiny device ...";
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        InetSocketAddress server = address(required(arguments, "connect"));
        required(arguments, "device");
        int number = arguments.integer("device", 0, 0);
        Experiment experiment = Experiment.of(ExperimentArguments.given(arguments));
        Dataset data = data(arguments, experiment, number);
        TrainingPlan plan = experiment.plan(data);
        Device device = new Device(number, plan.network(), data, plan.deviceSettings());
        terminal.err().println("device " + number + ": " + data + ", heap " + Runtime.getRuntime().maxMemory() / 1024 + " KiB, "
                + Runtime.getRuntime().availableProcessors() + " processors; connecting to " + server);
        new DeviceProcess(device, server, token(), experiment.metering()).run();
        terminal.err().println("device " + number + ": the server closed the connection");
        return Main.OK;
    }

    private static String required(Arguments arguments, String option) {
        return arguments.value(option).orElseThrow(() -> new UsageException("'device' needs --" + option + "; the server of 'run --devices "
                + "process' prints the whole command"));
    }

    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon > 0 && port > 0 && port < 65536) {
                return new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), port);
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new UsageException("option --connect is '" + text + "', expected HOST:PORT");
    }

    private static Dataset data(Arguments arguments, Experiment experiment, int number) {
        Optional<String> file = arguments.value("images");
        if (file.isPresent()) {
            return ImageFile.map(Path.of(file.get()));
        }
        if (number >= experiment.devices()) {
            throw new UsageException("option --device is " + number + ", but " + Setting.DEVICES.key() + " = " + experiment.devices());
        }
        return experiment.data(experiment.open()).devices().get(number);
    }

    private static long token() {
        String text = System.getenv(DeviceLauncher.TOKEN_VARIABLE);
        try {
            return Long.parseUnsignedLong(text == null ? "" : text, 16);
        } catch (NumberFormatException e) {
            throw new UsageException("the variable " + DeviceLauncher.TOKEN_VARIABLE + " holds no token, expected the one that the server "
                    + "printed (up to 16 hexadecimal digits)");
        }
    }
}
