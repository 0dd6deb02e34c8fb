package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Walks values and gradients of all trained parameters of a session in their one order, shared between the session's threads: every
 * value has one owner and no value depends on another, so bits do not depend on the threads. A step allocates nothing, but where the
 * session's masks have changed since the last one.
 */
final class ParameterUpdater implements Optimizer.Updater {
    private final Session session;
    private final PositionState state;
    private final int[] parameters;
    private final UpdateRule[] rules;
    private final double[] rateFactors;
    private final Workers.Task task = this::share;
    private final boolean checks;
    private double rate;
    private long steps;
    /** Whether a thread left a number in the state that is none, by then or before. */
    private boolean overflown;

    ParameterUpdater(Optimizer optimizer, Session session) {
        checkMode("optimiser", session);
        this.session = session;
        this.checks = session.options().finiteCheck() == FiniteCheck.ON;
        Parameter[] all = session.network().parameters().toArray(Parameter[]::new);
        this.state = new PositionState(session, p -> rule(optimizer, all[p]).state().size());
        this.parameters = state.parameters();
        this.rules = Arrays.stream(parameters).mapToObj(p -> optimizer.rule(all[p])).toArray(UpdateRule[]::new);
        this.rateFactors = Arrays.stream(parameters).mapToDouble(p -> rateFactor(optimizer, all[p])).toArray();
    }

    /** A rule, of an application's own maybe, that can compute and that a file can name: it is written when the training is over. */
    private static UpdateRule rule(Optimizer optimizer, Parameter parameter) {
        String who = "optimiser: the rule of '" + parameter.name() + "'";
        UpdateRule rule = Given.notNull(optimizer.rule(parameter), who, "what updates it, for example an Sgd");
        Names.writable(who + " of kind", Given.notNull(rule.kind(), who + ": kind", "what files call it"));
        Set<String> names = new HashSet<>();
        for (String name : Given.notNull(rule.state(), who + ": state", "names of what it remembers; none where that is nothing")) {
            Names.writable(who + " remembers", Given.notNull(name, who + ": a name of its state", "what files call it"));
            if (!names.add(name)) {
                throw new IllegalArgumentException(who + ", " + rule.kind() + ", has two states called '" + name
                        + "', which files could not tell apart; give each a name of its own");
            }
        }
        return rule;
    }

    private static double rateFactor(Optimizer optimizer, Parameter parameter) {
        double factor = optimizer.rateFactor(parameter);
        if (!(factor >= 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException("optimiser: the rate of '" + parameter.name() + "' is multiplied by " + factor
                    + ", must be at least 0 and finite");
        }
        return factor;
    }

    static void checkMode(String who, Session session) {
        Given.notNull(session, who + ": session", "an open session of mode TRAINING");
        if (session.mode() != Mode.TRAINING) {
            throw new IllegalArgumentException(who + ": the session is for " + session.mode() + ", " + who + "s need one of mode "
                    + Mode.TRAINING + "; open it so");
        }
    }

    static void checkRate(String who, double learningRate) {
        if (!(learningRate >= 0 && Float.isFinite((float) learningRate))) {
            throw new IllegalArgumentException(who + ": learning rate " + learningRate + ", must be at least 0 and finite in single "
                    + "precision");
        }
    }

    @Override
    public void checkRate(double learningRate) {
        checkRate("optimiser", learningRate);
        for (int slot = 0; slot < parameters.length; slot++) {
            if (!Float.isFinite((float) (learningRate * rateFactors[slot]))) {
                throw new IllegalArgumentException("optimiser: learning rate " + learningRate + " times the factor " + rateFactors[slot]
                        + " of '" + session.network().parameters().get(parameters[slot]).name() + "' must be finite in single precision; "
                        + "use a smaller rate or factor");
            }
        }
    }

    @Override
    public void step(double learningRate) {
        checkRate(learningRate);
        try (Session.Hold _ = session.hold()) {
            session.checkGradients();
            state.follow();
            rate = learningRate;
            steps++;
            update();
            check();
        }
    }

    private void check() {
        try {
            session.checkValues();
            if (overflown) {
                overflown = false;
                OptimizerFile.checkFinite(state, rules);
            }
        } catch (NonFiniteException e) {
            throw e.in("optimiser step " + steps + " at learning rate " + rate);
        }
    }

    private void update() {
        Meter meter = session.meter();
        if (meter == null) {
            session.workers().run(task);
            return;
        }
        meter.open(meter.operator("optimizer"));
        meter.run(session.workers(), PassKind.OPTIMIZER, task);
        meter.count(PassKind.OPTIMIZER, 0, 0, 0, 12 * trainedValues() + 2 * bytes());
        meter.close();
    }

    private long trainedValues() {
        long count = 0;
        for (int parameter : parameters) {
            count += session.values(parameter).length;
        }
        return count;
    }

    private void share(int worker, int workers) {
        for (int slot = 0; slot < parameters.length; slot++) {
            float[] values = session.values(parameters[slot]);
            int from = (int) ((long) values.length * worker / workers);
            int to = (int) ((long) values.length * (worker + 1) / workers);
            if (from < to) {
                rules[slot].update(rate * rateFactors[slot], steps, values, session.gradient(parameters[slot]), state.of(slot), from, to);
                if (checks) {
                    look(state.of(slot), from, to);
                }
            }
        }
    }

    /** An infinite square shows in no value: it leaves its value where it is. */
    private void look(float[][] arrays, int from, int to) {
        for (float[] array : arrays) {
            float largest = 0;
            for (int i = from; i < to; i++) {
                largest = Math.max(largest, Math.abs(array[i]));
            }
            if (!Float.isFinite(largest)) {
                overflown = true;
            }
        }
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public long bytes() {
        return state.bytes();
    }

    @Override
    public void save(Path file) throws IOException {
        try (Session.Hold _ = session.hold()) {
            state.follow();
            OptimizerFile.write(file, state, rules, steps);
        }
    }

    @Override
    public void restore(Path file) throws IOException {
        try (Session.Hold _ = session.hold()) {
            state.follow();
            steps = OptimizerFile.read(file, state, rules);
        }
    }
}
