package dev.fedtiny.federation.process;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** Every device has a process of its own; device k works in lane k mod slots, so that neighbours use different processors. */
final class OwnSeats implements Seating {
    private final ProcessFleet.Rules rules;
    private final DeviceLauncher launcher;
    private final Supplier<InetSocketAddress> server;
    private final List<DeviceSlot> slots = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();

    OwnSeats(ProcessFleet.Rules rules, DeviceLauncher launcher, ScheduledExecutorService clock, Supplier<InetSocketAddress> server) {
        this.rules = rules;
        this.launcher = launcher;
        this.server = server;
        for (int device = 0; device < rules.devices(); device++) {
            slots.add(new DeviceSlot(device, "device", rules.restarts()));
        }
        for (int lane = 0; lane < rules.slots(); lane++) {
            lanes.add(new Lane(clock, 1));
        }
    }

    @Override
    public List<DeviceSlot> slots() {
        return slots;
    }

    @Override
    public boolean pooled() {
        return false;
    }

    @Override
    public List<Integer> renewed(List<Integer> devices) {
        long deadline = System.nanoTime() + rules.startWithin().toNanos();
        for (int device : devices) {
            slots.get(device).need(launcher, device % lanes.size(), server.get(), rules.startWithin());
        }
        List<Integer> renewed = new ArrayList<>();
        for (int device : devices) {
            try {
                slots.get(device).await(deadline, rules.startWithin());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while device processes were starting", e);
            }
            if (slots.get(device).takeFresh()) {
                renewed.add(device);
            }
        }
        return renewed;
    }

    @Override
    public Seat sit(int device) throws InterruptedException {
        DeviceSlot slot = slots.get(device);
        slot.turn().acquire();
        return new Seat(device, slot, lanes.get(device % lanes.size()).enter(), slot.turn()::release);
    }

    @Override
    public FrameConnection connect(Seat seat) {
        return seat.slot().greeted();
    }

    @Override
    public void rejected(DeviceSlot slot, FrameConnection from) {
        slot.rejected();
    }
}
