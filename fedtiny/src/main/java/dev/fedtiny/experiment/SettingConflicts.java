package dev.fedtiny.experiment;

import dev.fedtiny.federation.Robustness;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.method.Methods;
import dev.fedtiny.method.Privacy;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.settings.Refusals;
import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.Optional;

/**
 * What settings say against each other, where each by itself is in its range. All of it is found before any is told ({@link Refusals}).
 * What depends on the images is checked once they are there ({@link RunPlan#plan}).
 */
final class SettingConflicts {
    private final SettingValues values;
    private final RunPlan plan;
    private final boolean sumsOnly;
    private final boolean noise;
    private final Refusals refusals = new Refusals();

    private SettingConflicts(SettingValues values) {
        this.values = values;
        this.plan = new RunPlan(values);
        this.sumsOnly = values.get(Setting.SECURE_AGGREGATION) == Choices.Switch.ON;
        this.noise = values.get(Setting.DP_NOISE) > 0;
    }

    /**
     * Checks settings beside each other.
     *
     * @param forMethods the same values as methods read them
     * @throws IllegalArgumentException naming everything that is impossible
     */
    static void refuse(SettingValues values, MethodSettings forMethods) {
        SettingConflicts conflicts = new SettingConflicts(values);
        // Of all methods, whichever it is.
        Methods.all().forEach(provider -> conflicts.refusals.attempt(() -> {
            provider.check(forMethods);
            return provider;
        }));
        Optional<Method> method = conflicts.refusals.attempt(() -> values.get(Setting.METHOD).create(forMethods));
        conflicts.devices();
        conflicts.noise();
        conflicts.secureSums();
        Optional<Robustness> robustness = conflicts.refusals.attempt(conflicts.plan::robustness);
        method.ifPresent(made -> {
            robustness.ifPresent(rules -> Privacy.conflicts(conflicts.sumsOnly, rules, made).forEach(conflicts.refusals::add));
            conflicts.parts(made);
            conflicts.steps(made);
        });
        conflicts.refusals.refuse();
    }

    private void wrong(boolean is, SettingSpec<?> setting, String expected) {
        if (is) {
            refusals.add(values.wrong(setting, expected));
        }
    }

    /** Who takes part in a round, and when it is over. */
    private void devices() {
        wrong(values.get(Setting.SAMPLE) > values.get(Setting.DEVICES), Setting.SAMPLE,
                "at most devices = " + values.get(Setting.DEVICES));
        refusals.attempt(plan::reliability);
        wrong(values.get(Setting.MIN_REPORTERS) > plan.wanted(), Setting.MIN_REPORTERS,
                "at most " + plan.wanted() + ", the devices asked in a round");
    }

    /** Differential privacy: nothing but the noisy sum may depend on a device. */
    private void noise() {
        wrong(noise && values.get(Setting.AGGREGATION) != Choices.AggregationName.MEAN, Setting.AGGREGATION,
                "mean with dp-noise, which clips and averages by itself");
        wrong(noise && values.get(Setting.OVER_SELECT) > 1, Setting.OVER_SELECT,
                "1 with dp-noise: a device that answers sooner would push out another");
        wrong(noise && values.get(Setting.RECALIBRATE_LAST), Setting.RECALIBRATE_LAST,
                "false with dp-noise: what devices measure then lies outside of the mechanism");
        wrong(noise && values.get(Setting.MIN_REPORTERS) > 1, Setting.MIN_REPORTERS,
                "1 with dp-noise: that a round counts for nothing would tell how many took part");
        wrong(noise && values.get(Setting.ON_TOO_FEW) != Reliability.TooFew.SKIP, Setting.ON_TOO_FEW,
                "skip with dp-noise: the noise covers one draw of devices a round");
    }

    /** Secure sums by themselves; what they hide from others is {@link Privacy#conflicts}. */
    private void secureSums() {
        wrong(sumsOnly && values.get(Setting.SECURE_NEIGHBOURS) % 2 != 0, Setting.SECURE_NEIGHBOURS,
                "an even number: as many before a device on the ring as behind it");
        wrong(sumsOnly && plan.wanted() < SecureAggregation.LEAST_DEVICES, Setting.SECURE_AGGREGATION, "off where a round asks "
                + plan.wanted() + " devices: a secure sum has at least " + SecureAggregation.LEAST_DEVICES);
    }

    /** Devices that hold parts of the model. */
    private void parts(Method method) {
        if (values.get(Setting.DEVICE_CLASSES).isEmpty()) {
            return;
        }
        method.refusesParts().ifPresent(reason -> wrong(true, Setting.DEVICE_CLASSES, "none: " + reason));
        double density = method.promise().density();
        refusals.attempt(plan::classes).ifPresent(classes -> wrong(classes.all().getFirst().density() != density, Setting.DEVICE_CLASSES,
                "a densest class of density " + density + ", that of the model (" + MethodSettings.DENSITY.key()
                        + "): the weights that nobody holds would never be trained"));
        wrong(sumsOnly || noise, Setting.DEVICE_CLASSES,
                "none with secure-aggregation or dp-noise: sums are of one model that all hold");
    }

    /** What a method has no place for. */
    private void steps(Method method) {
        if (values.get(Setting.RECALIBRATE_LAST)) {
            FinalRecalibration.refusal(method).ifPresent(reason -> wrong(true, Setting.RECALIBRATE_LAST, "false: " + reason));
        }
        if (values.get(Setting.SERVER_OPTIMIZER) != Choices.ServerStep.AVERAGE) {
            method.refusesServerStep().ifPresent(reason -> wrong(true, Setting.SERVER_OPTIMIZER, "average with " + method.name() + ": "
                    + reason));
        }
    }
}
