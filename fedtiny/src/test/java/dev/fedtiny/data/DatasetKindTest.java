package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static dev.fedtiny.data.TestData.records;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What images are taken for: by checksums and names, as the caller says, or for nothing in particular. Never by their form alone. */
class DatasetKindTest {
    private static final List<String> IDX = List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte");

    @TempDir
    private Path directory;

    @Test
    void unknownIdxFilesAreNeutral() throws IOException {
        TestData.writeIdx(directory, 13, 3);
        TrainTest images = Datasets.open(directory);
        assertEquals(DatasetKind.CUSTOM, images.train().kind());
        assertEquals(Augmentation.NONE, images.train().kind().augmentation());
        assertEquals(List.of(), images.train().classNames(), "classes by number");
        long sum = 0;
        long squares = 0;
        byte[] file = TestData.idxImages(13);
        for (int i = 16; i < file.length; i++) {
            sum += file[i] & 0xff;
            squares += (file[i] & 0xff) * (file[i] & 0xff);
        }
        double mean = (double) sum / (13 * 784);
        Normalization measured = images.train().normalization();
        assertEquals(mean / 255, measured.mean().getFirst(), 1e-12, "without the padding");
        assertEquals(Math.sqrt((double) squares / (13 * 784) - mean * mean) / 255, measured.standardDeviation().getFirst(), 1e-12);
        assertTrue(measured.isMeasured());
        assertEquals(measured, images.test().normalization(), "figures of the training images for both");
        assertEquals(1, images.notes().size());
        assertTrue(images.notes().getFirst().contains("dataset = mnist, fashion-mnist or kmnist"), images.notes().toString());
    }

    @ParameterizedTest
    @CsvSource({"fashion-mnist, HALF, fashion-mnist, Ankle boot", "mnist, NEVER, mnist, 9", "kmnist, NEVER, measured, wo",
        "neutral, NEVER, measured,"})
    void aSettingSaysWhatTheyAre(String key, Augmentation.Mirroring mirroring, String figures, String lastClass) throws IOException {
        TestData.writeIdx(directory, 13, 3);
        TrainTest images = Datasets.open(directory, Cifar100Labels.FINE, Optional.of(DatasetKind.ofKey(key)));
        assertEquals(DatasetKind.ofKey(key), images.train().kind());
        assertEquals(mirroring, images.train().kind().augmentation().mirroring());
        assertEquals(figures, images.test().normalization().name());
        assertEquals(lastClass, images.train().classNames().isEmpty() ? null : images.train().classNames().getLast());
        assertEquals(List.of(), images.notes(), "what is said needs no note");
        assertEquals(Datasets.open(directory).train().contentHash(), images.train().contentHash(), "the same images");
    }

    @Test
    void imagesThatCannotBeOfAKindAreRefused() throws IOException {
        TestData.writeIdx(directory, 13, 3);
        for (String key : List.of("cifar10", "cifar100", "svhn", "cinic10")) {
            assertDataException(() -> Datasets.open(directory, Cifar100Labels.FINE, Optional.of(DatasetKind.ofKey(key))), "cannot be",
                    DatasetKind.ofKey(key).title());
        }
        String message = assertThrows(IllegalArgumentException.class, () -> DatasetKind.ofKey("emnist")).getMessage();
        assertTrue(message.contains("fashion-mnist") && message.contains("neutral"), message);
    }

