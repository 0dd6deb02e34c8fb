package dev.fedtiny.cli;

import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** A flight recording of the whole command, for JDK Mission Control: the JVM's own events as it is set up by default, and ours. */
final class FlightRecording implements AutoCloseable {
    private static final List<String> EVENTS =
            List.of("dev.fedtiny.Step", "dev.fedtiny.Operator", "dev.fedtiny.Round", "dev.fedtiny.Message");

    private final Recording recording;
    private final Path file;

    private FlightRecording(Recording recording, Path file) {
        this.recording = recording;
        this.file = file;
    }

    /** Starts recording into a file that must not exist yet. */
    static FlightRecording start(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new UsageException("'" + file + "' exists already; give --jfr a new file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new UsageException("there is no folder '" + folder + "' for --jfr " + file);
        }
        try {
            Recording recording = new Recording(Configuration.getConfiguration("default"));
            EVENTS.forEach(event -> recording.enable(event).withoutThreshold());
            recording.start();
            return new FlightRecording(recording, file);
        } catch (ParseException e) {
            throw new IllegalStateException("the JVM's own flight-recorder settings cannot be read: " + e.getMessage(), e);
        }
    }

    /** Ends the recording and writes the file, whole or not at all. */
    @Override
    public void close() throws IOException {
        try (recording) {
            recording.stop();
            try (InputStream recorded = recording.getStream(null, null)) {
                AtomicFile.create(file, channel -> {
                    if (recorded != null) {
                        recorded.transferTo(Channels.newOutputStream(channel));
                    }
                });
            }
        }
    }
}
