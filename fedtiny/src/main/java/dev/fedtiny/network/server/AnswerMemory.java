package dev.fedtiny.network.server;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory for answers that come quickly, so that they need not be read from the disk again: at most a quarter of the heap, and of what is
 * left of it at the moment. Arrays are used over and over, and are the collector's while nobody uses them. Thread-safe.
 */
final class AnswerMemory {
    private static final int SHARE = 4;

    private final long most;
    private final long patienceNanos;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final Deque<SoftReference<byte[]>> idle = new ArrayDeque<>();
    private long used;

    /**
     * Nothing is used.
     *
     * @param most bytes at the same time
     * @param patienceMillis how long an answer waits for memory, at most
     */
    AnswerMemory(long most, long patienceMillis) {
        this.most = most;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    }

    /** Of this virtual machine's heap. */
    static AnswerMemory ofHeap(long patienceMillis) {
        return new AnswerMemory(Runtime.getRuntime().maxMemory() / SHARE, patienceMillis);
    }

    /**
     * An array, waited for no longer than patience lasts, however many others give theirs back meanwhile.
     *
     * @param length of the answer
     * @return an array of this length; null where there is no memory for it
     * @throws InterruptedException if the thread is interrupted
     */
    byte[] take(int length) throws InterruptedException {
        if (length > most) {
            return null;
        }
        long patience = patienceNanos;
        lock.lockInterruptibly();
        try {
            while (used + length > most) {
                if (patience <= 0) {
                    return null;
                }
                patience = freed.awaitNanos(patience);
            }
            byte[] array = known(length);
            if (array == null) {
                if (length > left() / SHARE) {
                    return null;
                }
                array = new byte[length];
            }
            used += length;
            return array;
        } finally {
            lock.unlock();
        }
    }

    private byte[] known(int length) {
        while (!idle.isEmpty()) {
            byte[] array = idle.remove().get();
            if (array != null && array.length == length) {
                return array;
            }
        }
        return null;
    }

    /** Bytes of the heap that are not used; what nobody holds any more counts as used until it was collected. */
    private static long left() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }

    /** Bytes of arrays that were taken and not given back. */
    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Gives an array back, which the next answer may have: nobody reads or writes it any more. */
    void give(byte[] array) {
        lock.lock();
        try {
            used -= array.length;
            idle.add(new SoftReference<>(array));
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
