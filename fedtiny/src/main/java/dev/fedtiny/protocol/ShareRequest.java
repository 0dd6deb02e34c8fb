package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SignedKeys;
import dev.fedtiny.privacy.SumId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who is in a secure sum, and with which keys: share your secrets among your neighbours. The same for all devices. Answered by
 * {@link SumShares}. Payload: name of the sum (16), devices (4), for each its number (4) and its keys as in {@link SumKeys}.
 *
 * @param sum its name
 * @param keys by device
 */
public record ShareRequest(SumId sum, SortedMap<Integer, SignedKeys> keys) implements SecureRequest {
    /** Keeps its own map. */
    public ShareRequest {
        keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    }

    @Override
    public MessageKind kind() {
        return MessageKind.SHARE_REQUEST;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        SecureRequest.write(writer, sum);
        writer.int32(keys.size());
        keys.forEach((device, signed) -> {
            writer.int32(device);
            SumKeys.write(writer, signed);
        });
    }

    static ShareRequest read(PayloadReader reader, RequestContext context) {
        SumId sum = SecureRequest.readSum(reader);
        int count = reader.int32In("number of devices", 0, DeviceNumbers.MOST);
        TreeMap<Integer, SignedKeys> keys = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int device = DeviceNumbers.readNext(reader, i == 0 ? -1 : keys.lastKey());
            keys.put(device, SumKeys.read(reader));
        }
        return new ShareRequest(sum, keys);
    }
}
