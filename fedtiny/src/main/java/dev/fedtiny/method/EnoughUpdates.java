package dev.fedtiny.method;

import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds updates back until so many came that the round counts, then passes them on in their order and every later one at once. Where too
 * few come, none is passed on. At most one fewer than the minimum are held; with a minimum of 1, none. Not thread-safe.
 */
final class EnoughUpdates implements Server.UpdateTaker {
    private final int minimum;
    private final Server.UpdateTaker taker;
    private final List<Integer> devices = new ArrayList<>();
    private final List<Update> held = new ArrayList<>();
    private boolean enough;

    /** Nothing came yet. */
    EnoughUpdates(int minimum, Server.UpdateTaker taker) {
        this.minimum = minimum;
        this.taker = taker;
    }

    @Override
    public void take(int device, Update update) {
        if (!enough && held.size() + 1 < minimum) {
            devices.add(device);
            held.add(update);
            return;
        }
        if (!enough) {
            enough = true;
            for (int i = 0; i < held.size(); i++) {
                taker.take(devices.get(i), held.get(i));
            }
            devices.clear();
            held.clear();
        }
        taker.take(device, update);
    }
}