    /** The files of the embedded part of Fashion-MNIST, packed and unpacked, are known wherever they lie. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void theEmbeddedFilesAreKnownInAFolderToo(boolean packed) throws IOException {
        for (String name : IDX) {
            DataFile file = DataFile.resource("demo/" + name + ".gz");
            if (packed) {
                try (InputStream in = file.source().open()) {
                    Files.copy(in, directory.resolve(name + ".gz"));
                }
            } else {
                Files.write(directory.resolve(name.replace("-idx", ".idx")), file.read(InputStream::readAllBytes));
            }
        }
        TrainTest images = Datasets.open(directory);
        assertEquals(DatasetKind.FASHION_MNIST, images.train().kind());
        assertEquals(Normalization.FASHION_MNIST, images.train().normalization());
        assertEquals(Datasets.demo().train().contentHash(), images.train().contentHash());
        assertEquals(List.of(), images.notes());
        Path labels = directory.resolve(packed ? IDX.get(1) + ".gz" : "train-labels.idx1-ubyte");
        byte[] changed = DataFile.of(labels).read(InputStream::readAllBytes);
        changed[20] = (byte) ((changed[20] + 1) % 10);
        Files.write(directory.resolve(IDX.get(1)), changed);
        assertEquals(DatasetKind.CUSTOM, Datasets.open(directory).train().kind(), "one label is another: it is no published file");
    }

    @Test
    void publishedSumsTellSetsApart() {
        assertEquals(Optional.of(DatasetKind.MNIST), PublishedIdx.kind(List.of(Set.of("f68b3c2dcbeaaa9fbdd348bbdeb94873", "0"),
                Set.of("a25bea736e30d166cdddb491f175f624"), Set.of("9fb629c4189551a2d022fa330f9573f3"),
                Set.of("ec29112dd5afa0611ce80d1b7f02629c"))));
        assertEquals(Optional.empty(), PublishedIdx.kind(List.of(Set.of("f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                Set.of("25c81989df183df01b3e8a0aad5dffbe"), Set.of("9fb629c4189551a2d022fa330f9573f3"),
                Set.of("ec29112dd5afa0611ce80d1b7f02629c"))), "images of one and labels of another");
        assertEquals(Optional.of(DatasetKind.KMNIST), PublishedIdx.kind(List.of(Set.of("bdb82020997e1d708af4cf47b453dcf7"),
                Set.of("e144d726b3acfaa3e44228e80efcd344"), Set.of("5c965bf0a639b31b8f53240b1b52f4d7"),
                Set.of("7320c461ea6c1c855c0b718fb2a4b134"))));
        for (PublishedSet set : List.of(PublishedSet.FASHION_MNIST, PublishedSet.MNIST)) {
            assertEquals(Optional.of(set.kind()), PublishedIdx.kind(set.files().stream().map(file -> Set.of(file.md5().orElseThrow()))
                    .toList()), "both tables say the same");
        }
    }

    @Test
    void recordsThatNameOtherClassesAreNotCifar10() throws IOException {
        Files.write(directory.resolve("data_batch_1.bin"), records(20, 1, 10));
        Files.write(directory.resolve("test_batch.bin"), records(3, 2, 10));
        Path meta = directory.resolve("batches.meta.txt");
        Files.writeString(meta, "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        assertEquals(DatasetKind.CIFAR10, Datasets.open(directory).train().kind());
        Files.writeString(meta, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        TrainTest images = Datasets.open(directory);
        assertEquals(DatasetKind.CUSTOM, images.train().kind());
        assertEquals("j", images.test().classNames().getLast());
        assertEquals(3, images.test().normalization().channels());
        assertTrue(images.test().normalization().isMeasured() && images.notes().getFirst().contains("batches.meta.txt"));
        assertEquals(DatasetKind.CIFAR10,
                Datasets.open(directory, Cifar100Labels.FINE, Optional.of(DatasetKind.CIFAR10)).train().kind(), "the caller knows better");
        assertDataException(() -> Datasets.open(directory, Cifar100Labels.FINE, Optional.of(DatasetKind.CIFAR100)), "cannot be CIFAR-100");
        assertEquals(Normalization.CINIC10,
                Datasets.open(directory, Cifar100Labels.FINE, Optional.of(DatasetKind.CINIC10)).test().normalization());
        Files.write(meta, new byte[] {(byte) 0xff, 1});
        assertEquals(DatasetKind.CIFAR10, Datasets.open(directory).train().kind(), "what is no text says nothing");
    }

    @Test
    void equalPixelsAreNotDividedByZero() throws IOException {
        for (int i = 0; i < 4; i++) {
            int count = i < 2 ? 3 : 2;
            boolean labels = i % 2 == 1;
            Files.write(directory.resolve(IDX.get(i)), labels ? ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count).array()
                    : ByteBuffer.allocate(16 + count * 784).putInt(0x803).putInt(count).putInt(28).putInt(28).array());
        }
        Normalization measured = Datasets.open(directory).train().normalization();
        assertEquals(List.of(0.0), measured.mean());
        assertEquals(0f, measured.normalize(0, (byte) 0));
    }

    /** Letters and digits mean something else in a mirror. */
    @ParameterizedTest
    @EnumSource(names = {"SVHN", "MNIST", "KMNIST", "CUSTOM"})
    void signsAreNeverMirrored(DatasetKind kind) {
        assertEquals(Augmentation.Mirroring.NEVER, kind.augmentation().mirroring());
    }

    @Test
    void figuresSurviveTheFileOfADeviceProcess() throws IOException {
        TestData.writeIdx(directory, 13, 3);
        Dataset train = Datasets.open(directory).train();
        ImageFile.write(train.subset(new int[] {2, 5}), directory.resolve("device.images"));
        Dataset mapped = ImageFile.map(directory.resolve("device.images"));
        assertEquals(train.normalization(), mapped.normalization());
        assertEquals(DatasetKind.CUSTOM, mapped.kind());
        assertTrue(Arrays.stream(mapped.labels()).allMatch(label -> label < 10));
    }
}
