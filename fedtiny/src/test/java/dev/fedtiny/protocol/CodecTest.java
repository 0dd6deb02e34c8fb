package dev.fedtiny.protocol;

import static dev.fedtiny.protocol.CodecFixture.CODEC;
import static dev.fedtiny.protocol.CodecFixture.DEVICE;
import static dev.fedtiny.protocol.CodecFixture.HELD;
import static dev.fedtiny.protocol.CodecFixture.NETWORK;
import static dev.fedtiny.protocol.CodecFixture.POOL;
import static dev.fedtiny.protocol.CodecFixture.ROUND;
import static dev.fedtiny.protocol.CodecFixture.SPARSE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.method.GrowTask;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecTest {
    @Test
    void everyRequestComesBackByteForByte() {
        for (ServerMessage message : CodecFixture.requests()) {
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            Codec.Asked request = CODEC.decodeRequest(frame, DEVICE, HELD, 2);
            assertEquals(ROUND, request.round());
            assertEquals(message.getClass(), request.message().getClass());
            assertArrayEquals(frame, CODEC.encode(ROUND, DEVICE, request.message()), message.kind().toString());
        }
    }

    @Test
    void everyAnswerComesBackByteForByte() {
        for (DeviceMessage message : CodecFixture.answers()) {
            byte[] frame = CODEC.encode(ROUND, DEVICE, message);
            DeviceMessage decoded = CODEC.decodeAnswer(frame, ROUND, DEVICE, CodecFixture.expectation(message));
            assertEquals(message.getClass(), decoded.getClass());
            assertArrayEquals(frame, CODEC.encode(ROUND, DEVICE, decoded), message.kind().toString());
        }
    }

    @Test
    void fieldsAreWhatWasSent() {
        Train train = (Train) CodecFixture.decodeRequest(CODEC.encode(ROUND, DEVICE, CodecFixture.train(true)));
        assertEquals(5, train.epochs());
        assertEquals(64, train.batch());
        assertEquals(0.0625, train.learningRate());
        assertEquals(new GrowTask(CodecFixture.GROWTH), train.task());
        assertEquals(SPARSE.masks(), train.masks().orElseThrow());
        for (int i = 0; i < train.values().size(); i++) {
            assertArrayEquals(SPARSE.values(i), train.values().get(i));
        }
        Update update = (Update) CODEC.decodeAnswer(CODEC.encode(ROUND, DEVICE, CodecFixture.update()), ROUND, DEVICE,
                CodecFixture.expectation(CodecFixture.update()));
        assertEquals(33, update.samples());
        assertEquals(12.5, update.lossSum());
        assertArrayEquals(CodecFixture.growth(6, 4).indices(), ((GrowTask.Grown) update.result()).layers().getFirst().indices());
        assertArrayEquals(CodecFixture.growth(6, 4).values(), ((GrowTask.Grown) update.result()).layers().getFirst().values());
        Evaluation evaluation = (Evaluation) CodecFixture.answers().get(3);
        assertEquals(evaluation, CODEC.decodeAnswer(CODEC.encode(ROUND, DEVICE, evaluation), ROUND, DEVICE,
                CodecFixture.expectation(evaluation)));
        assertEquals(new Welcome(1L << 40), CodecFixture.decodeRequest(CODEC.encode(ROUND, DEVICE, new Welcome(1L << 40))));
    }

    @Test
    void lengthsAreTheDocumentedOnes() {
        long values = SPARSE.valueCount();
        long masks = NETWORK.prunable().stream().mapToLong(i -> MaskCodec.encodedBytes(SPARSE.mask(i))).sum();
        assertEquals(48 + 2 * 8 + 4 * values, length(CodecFixture.train(false)));
        assertEquals(48 + 2 * 8 + masks + 4 * values, length(CodecFixture.train(true)));
        assertEquals(46 + 4 * values + 2 * 4 + 4 * 8, length(CodecFixture.update()));
        assertEquals(FrameLengths.train(SPARSE, true, new GrowTask(CodecFixture.GROWTH)), length(CodecFixture.train(true)));
        assertEquals(FrameLengths.update(SPARSE, CodecFixture.update().result()), length(CodecFixture.update()));
        assertEquals(31 + 4 * 3 * 2 + FrameLengths.masks(NETWORK, POOL.union().masks()) + 4 * POOL.union().valueCount(),
                length(CodecFixture.requests().get(5)));
        assertEquals(26 + 4 * 2 * 16, length(CodecFixture.requests().get(7)));
        assertEquals(30 + 4 * 3 * 16, length(CodecFixture.answers().get(2)));
        assertEquals(30 + 20 * 3, length(CodecFixture.answers().get(3)));
        assertEquals(16, RunningStatistics.count(NETWORK));
    }

    private static long length(Message message) {
        return CODEC.encode(ROUND, DEVICE, message).length;
    }

    @Test
    void aFailureTextIsCutAndCleaned() {
        Failure failure = new Failure(Failure.Cause.OTHER, "µ\u001b[31m\n".repeat(200));
        Failure decoded = (Failure) CODEC.decodeAnswer(CODEC.encode(ROUND, DEVICE, failure), ROUND, DEVICE, new Ready.Expected());
        assertEquals(List.of(), decoded.text().chars().filter(Character::isISOControl).boxed().toList());
    }
}
