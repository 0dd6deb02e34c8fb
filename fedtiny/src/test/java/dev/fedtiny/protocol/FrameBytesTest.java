package dev.fedtiny.protocol;

import static dev.fedtiny.protocol.CodecFixture.CODEC;
import static dev.fedtiny.protocol.CodecFixture.DEVICE;
import static dev.fedtiny.protocol.CodecFixture.ROUND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Frames have the bytes that they had when version 2 of the protocol was fixed: devices and servers of different builds understand each
 * other. Length and the first eight bytes of the SHA-256 of every frame; a change here is a change of {@link Frame#VERSION}.
 */
class FrameBytesTest {
    private static final List<String> REQUESTS = List.of(
            "30 04cdc6e3d082fc1d",
            "51 a21165e5e087e95d",
            "780 212c8439515e7b55",
            "756 d39bf48405be79d7",
            "22 dff64db6e0c31a7e",
            "863 d1c2842ae00a4986",
            "863 fd8cb833f7152212",
            "154 2eaa91f0faf7b1fb",
            "1223 12f43cf1b12a7479");
    private static final List<String> ANSWERS = List.of(
            "45 cb17f4706393b0ec",
            "26 e4675d46e284760a",
            "222 43ce20a90e878824",
            "90 97c43e6891a145cc",
            "778 4fc84a5f0cbb6d9a",
            "38 43cfa5305e3f9c72");
    private static final List<String> SECURE_REQUESTS = List.of(
            "38 31a8ec61741238ce",
            "398 06a632bf4253bd77",
            "813 19db80f04982bb3b",
            "789 97ffd0824301421a",
            "896 f9bd7a294040ed9d",
            "187 a5ea2bb0e01a41d2",
            "91 22dc3f1136340548",
            "138 9bbcc64082b3273f");
    private static final List<String> SECURE_ANSWERS = List.of(
            "196 2b3236d0a8fddf3a",
            "410 09e3a432c810e08d",
            "99 7c336c5f35b40384",
            "98 50d0936c2cbcef7a");
    private static final List<String> TASKS = List.of(
            "736 cf124bdbdcc70698",
            "756 d39bf48405be79d7",
            "756 37831981ae66d342",
            "737 89e64ef62db0b3ee",
            "737 0bb240e3ad9c1ee7",
            "757 16996d5a2d73ce75",
            "816 377383876f000444",
            "772 4f15811359e7af96",
            "761 49f028436b29fd5c",
            "1933 44161dda9298e75f");
    private static final List<String> RESULTS = List.of(
            "738 2e158fb6918ca211",
            "778 4fc84a5f0cbb6d9a",
            "770 a609b3996e3883da",
            "1418 50712bc67ce9e6dc",
            "738 2e158fb6918ca211",
            "762 6df4e11738417a99",
            "762 6df4e11738417a99",
            "778 4fc84a5f0cbb6d9a",
            "763 a51ddf68b35ab648",
            "747 91ec0046c431d058");
    private static final List<Integer> LONGEST_ANSWERS = List.of(738, 802, 774, 1418, 738, 762, 762, 802, 771, 771);

    private static List<String> frames(List<? extends Message> messages) throws NoSuchAlgorithmException {
        List<String> frames = new ArrayList<>();
        for (Message message : messages) {
            long counted = CODEC.frameBytes(message);
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            assertEquals(frame.length, counted, "counted and made: " + message.kind());
            frames.add(frame.length + " " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(frame), 0, 8));
        }
        return frames;
    }

    @Test
    void everyMessageHasTheBytesOfItsVersion() throws NoSuchAlgorithmException {
        List<ServerMessage> requests = new ArrayList<>(CodecFixture.requests());
        requests.add(new Restore(4, CodecFixture.SPARSE.masks(), CodecFixture.DENSE.allValues()));
        assertEquals(REQUESTS, frames(requests));
        assertEquals(ANSWERS, frames(CodecFixture.answers()));
    }

    @Test
    void everyStepOfASecureSumHasTheBytesOfItsVersion() throws NoSuchAlgorithmException {
        assertEquals(SECURE_REQUESTS, frames(CodecFixture.secureRequests()));
        assertEquals(SECURE_ANSWERS, frames(CodecFixture.secureAnswers()));
    }

    @Test
    void everyTaskAndResultHasTheBytesOfItsVersion() throws NoSuchAlgorithmException {
        assertEquals(TASKS, frames(CodecFixture.tasks().stream().map(CodecFixture::trainFor).toList()));
        assertEquals(RESULTS, frames(CodecFixture.results()));
        assertEquals(LONGEST_ANSWERS,
                CodecFixture.tasks().stream().map(task -> CODEC.longestAnswer(CodecFixture.expecting(task))).toList());
    }
}
