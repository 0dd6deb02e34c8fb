package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of processes that cannot start, talk too much, stand still, compute otherwise, or are left alone. */
class DeviceProcessesTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final long LOG_BYTES = 1 << 16;

    @TempDir
    private Path folder;

    private static List<String> command(int heapMiB, List<String> flags, Class<?> program, String... words) {
        List<String> command = new JavaCommand(heapMiB, flags).command(0, List.of(words));
        command.set(command.size() - words.length - 1, program.getName());
        return command;
    }

    private String failure(DeviceLauncher launcher) throws IOException {
        try (ProcessFleet fleet = new ProcessFleet(new ProcessFleet.Rules(1, 1, LONG, LONG, LONG, Restarts.NONE, 1 << 20), launcher)) {
            assertEquals(List.of(), fleet.renewed(List.of(0)));
            RecordedAnswers answers = new RecordedAnswers();
            fleet.exchange(List.of(0), device -> Request.ofFrame(Join.accepted(device)), answers);
            return answers.lost.get(0);
        }
    }

    @Test
    void aProcessThatCannotStartSaysWhyInTheWordsOfItsJava() throws Exception {
        String flag = failure((_, _, _, token) -> {
            Process process = new ProcessBuilder(command(48, List.of("-XX:NoSuchFlag=1"), NoisyProcess.class, "0")).start();
            TokenFile.give(process, token);
            return process;
        });
        assertTrue(flag.contains("code 1") && flag.contains("NoSuchFlag") && flag.contains("not started again"), flag);
        String heap = failure((_, _, _, _) -> new ProcessBuilder(command(1, List.of("-Xmx1k"), NoisyProcess.class, "0"))
                .redirectErrorStream(true).start());
        assertTrue(heap.contains("code 1") && heap.contains("heap"), heap);
        String program = failure((_, _, _, _) -> new ProcessBuilder(folder.resolve("no-java-here").toString()).start());
        assertTrue(program.contains("could not be started") && program.contains("no-java-here"), program);
    }

    @Test
    void whatAProcessPrintsIsReadToItsEndAndKeptWithinALimit() throws Exception {
        Path log = folder.resolve("device-0.log");
        String reason = failure(new DeviceLauncher() {
            @Override
            public Process start(int device, int lane, InetSocketAddress server, dev.fedtiny.protocol.DeviceToken token)
                    throws IOException {
                return new ProcessBuilder(command(16, List.of(), NoisyProcess.class, "64")).start();
            }

            @Override
            public OutputStream log(int device) throws IOException {
                return new BoundedLog(log, LOG_BYTES);
            }
        });
        assertTrue(reason.contains("code " + NoisyProcess.EXIT) && reason.contains(NoisyProcess.LAST_WORDS), reason);
        assertTrue(reason.length() < 1000, reason);
        long kept = Files.size(log) + Files.size(folder.resolve("device-0.log.1"));
        assertTrue(kept <= LOG_BYTES && kept >= LOG_BYTES / 2, kept + " bytes of log");
        assertTrue(Files.readString(log).endsWith(NoisyProcess.LAST_WORDS + System.lineSeparator()));
    }

    @Test
    void nothingIsLoggedOfIncubatorModules() throws Exception {
        Path log = folder.resolve("device-0.log");
        failure(new DeviceLauncher() {
            @Override
            public Process start(int device, int lane, InetSocketAddress server, dev.fedtiny.protocol.DeviceToken token)
                    throws IOException {
                Files.deleteIfExists(log);
                return new ProcessBuilder(command(16, List.of(), NoisyProcess.class, "0")).start();
            }

            @Override
            public OutputStream log(int device) throws IOException {
                return new BoundedLog(log, LOG_BYTES);
            }
        });
        assertEquals(NoisyProcess.LAST_WORDS + System.lineSeparator(), Files.readString(log));
    }

    @Test
    void aLogGoesOnWhereItWasAndFollowsNoLink() throws Exception {
        Path file = folder.resolve("log");
        for (String text : List.of("abc", "defgh", "ij")) {
            try (BoundedLog log = new BoundedLog(file, 8)) {
                log.write(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        assertEquals("ij", Files.readString(file));
        assertEquals("efgh", Files.readString(folder.resolve("log.1")));
        Path others = Files.writeString(folder.resolve("others"), "not ours");
        Path link = Files.createSymbolicLink(folder.resolve("link"), others);
        org.junit.jupiter.api.Assertions.assertThrows(IOException.class, () -> new BoundedLog(link, 8));
        assertEquals("not ours", Files.readString(others));
    }

    @Test
    void aDeviceThatComputesOtherBitsIsRefusedByNameOrTheRunWarns() throws Exception {
        Assumptions.assumeTrue(Kernels.current().fusedMultiplyAdd(), "no other platform can be had here");
        ProcessFederation federation = new ProcessFederation(folder);
        DeviceLauncher launcher = (device, lane, server, token) -> federation.start(device, lane, 48, server, token,
                device == 1 ? List.of("-XX:-UseFMA") : List.of());
        try (FederationContext context = federation.over(new ProcessFleet(federation.rules(600), launcher))) {
            DeviceFailure failure = context.absent().getFirst();
            assertEquals(1, context.absent().size());
            assertEquals(DeviceFailure.Cause.REJECTED, failure.cause());
            assertEquals(1, failure.device());
            assertTrue(failure.reason().contains("without fused multiply-add, here release"), failure.reason());
        }
        try (FederationContext context = FederationContext.over(federation.plan, new ProcessFleet(federation.rules(600), launcher),
                federation.data.publicSet(), federation.data.test(), 1, Platforms.ANY, RoundLog.NONE)) {
            assertEquals(List.of(), context.absent());
            Method.InitOutcome init = federation.experiment.method().init(context);
            assertTrue(init.report().warnings().stream().anyMatch(w -> w.startsWith("devices [1] compute other bits")),
                    init.report().warnings().toString());
        }
    }

    @Test
    void aProcessThatStandsStillLosesItsTurnAndIsEnded() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        Map<Integer, Process> processes = new ConcurrentHashMap<>();
        try (FederationContext context = federation.over(new ProcessFleet(federation.rules(10), (device, lane, server, token) -> {
            Process process = federation.start(device, lane, 48, server, token);
            processes.put(device, process);
            return process;
        }))) {
            Process stopped = processes.get(1);
            assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(stopped.pid())).inheritIO().start().waitFor());
            Method method = federation.experiment.with(Map.of(FedTiny.SELECTION, "none")).method();
            Method.RoundOutcome outcome = method.round(context, method.init(context).state());
            String reason = outcome.report().failures().stream().filter(f -> f.device() == 1).findFirst().orElseThrow().reason();
            assertTrue(reason.contains("no answer within 10 s"), reason);
            stopped.waitFor();
        }
        assertTrue(processes.values().stream().noneMatch(Process::isAlive));
    }

    /** Its standard input is the server's end of a pipe: a server that is killed cannot say good-bye. */
    @Test
    void aDeviceWhoseServerIsGoneEndsByItself() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        try (ServerSocket server = new ServerSocket(0, 1, DeviceProcess.loopback())) {
            Process process = federation.start(0, 0, 48, new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                    dev.fedtiny.protocol.DeviceToken.random());
            try (Socket socket = server.accept()) {
                assertEquals(Join.FRAME_BYTES, socket.getInputStream().readNBytes(Join.FRAME_BYTES).length);
                socket.getOutputStream().write(Join.accepted(0));
                // The beginning of a request, the rest of which it waits for.
                socket.getOutputStream().write(FakeDevice.frame(dev.fedtiny.protocol.MessageKind.TRAIN, 0, 0, 100), 0,
                        Frame.HEADER_BYTES);
                assertTrue(process.isAlive());
                process.getOutputStream().close();
                assertEquals(0, process.waitFor());
            }
        }
    }

    @Test
    void noProcessOutlivesAServerThatExitsOrIsTerminated() throws Exception {
        for (String how : List.of("exit", "throw", "wait")) {
            List<String> command = command(32, List.of("-XX:TieredStopAtLevel=1"), LeavingServer.class, how);
            Process server = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            List<Long> devices = new ArrayList<>();
            try (BufferedReader out = server.inputReader()) {
                devices.add(Long.parseLong(out.readLine()));
                if (how.equals("wait")) {
                    server.toHandle().destroy();
                }
                out.lines().map(Long::parseLong).forEach(devices::add);
            }
            server.waitFor();
            for (long device : devices) {
                ProcessHandle.of(device).ifPresent(handle -> handle.onExit().join());
            }
            assertFalse(devices.isEmpty());
        }
    }
}
