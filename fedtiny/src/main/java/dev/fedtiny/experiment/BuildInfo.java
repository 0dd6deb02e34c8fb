package dev.fedtiny.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which program this is, as noted when it was built.
 *
 * @param version of the release
 * @param commit full hash of the sources, with {@code -dirty} where they were changed since, or {@code unknown}
 */
public record BuildInfo(String version, String commit) {
    private static final BuildInfo THIS = read();

    /**
     * Of the program that runs.
     *
     * @return version and commit
     */
    public static BuildInfo get() {
        return THIS;
    }

    /** In words. */
    @Override
    public String toString() {
        return "version " + version + ", commit " + commit;
    }

    private static BuildInfo read() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BuildInfo(filled(properties.getProperty("version")), filled(properties.getProperty("commit")));
    }

    /** A value; tools that copy the file as it is, as some editors do, leave its placeholders. */
    private static String filled(String value) {
        return value == null || value.isBlank() || value.startsWith("${") ? "unknown" : value.strip();
    }
}
