package dev.fedtiny.federation.process;

import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.federation.Device;
import dev.fedtiny.federation.DeviceMeasurement;
import dev.fedtiny.federation.Frame;
import dev.fedtiny.federation.Join;
import dev.fedtiny.federation.Metering;
import dev.fedtiny.federation.Workbench;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/**
 * The life of a device process: connects outwards, introduces itself, then answers one request after the other until the server closes
 * the connection. Holds one session on one thread; neither a request nor an answer is ever in memory as a
 * whole.
 */
public final class DeviceProcess {
    private final Device device;
    private final SocketAddress server;
    private final long token;
    private final Metering metering;

    /**
     * A process of a device.
     *
     * @param token the run's secret, which the server gave
     * @param metering whether its work is measured
     */
    public DeviceProcess(Device device, InetSocketAddress server, long token, Metering metering) {
        this.device = device;
        this.server = server;
        this.token = token;
        this.metering = metering;
    }

    /** What this process may use. */
    public static Join introduction(int device, long token) {
        return new Join(device, token, ProcessHandle.current().pid(), Runtime.getRuntime().maxMemory(),
                Runtime.getRuntime().availableProcessors());
    }

    /**
     * Works until the server has had enough.
     *
     * @throws IOException if there is no server, or the connection breaks in the middle of a frame
     */
    public void run() throws IOException {
        try (Socket socket = new Socket();
                Workers workers = Workers.of(1);
                Workbench bench = new Workbench(workers, metering)) {
            socket.connect(server);
            FrameConnection connection = new FrameConnection(socket, Frame.MAXIMUM_PAYLOAD_BYTES);
            connection.send(introduction(device.number(), token).frame());
            while (true) {
                byte[] header = nextHeader(connection);
                if (header.length == 0) {
                    return;
                }
                answer(connection, header, bench);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
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

    private void answer(FrameConnection connection, byte[] header, Workbench bench) throws IOException {
        if (connection.rest(header).isEmpty()) {
            throw new IOException("the server sent bytes that are no frame of this protocol");
        }
        if (DeviceMeasurement.isRequest(header)) {
            connection.receiveRest(header);
            connection.send(DeviceMeasurement.here(bench).frame(device.number()));
            return;
        }
        device.handle(header, connection::read, connection::write, bench);
        connection.flush();
    }

    /** The loopback address, where servers of device processes listen. */
    static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }
}
