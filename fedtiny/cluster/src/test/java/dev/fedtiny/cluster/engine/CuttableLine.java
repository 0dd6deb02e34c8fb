package dev.fedtiny.cluster.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A network in front of a Hazelcast member that can be cut and mended. While it is cut, nothing passes, and nobody is told: connections
 * stay open and can be made. What was on its way arrives when it is mended, as TCP has it.
 */
final class CuttableLine implements AutoCloseable {
    private static final int LONGEST_PIECE = 4096;
    private static final int PROTOCOL_BYTES = 3;
    /** With what a connection between members begins. */
    private static final String MEMBERS = "HZC";

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final Predicate<String> crossing;
    private final List<Socket> open = new ArrayList<>();
    private boolean cut;
    private long answerBytes;
    private Runnable afterAnswerBytes = () -> { };

    private CuttableLine(int target, Predicate<String> crossing) throws IOException {
        this.target = target;
        this.crossing = crossing;
        Thread.ofPlatform().daemon().start(this::accept);
    }

    /** What is cut is everything: the member is on the other side. */
    static CuttableLine toTheOtherSide(int target) throws IOException {
        return new CuttableLine(target, _ -> true);
    }

    /** What is cut are connections of other members: driver and member are on this side. */
    static CuttableLine onThisSide(int target) throws IOException {
        return new CuttableLine(target, MEMBERS::equals);
    }

    /** Where the member is reached. */
    int port() {
        return door.getLocalPort();
    }

    synchronized void cut() {
        cut = true;
    }

    /** What was to be done after answers is not done any more. */
    synchronized void mend() {
        answerBytes = 0;
        cut = false;
        notifyAll();
    }

    /** Does something when the member has given clients so many bytes more, before the last of them arrive; nobody mends it meanwhile. */
    synchronized void afterAnswers(long bytes, Runnable what) {
        answerBytes = bytes;
        afterAnswerBytes = what;
    }

    private void accept() {
        try {
            while (true) {
                Socket caller = door.accept();
                Thread.ofPlatform().daemon().start(() -> connect(caller));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket caller) {
        try (caller; Socket member = new Socket(InetAddress.getLoopbackAddress(), target)) {
            synchronized (this) {
                open.addAll(List.of(caller, member));
            }
            byte[] protocol = caller.getInputStream().readNBytes(PROTOCOL_BYTES);
            String name = new String(protocol, StandardCharsets.ISO_8859_1);
            boolean crosses = crossing.test(name);
            boolean answers = !MEMBERS.equals(name);
            Thread back = Thread.ofPlatform().daemon().start(() -> pass(member, caller, crosses, answers));
            passing(protocol.length, crosses, false);
            member.getOutputStream().write(protocol);
            pass(caller, member, crosses, false);
            back.join();
        } catch (IOException e) {
            // One end is gone, and the other one learns it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(Socket from, Socket to, boolean crosses, boolean answers) {
        byte[] piece = new byte[LONGEST_PIECE];
        try (from; to) {
            InputStream in = from.getInputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                passing(count, crosses, answers);
                to.getOutputStream().write(piece, 0, count);
            }
        } catch (IOException e) {
            // Both are closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits while the line is cut. */
    private synchronized void passing(int count, boolean crosses, boolean answers) throws InterruptedException {
        if (answers && answerBytes > 0) {
            answerBytes -= count;
            if (answerBytes <= 0) {
                afterAnswerBytes.run();
            }
        }
        while (cut && crosses) {
            wait();
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        synchronized (this) {
            for (Socket socket : open) {
                socket.close();
            }
        }
        mend();
    }
}
