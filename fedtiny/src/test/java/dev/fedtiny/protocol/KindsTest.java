package dev.fedtiny.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tasks that are marked by a name, as those of methods from elsewhere are. */
class KindsTest {
    private static final TaskKind NAMED = new TaskKind("elsewhere", (_, _, _) -> new Foreign());

    /** A task of no further bytes. */
    private record Foreign() implements LocalTask {
        @Override
        public TaskKind kind() {
            return NAMED;
        }
    }

    private static byte[] frame(LocalTask task) {
        return CodecFixture.CODEC.encode(CodecFixture.ROUND, CodecFixture.DEVICE, CodecFixture.trainFor(task));
    }

    private static Train decode(byte[] frame, TaskKind... kinds) {
        return (Train) new Codec(CodecFixture.NETWORK, new Kinds<>(List.of(kinds))).decodeRequest(frame, CodecFixture.DEVICE,
                CodecFixture.HELD, 0).message();
    }

    @Test
    void aNamedTaskIsFoundByItsName() {
        byte[] frame = frame(new Foreign());
        assertEquals(frame(new PlainTraining()).length + 1 + "elsewhere".length(), frame.length);
        assertInstanceOf(Foreign.class, decode(frame, PlainTraining.KIND, NAMED).task());
        assertArrayEquals(frame, frame(decode(frame, NAMED).task()));
    }

    @Test
    void whatIsNotKnownIsNamed() {
        ProtocolException named = assertThrows(ProtocolException.class, () -> decode(frame(new Foreign()), PlainTraining.KIND));
        assertEquals(Fault.CONTENT, named.fault());
        assertTrue(named.getMessage().contains("'elsewhere', expected one of 0 (plain)"), named.getMessage());
        ProtocolException coded = assertThrows(ProtocolException.class, () -> decode(frame(new PlainTraining()), NAMED));
        assertTrue(coded.getMessage().contains("task is 0, expected one of 'elsewhere'"), coded.getMessage());
    }

    @Test
    void twoCannotBeCalledAlike() {
        TaskKind same = new TaskKind("other", 0, (_, _, _) -> new PlainTraining());
        assertThrows(IllegalArgumentException.class, () -> new Kinds<>(List.of(PlainTraining.KIND, same)));
        TaskKind called = new TaskKind("plain", (_, _, _) -> new PlainTraining());
        assertThrows(IllegalArgumentException.class, () -> new Kinds<>(List.of(PlainTraining.KIND, called)));
        assertEquals("0 (plain)", new Kinds<>(List.of(PlainTraining.KIND, PlainTraining.KIND)).toString());
        for (String name : List.of("", "two words", "\u00e9", "x".repeat(101))) {
            assertThrows(IllegalArgumentException.class, () -> new TaskKind(name, (_, _, _) -> new PlainTraining()), name);
        }
    }

    @Test
    void whatANameCannotHoldReachesNoTerminal() {
        String read = Kinds.name("a\u001b[31m\u00e9".getBytes(StandardCharsets.UTF_8));
        assertFalse(read.chars().anyMatch(c -> c < 0x21 || c > 0x7e), read);
    }
}
