package dev.fedtiny.command;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.charset.Charset;

/**
 * The standard error that the launchers hand over beside descriptor 2. That one leads through a process that leaves out what the virtual
 * machine says of incubator modules before any class of this program runs; the program's own messages go straight to their place, so that
 * none comes late and a terminal is a terminal.
 */
public final class StandardError {
    private static final String PROPERTY = "dev.fedtiny.stderr";

    private StandardError() {
    }

    /** Makes {@link System#err} the descriptor that the launcher names; without one, or if it cannot be had, all stays as it is. */
    public static void takeOver() {
        String descriptor = System.getProperty(PROPERTY);
        if (descriptor == null) {
            return;
        }
        try {
            // No public way leads to a descriptor by its number: opening it anew by a name under /dev would begin a file from its start.
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            FileOutputStream out = new FileOutputStream(constructor.newInstance(Integer.parseInt(descriptor)));
            String charset = System.getProperty("stderr.encoding");
            System.setErr(new PrintStream(new BufferedOutputStream(out), true,
                    charset == null ? Charset.defaultCharset() : Charset.forName(charset, Charset.defaultCharset())));
        } catch (ReflectiveOperationException | InaccessibleObjectException | NumberFormatException e) {
            // Descriptor 2 leads to the same place, through the launcher's process.
            return;
        }
    }
}
