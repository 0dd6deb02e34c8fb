package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static dev.fedtiny.data.TestData.gzip;
import static dev.fedtiny.data.TestData.idxImages;
import static dev.fedtiny.data.TestData.idxLabels;
import static dev.fedtiny.data.TestData.records;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files under the names, in the places and in the state in which people have them. */
class FoundFoldersTest {
    @TempDir
    private Path directory;

    private void idx(String trainImages, String trainLabels, String testImages, String testLabels) throws IOException {
        Files.write(directory.resolve(trainImages), idxImages(4));
        Files.write(directory.resolve(trainLabels), idxLabels(4));
        Files.write(directory.resolve(testImages), idxImages(2));
        Files.write(directory.resolve(testLabels), idxLabels(2));
    }

    private void cifar10(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("data_batch_1.bin"), records(3, 1, 10));
        Files.write(folder.resolve("test_batch.bin"), records(2, 2, 10));
    }

    @Test
    void idxFilesMayHaveADotAndCapitals() throws IOException {
        idx("train-images.idx3-ubyte", "Train-Labels.idx1-ubyte", "T10K-IMAGES-IDX3-UBYTE", "t10k-labels-idx1-ubyte");
        assertEquals(4, Datasets.open(directory).train().count());
        assertEquals(2, Datasets.open(directory).test().count());
    }

    @Test
    void contentThatIsGzipIsUnpackedWhateverTheName() throws IOException {
        idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
        String plain = Datasets.open(directory).train().contentHash();
        for (String name : new String[] {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
            Files.write(directory.resolve(name), gzip(Files.readAllBytes(directory.resolve(name))));
        }
        assertEquals(plain, Datasets.open(directory).train().contentHash());
        Path packed = directory.resolve("cifar");
        cifar10(packed);
        Files.write(packed.resolve("data_batch_1.bin"), gzip(records(3, 1, 10)));
        assertEquals(3, Datasets.open(packed).train().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cifar-10-batches-bin", "a b/ä/cifar-10-batches-bin", "Downloads/cifar-10-binary/CIFAR-10-BATCHES-BIN"})
    void theParentIsTaken(String inside) throws IOException {
        cifar10(directory.resolve(inside));
        Files.createDirectories(directory.resolve("__MACOSX").resolve(inside));
        Files.write(directory.resolve("__MACOSX").resolve(inside).resolve("data_batch_1.bin"), new byte[3]);
        Files.write(directory.resolve("cifar-10-binary.tar.gz"), new byte[3]);
        assertEquals(3, Datasets.open(directory).train().count());
        assertEquals(directory.resolve(inside), DataSource.folder(directory));
    }

    @Test
    void severalSetsBelowAreNamed() throws IOException {
        cifar10(directory.resolve("one"));
        cifar10(directory.resolve("two"));
        assertDataException(() -> Datasets.open(directory), "several in folders", "one", "two", "give one of them");
    }

    @Test
    void capitalsAreTaken() throws IOException {
        Files.write(directory.resolve("DATA_BATCH_1.BIN"), records(3, 1, 10));
        Files.write(directory.resolve("TEST_BATCH.BIN"), records(2, 2, 10));
        assertEquals(3, Datasets.open(directory).train().count());
    }

    @Test
    void formsThatAreNotReadAreNamedWithWhatToFetch() throws IOException {
        byte[] pickle = {(byte) 0x80, 2, '}', 'q'};
        for (String name : new String[] {"batches.meta", "data_batch_1", "test_batch"}) {
            Files.write(directory.resolve(name), pickle);
        }
        assertDataException(() -> Datasets.open(directory), "Python version (pickles) of CIFAR-10", "cifar-10-binary.tar.gz",
                "cifar-10-batches-bin");
        assertDataException(() -> Datasets.open(Files.createDirectories(directory.resolve("empty"))), "no known data set");
        Path hundred = Files.createDirectory(directory.resolve("cifar-100-python"));
        for (String name : new String[] {"meta", "test", "train"}) {
            Files.write(hundred.resolve(name), pickle);
        }
        assertDataException(() -> Datasets.open(hundred), "Python version (pickles) of CIFAR-100", "cifar-100-binary.tar.gz");
        Path archive = Files.createDirectory(directory.resolve("archive"));
        Files.write(archive.resolve("CINIC-10.tar.gz"), new byte[3]);
        assertDataException(() -> Datasets.open(archive), "CINIC-10.tar.gz", "unpack it first", "tar -xf");
    }

    @Test
    void whatIsNoDataIsNamed() throws IOException {
        cifar10(directory);
        Path batch = directory.resolve("data_batch_1.bin");
        Files.writeString(batch, "<!DOCTYPE html><html>" + "x".repeat(5000));
        assertDataException(() -> Datasets.open(directory), "data_batch_1.bin", "web page (HTML)");
        Files.writeString(batch, "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 30730000\n");
        assertDataException(() -> Datasets.open(directory), "data_batch_1.bin", "Git LFS pointer", "git lfs pull");
        Files.writeString(directory.resolve("data_batch_1.bin.gz"), "<html>");
        Files.delete(batch);
        assertDataException(() -> Datasets.open(directory), "data_batch_1.bin.gz", "not valid gzip", "web page (HTML)");
        Files.delete(directory.resolve("data_batch_1.bin.gz"));
        Files.createSymbolicLink(batch, Path.of("gone.bin"));
        assertDataException(() -> Datasets.open(directory), "data_batch_1.bin is a link to what does not exist");
    }

    @Test
    void aTruncatedDownloadIsMeasuredAgainstThePublishedSize() throws IOException {
        cifar10(directory);
        Files.write(directory.resolve("data_batch_1.bin"), Arrays.copyOf(records(3, 1, 10), 5000));
        assertDataException(() -> Datasets.open(directory), "record 1", "the file has 5000 bytes", "30730000 (CIFAR-10)");
        Path svhn = Files.createDirectory(directory.resolve("svhn"));
        Files.write(svhn.resolve("train_32x32.mat"), new byte[100]);
        Files.write(svhn.resolve("test_32x32.mat"), new byte[100]);
        assertDataException(() -> Datasets.open(svhn), "the file has 100 bytes", "182040794 (SVHN)");
        Path idx = Files.createDirectory(directory.resolve("idx"));
        for (String name : new String[] {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte"}) {
            byte[] packed = gzip(name.contains("images") ? idxImages(4) : idxLabels(4));
            Files.write(idx.resolve(name + ".gz"), name.startsWith("train-images") ? Arrays.copyOf(packed, 1000) : packed);
        }
        assertDataException(() -> Datasets.open(idx), "train-images-idx3-ubyte.gz", "end early", "the file has 1000 bytes",
                "26421880 (Fashion-MNIST)", "9912422 (MNIST)");
    }

    @Test
    void aFileInPlaceOfAFolderIsNamed() throws IOException {
        Path page = Files.writeString(directory.resolve("page.html"), "<html></html>");
        assertDataException(() -> Datasets.open(page), "is not a directory", "web page (HTML)");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("gone"));
        assertDataException(() -> Datasets.open(link), "link to what does not exist");
        assertTrue(Files.isSymbolicLink(link));
    }
}
