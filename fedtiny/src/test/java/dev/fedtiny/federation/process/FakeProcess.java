package dev.fedtiny.federation.process;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** A process that is none: it lives until it is told to end. */
final class FakeProcess extends Process {
    private final CountDownLatch end = new CountDownLatch(1);
    private final long pid;

    FakeProcess(long pid) {
        this.pid = pid;
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public int waitFor() throws InterruptedException {
        end.await();
        return 0;
    }

    @Override
    public int exitValue() {
        if (isAlive()) {
            throw new IllegalThreadStateException("alive");
        }
        return 0;
    }

    @Override
    public boolean isAlive() {
        return end.getCount() > 0;
    }

    @Override
    public void destroy() {
        end.countDown();
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public Stream<ProcessHandle> descendants() {
        return Stream.empty();
    }
}
