package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.Traffic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A fleet that keeps the last frame it sent to and got from every device. */
record RecordingFleet(Fleet fleet, Map<Integer, byte[]> sent, Map<Integer, byte[]> got) implements Fleet {
    RecordingFleet(Fleet fleet) {
        this(fleet, new TreeMap<>(), new TreeMap<>());
    }

    @Override
    public int devices() {
        return fleet.devices();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        fleet.exchange(devices, device -> {
            byte[] frame = requests.frame(device);
            sent.put(device, frame);
            return frame;
        }, new Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                got.put(device, frame);
                answers.answered(device, frame);
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }
        });
    }

    @Override
    public Traffic traffic() {
        return fleet.traffic();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
