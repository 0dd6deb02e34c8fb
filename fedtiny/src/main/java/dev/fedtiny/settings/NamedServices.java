package dev.fedtiny.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Implementations of a service, each by its name: what a setting chooses between. Those of the package that declares the service come
 * first, wherever they stand on the class path, and then those of other modules and jars: lists and files have one order everywhere.
 * Looked for when they are first asked for, and once, unless that fails. Thread-safe.
 *
 * @param <S> the service, of which the module of this class says {@code uses}
 */
public final class NamedServices<S> {
    private final Class<S> service;
    private final String what;
    private final Function<S, String> name;
    private final Supplier<ClassLoader> loader;
    private Map<String, S> found;

    /**
     * What the class loader of the thread that asks first finds.
     *
     * @param service which
     * @param what one implementation is, for messages, without an article: {@code method}
     * @param name of an implementation; no two may have the same
     */
    public NamedServices(Class<S> service, String what, Function<S, String> name) {
        this(service, what, name, () -> Thread.currentThread().getContextClassLoader());
    }

    /**
     * What a class loader finds.
     *
     * @param service which
     * @param what one implementation is, for messages, without an article: {@code method}
     * @param name of an implementation; no two may have the same
     * @param loader asked for when implementations are looked for
     */
    public NamedServices(Class<S> service, String what, Function<S, String> name, Supplier<ClassLoader> loader) {
        this.service = service;
        this.what = what;
        this.name = name;
        this.loader = loader;
    }

    private synchronized Map<String, S> found() {
        if (found == null) {
            found = load();
        }
        return found;
    }

    private Map<String, S> load() {
        List<S> all = new ArrayList<>();
        try {
            ServiceLoader.load(service, loader.get()).forEach(all::add);
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException("a " + what + " that is registered cannot be used: " + e.getMessage(), e);
        }
        all.sort(Comparator.comparing(one -> !one.getClass().getPackageName().equals(service.getPackageName())));
        Map<String, S> byName = new LinkedHashMap<>();
        for (S one : all) {
            S other = byName.putIfAbsent(name.apply(one), one);
            if (other != null) {
                throw new IllegalArgumentException("the " + what + " '" + name.apply(one) + "' is registered twice, as "
                        + other.getClass().getName() + " and " + one.getClass().getName() + "; rename one, or leave it out");
            }
        }
        return byName;
    }

    /**
     * All of them.
     *
     * @return those of the package that declares the service first
     * @throws IllegalArgumentException if one cannot be used, or two have the same name
     */
    public List<S> all() {
        return List.copyOf(found().values());
    }

    /**
     * The one of a name.
     *
     * @param wanted its name
     * @return empty where there is none
     * @throws IllegalArgumentException if one of all cannot be used, or two have the same name
     */
    public Optional<S> find(String wanted) {
        return Optional.ofNullable(found().get(wanted));
    }

    /**
     * Their names, comma-separated.
     *
     * @return in the order of {@link #all}
     * @throws IllegalArgumentException if one cannot be used, or two have the same name
     */
    public String names() {
        return String.join(", ", found().keySet());
    }

    /**
     * The same for people, with what each does.
     *
     * @param meaning of one, in a few words
     * @return for example {@code snip (one mask by connection sensitivity on the public set), synflow (one mask without data)}
     * @throws IllegalArgumentException if one cannot be used, or two have the same name
     */
    public String meanings(Function<S, String> meaning) {
        List<String> meanings = new ArrayList<>();
        found().forEach((known, one) -> meanings.add(known + " (" + meaning.apply(one) + ")"));
        return String.join(", ", meanings);
    }
}
