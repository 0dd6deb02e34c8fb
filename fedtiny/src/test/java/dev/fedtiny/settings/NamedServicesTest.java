package dev.fedtiny.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.Partition;
import dev.fedtiny.data.PartitionScheme;
import dev.fedtiny.data.PartitionSchemes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedServicesTest {
    @TempDir
    Path folder;

    /** A split of somebody else. */
    public static class Foreign implements PartitionScheme {
        @Override
        public String name() {
            return "foreign";
        }

        @Override
        public String description() {
            return "somebody's";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of();
        }

        @Override
        public Map<String, Number> parameters(SettingValues settings) {
            return Map.of();
        }

        @Override
        public Partition split(Dataset images, int devices, SettingValues settings, long seed) {
            throw new UnsupportedOperationException();
        }
    }

    /** Another one of the same name. */
    public static final class Same extends Foreign {
    }

    /** Wherever a jar stands on the class path, files and lists have the order that they have without it. */
    @Test
    void thoseOfThisProgramComeFirst() throws IOException {
        NamedServices<PartitionScheme> found = with(Foreign.class.getName());
        assertEquals(PartitionSchemes.names() + ", foreign", found.names());
        assertEquals(PartitionSchemes.meanings() + ", foreign (somebody's)", found.meanings(PartitionScheme::description));
        assertEquals("foreign", found.all().getLast().name());
        assertEquals(found.all().getLast(), found.find("foreign").orElseThrow());
        assertTrue(found.find("nothing").isEmpty());
    }

    @Test
    void twoOfOneNameAreBothNamed() {
        NamedServices<PartitionScheme> both = with(Foreign.class.getName(), Same.class.getName());
        String message = assertThrows(IllegalArgumentException.class, both::all).getMessage();
        assertEquals("the split 'foreign' is registered twice, as " + Foreign.class.getName() + " and " + Same.class.getName()
                + "; rename one, or leave it out", message);
    }

    @Test
    void oneThatCannotBeUsedIsNamed() {
        String message = assertThrows(IllegalArgumentException.class, with("nobody.Knows")::names).getMessage();
        assertTrue(message.startsWith("a split that is registered cannot be used: ") && message.contains("nobody.Knows"), message);
    }

    /** What a class loader finds that looks at these registrations before all others. */
    private NamedServices<PartitionScheme> with(String... registered) {
        try {
            Path services = folder.resolve("META-INF/services/" + PartitionScheme.class.getName());
            Files.createDirectories(services.getParent());
            Files.write(services, List.of(registered));
            URL[] first = {folder.toUri().toURL()};
            ClassLoader loader = new URLClassLoader(first, getClass().getClassLoader()) {
                @Override
                public Enumeration<URL> getResources(String name) throws IOException {
                    List<URL> all = new ArrayList<>(Collections.list(findResources(name)));
                    all.addAll(Collections.list(getParent().getResources(name)));
                    return Collections.enumeration(all);
                }
            };
            return new NamedServices<>(PartitionScheme.class, "split", PartitionScheme::name, () -> loader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
