package dev.fedtiny.benchmarks.network;

import com.sun.management.OperatingSystemMXBean;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.network.server.EnrolmentTokens;
import dev.fedtiny.network.server.FederationServer;
import dev.fedtiny.network.server.Limits;
import dev.fedtiny.network.server.NetworkFleet;
import dev.fedtiny.network.server.SelfSigned;
import dev.fedtiny.network.server.ServerTls;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.FrameWriter;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Request;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A process with a federation's server and, at another port, the bare transport. Reads what to do from its standard input, a line each:
 * {@code round NUMBER DEVICES} asks the first devices and waits for all, {@code cpu} tells the processor time so far, and says on one line
 * what came of it.
 */
public final class LoadServer {
    private LoadServer() {
    }

    /**
     * Runs the process.
     *
     * @param words folder, devices, bytes of a request and of an answer
     * @throws Exception if the server cannot be made, or a device fails
     */
    public static void main(String[] words) throws Exception {
        Path folder = Path.of(words[0]);
        int devices = Integer.parseInt(words[1]);
        byte[] payload = new byte[Integer.parseInt(words[2])];
        ServerTls tls = SelfSigned.openOrCreate(folder, List.of("localhost"));
        EnrolmentTokens.make(folder, folder.resolve("tokens"), devices, Duration.ofHours(1));
        Limits usual = Limits.USUAL;
        // One address makes all the connections here, which elsewhere thousands do.
        FederationServer server = new FederationServer(new FederationServer.Rules(folder, folder.resolve("run"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls, new Limits(usual.chunkBytes(), usual.headersWithin(),
                usual.bodyWithin(), usual.answerWithin(), usual.uploadsAtOnce(), usual.poll(), usual.beat(), usual.silence(),
                usual.session(), usual.clockSkew(), 1_000_000), "load", new byte[0], (_, _, _, _) -> Optional.empty()));
        try (NetworkFleet fleet = new NetworkFleet(server, new NetworkFleet.Rules(0, DevelopmentSplit.usual(1), Duration.ofMinutes(10)));
                BareTransport bare = new BareTransport(tls.context(), payload, payload.length + Frame.OVERHEAD_BYTES, folder,
                        devices * (1 + payload.length / usual.chunkBytes()));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            System.out.println("ready " + server.address().getPort() + " " + bare.port());
            fleet.await(devices);
            System.out.println("joined " + devices);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] said = line.split(" ");
                if (said[0].equals("round")) {
                    round(fleet, Integer.parseInt(said[1]), Integer.parseInt(said[2]), payload);
                } else {
                    System.out.println("cpu " + cpuMillis());
                }
            }
        }
    }

    private static long cpuMillis() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1_000_000;
    }

    private static void round(NetworkFleet fleet, int round, int devices, byte[] payload) {
        Request.Body body = Request.ofFrame(new FrameWriter(MessageKind.TRAIN, round, 0, payload.length).bytes(payload).finish()).body();
        Counting answers = new Counting();
        long cpu = cpuMillis();
        long start = System.nanoTime();
        fleet.exchange(fleet.roster().subList(0, devices), new Fleet.Requests() {
            @Override
            public Request request(int device) {
                return Request.of(round, device, body);
            }

            @Override
            public int longestAnswer(int device) {
                return payload.length + Frame.OVERHEAD_BYTES;
            }
        }, answers);
        // A run is saved after a round, and the answers of the round go.
        fleet.saved(round + 1);
        double millis = (System.nanoTime() - start) / 1e6;
        if (answers.answered != devices) {
            throw new IllegalStateException(answers.answered + " of " + devices + " devices answered: " + answers.lost);
        }
        System.out.println("round " + millis + " " + (cpuMillis() - cpu));
    }

    /** Looks at every answer as a run does, checksum included. */
    private static final class Counting implements Fleet.Answers {
        private int answered;
        private String lost = "";

        @Override
        public Optional<String> answered(int device, byte[] frame) {
            Frame.decode(frame);
            answered++;
            return Optional.empty();
        }

        @Override
        public void lost(int device, String reason) {
            lost += reason + "; ";
        }
    }
}
