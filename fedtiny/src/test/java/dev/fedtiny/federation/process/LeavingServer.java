package dev.fedtiny.federation.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The program of a server that ends without having closed its fleet. */
final class LeavingServer {
    private LeavingServer() {
    }

    /** Arguments: {@code exit}, {@code throw} or {@code wait}. Prints the process id of its device's process, which does nothing. */
    public static void main(String[] words) throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        DeviceLauncher launcher = (_, lane, _, _) -> {
            List<String> command = new JavaCommand(16, List.of("-XX:TieredStopAtLevel=1")).command(lane, List.of("forever"));
            command.set(command.size() - 2, LeavingServer.class.getName());
            Process process = new ProcessBuilder(command).start();
            System.out.println(process.pid());
            started.countDown();
            return process;
        };
        if (words[0].equals("forever")) {
            Thread.sleep(Duration.ofHours(1));
        }
        ProcessFleet fleet = new ProcessFleet(new ProcessFleet.Rules(1, 1, Duration.ofHours(1), Duration.ofMillis(1), Duration.ofHours(1),
                Restarts.USUAL, 1 << 20), launcher);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    // Wants its device again and again, also while this virtual machine ends.
                    fleet.renewed(List.of(0));
                }
            } catch (RuntimeException e) {
                // The fleet has ended.
            }
        });
        started.await();
        Thread.sleep(300);
        switch (words[0]) {
            case "exit" -> System.exit(0);
            case "throw" -> throw new IllegalStateException("as planned");
            default -> Thread.sleep(Duration.ofHours(1));
        }
    }
}
