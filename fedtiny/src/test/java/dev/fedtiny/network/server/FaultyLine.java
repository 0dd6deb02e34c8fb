package dev.fedtiny.network.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A line between a device and its server that can be slow, fall silent, or break after so many bytes. */
final class FaultyLine implements Closeable {
    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    /** Bytes towards the server before the line breaks; counted from when it was set. */
    private volatile long up = Long.MAX_VALUE;
    /** Bytes towards the device before the line breaks. */
    private volatile long down = Long.MAX_VALUE;
    /** Bytes that have come towards the device. */
    private final AtomicLong carriedDown = new AtomicLong();
    private volatile boolean swallows;
    private volatile int bytesPerSecond = Integer.MAX_VALUE;

    FaultyLine(InetSocketAddress server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("faulty-line").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    long carriedDown() {
        return carriedDown.get();
    }

    int connections() {
        return connections.get();
    }

    /** Breaks whatever line carries the byte after these, once. */
    void cutUpAfter(long bytes) {
        up = bytes;
    }

    void cutDownAfter(long bytes) {
        down = bytes;
    }

    /** From now on bytes go nowhere, and nobody is told; lines that are made later are whole. */
    void swallowOpenLines() {
        swallows = true;
        for (Socket socket : sockets) {
            sockets.remove(socket);
        }
        swallows = false;
    }

    void throttle(int bytesEachSecond) {
        bytesPerSecond = bytesEachSecond;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket device = listener.accept();
                connections.incrementAndGet();
                Socket behind = new Socket(server.getAddress(), server.getPort());
                sockets.add(device);
                sockets.add(behind);
                Thread.ofVirtual().start(() -> carry(device, behind, true));
                Thread.ofVirtual().start(() -> carry(behind, device, false));
            } catch (IOException e) {
                // Closed, or the server is not there at the moment.
            }
        }
    }

    private void carry(Socket from, Socket to, boolean upwards) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] window = new byte[4096];
            for (int count = in.read(window); count >= 0; count = in.read(window)) {
                if (swallows || !sockets.contains(from)) {
                    continue;
                }
                int pass = allowed(upwards, count);
                out.write(window, 0, pass);
                out.flush();
                carriedDown.addAndGet(upwards ? 0 : pass);
                if (pass < count) {
                    break;
                }
                if (bytesPerSecond < Integer.MAX_VALUE) {
                    Thread.sleep(1000L * count / bytesPerSecond);
                }
            }
        } catch (IOException e) {
            // Broken at either end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (sockets.contains(from)) {
                close(from);
                close(to);
            }
        }
    }

    private synchronized int allowed(boolean upwards, int count) {
        long left = upwards ? up : down;
        if (left == Long.MAX_VALUE) {
            return count;
        }
        if (count <= left) {
            if (upwards) {
                up = left - count;
            } else {
                down = left - count;
            }
            return count;
        }
        if (upwards) {
            up = Long.MAX_VALUE;
        } else {
            down = Long.MAX_VALUE;
        }
        return (int) left;
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // Broken is what it should be.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(this::close);
    }
}
