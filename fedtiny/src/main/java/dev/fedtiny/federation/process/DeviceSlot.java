package dev.fedtiny.federation.process;

import dev.fedtiny.federation.Join;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** One device as its server sees it: the process, the connection, and what became of the last one. Guarded by its monitor. */
final class DeviceSlot {
    private static final int GRACE_MILLIS = 500;
    private static final int SIGNAL_EXIT = 128;

    private final int device;
    private Process process;
    private FrameConnection connection;
    private Join join;
    private boolean fresh;
    private int starts;
    private long peakResidentBytes = -1;
    private long peakHeapBytes = -1;
    private long earlierBytes;
    private String trouble = "it has not connected";

    DeviceSlot(int device) {
        this.device = device;
    }

    synchronized FrameConnection connection() {
        return connection;
    }

    /** Why there is no connection. */
    synchronized String trouble() {
        return trouble;
    }

    synchronized int starts() {
        return starts;
    }

    /** Whether its process still runs and may yet connect. */
    synchronized boolean starting() {
        return connection == null && process != null && process.isAlive();
    }

    /** Starts a process; what is left of the one before ends. */
    synchronized void start(DeviceLauncher launcher, int lane, java.net.InetSocketAddress server, long token) {
        end();
        starts++;
        try {
            process = launcher.start(device, lane, server, token);
            trouble = "its process has not connected";
        } catch (IOException e) {
            process = null;
            trouble = "its process could not be started (" + e.getMessage() + ")";
        }
    }

    /** Takes a connection that introduced itself as this device, unless there is one. */
    synchronized boolean joined(FrameConnection candidate, Join introduction) {
        if (connection != null) {
            return false;
        }
        connection = candidate;
        join = introduction;
        fresh = true;
        notifyAll();
        return true;
    }

    /** Waits until there is a connection, the process has ended, or time is up. */
    synchronized void await(long deadlineNanos) throws InterruptedException {
        while (starting() && System.nanoTime() < deadlineNanos) {
            wait(20);
        }
        if (connection == null && process != null && !process.isAlive()) {
            trouble = "its process " + process.pid() + " ended before it connected, with " + exit(process.exitValue());
        }
    }

    /** Whether it connected since this was last asked. */
    synchronized boolean takeFresh() {
        boolean was = fresh && connection != null;
        fresh = false;
        return was;
    }

    /** Notes how much memory the process has had. */
    synchronized void measure() {
        if (join != null) {
            ProcessLimits.peakResidentBytes(join.processId()).ifPresent(bytes -> peakResidentBytes = Math.max(peakResidentBytes, bytes));
        }
    }

    /** Notes how much of its heap the process says it has used. */
    synchronized void usedHeap(long bytes) {
        peakHeapBytes = Math.max(peakHeapBytes, bytes);
    }

    /** Gives up a connection that is of no use any more, and the process with it. Returns the reason. */
    synchronized String drop(String reason) {
        end();
        trouble = reason;
        return reason;
    }

    /** Gives up a connection that broke, and the process with it. Returns why, in words. */
    synchronized String lost(String reason) {
        String why = reason;
        if (process != null) {
            try {
                // A process that was killed closes its connection a moment before its end can be seen.
                if (process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
                    why += "; its process " + process.pid() + " has ended with " + exit(process.exitValue());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return drop(why);
    }

    private static String exit(int code) {
        return code > SIGNAL_EXIT ? "code " + code + " (signal " + (code - SIGNAL_EXIT) + ")" : "code " + code;
    }

    /** Closes the connection, which a device takes as the end. */
    synchronized void hangUp() {
        measure();
        if (connection != null) {
            earlierBytes += connection.received() + connection.sent();
            connection.close();
            connection = null;
        }
    }

    /** Hangs up, and ends the process if it does not end by itself. */
    synchronized void close(int millis) {
        hangUp();
        try {
            if (process != null) {
                process.waitFor(millis, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    private void end() {
        hangUp();
        if (process != null) {
            process.destroyForcibly();
            process = null;
        }
    }

    /** Bytes that connections of this device have carried, introductions included. */
    synchronized long carriedBytes() {
        return earlierBytes + (connection == null ? 0 : connection.received() + connection.sent());
    }

    synchronized DeviceFigures figures() {
        return new DeviceFigures(device, join == null ? -1 : join.processId(), join == null ? 0 : join.heapBytes(),
                peakResidentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(peakResidentBytes),
                peakHeapBytes < 0 ? OptionalLong.empty() : OptionalLong.of(peakHeapBytes), starts);
    }
}
