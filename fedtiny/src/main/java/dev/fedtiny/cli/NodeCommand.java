package dev.fedtiny.cli;

import dev.fedtiny.cluster.NodeFacts;
import dev.fedtiny.cluster.TurnWorker;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.EngineOption;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.NodeAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Is a node of a cluster: works for whoever drives runs and sweeps on it. */
final class NodeCommand implements Command {
    private static final int MOST_SLOTS = 1024;
    private static final String USUAL_ADDRESS = "127.0.0.1:5701";

    @Override
    public String name() {
        return "node";
    }

    @Override
    public String summary() {
        return "be a node of a cluster, for runs with devices-on and for sweep --on";
    }

    @Override
    public String usage() {
        return "[--listen HOST:PORT] [--join HOST:PORT,...] [--slots N] [--shares DIR] [--name NAME]";
    }

    @Override
    public int mostOperands() {
        return 0;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("listen", "HOST:PORT", USUAL_ADDRESS, "an address of this machine that other nodes and drivers reach"),
                Option.value("join", "HOST:PORT,...", "none: a new cluster", "nodes that are there already"),
                Option.whole("slots", "N", "one a processor", "how many turns, or whole runs, work at the same time", 1, MOST_SLOTS),
                Option.value("shares", "DIR", "none",
                        "folder with images of devices, device-K.images, that 'partition --shares' wrote; for runs with device-data=held"),
                Option.value("name", "NAME", "host and process", "what messages call this node"),
                Option.value(EngineOption.NAME, "ENGINE", EngineOption.USUAL, "the cluster engine"));
    }

    @Override
    public String details() {
        return "The module fedtiny/cluster must be built: ./mvnw -B -Pcluster -DskipTests package. Nothing is encrypted, and whoever "
                + "reaches the port can run code here: listen on trusted networks only. The node works until it is ended (Ctrl-C, "
                + "SIGTERM); turns that it had begun are then done by others. docs/cluster.md has more.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        EngineProvider engine = EngineOption.engine(arguments);
        NodeAddress listen = address(arguments.value("listen").orElse(USUAL_ADDRESS));
        List<NodeAddress> join = arguments.value("join").isEmpty() ? List.of() : NodeAddress.readList(arguments.value("join").get())
                .orElseThrow(() -> new UsageException("option --join is '" + arguments.value("join").get() + "', expected "
                + NodeAddress.LIST));
        NodeFacts facts = TurnWorker.configure(arguments.integer("slots", Runtime.getRuntime().availableProcessors()),
                arguments.value("shares").map(Path::of), arguments.value("name")).facts();
        CountDownLatch ended = new CountDownLatch(1);
        AutoCloseable node = engine.node(listen, join, note -> terminal.err().println("fedtiny: " + note));
        Thread hook = new Thread(() -> close(node, ended), "fedtiny-node-end");
        Runtime.getRuntime().addShutdownHook(hook);
        terminal.err().println("fedtiny: node '" + facts.name() + "' listens at " + listen + ", "
                + facts.slots() + " slots, heap " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB"
                + (facts.shares().isEmpty() ? "" : ", data of " + facts.shares().size() + " devices"));
        terminal.err().flush();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close(node, ended);
        }
        return ExitCode.OK;
    }

    private static void close(AutoCloseable node, CountDownLatch ended) {
        try {
            node.close();
        } catch (Exception e) {
            // The process is ending: others do what it has not done.
        }
        ended.countDown();
    }

    private static NodeAddress address(String text) {
        return NodeAddress.read(text).orElseThrow(() -> new UsageException("option --listen is '" + text + "', expected "
                + NodeAddress.FORM));
    }
}
