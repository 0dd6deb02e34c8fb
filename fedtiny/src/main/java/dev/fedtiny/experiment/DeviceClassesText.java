package dev.fedtiny.experiment;

import dev.fedtiny.federation.DeviceClass;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.settings.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The setting {@code device-classes}: how much of the model devices hold, class by class, before it is known how many devices there are.
 *
 * @param classes as they were written
 */
public record DeviceClassesText(List<Written> classes) {
    /** The form of the setting. */
    public static final String FORM = "small: 0.01 x 40% in 32MiB, large: 0.05 x 60%";

    private static final Pattern CLASS = Pattern.compile("([a-z][a-z0-9-]{0,31}) *: *([0-9.eE-]{1,20}) *x *([0-9.]{1,12})(%?)"
            + "(?: +in +([1-9][0-9]{0,5}) ?(MiB|GiB))?");
    private static final Numbers.Decimal DENSITY = new Numbers.Decimal(0, false, 1, "");
    private static final Numbers.Decimal PERCENT = new Numbers.Decimal(0, false, 100, "");
    private static final Numbers.Whole COUNT = new Numbers.Whole(1, Numbers.MOST_WHOLE, "devices");
    /** Shares that people round. */
    private static final double NEAR = 1e-6;

    /**
     * A class as it was written.
     *
     * @param name of the class
     * @param density of what its devices hold
     * @param count how many devices are of it; 0 where their share is given
     * @param share of the devices, in (0, 1]; 0 where their number is given
     * @param memoryBytes heap of a device; empty where that is not said
     */
    public record Written(String name, double density, int count, double share, OptionalLong memoryBytes) {
    }

    /** Keeps its own list. */
    public DeviceClassesText {
        classes = List.copyOf(classes);
    }

    /**
     * Reads the setting.
     *
     * @param text classes separated by commas, for example {@value #FORM}
     * @return the classes
     * @throws IllegalArgumentException saying what is wrong and what the form is
     */
    public static DeviceClassesText parse(String text) {
        List<Written> classes = new ArrayList<>();
        for (String part : text.strip().split(",", -1)) {
            Matcher matcher = CLASS.matcher(part.strip());
            if (!matcher.matches()) {
                throw wrong(text, part.strip());
            }
            boolean percent = !matcher.group(4).isEmpty();
            OptionalDouble density = DENSITY.read(matcher.group(2));
            OptionalDouble figure = percent ? PERCENT.read(matcher.group(3))
                    : COUNT.read(matcher.group(3)).stream().asDoubleStream().mapToObj(OptionalDouble::of).findFirst()
                            .orElse(OptionalDouble.empty());
            if (density.isEmpty() || figure.isEmpty() || !classes.isEmpty() && percent != classes.getFirst().share() > 0) {
                throw wrong(text, part.strip());
            }
            OptionalLong memory = matcher.group(5) == null ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(matcher.group(5)) << (matcher.group(6).equals("GiB") ? 30 : 20));
            classes.add(new Written(matcher.group(1), density.getAsDouble(), percent ? 0 : (int) figure.getAsDouble(),
                    percent ? figure.getAsDouble() / 100 : 0, memory));
        }
        return new DeviceClassesText(classes);
    }

    private static IllegalArgumentException wrong(String text, String part) {
        return new IllegalArgumentException("device-classes = '" + text + "': look at '" + part + "', the form is '" + FORM
                + "': name, density and devices, all as a number or all as a share, and the memory of a device where it is known");
    }

    /**
     * The classes of so many devices.
     *
     * @param devices K
     * @return the classes, their devices numbered
     * @throws IllegalArgumentException if the numbers of devices do not add up to K, or a class gets none
     */
    public DeviceClasses of(int devices) {
        long counted = classes.stream().mapToLong(Written::count).sum();
        double shares = classes.stream().mapToDouble(Written::share).sum();
        if (shares == 0 ? counted != devices : Math.abs(shares - 1) > NEAR) {
            throw new IllegalArgumentException(shares == 0 ? "they have " + counted + " devices, the setting devices " + devices
                    : "they have " + Math.round(10_000 * shares) / 100.0 + " % of the devices, expected 100 %");
        }
        List<DeviceClass> numbered = new ArrayList<>();
        double below = 0;
        int before = 0;
        for (Written one : classes) {
            below += one.share();
            int until = shares == 0 ? before + one.count() : (int) Math.round(below / shares * devices);
            if (until == before) {
                throw new IllegalArgumentException("they leave no device of " + devices + " to the class '" + one.name() + "'");
            }
            numbered.add(new DeviceClass(one.name(), one.density(), until - before, one.memoryBytes()));
            before = until;
        }
        return new DeviceClasses(numbered);
    }
}
