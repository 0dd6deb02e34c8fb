package dev.fedtiny.benchmarks.heap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.experiment.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CellFileTest {
    @TempDir
    Path folder;

    private static JsonObject cell(int value) {
        return JsonObject.builder().put("value", value).build();
    }

    @Test
    void whatWasNotedIsThereAgain() throws Exception {
        Path file = folder.resolve("cells");
        try (CellFile cells = CellFile.open(file)) {
            cells.add("a", cell(1));
            cells.add("b", cell(2));
            cells.add("a", cell(3));
            assertThrows(DataException.class, () -> CellFile.open(file), "one process at a time");
        }
        Files.writeString(file, "{\"key\":\"a\",\"val", StandardOpenOption.APPEND);
        try (CellFile cells = CellFile.open(file)) {
            assertEquals(2, cells.all("a").size(), "the line that was cut off is dropped");
            assertEquals("3", ((dev.fedtiny.engine.internal.json.JsonValue.JsonNumber) cells.find("a").orElseThrow().find("value")
                    .orElseThrow()).text());
            assertEquals(Optional.empty(), cells.find("c"));
            cells.add("c", cell(4));
        }
        assertEquals(4, Files.readAllLines(file).size());
    }

    @Test
    void anotherFileIsLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("other"), "something else\n");
        assertThrows(DataException.class, () -> CellFile.open(file));
        assertEquals("something else\n", Files.readString(file));
        // Nor one without an end of line, which is not what a crash leaves of a cell; nor bytes that are no text.
        for (byte[] foreign : new byte[][] {"precious".getBytes(), "{\"other\": 1}".getBytes(), {(byte) 0xe4, 1},
            {'{', '\n', (byte) 0xff}}) {
            Files.write(file, foreign);
            String message = assertThrows(DataException.class, () -> CellFile.open(file)).getMessage();
            assertTrue(message.contains(file.toString()), message);
            assertArrayEquals(foreign, Files.readAllBytes(file));
        }
        // Every part of a line of ours is.
        String line = "{\"key\":\"ä\",\"value\":1}";
        for (int length = 0; length < line.getBytes(StandardCharsets.UTF_8).length; length++) {
            Files.write(file, Arrays.copyOf(line.getBytes(StandardCharsets.UTF_8), length));
            CellFile.open(file).close();
            assertEquals(0, Files.size(file));
        }
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "");
        Path link = Files.createSymbolicLink(folder.resolve("link"), victim);
        assertThrows(FileWriteException.class, () -> CellFile.open(link));
        assertThrows(FileWriteException.class, () -> CellFile.open(folder));
        assertThrows(FileWriteException.class, () -> CellFile.open(folder.resolve("none/cells")));
    }

    @Test
    void cellsAreToldApartByAllThatMatters() {
        HeapCell cell = new HeapCell("resnet18", "64", "fedtiny", "0.010", "8", DeviceLine.SOCKET, Map.of());
        assertEquals(cell.key(), new HeapCell("resnet18", "64", "fedtiny", "0.01", "8", DeviceLine.SOCKET, Map.of()).key());
        assertEquals(6, Stream.of(cell, new HeapCell("resnet18", "64", "fedtiny", "0.01", "8", DeviceLine.HTTPS, Map.of()),
                new HeapCell("resnet18", "64", "fedtiny", "0.01", "16", DeviceLine.SOCKET, Map.of()),
                new HeapCell("resnet18", "64", "prunefl", "0.01", "8", DeviceLine.SOCKET, Map.of()),
                new HeapCell("resnet18", "32", "fedtiny", "0.01", "8", DeviceLine.SOCKET, Map.of()),
                new HeapCell("resnet18", "64", "fedtiny", "0.01", "8", DeviceLine.SOCKET, Map.of(Setting.ACTIVATIONS, "bfloat16")))
                .map(HeapCell::key).distinct().count());
    }

    @Test
    void staticMasksOfEqualCountsAreTheSameWork() throws Exception {
        assertEquals(work("fedavg", "1"), work("fl-pqsu", "1"));
        assertEquals(5, Stream.of(work("fedavg", "1"), work("fl-pqsu", "0.5"), work("fedtiny", "0.5"), work("prunefl", "0.5"),
                work("fedtiny", "0.2")).distinct().count());
    }

    private String work(String method, String density) throws Exception {
        Path files = Files.createTempDirectory(folder, method);
        return new LocalRoundProbe(new HeapCell("cnn-8-8-8", "64", method, density, "8", DeviceLine.SOCKET, Map.of()).experiment(),
                DeviceLine.SOCKET, files,
                Duration.ofSeconds(60)).work();
    }
}
