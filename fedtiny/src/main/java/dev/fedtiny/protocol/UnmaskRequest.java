package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SharedSecrets;
import dev.fedtiny.privacy.SumId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whose values have come: help to take the masks off their sum. A device that is in the sum and not named here is missing. Answered by
 * {@link SumUnmasking}. Payload: name of the sum (16), devices whose values have come ({@link DeviceNumbers}), boxes that were sealed for
 * this device (4), for each its owner (4) and the box (80).
 *
 * @param sum its name
 * @param survivors devices whose values have come, ascending
 * @param boxes by owner
 */
public record UnmaskRequest(SumId sum, List<Integer> survivors, SortedMap<Integer, byte[]> boxes) implements SecureRequest {
    /** Keeps its own lists. */
    public UnmaskRequest {
        survivors = List.copyOf(survivors);
        boxes = Collections.unmodifiableSortedMap(new TreeMap<>(boxes));
    }

    @Override
    public MessageKind kind() {
        return MessageKind.UNMASK_REQUEST;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        SecureRequest.write(writer, sum);
        DeviceNumbers.write(writer, survivors);
        writer.int32(boxes.size());
        boxes.forEach((owner, box) -> writer.int32(owner).bytes(box));
    }

    static UnmaskRequest read(PayloadReader reader, RequestContext context) {
        SumId sum = SecureRequest.readSum(reader);
        List<Integer> survivors = DeviceNumbers.read(reader);
        int count = reader.int32In("number of boxes", 0, DeviceNumbers.MOST);
        reader.require((long) count * (4 + SharedSecrets.BOX_BYTES));
        TreeMap<Integer, byte[]> boxes = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int owner = DeviceNumbers.readNext(reader, i == 0 ? -1 : boxes.lastKey());
            boxes.put(owner, reader.bytes(SharedSecrets.BOX_BYTES));
        }
        return new UnmaskRequest(sum, survivors, boxes);
    }
}
