package dev.fedtiny.cluster;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.device.Device;
import dev.fedtiny.engine.session.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Which classes of this project run here: two virtual machines with the same fingerprint have the same program. */
final class Classes {
    private static final String OURS = "dev/fedtiny/";
    private static final String CLASS = ".class";
    /** Of one class in each module. */
    private static final List<Class<?>> PARTS = List.of(Session.class, Device.class);

    private Classes() {
    }

    private static final class Fingerprint {
        private static final String HERE = compute();
    }

    /** SHA-256 over names and bytes of all classes of engine and federation, wherever they were loaded from; computed once. */
    static String fingerprint() {
        return Fingerprint.HERE;
    }

    private static String compute() {
        Map<String, String> hashes = new TreeMap<>();
        try {
            for (Class<?> part : PARTS) {
                if (part.getModule().isNamed()) {
                    ofModule(part.getModule(), hashes);
                } else {
                    ofPlace(Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI()), hashes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the classes of this program cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the classes of this program were loaded from no file", e);
        }
        return Sha256.of(hashes.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static boolean counts(String name) {
        return name.startsWith(OURS) && name.endsWith(CLASS);
    }

    private static void ofModule(Module module, Map<String, String> hashes) throws IOException {
        try (ModuleReader reader = module.getLayer().configuration().findModule(module.getName()).orElseThrow().reference().open();
                Stream<String> names = reader.list()) {
            for (String name : names.filter(Classes::counts).toList()) {
                Optional<InputStream> opened = reader.open(name);
                try (InputStream in = opened.orElseThrow()) {
                    hashes.put(name, Sha256.of(in.readAllBytes()));
                }
            }
        }
    }

    private static void ofPlace(Path place, Map<String, String> hashes) throws IOException {
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.walk(place)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = place.relativize(file).toString().replace('\\', '/');
                    if (counts(name)) {
                        hashes.put(name, Sha256.of(Files.readAllBytes(file)));
                    }
                }
            }
            return;
        }
        try (ZipFile jar = new ZipFile(place.toFile())) {
            for (ZipEntry entry : Collections.list(jar.entries()).stream().filter(each -> counts(each.getName())).toList()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    hashes.put(entry.getName(), Sha256.of(in.readAllBytes()));
                }
            }
        }
    }
}
