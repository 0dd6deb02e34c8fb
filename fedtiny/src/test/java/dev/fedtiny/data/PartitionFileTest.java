package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionFileTest {
    private static final Dataset TRAIN = TestData.random(120, 1, 2, 2, 4);

    @TempDir
    private Path directory;

    private static PartitionFile draw() {
        DataSplit split = DataSplit.draw(TRAIN, 2, 9, rest -> Partitions.dirichlet(rest, 3, 0.5, 9));
        return PartitionFile.of("dirichlet", DirichletSplit.parameters(0.5, 10), 9, TRAIN, split);
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        Path path = directory.resolve("split.json");
        PartitionFile written = draw();
        written.write(path);
        PartitionFile read = PartitionFile.read(path);
        assertEquals(written, read);
        assertEquals(written.split(), read.splitOf(TRAIN, "split.json"));
        assertThrows(FileAlreadyExistsException.class, () -> written.write(path));
        assertEquals(1, directory.toFile().list().length, "no temporary file is left");
    }

    @Test
    void anUnusualSmallestShareIsKept() throws IOException {
        Path usual = directory.resolve("usual.json");
        PartitionFile.of("dirichlet", DirichletSplit.parameters(0.5, 10), 9, TRAIN, draw().split()).write(usual);
        assertTrue(!Files.readString(usual).contains("smallestShare"));
        assertEquals(draw(), PartitionFile.read(usual));
        Path other = directory.resolve("other.json");
        PartitionFile three = PartitionFile.of("dirichlet", DirichletSplit.parameters(0.5, 3), 9, TRAIN, draw().split());
        three.write(other);
        assertEquals(Map.of("alpha", 0.5, "smallestShare", 3L), PartitionFile.read(other).parameters());
        assertTrue(Files.readString(other).contains("\"alpha\": 0.5,\n"), Files.readString(other).substring(0, 200));
        assertEquals(three, PartitionFile.read(other));
    }

    @Test
    void positionsCountTheWholeTrainingSet() {
        DataSplit split = draw().split();
        boolean[] seen = new boolean[120];
        for (int index : split.publicSet()) {
            seen[index] = true;
        }
        assertEquals(8, split.publicSet().length);
        for (int device = 0; device < 3; device++) {
            for (int index : split.devices().indices(device)) {
                assertTrue(!seen[index]);
                seen[index] = true;
            }
        }
        for (boolean has : seen) {
            assertTrue(has);
        }
        IndexSplit expected = PublicSet.split(TRAIN, 2, 9);
        assertArrayEquals(expected.chosen(), split.publicSet());
        int[] rest = expected.rest();
        int[] local = Partitions.dirichlet(TRAIN.subset(rest), 3, 0.5, 9).indices(1);
        assertArrayEquals(Arrays.stream(local).map(i -> rest[i]).toArray(), split.devices().indices(1));
    }

    @Test
    void otherImagesAreRefused() {
        PartitionFile file = draw();
        assertDataException(() -> file.splitOf(TRAIN.subset(new int[] {0, 1}), "split.json"), "split.json",
                "120 training images", "2 with");
        int[] reversed = new int[120];
        Arrays.setAll(reversed, i -> 119 - i);
        assertDataException(() -> file.splitOf(TRAIN.subset(reversed), "split.json"), file.labelHash());
    }

    private void assertRefused(String text, String... parts) throws IOException {
        Path path = Files.writeString(directory.resolve("bad.json"), text);
        assertDataException(() -> PartitionFile.read(path), parts);
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        Path path = directory.resolve("split.json");
        draw().write(path);
        String text = Files.readString(path);
        assertRefused(text.substring(0, text.length() / 2), "bad.json", "no usable partition file");
        assertRefused("[1, 2]", "expected a JSON object");
        assertRefused(text.replace("fedtiny-partition-1", "else"), "format 'else'");
        assertRefused(text.replace("\"samples\": 120", "\"samples\": 0"), "samples is 0");
        assertRefused(text.replace("\"samples\": 120", "\"samples\": 50"), "expected positions from 0 to 49");
        String base = "{\"format\": \"fedtiny-partition-1\", \"algorithm\": \"iid\", \"seed\": 1, \"samples\": 9, "
                + "\"labelsSha256\": \"0\", ";
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1, 2], [2, 3]]}", "sample 2", "twice");
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1, 2], [0, 3]]}", "image 0 is public", "device 1");
        assertRefused(base + "\"publicSet\": [0, 0], \"devices\": [[1]]}", "image 0 twice");
        assertRefused(base + "\"publicSet\": [], \"devices\": [[1]]}", "public set is empty");
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1], []]}", "device 1 has no samples");
        assertRefused(base + "\"publicSet\": [0], \"devices\": []}", "no devices");
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1], 5]}", "device 1 has a number");
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1], [-4]]}", "-4");
        assertRefused(base + "\"publicSet\": [0], \"devices\": [[1.5]]}", "1.5");
        assertDataException(() -> PartitionFile.read(directory.resolve("none.json")), "no such file");
    }
}
