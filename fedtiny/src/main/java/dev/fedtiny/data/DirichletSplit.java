package dev.fedtiny.data;

import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Class by class, proportions drawn from Dirichlet(α·1_K), and again until the smallest device has its share:
 * {@link Partitions#dirichlet(int[], int, int, double, int, long)}.
 */
public final class DirichletSplit implements PartitionScheme {
    /** α. */
    public static final SettingSpec<Double> ALPHA = SettingSpec.decimal("alpha", "0.5",
            "dirichlet and quantity: concentration, small is uneven", new Numbers.Decimal(0, false, Double.MAX_VALUE, ""));
    /** Least images of a device. */
    public static final SettingSpec<Integer> SMALLEST_SHARE = SettingSpec.whole("smallest-share", "10",
            "dirichlet and quantity: images that every device has at least; no more than there are images for every device",
            new Numbers.Whole(1, Numbers.MOST_WHOLE, "images"));

    /** What becomes of devices that are short. */
    public static final SettingSpec<ShortShares> SHORT_SHARES = SettingSpec.choice("short-shares", "redraw",
            "dirichlet and quantity: where a device has less than smallest-share, draw again (redraw), or give it images of the largest "
            + "shares (fill), as thousands of devices with few images each need it", ShortShares.class);

    /** For the service loader. */
    public DirichletSplit() {
    }

    @Override
    public String name() {
        return "dirichlet";
    }

    @Override
    public String description() {
        return "of each class shares drawn by alpha";
    }

    @Override
    public List<SettingSpec<?>> settings() {
        return List.of(ALPHA, SMALLEST_SHARE, SHORT_SHARES);
    }

    @Override
    public Map<String, Number> parameters(SettingValues settings) {
        return drawn(settings);
    }

    /** Those of a split that is drawn by α: the rule for devices that are short is told where it is not the usual one. */
    static Map<String, Number> drawn(SettingValues settings) {
        Map<String, Number> parameters = parameters(settings.get(ALPHA), settings.get(SMALLEST_SHARE));
        if (settings.get(SHORT_SHARES) == ShortShares.FILL) {
            parameters.put("filled", 1L);
        }
        return parameters;
    }

    /** The smallest share is told where it is not the usual one. */
    static Map<String, Number> parameters(double alpha, int smallestShare) {
        Map<String, Number> parameters = new LinkedHashMap<>(Map.of("alpha", alpha));
        if (smallestShare != Partitions.USUAL_SMALLEST_SHARE) {
            parameters.put("smallestShare", (long) smallestShare);
        }
        return parameters;
    }

    @Override
    public Partition split(Dataset images, int devices, SettingValues settings, long seed) {
        return Partitions.dirichlet(images, devices, settings.get(ALPHA), settings.get(SMALLEST_SHARE),
                settings.get(SHORT_SHARES), seed);
    }
}
