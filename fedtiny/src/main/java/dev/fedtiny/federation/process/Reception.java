package dev.fedtiny.federation.process;

import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.ProtocolException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Where connections come in. A stranger has a limited time in all, however it spreads its bytes, to say who it is in one frame of a known
 * length; nothing is said to whom nobody knows. Only so many strangers may be there at once: who comes when all places are taken makes the
 * oldest of them go, so that silent connections keep nobody out. Thread-safe.
 */
final class Reception implements Closeable {
    /** Strangers that are there at once. */
    static final int PLACES = 256;
    /** A pause where connections cannot be taken, for example because the system has no more of them. */
    private static final int PAUSE_MILLIS = 20;

    /** Who decides about an introduction. */
    interface Host {
        /** Takes a connection over, or says no, whereupon it is closed. Called on any thread. */
        boolean takeIn(FrameConnection connection, Join join) throws IOException;
    }

    private final ServerSocket listener;
    private final Duration within;
    private final int maximumPayloadBytes;
    private final Host host;
    private final ScheduledExecutorService deadlines;
    /** Connections that have not introduced themselves, the oldest first, with their time limits. Guarded by the monitor. */
    private final Map<Socket, Future<?>> strangers = new LinkedHashMap<>();

    /**
     * Listens on a free port of the loopback interface, and of no other.
     *
     * @param within the time in which a connection must have introduced itself
     * @param maximumPayloadBytes of later frames of a connection that is taken in
     */
    Reception(InetAddress loopback, int devices, Duration within, int maximumPayloadBytes, ScheduledExecutorService deadlines, Host host)
            throws IOException {
        this.within = within;
        this.maximumPayloadBytes = maximumPayloadBytes;
        this.host = host;
        this.deadlines = deadlines;
        this.listener = new ServerSocket(0, devices + PLACES, loopback);
        Thread.ofPlatform().daemon().name("fedtiny-join").start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                take(listener.accept());
            } catch (IOException e) {
                // Closed, a connection that broke before it began, or no more of them to be had for now.
                pause();
            }
        }
    }

    private void take(Socket socket) {
        try {
            enter(socket);
        } catch (RejectedExecutionException e) {
            // Nobody counts time any more, since the fleet is being closed; it learns it at once.
            closeQuietly(socket);
            return;
        }
        Thread.ofVirtual().start(() -> introduce(socket));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void enter(Socket socket) {
        while (strangers.size() >= PLACES) {
            Socket oldest = strangers.keySet().iterator().next();
            leave(oldest);
            closeQuietly(oldest);
        }
        strangers.put(socket, deadlines.schedule(() -> expel(socket), within.toMillis(), TimeUnit.MILLISECONDS));
    }

    private void expel(Socket socket) {
        if (leave(socket)) {
            closeQuietly(socket);
        }
    }

    /** Whether it was still a stranger; it is none any more. */
    private synchronized boolean leave(Socket socket) {
        Future<?> limit = strangers.remove(socket);
        if (limit != null) {
            limit.cancel(false);
        }
        return limit != null;
    }

    /** How many are there that nobody knows. */
    synchronized int strangers() {
        return strangers.size();
    }

    private void introduce(Socket socket) {
        boolean taken = false;
        try {
            FrameConnection connection = new FrameConnection(socket, maximumPayloadBytes);
            byte[] header = connection.receiveHeader();
            if (connection.rest(header).orElse(0) == Join.FRAME_BYTES - Frame.HEADER_BYTES) {
                Join join = Join.decode(connection.receiveRest(header));
                taken = leave(socket) && host.takeIn(connection, join);
            }
        } catch (IOException | ProtocolException e) {
            // Not one of ours.
        } finally {
            if (!taken) {
                leave(socket);
                closeQuietly(socket);
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing was expected of it.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // Nobody listens any more either way.
        }
        synchronized (this) {
            strangers.forEach((socket, limit) -> {
                limit.cancel(false);
                closeQuietly(socket);
            });
            strangers.clear();
        }
    }
}
