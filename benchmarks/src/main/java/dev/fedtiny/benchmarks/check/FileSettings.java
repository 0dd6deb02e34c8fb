package dev.fedtiny.benchmarks.check;

import dev.fedtiny.engine.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * A reference file's settings. Whatever a file says is either obeyed or refused by name: a setting that is passed over would let a
 * comparison fail, or pass, for a reason that nobody sees.
 *
 * @param metadata of the file
 * @param file its name, for messages
 */
record FileSettings(Map<String, String> metadata, String file) {
    static FileSettings of(SafetensorsFile file) {
        return new FileSettings(file.metadata(), Path.of(file.name()).getFileName().toString());
    }

    /** A setting without which the file is of no use. */
    String text(String key) throws IOException {
        String text = metadata.get(key);
        if (text == null) {
            throw new IOException(file + ": metadata has no '" + key + "'; it is no complete reference file");
        }
        return text.strip();
    }

    /** A whole number of at least {@code least}. */
    int count(String key, int least) throws IOException {
        String text = text(key);
        try {
            int count = Integer.parseInt(text);
            if (count >= least) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a number that is too small is.
        }
        throw failure(key, text, "a whole number of at least " + least);
    }

    double number(String key) throws IOException {
        String text = text(key);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw failure(key, text, "a number");
        }
    }

    double number(String key, double fallback) throws IOException {
        return metadata.containsKey(key) ? number(key) : fallback;
    }

    boolean flag(String key) throws IOException {
        String text = metadata.getOrDefault(key, "false").strip().toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw failure(key, text, "true or false");
        }
        return text.equals("true");
    }

    IOException failure(String key, String found, String expected) {
        return new IOException(file + ": metadata '" + key + "' is '" + found + "', expected " + expected);
    }

    /**
     * Refuses settings that the engine has no counterpart of, unless they have the value at which they do nothing. Lists are compared
     * element by element.
     *
     * @param neutral that value by setting
     */
    void refuseOthersThan(Map<String, String> neutral) throws IOException {
        for (Map.Entry<String, String> entry : neutral.entrySet()) {
            String found = metadata.get(entry.getKey());
            if (found != null && !isNeutral(found, entry.getValue())) {
                throw failure(entry.getKey(), found, entry.getValue() + ", all that this check can compute");
            }
        }
    }

    private static boolean isNeutral(String text, String neutral) {
        for (String part : text.replaceAll("[\\[\\]()\\s]", "").toLowerCase(Locale.ROOT).split(",", -1)) {
            if (!part.equals(neutral) && !part.equals("none") && !sameNumber(part, neutral)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameNumber(String text, String neutral) {
        try {
            return Double.parseDouble(text) == Double.parseDouble(neutral);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
