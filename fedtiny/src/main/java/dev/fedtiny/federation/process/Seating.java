package dev.fedtiny.federation.process;

import java.util.List;

/** In which process a device does its work: its own, or one of a pool. Thread-safe. */
interface Seating {
    /** All processes that there are or may be, by number. */
    List<DeviceSlot> slots();

    /** Whether a process works for one device after the other, which is then made anew for every request. */
    boolean pooled();

    /** Sees to it that processes are there for some devices. Returns those whose process is new, in the same order. */
    List<Integer> renewed(List<Integer> devices);

    /** Waits until a process and a processor are free for the device. */
    Seat sit(int device) throws InterruptedException;

    /** A free connection to the seat's process, or null: then {@link DeviceSlot#trouble} says why. */
    FrameConnection connect(Seat seat) throws InterruptedException;

    /** What a process answered last was no valid message. */
    void rejected(DeviceSlot slot, FrameConnection from);

    /**
     * A process and a processor for a turn.
     *
     * @param number of the process
     * @param hold the processor, which the turn keeps until its answer is handed on
     * @param leave gives the process to the next
     */
    record Seat(int number, DeviceSlot slot, Lane.Hold hold, Runnable leave) {
    }
}
