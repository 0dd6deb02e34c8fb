package dev.fedtiny.network.device;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSocketFactory;

/**
 * Lines with TLS that can all be cut from another thread, whatever their threads wait for: an interrupt wakes nobody who reads from a
 * socket. That {@link #createSocket()} stays the one that refuses is why connections are made of plain sockets, over which TLS is laid
 * here; to close one with TLS would wait for the other side. Thread-safe.
 */
final class LineSockets extends SSLSocketFactory implements Closeable {
    private final SSLSocketFactory tls;
    private final Set<Socket> lines = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LineSockets(SSLSocketFactory tls) {
        this.tls = tls;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
        lines.removeIf(Socket::isClosed);
        lines.add(plain);
        if (closed) {
            close();
            throw new SocketException("this device was closed");
        }
        return tls.createSocket(plain, host, port, autoClose);
    }

    /** Cuts all lines; there will be no others. */
    @Override
    public void close() {
        closed = true;
        for (Socket line : lines) {
            try {
                line.close();
            } catch (IOException e) {
                // Cut is what it should be.
            }
        }
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw overPlainOnes();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        throw overPlainOnes();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw overPlainOnes();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        throw overPlainOnes();
    }

    private static SocketException overPlainOnes() {
        return new SocketException("TLS is laid over plain sockets only");
    }
}
