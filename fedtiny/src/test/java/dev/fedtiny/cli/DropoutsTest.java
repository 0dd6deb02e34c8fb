package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DropoutsTest {
    @Test
    void fewAreNamedOneByOneAndManyAreCounted() {
        Dropouts dropouts = new Dropouts();
        assertEquals(List.of(), dropouts.lines(List.of()));
        assertEquals("", dropouts.summary());
        assertEquals(List.of("device 3 dropped out: gone"), dropouts.lines(List.of(new DeviceFailure(3, Cause.LOST, "gone"))));
        List<DeviceFailure> many = Stream.concat(IntStream.range(10, 16).mapToObj(k -> new DeviceFailure(k, Cause.LATE, "slow " + k)),
                IntStream.range(20, 24).mapToObj(k -> new DeviceFailure(k, Cause.LOST, "gone"))).toList();
        List<String> lines = dropouts.lines(many);
        assertEquals(6, lines.size());
        assertEquals("device 14 dropped out: slow 14", lines.get(4));
        assertEquals("and 5 more devices dropped out: 4 lost, 1 late", lines.get(5));
        // Whose answers nobody waited for has not failed.
        assertEquals(List.of(), dropouts.lines(List.of(new DeviceFailure(1, Cause.RELEASED, "others were sooner"))));
        dropouts.lines(List.of(new DeviceFailure(3, Cause.LOST, "gone again")));
        assertEquals("missing answers: 12, of 11 devices; 6 lost (devices 3, 20, 21, 22, 23), "
                + "6 late (devices 10, 11, 12, 13, 14 and 1 more)",
                dropouts.summary());
    }
}
