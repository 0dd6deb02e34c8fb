package dev.fedtiny.engine.layer;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.tensor.Shape;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application learns whose registration of kinds of layers is wrong: in a copy of the engine's classes of its own. */
@Tag("once")
class LayerKindsTest {
    private static final String SERVICES = "META-INF/services/" + LayerKind.class.getName();

    @TempDir
    Path folder;

    @Test
    void aKindThatCannotBeUsedIsNamedWheneverKindsAreAskedFor() throws Exception {
        refused("nobody.Knows", "nobody.Knows");
    }

    @Test
    void twoKindsOfOneKeyAreBothNamed() throws Exception {
        refused(SecondAdd.class.getName(), "'add'", SecondAdd.class.getName(), Add.KIND.getClass().getName());
    }

    /** An application's kind with the key of the engine's. */
    public static final class SecondAdd implements LayerKind {
        @Override
        public String key() {
            return Add.KIND.key();
        }

        @Override
        public Layer read(Attributes attributes, List<Integer> sources, List<Shape> inputs) {
            return Add.KIND.read(attributes, sources, inputs);
        }
    }

    private void refused(String registered, String... named) throws Exception {
        try (URLClassLoader loader = copyWith(registered)) {
            Method of = loader.loadClass(LayerKinds.class.getName()).getMethod("of", String.class);
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            Thread.currentThread().setContextClassLoader(loader);
            try {
                // The second time, too: a class that could not be initialised says nothing but that.
                for (int time = 0; time < 2; time++) {
                    Throwable cause = assertThrows(InvocationTargetException.class, () -> of.invoke(null, "conv2d")).getCause();
                    String message = assertInstanceOf(IllegalStateException.class, cause).getMessage();
                    for (String word : named) {
                        assertTrue(message.contains(word), message);
                    }
                }
            } finally {
                Thread.currentThread().setContextClassLoader(before);
            }
        }
    }

    /** All classes of this test once more, and one kind registered besides. */
    private URLClassLoader copyWith(String registered) throws IOException {
        Path services = folder.resolve(SERVICES);
        Files.createDirectories(services.getParent());
        Files.writeString(services, registered + "\n");
        List<URL> places = new ArrayList<>(List.of(folder.toUri().toURL()));
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            places.add(Path.of(place).toUri().toURL());
        }
        return new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
