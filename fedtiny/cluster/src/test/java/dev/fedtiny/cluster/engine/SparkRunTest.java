package dev.fedtiny.cluster.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Spark master and two workers on this machine, each a process: the bits of runs in this process. */
@Timeout(900)
class SparkRunTest {
    @TempDir
    Path folder;

    /** A folder as a Spark installation has it: its jars. */
    private Path home() throws Exception {
        Path jars = Files.createDirectories(folder.resolve("spark/jars"));
        for (String place : ClusterProcesses.classPath().split(File.pathSeparator)) {
            if (place.endsWith(".jar") && !ClusterProcesses.ownClassPath().contains(place)) {
                Files.createSymbolicLink(jars.resolve(Path.of(place).getFileName()), Path.of(place));
            }
        }
        return jars.getParent();
    }

    @Test
    void executorsGiveTheBitsOfThisProcess() throws Exception {
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
            for (String worker : List.of("worker-1", "worker-2")) {
                processes.awaitLine(processes.java(worker, environment, List.of("-Xmx256m", "-cp", jars,
                        "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "600m", "--webui-port",
                        "0", "--work-dir", folder.resolve(worker).toString(), master)), worker, "Successfully registered with master");
            }
            String own = ClusterProcesses.ownClassPath();
            for (String method : List.of("fedtiny", "lotteryfl")) {
                Path out = folder.resolve("spread-" + method);
                List<String> words = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector", "-Xmx600m", "-cp", own
                        + File.pathSeparator + jars, "-Dspark.master=" + master, "-Dspark.driver.host=127.0.0.1",
                        "-Dspark.executor.memory=500m", "-Dspark.executor.cores=1", "-Dspark.executor.extraClassPath=" + own,
                        "-Dspark.network.timeout=600s",
                        "-Dspark.executor.extraJavaOptions=--add-modules jdk.incubator.vector -Dfedtiny.node.slots=1",
                        "dev.fedtiny.cli.Main", "run", "--out", out.toString(), "--set", "devices-on=spark"));
                Runs.settings(method).forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
                Process driver = processes.java("driver-" + method, environment, words);
                assertEquals(0, driver.waitFor(), processes.printed("driver-" + method));
                assertArrayEquals(Runs.model(Runs.settings(method), folder.resolve(method), new Runs.Heard()),
                        Files.readAllBytes(out.resolve("model.safetensors")), method);
                assertTrue(processes.printed("driver-" + method).contains("turns on nodes: "), processes.printed("driver-" + method));
            }
        }
    }
}
