package dev.fedtiny.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Class names that are known, or stand in a file beside the records. */
final class ClassNames {
    static final List<String> CIFAR10 =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
    static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    static final List<String> FASHION_MNIST =
            List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");
    static final List<String> KMNIST = List.of("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo");
    private static final int MAXIMUM_FILE_BYTES = 1 << 16;

    private ClassNames() {
    }

    /** The names in a file that may be there and may be anything: empty unless it is text of so many lines. */
    static Optional<List<String>> find(Path path, int classes) {
        try {
            return Optional.of(read(path, classes)).filter(names -> !names.isEmpty());
        } catch (DataException e) {
            return Optional.empty();
        }
    }

    /** Lines of a text, without the mark in front that some editors leave. */
    static Stream<String> lines(String text) {
        return (text.startsWith("\uFEFF") ? text.substring(1) : text).lines();
    }

    /** The names in a file, one a line; empty lines do not count, and no file means no names. */
    static List<String> read(Path path, int classes) {
        if (!Files.isRegularFile(path)) {
            return List.of();
        }
        byte[] bytes = DataFile.of(path).read(in -> in.readNBytes(MAXIMUM_FILE_BYTES + 1));
        if (bytes.length > MAXIMUM_FILE_BYTES) {
            throw new DataException(path + ": has more than " + MAXIMUM_FILE_BYTES + " bytes, expected " + classes + " short lines");
        }
        List<String> names;
        try {
            names = lines(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()).map(String::strip)
                    .filter(line -> !line.isEmpty()).toList();
        } catch (CharacterCodingException e) {
            throw new DataException(path + ": is not UTF-8 text, expected " + classes + " lines with one class name each", e);
        }
        if (names.size() != classes) {
            throw new DataException(path + ": has " + names.size() + " class names, expected " + classes);
        }
        return names;
    }
}
