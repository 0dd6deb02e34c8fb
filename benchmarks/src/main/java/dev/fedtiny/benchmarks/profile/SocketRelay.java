package dev.fedtiny.benchmarks.profile;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a server and those who connect to it: passes on what either side says, and walks over every byte on its way. A byte is
 * counted before it is passed on, so whoever has received it finds it counted.
 */
final class SocketRelay implements Closeable {
    private static final int WINDOW_BYTES = 1 << 14;

    private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    private final InetSocketAddress server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<FrameWalk> toServer = new CopyOnWriteArrayList<>();
    private final List<FrameWalk> fromServer = new CopyOnWriteArrayList<>();

    /** Listens, and connects to the server as often as somebody connects here. */
    SocketRelay(InetSocketAddress server) throws IOException {
        this.server = server;
        Thread.ofVirtual().name("fedtiny-relay").start(this::accept);
    }

    /** Where to connect in place of the server. */
    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    /** What the server was told, one walk a connection. */
    List<FrameWalk> toServer() {
        return toServer;
    }

    /** What the server said, one walk a connection. */
    List<FrameWalk> fromServer() {
        return fromServer;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                sockets.add(client);
                Socket onward = new Socket(server.getAddress(), server.getPort());
                sockets.add(onward);
                pump(client, onward, toServer);
                pump(onward, client, fromServer);
            } catch (IOException e) {
                // Closed, or one of the two is not there any more.
            }
        }
    }

    private static void pump(Socket from, Socket to, List<FrameWalk> walks) throws IOException {
        FrameWalk walk = new FrameWalk();
        walks.add(walk);
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        Thread.ofVirtual().name("fedtiny-relay").start(() -> {
            byte[] window = new byte[WINDOW_BYTES];
            try (from; to) {
                for (int read = in.read(window); read >= 0; read = in.read(window)) {
                    walk.pass(window, read);
                    out.write(window, 0, read);
                }
            } catch (IOException e) {
                // One side has gone; closing both tells the other.
            }
        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
