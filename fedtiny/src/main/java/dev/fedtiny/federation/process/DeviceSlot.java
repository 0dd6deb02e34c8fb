package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Join;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One process as its server sees it, be it a device's own or one of a pool: the process, the connection, and what became of the last one.
 * Whoever gives up a connection names it: where another has taken its place meanwhile, that one stays. Guarded by its monitor.
 */
final class DeviceSlot {
    /** For the end of a process that has closed its line, and for what it printed last: no time where they can be seen at once. */
    private static final int GRACE_MILLIS = 5000;
    private static final int SIGNAL_EXIT = 128;

    private final int number;
    private final String what;
    private final RestartBudget budget;
    private final DeviceToken token = DeviceToken.random();
    /** Who asks the device has it: a connection carries one request at a time. */
    private final Semaphore turn = new Semaphore(1, true);
    private Process process;
    private ProcessOutput output;
    private long startedNanos;
    private FrameConnection connection;
    /** What gave the last answer, and whether that was to a piece of work and nobody has called it invalid. */
    private FrameConnection answered;
    private boolean credit;
    /** What answered with something that is no valid message, and is to be given up before the next turn. */
    private FrameConnection distrusted;
    private Join join;
    private boolean fresh;
    private boolean closed;
    private long peakResidentBytes = -1;
    private long peakHeapBytes = -1;
    private long earlierBytes;
    private String trouble = "it has not connected";

    /** Of a device or a process of a pool, as the word says. */
    DeviceSlot(int number, String what, Restarts restarts) {
        this.number = number;
        this.what = what;
        this.budget = new RestartBudget(restarts);
    }

    /** The secret that its process must know. */
    DeviceToken token() {
        return token;
    }

    /** One permit, for whoever asks the device. */
    Semaphore turn() {
        return turn;
    }

    /** The process that is connected or was last; 0 when none ever was. */
    synchronized long processId() {
        return join == null ? 0 : join.processId();
    }

    synchronized FrameConnection connection() {
        return connection;
    }

    /** The connection to ask, or null: then {@link #trouble} says why. One that joined unseen has to be greeted first. */
    synchronized FrameConnection greeted() {
        return fresh ? null : connection;
    }

    /** Why there is no connection to ask. */
    synchronized String trouble() {
        return connection != null ? "it has connected anew and is greeted before its next request" : trouble + budget.outlook();
    }

    /** Whether its process still runs and may yet connect. */
    private boolean starting() {
        return connection == null && process != null && process.isAlive();
    }

    /**
     * Sees to it that the device has a process, where its budget allows one: the caller is about to ask it.
     *
     * @param within the time a process has to connect
     */
    synchronized void need(DeviceLauncher launcher, int lane, InetSocketAddress server, Duration within) {
        // Where a request is still being answered its own reader will see what becomes of it.
        boolean idle = turn.tryAcquire();
        try {
            need(launcher, lane, server, within, idle, false);
        } finally {
            if (idle) {
                turn.release();
            }
        }
    }

    /** The same for a caller whose turn it is, and who is not to pay for what others did with the process before. */
    synchronized void needInTurn(DeviceLauncher launcher, int lane, InetSocketAddress server, Duration within) {
        need(launcher, lane, server, within, true, true);
    }

    private void need(DeviceLauncher launcher, int lane, InetSocketAddress server, Duration within, boolean idle, boolean shared) {
        if (credit) {
            budget.worked();
            credit = false;
        }
        if (connection != null && idle) {
            FrameConnection.Idle state = connection.idle();
            if (state == FrameConnection.Idle.ENDED) {
                lost(connection, "it went away between two requests");
            } else if (shared && (connection == distrusted || state == FrameConnection.Idle.TALKING)) {
                drop(connection, "it was dropped for bytes that were no valid answer");
            }
        }
        endIfLate(within);
        if (connection == null && !starting() && !closed && budget.grants()) {
            start(launcher, lane, server);
        }
    }

    /** Starts a process; what is left of the one before ends. */
    private void start(DeviceLauncher launcher, int lane, InetSocketAddress server) {
        end();
        budget.started();
        startedNanos = System.nanoTime();
        try {
            process = launcher.start(number, lane, server, token);
            output = new ProcessOutput(process, log(launcher));
            trouble = "its process has not connected";
        } catch (IOException e) {
            trouble = "its process could not be started (" + e.getMessage() + ")";
        }
    }

    private OutputStream log(DeviceLauncher launcher) {
        try {
            return launcher.log(number);
        } catch (IOException e) {
            // What it prints is read all the same; only its end is kept.
            return OutputStream.nullOutputStream();
        }
    }

