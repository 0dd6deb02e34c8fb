package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.MaskedSummand;
import dev.fedtiny.privacy.SumLayout;
import java.util.function.Supplier;

/**
 * A device's values for a secure sum, masked. Payload: time of the work (8), words of 96 bits, then ballots
 * ({@link SumLayout}). A device's own masks itself while it is written, which can be done once; the server's holds the bytes.
 */
public final class MaskedVector implements SecureAnswer {
    private final long nanos;
    private final SumLayout layout;
    private final Supplier<byte[]> pieces;

    private MaskedVector(long nanos, SumLayout layout, Supplier<byte[]> pieces) {
        this.nanos = nanos;
        this.layout = layout;
        this.pieces = pieces;
    }

    /**
     * A device's answer.
     *
     * @param nanos time of the work
     * @param summand its masked values
     * @return to be written once
     */
    public static MaskedVector of(long nanos, MaskedSummand summand) {
        return new MaskedVector(nanos, summand.layout(), summand::next);
    }

    /**
     * An answer of which only the length matters.
     *
     * @param layout of the vector
     * @return zeros
     */
    public static MaskedVector blank(SumLayout layout) {
        return new MaskedVector(0, layout, () -> new byte[Math.toIntExact(layout.bytes())]);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.MASKED_VECTOR;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int64(nanos).pieces(layout.bytes(), pieces);
    }

    /**
     * The vector, at the server.
     *
     * @return as long as the layout says
     */
    public byte[] bytes() {
        return pieces.get();
    }

    /**
     * A vector of a sum.
     *
     * @param layout of every vector in it
     */
    public record Expected(SumLayout layout) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.MASKED_VECTOR;
        }

        @Override
        public MaskedVector read(PayloadReader reader, Network network) {
            long nanos = reader.int64();
            if (nanos < 0) {
                throw reader.content("time " + nanos + " ns must not be negative");
            }
            byte[] bytes = reader.bytes(Math.toIntExact(layout.bytes()));
            return new MaskedVector(nanos, layout, () -> bytes);
        }

        @Override
        public long longestPayload(Network network) {
            return 8 + layout.bytes();
        }
    }
}
