package dev.fedtiny.network.device;

import java.io.IOException;

/** There was no success for longer than the device is patient; the cause is what failed last. */
final class OutOfPatienceException extends IOException {
    private static final long serialVersionUID = 1;

    OutOfPatienceException(IOException last) {
        super(last.getMessage(), last);
    }

    /** What failed last. */
    IOException last() {
        return (IOException) getCause();
    }
}
