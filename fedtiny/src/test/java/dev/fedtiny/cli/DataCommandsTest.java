package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands data, partition and estimate. */
class DataCommandsTest extends CommandCall {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"cifar10, c32a1d4ab5d03f1284b67883e8d87530, 170052171", "cifar100, 03b5dce01913d631647c71ecec9e9cb8, 153700000",
        "svhn, eb5a983be6a315427106f1b164d9cef3, 64275384", "cinic10, 6ee4d0c996905fe93221de577967a372, 687544992",
        "fashion-mnist, bb300cfdad3c16e7a12a480ee83cd310, 5148"})
    void dataSaysWhatIsPublished(String name, String md5, String bytes) {
        assertEquals(OK, run("data", name), err);
        assertTrue(out.contains(md5) && out.contains(bytes) && out.contains("http"), out);
    }

    @Test
    void dataVerifiesAFolder() throws Exception {
        byte[] records = new byte[6 * 3073];
        for (int i = 0; i < 6; i++) {
            records[i * 3073] = (byte) (i + 2);
        }
        Files.write(folder.resolve("data_batch_1.bin"), records);
        Files.write(folder.resolve("test_batch.bin"), new byte[3073]);
        assertEquals(OK, run("data", "cifar10", folder.toString()), err);
        assertTrue(out.contains("a part: 6 of 50000 training and 1 of 10000 test") && out.contains("another size")
                && out.contains("SHA-256") && out.matches("(?s).*airplane +0 +1.*bird +1 +0.*"), out);
        assertEquals(DATA, run("data", "svhn", folder.toString()), err);
        assertTrue(err.contains("holds CIFAR-10, not SVHN"), err);
        Files.write(folder.resolve("cifar-10-binary.tar.gz"), new byte[10]);
        assertEquals(OK, run("data", "cifar10", folder.toString()), err);
        Files.write(folder.resolve("data_batch_2.bin.gz"), new byte[10]);
        assertEquals(DATA, run("data", "cifar10", folder.toString()), "not packed at all");
        Files.delete(folder.resolve("data_batch_2.bin.gz"));
        Files.delete(folder.resolve("test_batch.bin"));
        assertEquals(DATA, run("data", "cifar10", folder.toString()), err);
        assertEquals(USAGE, run("data", "cifar"), err);
        assertTrue(err.contains("did you mean 'cifar10'"), err);
        assertEquals(USAGE, run("data"), err);
        assertEquals(USAGE, run("data", "cifar100", folder.toString(), "--labels", "both"), err);
    }

    @Test
    void aChangedFileOfThePublishedSizeIsNamed() throws Exception {
        for (String part : new String[] {"train", "t10k"}) {
            int count = part.equals("train") ? 3 : 2;
            ByteBuffer idx = ByteBuffer.allocate(16 + count * 784).putInt(0x803).putInt(count).putInt(28).putInt(28);
            Files.write(folder.resolve(part + "-images-idx3-ubyte"), idx.array());
            Files.write(folder.resolve(part + "-labels-idx1-ubyte"),
                    ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count).array());
        }
        // A twin that is not read, of the size of the published one.
        Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), new byte[5148]);
        assertEquals(DATA, run("data", "fashion-mnist", folder.toString()), err);
        assertTrue(err.contains("bb300cfdad3c16e7a12a480ee83cd310") && err.contains("t10k-labels-idx1-ubyte.gz"), err);
    }

    private int tinyRun(String name, String... more) {
        String[] words = {"run", "--quiet", "--no-baseline", "--out", folder.resolve(name).toString(), "--set", "width=2",
            "--set", "rounds=2", "--set", "devices=3", "--set", "max-images=300", "--set", "max-test-images=20", "--set", "density=0.2",
            "--set", "pretrain-epochs=1", "--set", "adjust-every=1", "--set", "adjust-until=2", "--set", "threads=1"};
        String[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return run(all);
    }

    @Test
    void aRunWithItsOwnPartitionFileIsTheSameRun() throws Exception {
        String file = folder.resolve("split.json").toString();
        assertEquals(USAGE, run("partition"), err);
        assertEquals(OK, run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", file), err);
        assertTrue(out.contains("50 public images") && out.contains("dirichlet, alpha 0.5, seed 1") && out.lines().count() == 12, out);
        assertEquals(USAGE, run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", file), err);
        // Both are written, or neither: what could not be done is done by the same command with another name.
        String second = folder.resolve("second.json").toString();
        for (String shares : List.of(folder.toString(), folder.resolve("nowhere/shares").toString())) {
            assertNotEquals(OK, run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", second, "--shares", shares));
            assertTrue(err.contains(shares) && !err.contains(".tmp"), err);
            assertFalse(Files.exists(Path.of(second)));
        }
        Path shares = folder.resolve("shares");
        assertEquals(USAGE, run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", file, "--shares",
                shares.toString()), err);
        assertFalse(Files.exists(shares));
        assertEquals(OK, run("partition", "--set", "max-images=300", "--set", "devices=3", "--out", second, "--shares",
                shares.toString()), err);
        assertEquals(-1, Files.mismatch(Path.of(file), Path.of(second)));
        try (Stream<Path> files = Files.list(shares)) {
            assertEquals(3, files.count());
        }
        assertEquals(OK, tinyRun("drawn"), err);
        assertEquals(OK, tinyRun("kept", "--set", "partition-file=" + file), err);
        assertEquals(-1, Files.mismatch(folder.resolve("drawn").resolve("model.safetensors"),
                folder.resolve("kept").resolve("model.safetensors")));
        assertEquals(OK, tinyRun("uneven", "--set", "partition-file=" + file, "--set", "alpha=0.01"), err);
        assertEquals(-1, Files.mismatch(folder.resolve("drawn").resolve("model.safetensors"),
                folder.resolve("uneven").resolve("model.safetensors")), "alpha is unused with a partition file");
        assertEquals(USAGE, tinyRun("four", "--set", "partition-file=" + file, "--set", "devices=4"), err);
        assertTrue(err.contains("3 devices") && err.contains("set devices"), err);
        assertEquals(DATA, tinyRun("more", "--set", "partition-file=" + file, "--set", "max-images=400"), err);
        assertTrue(err.contains("300 training images"), err);
        assertEquals(DATA, tinyRun("none", "--set", "partition-file=nowhere.json"), err);
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void estimatePrintsBothCounts() {
        assertEquals(OK, run("estimate", "--set", "width=4"), err);
        assertTrue(out.contains("The papers' count: 5000 images and 395 steps") && out.contains("The exact count")
                && out.contains("total, 300 rounds"), out);
        assertEquals(OK, run("estimate", "--set", "width=4", "--set", "method=fedavg", "--json"), err);
        assertTrue(out.contains("\"ratioToDense\": 1.0") && out.contains("\"sessionBytes\""), out);
        assertEquals(USAGE, run("estimate", "--set", "density=2"), err);
        assertEquals(DATA, run("estimate", "--set", "data=" + folder.resolve("nowhere")), err);
    }
}