    /**
     * Takes a connection that introduced itself as this device. It takes the place of any other at once: a device that was started anew, or
     * whose line broke unseen, does not wait until somebody misses the one before.
     */
    synchronized boolean joined(FrameConnection candidate, Join introduction) throws IOException {
        if (closed) {
            return false;
        }
        candidate.send(Join.accepted(number));
        if (connection != null) {
            hangUp();
            if (process != null && introduction.processId() != join.processId()) {
                endProcess();
            }
        }
        connection = candidate;
        join = introduction;
        fresh = true;
        notifyAll();
        return true;
    }

    /** Waits until there is a connection, the process has ended, or time is up. */
    synchronized void await(long deadlineNanos, Duration within) throws InterruptedException {
        while (starting() && System.nanoTime() - deadlineNanos < 0) {
            wait(20);
        }
        endIfLate(within);
        if (connection == null && process != null && !process.isAlive()) {
            trouble = "its process " + process.pid() + " ended before it connected, with " + exit(process.exitValue()) + lastWords();
            process = null;
        }
    }

    private void endIfLate(Duration within) {
        if (starting() && System.nanoTime() - startedNanos > within.toNanos()) {
            trouble = "its process " + process.pid() + " did not connect within " + within.toSeconds() + " s" + output.quoted();
            end();
        }
    }

    private String lastWords() throws InterruptedException {
        output.await(GRACE_MILLIS);
        return output.quoted();
    }

    /** Whether it connected since this was last asked. */
    synchronized boolean takeFresh() {
        boolean was = fresh && connection != null;
        fresh = false;
        return was;
    }

    /** Notes an answer, and whether it was the outcome of work, which it counts as unless {@link #rejected} says otherwise. */
    synchronized void answered(FrameConnection of, boolean work) {
        answered = of;
        credit = work;
    }

    /** What the device answered last was no valid message. */
    synchronized void rejected() {
        credit = false;
        drop(answered == null ? connection : answered, what + " " + number + " was dropped for an answer that was not valid");
    }

    /** What a connection answered was no valid message: it is given up before the next turn. */
    synchronized void distrust(FrameConnection from) {
        distrusted = from;
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
    synchronized String drop(FrameConnection broken, String reason) {
        if (broken != connection) {
            broken.close();
            return connection == null ? reason : reason + "; the device has connected anew meanwhile";
        }
        end();
        trouble = reason;
        return reason;
    }

    /** Gives up a connection that broke, and the process with it. Returns why, in words. */
    synchronized String lost(FrameConnection broken, String reason) {
        String why = reason;
        if (process != null && broken == connection) {
            try {
                // A process that was killed closes its connection a moment before its end can be seen.
                if (process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
                    why += "; its process " + process.pid() + " has ended with " + exit(process.exitValue()) + lastWords();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return drop(broken, why);
    }

    private static String exit(int code) {
        return code > SIGNAL_EXIT ? "code " + code + " (signal " + (code - SIGNAL_EXIT) + ")" : "code " + code;
    }

    /** Closes the connection, which a device takes as the end, and takes no other. */
    synchronized void close() {
        closed = true;
        hangUp();
    }

    private void hangUp() {
        measure();
        if (connection != null) {
            earlierBytes += connection.received() + connection.sent();
            connection.close();
            connection = null;
            fresh = false;
        }
    }

    /** After {@link #close}: ends the process if it does not end by itself until then. */
    synchronized void end(long deadlineNanos) {
        try {
            if (process != null && !process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                Process killed = process;
                end();
                killed.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    private void end() {
        hangUp();
        if (process != null) {
            endProcess();
        }
    }

    /** Ends the process at once, and what it has started. */
    private void endProcess() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process = null;
    }

    /** Bytes that connections of this device have carried, introductions included. */
    synchronized long carriedBytes() {
        return earlierBytes + (connection == null ? 0 : connection.received() + connection.sent());
    }

    /** What is known of the device whose own process this is. */
    synchronized DeviceFigures figures() {
        return new DeviceFigures(number, join == null ? -1 : join.processId(), join == null ? 0 : join.heapBytes(), peakResident(),
                peakHeapBytes < 0 ? OptionalLong.empty() : OptionalLong.of(peakHeapBytes), budget.starts());
    }

    /** The same of a process that works for many. */
    synchronized PooledProcess pooled() {
        return new PooledProcess(number, join == null ? -1 : join.processId(), join == null ? 0 : join.heapBytes(), peakResident(),
                budget.starts());
    }

    private OptionalLong peakResident() {
        return peakResidentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(peakResidentBytes);
    }
}
