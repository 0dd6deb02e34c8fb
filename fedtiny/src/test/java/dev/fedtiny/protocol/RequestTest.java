package dev.fedtiny.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Requests that share a body are the frames that a writer makes of each. */
class RequestTest {
    @Test
    void everyDeviceHasAFrameOfItsOwnOverOneBody() {
        Random random = new Random(25);
        for (int length : new int[] {0, 1, 3, 64, 4095, 65_536, 300_001}) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            Request.Body body = Request.ofFrame(frame(0, 0, payload)).body();
            for (int device : new int[] {0, 1, 77, 1_000_000}) {
                Request request = Request.of(device + 5, device, body);
                byte[] expected = frame(device + 5, device, payload);
                assertArrayEquals(expected, request.frame(), length + " bytes to device " + device);
                assertEquals(device, Frame.decode(request.frame()).device());
            }
        }
    }

    private static byte[] frame(int round, int device, byte[] payload) {
        return new FrameWriter(MessageKind.TRAIN, round, device, payload.length).bytes(payload).finish();
    }
}
