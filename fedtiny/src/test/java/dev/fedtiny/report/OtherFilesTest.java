package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.PartitionFile;
import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.experiment.AlgorithmSetting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Whatever kind of file a reader wants, another one in its place is named. */
class OtherFilesTest {
    @TempDir
    private Path folder;

    private static Map<FileSignature, byte[]> files() throws IOException {
        Map<FileSignature, byte[]> files = new LinkedHashMap<>();
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("archive/data.pkl"));
        }
        files.put(FileSignature.PYTORCH_ZIP, zip.toByteArray());
        files.put(FileSignature.HTML, "<!DOCTYPE html><html></html>\n".getBytes(StandardCharsets.UTF_8));
        files.put(FileSignature.GIT_LFS_POINTER, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
                .getBytes(StandardCharsets.UTF_8));
        files.put(FileSignature.PNG, new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 0, 0, 0, 0, 0});
        files.put(FileSignature.PICKLE, new byte[] {(byte) 0x80, 4, '}', '.', 0, 0, 0, 0, 0, 0, 0, 0});
        return files;
    }

    private static void assertNamed(FileSignature signature, Executable reading) {
        String message = assertThrows(RuntimeException.class, reading).getMessage();
        assertTrue(message.contains(signature.what()), message);
    }

    @Test
    void everyReaderNamesWhatItWasGiven() throws IOException {
        for (Map.Entry<FileSignature, byte[]> given : files().entrySet()) {
            Path file = Files.write(folder.resolve("file"), given.getValue());
            assertNamed(given.getKey(), () -> PartitionFile.read(file));
            assertNamed(given.getKey(), () -> ImageFile.map(file));
            assertNamed(given.getKey(), () -> AlgorithmSetting.of(file.toString()));
            Path run = Files.createDirectories(folder.resolve("run"));
            Files.write(run.resolve("manifest.json"), given.getValue());
            assertNamed(given.getKey(), () -> RunReader.read(run));
        }
    }
}
