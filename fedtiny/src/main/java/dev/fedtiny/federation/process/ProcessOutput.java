package dev.fedtiny.federation.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a process prints, as long as it prints, so that a full pipe never stops it; passes it on to a log and keeps the end for error
 * messages. However much it prints, this holds some kilobytes of it. The line that every Java with the Vector API begins with is left out.
 */
final class ProcessOutput {
    private static final int WINDOW_BYTES = 1 << 13;
    private static final int TAIL_BYTES = 1 << 11;
    private static final int QUOTED_LINES = 3;
    private static final int QUOTED_CHARACTERS = 400;
    /** What the virtual machine says at every start, and nobody wants to know. */
    private static final List<String> USUAL = List.of("WARNING: Using incubator modules", "Picked up ", "NOTE: Picked up ");
    private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector";

    private final List<Thread> readers = new ArrayList<>();
    private final OutputStream log;
    /** A ring of the last bytes. */
    private final byte[] tail = new byte[TAIL_BYTES];
    private long printed;
    private int open = 2;

    /**
     * Begins to read both outputs of a process.
     *
     * @param log takes all that is printed, but for the line about incubator modules; closed when the process has ended
     */
    ProcessOutput(Process process, OutputStream log) {
        this.log = log;
        for (InputStream stream : List.of(process.getInputStream(), process.getErrorStream())) {
            readers.add(Thread.ofPlatform().daemon().name("fedtiny-output-" + process.pid()).start(() -> drain(stream)));
        }
    }

    private void drain(InputStream stream) {
        byte[] window = new byte[WINDOW_BYTES];
        OmittedLine filter = new OmittedLine(INCUBATOR);
        byte[] passed = new byte[filter.most(WINDOW_BYTES)];
        try (stream) {
            for (int read = stream.read(window); read >= 0; read = stream.read(window)) {
                take(passed, filter.filter(window, read, passed));
            }
        } catch (IOException e) {
            // The process has ended, and its pipe with it.
        }
        take(passed, filter.rest(passed));
        ended();
    }

    private synchronized void take(byte[] bytes, int count) {
        for (int i = Math.max(0, count - TAIL_BYTES); i < count; i++) {
            tail[(int) ((printed + i) % TAIL_BYTES)] = bytes[i];
        }
        printed += count;
        try {
            log.write(bytes, 0, count);
        } catch (IOException e) {
            // A disk that is full costs the log its lines, and no device its turn.
        }
    }

    private synchronized void ended() {
        open--;
        if (open == 0) {
            try {
                log.close();
            } catch (IOException e) {
                // As above.
            }
        }
    }

    /** Waits until a process that has ended was read to its end. */
    void await(int millis) throws InterruptedException {
        for (Thread reader : readers) {
            reader.join(millis);
        }
    }

    /** The last lines in words, for the end of a sentence; empty where nothing was printed. Control characters are taken out. */
    synchronized String quoted() {
        int kept = (int) Math.min(printed, TAIL_BYTES);
        byte[] last = new byte[kept];
        for (int i = 0; i < kept; i++) {
            last[i] = tail[(int) ((printed - kept + i) % TAIL_BYTES)];
        }
        List<String> lines = new String(last, StandardCharsets.UTF_8).lines()
                .map(line -> line.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ").strip())
                .filter(line -> !line.isEmpty() && USUAL.stream().noneMatch(line::startsWith)).toList();
        String text = String.join(" | ", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
        return text.isEmpty() ? "" : "; the last it printed: "
                + (text.length() > QUOTED_CHARACTERS ? "..." + text.substring(text.length() - QUOTED_CHARACTERS) : text);
    }
}
