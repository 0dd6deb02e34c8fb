package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SumId;
import java.util.List;
import java.util.Objects;

/**
 * Work whose result goes into a secure sum. The same for all devices that are asked the same. Answered by {@link MaskedVector}. Payload:
 * name of the sum (16), devices of the sum ({@link DeviceNumbers}), what work it is (1), the work as it writes itself.
 *
 * @param sum its name
 * @param members devices that have shared their secrets, ascending
 * @param work what to do
 */
public record MaskedRequest(SumId sum, List<Integer> members, MaskedWork work) implements SecureRequest {
    /** What a byte says of the work. */
    private enum Sort {
        TRAIN(Train::read),
        POOL(CandidatePoolMessage::read),
        STATISTICS(CandidateStatistics::read),
        GRADIENTS(GradientRequest::read);

        private final Reader reader;

        Sort(Reader reader) {
            this.reader = reader;
        }

        static Sort of(MaskedWork work) {
            return switch (work) {
                case Train _ -> TRAIN;
                case CandidatePoolMessage _ -> POOL;
                case CandidateStatistics _ -> STATISTICS;
                case GradientRequest _ -> GRADIENTS;
            };
        }
    }

    /** Reads one sort of work. */
    @FunctionalInterface
    private interface Reader {
        MaskedWork read(PayloadReader reader, RequestContext context);
    }

    /** Keeps its own list. */
    public MaskedRequest {
        members = List.copyOf(members);
        Objects.requireNonNull(work, "work");
    }

    @Override
    public MessageKind kind() {
        return MessageKind.MASKED_REQUEST;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        SecureRequest.write(writer, sum);
        DeviceNumbers.write(writer, members);
        writer.int8(Sort.of(work).ordinal());
        work.write(writer, network);
    }

    static MaskedRequest read(PayloadReader reader, RequestContext context) {
        SumId sum = SecureRequest.readSum(reader);
        List<Integer> members = DeviceNumbers.read(reader);
        return new MaskedRequest(sum, members,
                Sort.values()[reader.int8In("sort of masked work", Sort.values().length - 1)].reader.read(reader, context));
    }
}
