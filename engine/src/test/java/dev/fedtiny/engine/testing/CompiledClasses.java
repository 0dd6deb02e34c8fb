package dev.fedtiny.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The compiled classes of a module, read for rules about who may know whom and who may call what. */
public final class CompiledClasses {
    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([^;<]+);");

    private CompiledClasses() {
    }

    /**
     * All classes of the folder or jar that a class was loaded from, but the module's own description.
     *
     * @param least fewer are an error: a rule over nothing holds
     * @throws AssertionError if there are fewer
     */
    public static List<ClassModel> beside(Class<?> member, int least) {
        return beside(member, least, _ -> true);
    }

    /** As {@link #beside(Class, int)}, only those whose path below that folder is wanted. */
    public static List<ClassModel> beside(Class<?> member, int least, Predicate<String> wanted) {
        try {
            Path place = Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
            List<ClassModel> classes;
            if (Files.isDirectory(place)) {
                classes = below(place, wanted);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(place)) {
                    classes = below(jar.getPath("/"), wanted);
                }
            }
            if (classes.size() < least) {
                throw new AssertionError("only " + classes.size() + " classes in " + place + ", expected at least " + least);
            }
            return classes;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ClassModel> below(Path root, Predicate<String> wanted) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class")
                    && wanted.test(root.relativize(file).toString())).map(CompiledClasses::parse).toList();
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One class. */
    public static ClassModel of(Class<?> type) {
        try (var in = type.getResourceAsStream(type.getName().replaceFirst(".*\\.", "") + ".class")) {
            return ClassFile.of().parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Internal names of all classes that a class refers to. */
    public static Set<String> references(ClassModel model) {
        Set<String> types = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type -> {
                    String name = type.asInternalName();
                    if (name.startsWith("[")) {
                        addDescriptor(name, types);
                    } else {
                        types.add(name);
                    }
                }
                case NameAndTypeEntry member -> addDescriptor(member.type().stringValue(), types);
                case MethodTypeEntry type -> addDescriptor(type.descriptor().stringValue(), types);
                default -> {
                }
            }
        }
        for (FieldModel field : model.fields()) {
            addDescriptor(field.fieldType().stringValue(), types);
        }
        for (MethodModel method : model.methods()) {
            addDescriptor(method.methodType().stringValue(), types);
        }
        return types;
    }

    private static void addDescriptor(String descriptor, Set<String> types) {
        Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(descriptor);
        while (matcher.find()) {
            types.add(matcher.group(1));
        }
    }

    /**
     * References that run back up.
     *
     * @param root the package all others lie in, for example {@code dev.fedtiny}
     * @param layers packages below it from the bottom up, "" for itself: one may know those before it
     * @return classes, and what lies above them; empty where the rule holds
     * @throws AssertionError if the packages of the classes are not those of the layers
     */
    public static Map<String, Set<String>> upward(List<ClassModel> classes, String root, List<String> layers) {
        Map<String, Set<String>> offences = new TreeMap<>();
        Set<String> seen = new TreeSet<>();
        for (ClassModel model : classes) {
            String own = packageOf(model.thisClass().asInternalName(), root);
            seen.add(own);
            for (String type : references(model)) {
                if (layers.indexOf(packageOf(type, root)) > layers.indexOf(own)) {
                    offences.computeIfAbsent(model.thisClass().asInternalName(), _ -> new TreeSet<>()).add(type);
                }
            }
        }
        if (!seen.equals(new TreeSet<>(layers))) {
            throw new AssertionError("packages " + seen + ", but the rule has places for " + new TreeSet<>(layers));
        }
        return offences;
    }

    /** The package of a class, without the root's name where it lies below that; for all others the full name. */
    public static String packageOf(String internalName, String root) {
        String name = internalName.substring(0, Math.max(0, internalName.lastIndexOf('/'))).replace('/', '.');
        return name.equals(root) ? "" : name.startsWith(root + ".") ? name.substring(root.length() + 1) : name;
    }
}
