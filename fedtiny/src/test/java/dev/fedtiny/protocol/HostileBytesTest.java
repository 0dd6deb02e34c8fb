package dev.fedtiny.protocol;

import static dev.fedtiny.protocol.CodecFixture.CODEC;
import static dev.fedtiny.protocol.CodecFixture.DEVICE;
import static dev.fedtiny.protocol.CodecFixture.ROUND;
import static dev.fedtiny.protocol.CodecFixture.SPARSE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.GrowTask;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.ShownKeys;
import dev.fedtiny.privacy.SumParty;
import dev.fedtiny.privacy.SumServer;
import dev.fedtiny.privacy.Summand;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class HostileBytesTest {
    private static byte[] updateFrame() {
        return CODEC.encode(ROUND, DEVICE, CodecFixture.update());
    }

    private static Fault answerFault(byte[] frame) {
        return assertThrows(ProtocolException.class, () -> decodeUpdate(frame)).fault();
    }

    private static DeviceMessage decodeUpdate(byte[] frame) {
        return CODEC.decodeAnswer(frame, ROUND, DEVICE, CodecFixture.expectation(CodecFixture.update()));
    }

    private static Fault answerFault(Update update) {
        return answerFault(CODEC.encode(ROUND, DEVICE, update));
    }

    private static byte[] sealed(byte[] frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, frame.length - 4);
        ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(frame.length - 4, (int) crc.getValue());
        return frame;
    }

    @Test
    void everyPartOfTheEnvelopeIsChecked() {
        byte[] frame = updateFrame();
        frame[0] ^= 1;
        assertEquals(Fault.MAGIC, answerFault(sealed(frame)));
        frame = updateFrame();
        frame[4]++;
        assertEquals(Fault.VERSION, answerFault(sealed(frame)));
        frame = updateFrame();
        frame[5] = 33;
        assertEquals(Fault.TYPE, answerFault(sealed(frame)));
        frame[5] = MessageKind.READY.code();
        assertEquals(Fault.TYPE, answerFault(sealed(frame)));
        frame = updateFrame();
        frame[6]++;
        assertEquals(Fault.LENGTH, answerFault(sealed(frame)));
        frame = updateFrame();
        frame[9] = 0x7f;
        assertEquals(Fault.LENGTH, answerFault(sealed(frame)));
        frame = updateFrame();
        frame[frame.length - 1]++;
        assertEquals(Fault.CHECKSUM, answerFault(frame));
        assertEquals(Fault.ROUND, answerFault(CODEC.encode(ROUND + 1, DEVICE, CodecFixture.update())));
        assertEquals(Fault.DEVICE, answerFault(CODEC.encode(ROUND, DEVICE + 1, CodecFixture.update())));
        byte[] longer = Arrays.copyOf(updateFrame(), updateFrame().length + 3);
        ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).putInt(6, longer.length - Frame.OVERHEAD_BYTES);
        assertEquals(Fault.LENGTH, answerFault(sealed(longer)));
    }

    @Test
    void updatesThatCannotBeAreRefused() {
        Update good = CodecFixture.update();
        assertEquals(Fault.MASK_VERSION,
                answerFault(new Update(3, 33, 1, 1, good.values(), good.result())));
        assertEquals(Fault.CONTENT, answerFault(new Update(4, 34, 1, 1, good.values(), good.result())));
        assertEquals(Fault.VALUE, answerFault(new Update(4, 33, Double.NaN, 1, good.values(), good.result())));
        assertEquals(Fault.CONTENT, answerFault(new Update(4, 33, -1, 1, good.values(), good.result())));
        assertEquals(Fault.VALUE, answerFault(with(0, 5, Float.NaN)));
        assertEquals(Fault.VALUE, answerFault(with(6, 0, Float.POSITIVE_INFINITY)));
        int variance = CodecFixture.NETWORK.indexOf("bn2.running_var");
        assertEquals(Fault.VALUE, answerFault(with(variance, 4, -1e-6f)));
        List<float[]> shorter = new ArrayList<>(good.values());
        shorter.removeLast();
        answerFault(new Update(4, 33, 1, 1, shorter, good.result()));
    }

    private static Update with(int parameter, int place, float value) {
        List<float[]> values = new ArrayList<>(SPARSE.allValues());
        values.set(parameter, values.get(parameter).clone());
        values.get(parameter)[place] = value;
        return new Update(4, 33, 1, 1, values, CodecFixture.update().result());
    }

    @Test
    void growthThatCannotBeIsRefused() {
        Mask mask = SPARSE.mask(6);
        int[] pruned = CodecFixture.growth(6, 5).indices();
        assertEquals(Fault.CONTENT, growthFault(CodecFixture.growth(6, 6)), "too many pairs");
        assertEquals(Fault.CONTENT, growthFault(new GrowTask.Growth(6, new int[] {mask.index(0)}, new float[] {1})), "active position");
        assertEquals(Fault.CONTENT, growthFault(new GrowTask.Growth(6, new int[] {mask.size()}, new float[] {1})), "outside");
        assertEquals(Fault.CONTENT, growthFault(new GrowTask.Growth(6, new int[] {-1}, new float[] {1})), "negative");
        assertEquals(Fault.CONTENT, growthFault(new GrowTask.Growth(6, new int[] {pruned[1], pruned[1]}, new float[] {1, 1})), "twice");
        assertEquals(Fault.VALUE, growthFault(new GrowTask.Growth(6, new int[] {pruned[0]}, new float[] {0})), "zero");
        assertEquals(Fault.VALUE, growthFault(new GrowTask.Growth(6, new int[] {pruned[0]}, new float[] {Float.NaN})), "NaN");
    }

    private static Fault growthFault(GrowTask.Growth growth) {
        return answerFault(new Update(4, 33, 1, 1, SPARSE.allValues(),
                new GrowTask.Grown(List.of(growth, CodecFixture.growth(11, 0)))));
    }

    @Test
    void requestsThatCannotBeAreRefused() {
        assertEquals(Fault.DEVICE, requestFault(CODEC.encode(0, DEVICE + 1, new Finish())));
        assertEquals(Fault.TYPE, requestFault(CODEC.encode(0, DEVICE, new Ready(1))));
        assertEquals(Fault.ROUND, requestFault(CODEC.encode(-2, DEVICE, new Finish())));
        Train good = CodecFixture.train(false);
        assertEquals(Fault.MASK_VERSION, requestFault(new Train(5, good.masks(), good.values(), 1, 1, 0.1, new PlainTraining())));
        assertEquals(Fault.CONTENT, requestFault(new Train(4, good.masks(), good.values(), 0, 1, 0.1, new PlainTraining())));
        assertEquals(Fault.CONTENT, requestFault(new Train(4, good.masks(), good.values(), 1, 1, 0, new PlainTraining())));
        assertEquals(Fault.CONTENT, requestFault(growing(new GrowthRequest(0, 1))), "not prunable");
        assertEquals(Fault.CONTENT, requestFault(growing(new GrowthRequest(6, 1 << 20))), "more than are pruned");
        assertEquals(Fault.CONTENT, requestFault(growing(new GrowthRequest(6, 1), new GrowthRequest(6, 1))), "twice");
        assertEquals(Fault.CONTENT, requestFault(growing(new GrowthRequest(99, 1))), "no such parameter");
        byte[] statistics = CODEC.encode(0, DEVICE, CodecFixture.requests().get(7));
        assertThrows(ProtocolException.class, () -> CODEC.decodeRequest(statistics, DEVICE, CachedMasks.none(), 0));
        byte[] train = CODEC.encode(0, DEVICE, good);
        assertThrows(ProtocolException.class, () -> CODEC.decodeRequest(train, DEVICE, CachedMasks.none(), 0));
    }

    private static Train growing(GrowthRequest... requests) {
        Train good = CodecFixture.train(false);
        return new Train(4, good.masks(), good.values(), 1, 1, 0.1, new GrowTask(List.of(requests)));
    }

    private static Fault requestFault(ServerMessage message) {
        return requestFault(CODEC.encode(0, DEVICE, message));
    }

    private static Fault requestFault(byte[] frame) {
        return assertThrows(ProtocolException.class, () -> CodecFixture.decodeRequest(frame)).fault();
    }

    @Test
    void everyTruncationIsNamed() {
        for (DeviceMessage message : CodecFixture.answers()) {
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            for (int length = 0; length < frame.length; length++) {
                byte[] cut = Arrays.copyOf(frame, length);
                assertThrows(ProtocolException.class, () -> CODEC.decodeAnswer(cut, ROUND, DEVICE, CodecFixture.expectation(message)));
                // The same cut by someone who knows how frames are sealed.
                if (length >= Frame.OVERHEAD_BYTES) {
                    ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(6, length - Frame.OVERHEAD_BYTES);
                    byte[] resealed = sealed(cut);
                    assertThrows(ProtocolException.class,
                            () -> CODEC.decodeAnswer(resealed, ROUND, DEVICE, CodecFixture.expectation(message)));
                }
            }
        }
        for (ServerMessage message : CodecFixture.requests()) {
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            for (int length = Frame.OVERHEAD_BYTES; length < frame.length; length++) {
                byte[] cut = Arrays.copyOf(frame, length);
                ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(6, length - Frame.OVERHEAD_BYTES);
                byte[] resealed = sealed(cut);
                assertThrows(ProtocolException.class, () -> CodecFixture.decodeRequest(resealed));
            }
        }
    }

    @Test
    void everyFlippedBitBreaksTheChecksum() {
        byte[] frame = updateFrame();
        for (int bit = 0; bit < 8 * frame.length; bit++) {
            byte[] flipped = frame.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(ProtocolException.class, () -> decodeUpdate(flipped));
        }
    }

    @Test
    void resealedGarbageGivesAMessageOrTheOneException() {
        RandomStream random = RandomStream.of(1, "fuzz");
        int refused = 0;
        for (int trial = 0; trial < 6_000; trial++) {
            boolean answer = trial % 2 == 0;
            List<? extends Message> messages = answer ? CodecFixture.answers() : CodecFixture.requests();
            Message message = messages.get(random.nextInt(messages.size()));
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            if (frame.length == Frame.OVERHEAD_BYTES) {
                continue;
            }
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = Frame.HEADER_BYTES + random.nextInt(Math.min(96, frame.length - Frame.OVERHEAD_BYTES));
                frame[at] = random.nextInt(3) == 0 ? (byte) 0xff : (byte) random.nextInt(256);
            }
            sealed(frame);
            try {
                if (answer) {
                    CODEC.decodeAnswer(frame, ROUND, DEVICE, CodecFixture.expectation((DeviceMessage) message));
                } else {
                    CodecFixture.decodeRequest(frame);
                }
            } catch (ProtocolException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " refused");
    }

    /** A sum of three devices whose values have all come: what the server expects of each step, and a good answer to each. */
    private static Map<DeviceMessage, Expectation> secureSteps() {
        SecureAggregation rules = new SecureAggregation(20, 0.5, 3);
        TreeMap<Integer, SumParty> parties = new TreeMap<>();
        TreeMap<Integer, ShownKeys> shown = new TreeMap<>();
        for (int device = DEVICE; device < DEVICE + 3; device++) {
            parties.put(device, new SumParty(CodecFixture.SUM, device, rules));
            shown.put(device, parties.get(device).shown());
        }
        SumServer server = new SumServer(CodecFixture.SUM, rules, shown);
        parties.forEach((device, party) -> server.shared(device, party.share(shown)));
        List<Integer> members = server.members();
        parties.values().forEach(party -> party.mask(members, new Summand(3, List.of(1.5), List.of(new float[4]), List.of())));
        assertEquals(Optional.empty(), server.came(members));
        Map<DeviceMessage, Expectation> steps = new LinkedHashMap<>();
        for (DeviceMessage answer : CodecFixture.secureAnswers()) {
            if (!(answer instanceof SumUnmasking)) {
                steps.put(answer, CodecFixture.expectation(answer));
            }
        }
        steps.put(new SumUnmasking(parties.get(DEVICE).unmask(members, server.boxes(DEVICE))), new SumUnmasking.Expected(server, DEVICE));
        return steps;
    }

    /** Of secure sums nobody can look at the values: whatever comes is taken or refused, and a share that was not given is refused. */
    @Test
    void damagedStepsOfASecureSumAreTakenOrRefused() {
        RandomStream random = RandomStream.of(2, "fuzz");
        List<byte[]> answers = new ArrayList<>();
        List<Expectation> expected = new ArrayList<>();
        secureSteps().forEach((answer, expectation) -> {
            answers.add(CODEC.encode(ROUND, DEVICE, answer));
            expected.add(expectation);
            assertEquals(answer.kind(), CODEC.decodeAnswer(answers.getLast(), ROUND, DEVICE, expectation).kind());
        });
        assertEquals(4, answers.size());
        List<byte[]> requests = CodecFixture.secureRequests().stream().map(request -> CODEC.encode(ROUND, DEVICE, request)).toList();
        int refused = 0;
        for (int trial = 0; trial < 6_000; trial++) {
            int which = random.nextInt(trial % 2 == 0 ? answers.size() : requests.size());
            byte[] frame = (trial % 2 == 0 ? answers : requests).get(which).clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = Frame.HEADER_BYTES + random.nextInt(Math.min(96, frame.length - Frame.OVERHEAD_BYTES));
                frame[at] = random.nextInt(3) == 0 ? (byte) 0xff : (byte) random.nextInt(256);
            }
            sealed(frame);
            try {
                if (trial % 2 == 0) {
                    CODEC.decodeAnswer(frame, ROUND, DEVICE, expected.get(which));
                } else {
                    CodecFixture.decodeRequest(frame);
                }
            } catch (ProtocolException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " refused");
        byte[] share = answers.getLast().clone();
        share[share.length - 5] ^= 1;
        assertEquals(Fault.CONTENT, assertThrows(ProtocolException.class,
                () -> CODEC.decodeAnswer(sealed(share), ROUND, DEVICE, expected.getLast())).fault());
    }
}
