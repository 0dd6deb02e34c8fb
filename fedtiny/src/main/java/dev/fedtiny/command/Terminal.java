package dev.fedtiny.command;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a command prints. In place of text, results can be one JSON document: then what is printed as text goes nowhere. On a terminal a
 * bar can stand below the last line of the error stream; whatever is printed there next takes its place.
 */
public final class Terminal {
    /** Columns where nobody says how many there are. */
    static final int USUAL_WIDTH = 100;
    private static final int LEAST_WIDTH = 20;
    /** To the first column, and clear the line. */
    private static final String ERASE = "\r\u001b[K";

    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    private final PrintStream out;
    private final PrintStream raw;
    private final PrintStream err;
    private final boolean interactive;
    private final int width;
    private boolean barDrawn;
    private Optional<JsonObject.Builder> document = Optional.empty();

    /**
     * A place to print.
     *
     * @param out results
     * @param err progress, warnings and errors
     * @param interactive whether a person sees err, so that a bar may be drawn
     * @param width columns
     */
    public Terminal(PrintStream out, PrintStream err, boolean interactive, int width) {
        this.out = out;
        this.raw = err;
        this.err = interactive ? new PrintStream(new OverBar(), true, err.charset()) : err;
        this.interactive = interactive;
        this.width = Math.max(LEAST_WIDTH, width);
    }

    /**
     * As the other, of the usual width.
     *
     * @param out results
     * @param err progress, warnings and errors
     * @param interactive whether a person looks at {@code err}
     */
    public Terminal(PrintStream out, PrintStream err, boolean interactive) {
        this(out, err, interactive, USUAL_WIDTH);
    }

    /**
     * This process's own. The launcher says in properties whether standard error is a terminal and how wide the terminal is;
     * {@code COLUMNS}, where it is exported, wins.
     *
     * @param out standard output
     */
    static Terminal here(PrintStream out) {
        String told = System.getProperty("dev.fedtiny.terminal");
        boolean interactive = told != null ? told.equals("true") : System.console() != null && System.console().isTerminal();
        int columns = columns(System.getenv("COLUMNS"));
        if (columns == 0) {
            columns = columns(System.getProperty("dev.fedtiny.columns"));
        }
        return new Terminal(out, System.err, interactive, columns == 0 ? USUAL_WIDTH : columns);
    }

    private static int columns(String text) {
        return text != null && text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 0;
    }

    /** {@return the stream for results in words; it goes nowhere where there is a document} */
    public PrintStream out() {
        return document.isPresent() ? NOWHERE : out;
    }

    /** From here on, results are a document. */
    void beginDocument() {
        document = Optional.of(JsonObject.builder());
    }

    /**
     * Adds to the document; does nothing where there is none. Its type is this program's own: other modules make no documents.
     *
     * @param part adds its fields
     */
    @SuppressWarnings("exports")
    public void document(Consumer<JsonObject.Builder> part) {
        document.ifPresent(part);
    }

    /** Prints the document, if there is one; results are words again. */
    void endDocument() {
        Optional<JsonObject.Builder> whole = document;
        document = Optional.empty();
        whole.ifPresent(builder -> out.println(JsonWriter.indented(builder.build())));
    }

    /** {@return the stream for progress, warnings and errors} */
    public PrintStream err() {
        return err;
    }

    /** {@return whether a person sees the error stream} */
    public boolean interactive() {
        return interactive;
    }

    /** Columns of a line. */
    int width() {
        return width;
    }

    /**
     * Draws a bar below what was printed last, as wide as fits, and a few words behind it; nothing where nobody sees it.
     *
     * @param done how much is done, at most {@code all}
     * @param all how much there is to do, at least 1
     * @param most characters of the bar on a wide terminal
     * @param text behind the bar, where there is room for it
     */
    public void bar(int done, int all, int most, String text) {
        if (interactive) {
            boolean fits = !text.isEmpty() && text.length() + LEAST_WIDTH < width;
            String behind = fits ? " " + text : "";
            int length = Math.min(most, width - 3 - behind.length());
            int filled = (int) ((long) length * done / all);
            // Printers hold err's lock and then take this one: err must not be asked for anything from here.
            synchronized (this) {
                raw.print(ERASE + "[" + "#".repeat(filled) + ".".repeat(length - filled) + "]" + behind);
                raw.flush();
                barDrawn = true;
            }
        }
    }

    private synchronized void erase() {
        if (barDrawn) {
            barDrawn = false;
            raw.print(ERASE);
        }
    }

    /** Takes the bar away before the first byte. */
    private final class OverBar extends OutputStream {
        @Override
        public void write(int b) {
            erase();
            raw.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            erase();
            raw.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            raw.flush();
        }
    }
}
