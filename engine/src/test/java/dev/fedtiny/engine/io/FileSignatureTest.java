package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files given in another's place are known by their first bytes. */
class FileSignatureTest {
    @TempDir
    private Path folder;

    /** One example of a kind of file. */
    private record Example(FileSignature signature, byte[] bytes) {
    }

    private final List<Example> examples = new ArrayList<>();

    private void text(FileSignature signature, String... texts) {
        for (String text : texts) {
            examples.add(new Example(signature, text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Hexadecimal digits, with as many zeros behind as no mark needs. */
    private void bytes(FileSignature signature, String... hex) {
        for (String digits : hex) {
            examples.add(new Example(signature, Arrays.copyOf(HexFormat.of().parseHex(digits.replace(" ", "")), 600)));
        }
    }

    private void zip(FileSignature signature, String firstEntry) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(packed)) {
            out.putNextEntry(new ZipEntry(firstEntry));
            out.write(new byte[2000]);
        }
        examples.add(new Example(signature, packed.toByteArray()));
    }

    private void makeExamples() throws IOException {
        text(FileSignature.EMPTY, "");
        text(FileSignature.GIT_LFS_POINTER, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
        text(FileSignature.GIT_ANNEX_POINTER, "/annex/objects/SHA256E-s1--0.safetensors\n");
        text(FileSignature.HTML, "<!DOCTYPE html><html>", "\n  <html lang=\"en\">", "<!-- moved --> <!doctype HTML>", "\ufeff<HEAD>",
                "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"\"><html xmlns=\"\">");
        text(FileSignature.XML, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>", "<Error>");
        text(FileSignature.ERROR_TEXT, "404: Not Found", "403 Forbidden\n", "Not Found", "Entry not found",
                "HTTP/1.1 503 Service Unavailable", "Invalid username or password.");
        zip(FileSignature.PYTORCH_ZIP, "archive/data.pkl");
        zip(FileSignature.PYTORCH_ZIP, "my model/data.pkl");
        zip(FileSignature.NUMPY_ZIP, "conv1.weight.npy");
        zip(FileSignature.KERAS_ZIP, "metadata.json");
        zip(FileSignature.ZIP, "cifar-10-batches-bin/data_batch_1.bin");
        bytes(FileSignature.ZIP, "504b0506");
        bytes(FileSignature.PYTORCH_PICKLE, "80028a0a6cfc9c46f9206aa850192e");
        text(FileSignature.PICKLE, "(dp0\nS'data'\n", "ccopy_reg\n_reconstructor\n");
        bytes(FileSignature.PICKLE, "80027d7100", "80049500", "8002 7d71");
        bytes(FileSignature.NUMPY, "934e554d5059 0100 7600");
        text(FileSignature.MATLAB_HDF5, "MATLAB 7.3 MAT-file, Platform: GLNXA64");
        text(FileSignature.MATLAB, "MATLAB 5.0 MAT-file, Platform: GLNXA64");
        bytes(FileSignature.HDF5, "894844460d0a1a0a");
        bytes(FileSignature.GGUF, "47475546 03000000");
        bytes(FileSignature.TENSORFLOW_LITE, "1c000000 54464c33");
        // ir_version 8, producer "pytorch"; a graph first; an operator set first; a version of the model first.
        bytes(FileSignature.ONNX, "0808 1207 7079746f726368 1a05 322e302e30", "0807 3a 9a05 0a20", "0807 42 02 10 11 3a", "080a 2801 3a05",
                "0809 1200 3a9a05");
        bytes(FileSignature.TENSORFLOW, "0801 12 e3a402 0a 80");
        text(FileSignature.SAFETENSORS, "\u0040\0\0\0\0\0\0\0{\"a\":{\"dtype\"", "\u0010\0\0\0\0\0\0\0{}              ");
        // A header of 640 bytes begins as a pickle does, one of 35,615 as gzip does.
        bytes(FileSignature.SAFETENSORS, "8002000000000000 7b22", "1f8b000000000000 7b22");
        bytes(FileSignature.PNG, "89504e470d0a1a0a 0000000d49484452");
        bytes(FileSignature.JPEG, "ffd8ffe0");
        text(FileSignature.GIF, "GIF89a....");
        bytes(FileSignature.WEBP, "52494646 00000000 57454250");
        bytes(FileSignature.TIFF, "49492a00", "4d4d002a");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(1);
        }
        examples.add(new Example(FileSignature.GZIP, packed.toByteArray()));
        bytes(FileSignature.BZIP2, "425a6839314159265359");
        bytes(FileSignature.XZ, "fd377a585a00");
        bytes(FileSignature.ZSTANDARD, "28b52ffd");
        bytes(FileSignature.SEVEN_ZIP, "377abcaf271c");
        text(FileSignature.RAR, "Rar!\u001a");
        byte[] tar = new byte[10240];
        System.arraycopy("data_batch_1.bin".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 16);
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        examples.add(new Example(FileSignature.TAR, tar));
        text(FileSignature.PARQUET, "PAR1");
        text(FileSignature.PDF, "%PDF-1.7");
        text(FileSignature.SAFETENSORS_INDEX, "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {}}");
        text(FileSignature.JSON, "{\"a\": 1}", "\ufeff {}", "[1, 2]", "{\n  \"manifest\": \"1\"\n}\n");
        bytes(FileSignature.UTF16, "fffe7b00", "feff007b");
    }

    @Test
    void everySignatureIsKnownByItsExamples() throws IOException {
        makeExamples();
        Set<FileSignature> seen = EnumSet.noneOf(FileSignature.class);
        for (Example example : examples) {
            String shown = new String(example.bytes(), 0, Math.min(60, example.bytes().length), StandardCharsets.ISO_8859_1);
            assertEquals(Optional.of(example.signature()), FileSignature.of(example.bytes()), shown);
            String sentence = FileSignature.describe(example.bytes()).orElseThrow();
            assertTrue(sentence.startsWith("this is ") && sentence.contains("; "), sentence);
            assertEquals(Optional.empty(), FileSignature.describe(example.bytes(), example.signature()));
            seen.add(example.signature());
        }
        assertEquals(EnumSet.allOf(FileSignature.class), seen);
    }

    @Test
    void rawDataAndOrdinaryTextAreNothingElse() {
        for (String text : List.of("key = value\n", "# settings\nmethod = fedtiny\n", "{ not json", "version 2\n", "a", "\0\0\u0008\u0003",
                "\u0008\u0003\u0004\u0005\u0006\u0007", "<3", "learning-rate = 0.1")) {
            assertEquals(Optional.empty(), FileSignature.of(text.getBytes(StandardCharsets.ISO_8859_1)), text);
        }
        assertEquals(Optional.empty(), FileSignature.of(new byte[3073]));
    }

    @Test
    void everyPrefixIsTakenWithoutFailure() throws IOException {
        makeExamples();
        for (Example example : examples) {
            for (int length = 0; length < Math.min(400, example.bytes().length); length++) {
                FileSignature.of(Arrays.copyOf(example.bytes(), length));
            }
        }
    }

    /** Whatever stands in a model's place is named, with what to do, and never as a damaged header. */
    @Test
    void readersOfSafetensorsSayWhatTheyWereGiven() throws IOException {
        makeExamples();
        for (Example example : examples) {
            if (example.signature() == FileSignature.SAFETENSORS || example.signature() == FileSignature.EMPTY) {
                continue;
            }
            Path file = Files.write(folder.resolve("model.safetensors"), example.bytes());
            SafetensorsException failure = assertThrows(SafetensorsException.class, () -> ModelFile.load(file));
            assertTrue(failure.getMessage().endsWith(example.signature().sentence()), failure.getMessage());
            assertTrue(failure.getMessage().startsWith(file.toString()), failure.getMessage());
        }
    }

    @Test
    void filesAreDescribedAsTheirBytesAre() throws IOException {
        Path page = Files.writeString(folder.resolve("page"), "<html>");
        assertEquals(Optional.of(FileSignature.HTML.sentence()), FileSignature.describe(page));
        assertEquals(Optional.empty(), FileSignature.describe(page, FileSignature.HTML));
        assertTrue(FileSignature.describe(folder).orElseThrow().contains("a directory"));
        assertEquals(Optional.empty(), FileSignature.describe(folder.resolve("none")));
    }
}
