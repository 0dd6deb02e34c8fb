package dev.fedtiny.engine.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What a meter does while the flight recorder runs can be read back from the recording. */
@Isolated("a recording has the events of every meter of the process, and makes these allocate")
class FlightRecorderTest {
    @Test
    void stepsAndOperatorsAreRecorded(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("steps.jfr");
        Meter meter = new Meter(Workers.of(1));
        int operator = meter.operator("layer1.0.conv1");
        try (Recording recording = new Recording()) {
            recording.enable("dev.fedtiny.Step");
            recording.enable("dev.fedtiny.Operator").withoutThreshold();
            recording.start();
            for (int step = 0; step < 3; step++) {
                meter.beginStep();
                meter.start(operator);
                meter.stop(PassKind.BACKWARD_DATA, 0);
                meter.endStep(7);
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<RecordedEvent> operators = events.stream().filter(e -> e.getEventType().getName().equals("dev.fedtiny.Operator")).toList();
        assertEquals(3, operators.size());
        for (RecordedEvent event : operators) {
            assertEquals("layer1.0.conv1", event.getString("operator"));
            assertEquals("BACKWARD_DATA", event.getString("pass"));
            assertTrue(event.getDuration("threadTime").toNanos() > 0);
        }
        List<RecordedEvent> steps = events.stream().filter(e -> e.getEventType().getName().equals("dev.fedtiny.Step")).toList();
        assertEquals(3, steps.size());
        long rest = 0;
        for (RecordedEvent event : steps) {
            assertEquals(7, event.getInt("images"));
            rest += event.getDuration("rest").toNanos();
        }
        assertEquals(meter.read().restNanos(), rest);
        assertNull(FlightRecords.beginStep(), "no recording runs any more, so no event is wanted");
    }
}
