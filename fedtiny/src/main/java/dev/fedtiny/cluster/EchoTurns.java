package dev.fedtiny.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Turns of no use: they keep a slot busy for a time and answer with so many bytes. What such a turn costs beyond its time is what the
 * engine and the envelope of a turn cost, whatever is in it.
 */
public final class EchoTurns implements TurnTask {
    /** By what turns name this task. */
    public static final String NAME = "echo";

    private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

    /** For the service loader. */
    public EchoTurns() {
    }

    /**
     * What a turn holds. Allocates so many bytes.
     *
     * @param work for how long the node is to be busy
     * @param sentBytes of the turn, at least 12
     * @param answerBytes of the answer, at least 0
     * @return the content of the job
     */
    public static byte[] content(Duration work, int sentBytes, int answerBytes) {
        if (work.isNegative() || sentBytes < HEAD_BYTES || answerBytes < 0) {
            throw new IllegalArgumentException("a turn of " + sentBytes + " bytes, " + work + " of work and " + answerBytes
                    + " bytes of answer; expected at least " + HEAD_BYTES + " bytes, and nothing negative");
        }
        return ByteBuffer.allocate(sentBytes).putLong(work.toNanos()).putInt(answerBytes).array();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte[] run(byte[] content, TurnNode node) {
        long start = System.nanoTime();
        if (content.length < HEAD_BYTES) {
            throw new TurnRefusedException("a turn of " + content.length + " bytes, expected at least " + HEAD_BYTES);
        }
        ByteBuffer head = ByteBuffer.wrap(content);
        long nanos = head.getLong();
        byte[] answer = new byte[Math.max(0, head.getInt())];
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
        return answer;
    }
}
