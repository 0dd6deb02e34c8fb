package dev.fedtiny.federation.process;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.DeviceMeasurement;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.protocol.Adopt;
import dev.fedtiny.protocol.DeviceToken;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.Join;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.ProtocolException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The life of a device process: connects outwards, introduces itself, then answers one request after the other until the server closes
 * the connection. A process of a pool is told before every request which device it is. Holds one session on one thread; neither a request
 * nor an answer is ever in memory as a whole.
 */
public final class DeviceProcess {
    private static final int ATTEMPTS = 5;
    private static final int FIRST_PAUSE_MILLIS = 100;

    private final int number;
    /** Makes the device that this process is told to be; null where it always is the same. */
    private final IntFunction<Device> devices;
    private final SocketAddress server;
    private final DeviceToken token;
    private final Metering metering;
    /** Whose work it does; null in a pool until it is told. */
    private Device device;

    /**
     * A process of a device.
     *
     * @param token the device's secret, which the server gave
     * @param metering whether its work is measured
     * @param device what the process is to be
     * @param server where to connect
     */
    public DeviceProcess(Device device, InetSocketAddress server, DeviceToken token, Metering metering) {
        this(device.number(), null, server, token, metering);
        this.device = device;
    }

    private DeviceProcess(int number, IntFunction<Device> devices, InetSocketAddress server, DeviceToken token, Metering metering) {
        this.number = number;
        this.devices = devices;
        this.server = server;
        this.token = token;
        this.metering = metering;
    }

    /**
     * A process of a pool, which is one device after the other.
     *
     * @param process its number in the pool
     * @param devices makes a device that holds nothing yet; what an earlier one was made of is not used any more when it is called
     * @param server where to connect
     * @param token the process's secret, which the server gave
     * @param metering whether its work is measured
     * @return the process, which has not connected
     */
    public static DeviceProcess ofPool(int process, IntFunction<Device> devices, InetSocketAddress server, DeviceToken token,
            Metering metering) {
        return new DeviceProcess(process, Objects.requireNonNull(devices), server, token, metering);
    }

    /**
     * What this process may use.
     *
     * @param device from 0
     * @param token its secret
     * @return how it introduces itself
     */
    public static Join introduction(int device, DeviceToken token) {
        return new Join(device, token, ProcessHandle.current().pid(), Runtime.getRuntime().maxMemory(),
                Runtime.getRuntime().availableProcessors());
    }

    /**
     * Works until the server has had enough.
     *
     * @throws IOException if there is no server, it does not take this device in, or the connection breaks in the middle of a frame
     */
    public void run() throws IOException {
        try (FrameConnection connection = joined();
                Workers workers = Workers.of(1);
                SessionCache sessions = new SessionCache(workers, metering)) {
            while (true) {
                byte[] header = nextHeader(connection);
                if (header.length == 0) {
                    return;
                }
                answer(connection, header, sessions);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** A server that is full of strangers lets this one go, too, before it has heard it: then it comes again. */
    private FrameConnection joined() throws IOException {
        for (int attempt = 1;; attempt++) {
            try {
                return join(server, introduction(number, token));
            } catch (ConnectException e) {
                throw new IOException("nobody listens at " + server + " (" + e.getMessage() + "): has the run ended?", e);
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("the server at " + server + " did not take this process in as "
                            + (devices == null ? "device " : "process ") + number + " (" + e.getMessage() + "): the token must be that "
                            + (devices == null ? "device's" : "process's") + " in this very run, and server and device of the same release",
                            e);
                }
                pause(FIRST_PAUSE_MILLIS << attempt - 1);
            }
        }
    }

    private static void pause(int millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it joined a server");
        }
    }

    /**
     * A connection that a server has taken in.
     *
     * @throws IOException if it closes it instead
     */
    static FrameConnection join(SocketAddress server, Join introduction) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(server);
            FrameConnection connection = new FrameConnection(socket, Frame.MAXIMUM_PAYLOAD_BYTES);
            connection.send(introduction.frame());
            byte[] header = connection.receiveHeader();
            if (connection.rest(header).orElse(0) != Join.ACCEPTED_BYTES - Frame.HEADER_BYTES) {
                throw new IOException("it sent bytes that are no frame of this protocol");
            }
            Join.checkAccepted(connection.receiveRest(header), introduction.device());
            return connection;
        } catch (ProtocolException e) {
            socket.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Empty when the server has closed the connection between two requests. */
    private static byte[] nextHeader(FrameConnection connection) throws IOException {
        long before = connection.received();
        try {
            return connection.receiveHeader();
        } catch (EOFException e) {
            if (connection.received() == before) {
                return new byte[0];
            }
            throw e;
        }
    }

    private void answer(FrameConnection connection, byte[] header, SessionCache sessions) throws IOException {
        if (connection.rest(header).isEmpty()) {
            throw new IOException("the server sent bytes that are no frame of this protocol");
        }
        if (Adopt.isOne(header)) {
            adopt(connection, header, sessions);
            return;
        }
        if (device == null) {
            throw new IOException("the server asked this process of a pool before it said which device it is");
        }
        if (DeviceMeasurement.isRequest(header)) {
            connection.receiveRest(header);
            connection.send(DeviceMeasurement.here(sessions).frame(device.number()));
            return;
        }
        device.handle(header, connection::read, connection::write, sessions);
        connection.flush();
    }

    /** Becomes a device, and holds what it held. */
    private void adopt(FrameConnection connection, byte[] header, SessionCache sessions) throws IOException {
        if (devices == null) {
            throw new IOException("the server takes this process of one device for one of a pool");
        }
        Adopt adopt = Adopt.decode(connection.receiveRest(header));
        device = null;
        if (metering == Metering.ON) {
            DeviceMeasurement.begin(sessions);
        }
        device = devices.apply(adopt.device());
        if (adopt.recalls()) {
            byte[] held = connection.receiveHeader();
            if (connection.rest(held).isEmpty()) {
                throw new IOException("the server sent bytes that are no frame of this protocol");
            }
            device.recall(held, connection::read);
        }
    }

    /** The loopback address, where servers of device processes listen. */
    static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }
}
