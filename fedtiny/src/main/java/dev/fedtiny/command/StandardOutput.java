package dev.fedtiny.command;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;

/**
 * A stream of results that ends the command when it cannot be written: a {@link PrintStream} alone would swallow that, and a script would
 * take half a result for a whole one. The first failure is thrown, what is written after it is dropped.
 */
public final class StandardOutput extends OutputStream {
    private static final int BUFFER_BYTES = 8192;

    private final OutputStream out;
    private boolean failed;

    /** Nobody takes the results. */
    static final class Failed extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        Failed(IOException cause) {
            super(cause);
        }
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private StandardOutput(OutputStream out) {
        this.out = out;
    }

    /**
     * Prints to a stream; printing throws {@link Failed} when that fails.
     *
     * @param out written to through a buffer
     * @param charset of the text
     * @return a stream that flushes at every line
     */
    public static PrintStream over(OutputStream out, Charset charset) {
        return new PrintStream(new BufferedOutputStream(new StandardOutput(out), BUFFER_BYTES), true, charset);
    }

    @Override
    public void write(int value) {
        attempt(to -> to.write(value));
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
        attempt(to -> to.write(bytes, from, count));
    }

    @Override
    public void flush() {
        attempt(OutputStream::flush);
    }

    private void attempt(Writing writing) {
        if (failed) {
            return;
        }
        try {
            writing.to(out);
        } catch (IOException e) {
            failed = true;
            throw new Failed(e);
        }
    }
}
