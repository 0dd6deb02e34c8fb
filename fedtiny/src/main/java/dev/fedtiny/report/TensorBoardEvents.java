package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.experiment.metrics.RoundFigure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Event files as TensorBoard reads them: records of TensorFlow's TFRecord form (length, masked CRC32C of it, an {@code Event} of protocol
 * buffers, masked CRC32C of that), one scalar summary a figure and round. The forms are those of {@code tensorflow/core/util/event.proto},
 * {@code summary.proto} and {@code lib/io/record_writer}.
 */
final class TensorBoardEvents {
    private static final String PREFIX = "events.out.tfevents.";
    private static final String SUFFIX = ".fedtiny";
    private static final String VERSION = "brain.Event:2";
    /** Fields of Event. */
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    /** Fields of Summary and its Value. */
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int MASK_DELTA = 0xa282ead8;

    private TensorBoardEvents() {
    }

    /** Writes one folder a run, named as its directory is; runs of the same name get a number. */
    static void write(ReportRuns runs, Path folder) throws IOException {
        Set<String> names = new HashSet<>();
        for (RunGroup group : runs.groups()) {
            for (RunRecord run : group.runs()) {
                Path directory = run.directory().toAbsolutePath().normalize();
                String last = String.valueOf(directory.getFileName());
                // Dense runs beside others are all called alike.
                String name = RunReader.isRun(directory.getParent()) ? directory.getParent().getFileName() + "_" + last : last;
                String unique = name;
                for (int number = 2; !names.add(unique); number++) {
                    unique = name + "-" + number;
                }
                Path of = Files.createDirectories(folder.resolve(unique));
                double started = started(run);
                // Always the same name: written again, it takes the place of the one before.
                Path file = of.resolve(PREFIX + (long) started + SUFFIX);
                ByteBuffer bytes = ByteBuffer.wrap(events(run, started));
                AtomicFile.write(file, out -> {
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                });
                deleteOthers(of, file);
            }
        }
    }

    /**
     * Of a run that had this name before, and of a process that was killed while it wrote: TensorBoard draws all files of a folder as one
     * run, and takes those whose name holds "tfevents" anywhere.
     */
    private static void deleteOthers(Path folder, Path written) throws IOException {
        AtomicFile.removeLeftovers(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
            for (Path file : files) {
                if (!file.equals(written)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Seconds since 1970; 0 where the manifest does not say. */
    private static double started(RunRecord run) {
        try {
            Instant instant = Instant.parse(run.manifest().find("started").map(JsonMembers::text).orElse(""));
            return instant.getEpochSecond() + instant.getNano() / 1e9;
        } catch (DateTimeParseException e) {
            return 0;
        }
    }

    private static byte[] events(RunRecord run, double started) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        record(file, new ProtobufWriter().float64(WALL_TIME, started).text(FILE_VERSION, VERSION));
        double[] seconds = run.spent(RunRecord.Cost.SECONDS);
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            JsonObject line = lines.get(round);
            ProtobufWriter summary = new ProtobufWriter();
            RoundFigure.ALL.forEach(figure -> value(summary, figure.key(), figure.of(line)));
            Optional<JsonObject> known = JsonMembers.object(line, "byClass");
            if (known.isPresent()) {
                JsonObject classes = known.get();
                double[] count = JsonMembers.numbers(classes, "count");
                double[] correct = JsonMembers.numbers(classes, "correct");
                List<String> names = distinct(run.classNames(count.length));
                for (int label = 0; label < count.length; label++) {
                    value(summary, "accuracy_by_class/" + names.get(label), count[label] > 0 ? correct[label] / count[label] : Double.NaN);
                }
            }
            record(file, new ProtobufWriter().float64(WALL_TIME, started + seconds[round]).number(STEP, round).message(SUMMARY, summary));
        }
        return file.toByteArray();
    }

    /** With the numbers of classes that share a name, as words of Tiny ImageNet may: a tag stands once in a summary. */
    private static List<String> distinct(List<String> names) {
        return IntStream.range(0, names.size()).mapToObj(label -> Collections.frequency(names, names.get(label)) == 1 ? names.get(label)
                : names.get(label) + " (" + label + ")").toList();
    }

    private static void value(ProtobufWriter summary, String tag, double value) {
        if (Double.isFinite(value)) {
            summary.message(VALUE, new ProtobufWriter().text(TAG, tag).real(SIMPLE_VALUE, (float) value));
        }
    }

    private static void record(ByteArrayOutputStream file, ProtobufWriter event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        event.write(bytes);
        byte[] length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.size()).array();
        file.write(length);
        file.write(masked(length));
        file.write(bytes.toByteArray());
        file.write(masked(bytes.toByteArray()));
    }

    /** Rotated right by 15 and added to a constant, since a CRC over bytes that hold their own CRC would be of little use. */
    private static byte[] masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA).array();
    }
}
