package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.cluster.spark.SparkFleet;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Spark master and two workers on this machine, each a process, and drivers that are started as {@code spark-submit} starts them: the
 * bits of runs in this process, with a worker killed as well.
 */
@Timeout(900)
class SparkRunTest {
    @TempDir
    Path folder;

    /** A folder as a Spark installation has it: its jars. */
    private Path home() throws Exception {
        Path jars = Files.createDirectories(folder.resolve("spark/jars"));
        for (String place : ClusterProcesses.classPath().split(File.pathSeparator)) {
            if (place.endsWith(".jar") && !ClusterProcesses.ownClassPath().contains(place) && !place.contains("hazelcast")) {
                Files.createSymbolicLink(jars.resolve(Path.of(place).getFileName()), Path.of(place));
            }
        }
        return jars.getParent();
    }

    /** What the script {@code spark-submit} of an installation runs: Spark's launcher tells the command, whose words end with zeros. */
    private static List<String> submit(Map<String, String> environment, String jars, List<String> words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-cp", jars, "org.apache.spark.launcher.Main", "org.apache.spark.deploy.SparkSubmit"));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process launcher = builder.start();
        String said = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, launcher.waitFor(), said);
        // A first line end is what the shell is told before the command.
        return List.of(said.substring(said.indexOf('\0') == 0 ? 1 : 0).strip().split("\0"));
    }

    /** The line of docs/cluster.md. */
    private static List<String> line(String master, List<String> jars, Path out, Map<String, String> settings) {
        List<String> words = new ArrayList<>(List.of("--master", master, "--class", "dev.fedtiny.cli.Main", "--jars",
                String.join(",", jars.subList(0, jars.size() - 1)),
                "--driver-java-options", "--add-modules jdk.incubator.vector -XX:+UseSerialGC -XX:ActiveProcessorCount=1",
                "--conf", "spark.executor.extraJavaOptions=--add-modules jdk.incubator.vector -Dfedtiny.node.slots=1",
                "--conf", "spark.executor.cores=1"));
        // Of this test: everything on one small machine, which may be busy.
        words.addAll(List.of("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.executor.memory=500m", "--conf",
                "spark.driver.memory=600m", "--conf", "spark.network.timeout=600s"));
        words.addAll(List.of(jars.getLast(), "run", "--out", out.toString(), "--set", "devices-on=spark"));
        settings.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
        return words;
    }

    private static void awaitPrinted(ClusterProcesses processes, Process process, String name, Predicate<String> enough)
            throws IOException, InterruptedException {
        while (process.isAlive() && !enough.test(processes.printed(name))) {
            Thread.sleep(20);
        }
    }

    @Test
    void executorsGiveTheBitsOfThisProcessAlsoWhenAWorkerIsKilled() throws Exception {
        Path home = home();
        Map<String, String> environment = Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13", "SPARK_LOCAL_IP",
                "127.0.0.1", "JAVA_HOME", System.getProperty("java.home"));
        String jars = home.resolve("jars") + "/*";
        int port = ClusterProcesses.freePort();
        String master = "spark://127.0.0.1:" + port;
        try (ClusterProcesses processes = new ClusterProcesses(folder)) {
            processes.awaitLine(processes.java("master", environment, List.of("-Xmx256m", "-cp", jars,
                    "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", Integer.toString(port), "--webui-port", "0")),
                    "master", "New state: ALIVE");
            List<Process> workers = new ArrayList<>();
            for (String worker : List.of("worker-1", "worker-2")) {
                workers.add(processes.java(worker, environment, List.of("-Xmx256m", "-cp", jars, "org.apache.spark.deploy.worker.Worker",
                        "--host", "127.0.0.1", "--cores", "1", "--memory", "600m", "--webui-port", "0", "--work-dir",
                        folder.resolve(worker).toString(), master)));
            }
            for (int w = 0; w < workers.size(); w++) {
                processes.awaitLine(workers.get(w), "worker-" + (w + 1), "Successfully registered with master");
            }
            List<String> own = processes.ownJars(SparkFleet.class);
            for (String method : List.of("lotteryfl", "fedtiny")) {
                boolean kills = method.equals("fedtiny");
                Map<String, String> settings = Runs.settings(method);
                settings.put("epochs", kills ? "12" : "1");
                Path out = folder.resolve("spread-" + method);
                String name = "driver-" + method;
                Process driver = processes.start(name, environment, submit(environment, jars, line(master, own, out, settings)));
                if (kills) {
                    awaitPrinted(processes, driver, name, said -> said.contains("round   1/3"));
                    // A machine that is gone, with the executor on it, in the middle of the second round.
                    Process gone = workers.getLast();
                    List<ProcessHandle> all = gone.descendants().toList();
                    assertTrue(!all.isEmpty(), "the worker has no executor");
                    gone.destroyForcibly();
                    all.forEach(ProcessHandle::destroyForcibly);
                }
                assertEquals(0, driver.waitFor(), processes.printed(name));
                assertArrayEquals(Runs.model(settings, folder.resolve(method), new Runs.Heard()),
                        Files.readAllBytes(out.resolve("model.safetensors")), processes.printed(name));
                assertTrue(processes.printed(name).contains("turns on nodes: "), processes.printed(name));
                if (kills) {
                    assertTrue(processes.printed(name).lines().anyMatch(said -> said.startsWith("fedtiny: ")
                            && (said.contains("has left") || said.contains("was lost"))), processes.printed(name));
                }
            }
        }
    }
}
