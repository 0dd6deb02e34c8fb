package dev.fedtiny.method;

import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;

/** What a user said, as a method reads it. Every value is checked against the range of its setting. */
public interface MethodSettings {
    /** d, of every method that prunes. */
    SettingSpec<Double> DENSITY = SettingSpec.decimal("density", "0.01", "active share of the prunable weights, above 0 and at most 1",
            new Numbers.Decimal(0, false, 1, "share")).inDemo("0.1");

    /**
     * The value of a setting that a method found declares, default or given.
     *
     * @param <T> its type
     * @param setting the declaration itself, not another of its key
     * @return its value
     * @throws IllegalArgumentException if the text is no value of it, naming key, text and what is expected; or if no method declares it
     */
    <T> T get(SettingSpec<T> setting);

    /** {@return the density d, in (0, 1]} */
    default double density() {
        return get(DENSITY);
    }

    /** {@return the number of rounds R} */
    int rounds();

    /** {@return the number of devices K} */
    int devices();
}
