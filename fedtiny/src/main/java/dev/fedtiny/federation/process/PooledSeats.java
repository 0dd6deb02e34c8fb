package dev.fedtiny.federation.process;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * A pool of processes, each of which works for one device after the other. There are as many as asked for; one that hangs is still waited
 * for, and another takes its place meanwhile, so that there are at most as many more as turns at once. A process starts when a turn needs
 * it and none that runs is free, and stays. Which device works in which process decides nothing.
 */
final class PooledSeats implements Seating {
    private final ProcessFleet.Rules rules;
    private final int processes;
    private final DeviceLauncher launcher;
    private final Supplier<InetSocketAddress> server;
    private final List<DeviceSlot> slots = new ArrayList<>();
    private final Lane lane;
    private final int turns;

    PooledSeats(ProcessFleet.Rules rules, int processes, DeviceLauncher launcher, ScheduledExecutorService clock,
            Supplier<InetSocketAddress> server) {
        this.rules = rules;
        this.processes = processes;
        this.launcher = launcher;
        this.server = server;
        this.turns = Math.min(rules.slots(), processes);
        this.lane = new Lane(clock, turns);
        for (int process = 0; process < processes + turns; process++) {
            slots.add(new DeviceSlot(process, "process", rules.restarts()));
        }
    }

    @Override
    public List<DeviceSlot> slots() {
        return slots;
    }

    @Override
    public boolean pooled() {
        return true;
    }

    /** Starts as many processes as the devices can use at once; devices are never new, since nothing of them is kept in a process. */
    @Override
    public List<Integer> renewed(List<Integer> devices) {
        long deadline = System.nanoTime() + rules.startWithin().toNanos();
        int wanted = Math.min(turns, devices.size());
        for (int process = 0; process < wanted; process++) {
            slots.get(process).need(launcher, process % turns, server.get(), rules.startWithin());
        }
        for (int process = 0; process < wanted; process++) {
            try {
                slots.get(process).await(deadline, rules.startWithin());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while device processes were starting", e);
            }
        }
        return List.of();
    }

    @Override
    public Seat sit(int device) throws InterruptedException {
        Lane.Hold hold = lane.enter();
        try {
            int process = free();
            return new Seat(process, slots.get(process), hold, () -> leave(process));
        } catch (InterruptedException e) {
            hold.close();
            throw e;
        }
    }

    private synchronized int free() throws InterruptedException {
        for (int process = anyFree(); ; process = anyFree()) {
            if (process >= 0) {
                return process;
            }
            wait();
        }
    }

    /** A process that nobody works in, one that runs before one that would have to be started; −1 where there is none. */
    private int anyFree() {
        for (boolean running : new boolean[] {true, false}) {
            for (int process = 0; process < slots.size(); process++) {
                if ((!running || slots.get(process).connection() != null) && slots.get(process).turn().tryAcquire()) {
                    return process;
                }
            }
        }
        return -1;
    }

    private synchronized void leave(int process) {
        slots.get(process).turn().release();
        notifyAll();
    }

    @Override
    public FrameConnection connect(Seat seat) throws InterruptedException {
        DeviceSlot slot = seat.slot();
        slot.needInTurn(launcher, seat.number() % turns, server.get(), rules.startWithin());
        slot.await(System.nanoTime() + rules.startWithin().toNanos(), rules.startWithin());
        slot.takeFresh();
        return slot.connection();
    }

    /** Another device may be at work in the process by now: it loses the process when it is free. */
    @Override
    public void rejected(DeviceSlot slot, FrameConnection from) {
        slot.distrust(from);
    }
}
