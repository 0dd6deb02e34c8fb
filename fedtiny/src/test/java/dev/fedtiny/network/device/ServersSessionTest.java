package dev.fedtiny.network.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A device does not believe its server: numbers of a session that no server means are named, and nothing is done by them. */
class ServersSessionTest {
    private static JsonObject session(Map<String, Long> changes) {
        JsonObject.Builder said = JsonObject.builder().put("bearer", "b").put("run", "r").put("terms", "t");
        for (String name : new String[] {"number", "poll", "beatMillis", "chunk", "termsBytes"}) {
            said.put(name, changes.getOrDefault(name, 1L));
        }
        return said.build();
    }

    @Test
    void numbersHaveTheirRange() {
        assertEquals(new LinkSession.Session("b", 1, "r", 1, 1, 1, "t", 1), LinkSession.session(session(Map.of())));
        assertEquals(3600, LinkSession.session(session(Map.of("poll", 3600L))).pollSeconds());
        assertEquals(0, LinkSession.session(session(Map.of("number", 0L))).number());
        // A wait of 1000 times as many milliseconds would be below 0; a beat of none, or parts of none, would never end.
        Map<String, long[]> wrong = Map.of("number", new long[] {-1, 1L << 31}, "poll", new long[] {-1, 3601, 3_000_000, Long.MAX_VALUE},
                "beatMillis", new long[] {0, -1, 1L << 31}, "chunk", new long[] {0, -1, 1L << 31}, "termsBytes", new long[] {-1, 1L << 31});
        wrong.forEach((name, values) -> {
            for (long value : values) {
                String message = assertThrows(JsonException.class, () -> LinkSession.session(session(Map.of(name, value)))).getMessage();
                assertTrue(message.contains("'" + name + "' is " + value), message);
            }
        });
    }
}
