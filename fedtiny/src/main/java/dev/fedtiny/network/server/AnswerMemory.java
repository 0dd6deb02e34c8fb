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
     * @param patienceMillis how long an answer waits while no memory becomes free
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
     * An array, waited for as long as others give theirs back.
     *
     * @param length of the answer
     * @return an array of this length; null where there is no memory for it
     * @throws InterruptedException if the thread is interrupted
     */
    byte[] take(int length) throws InterruptedException {
        if (length > most) {
            return null;
        }
        lock.lockInterruptibly();
        try {
            while (used + length > most) {
                if (!freed.await(patienceNanos, TimeUnit.NANOSECONDS)) {
                    return null;
                }
            }
            byte[] array = known(length);
            if (array == null && length > left() / SHARE) {
                return null;
            }
            used += length;
            return array == null ? new byte[length] : array;
        } finally {
            lock.unlock();
        }
    }

    private byte[] known(int length) {
        for (SoftReference<byte[]> reference : idle) {
            byte[] array = reference.get();
            if (array == null || array.length != length) {
                idle.remove(reference);
                return known(length);
            }
            idle.remove(reference);
            return array;
        }
        return null;
    }

    /** Bytes of the heap that are not used; what nobody holds any more counts as used until it was collected. */
    private static long left() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }

    /**
     * Gives an array back.
     *
     * @param again whether it may be used again: nobody writes to it any more
     */
    void give(byte[] array, boolean again) {
        lock.lock();
        try {
            used -= array.length;
            if (again) {
                idle.add(new SoftReference<>(array));
            }
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
