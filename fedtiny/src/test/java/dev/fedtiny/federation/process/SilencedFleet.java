package dev.fedtiny.federation.process;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.Traffic;
import java.util.List;
import java.util.function.BiPredicate;

/** A fleet in which some updates never arrive. */
record SilencedFleet(Fleet fleet, BiPredicate<Integer, Integer> silent) implements Fleet {
    private static final byte UPDATE = 69;

    @Override
    public int devices() {
        return fleet.devices();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        fleet.exchange(devices, requests, new Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                if (frame[5] == UPDATE && silent.test(device, (int) frame[10])) {
                    answers.lost(device, "silenced");
                } else {
                    answers.answered(device, frame);
                }
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
