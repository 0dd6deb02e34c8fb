package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.reference.ReferenceNetwork;
import dev.fedtiny.engine.reference.StorageReference;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.testing.CrossEntropyReference;
import java.util.List;

/**
 * Results of a session next to those of the reference on one sample. The tolerance is relative to the largest magnitude of each tensor.
 */
final class SessionComparison {
    private final Sample sample;
    private final double tolerance;
    private final ReferenceNetwork reference;
    private final ReferenceNetwork.Pass training;
    private final ReferenceNetwork.Pass inference;
    private final double[][] gradients;

    SessionComparison(Sample sample, double tolerance) {
        this(sample, tolerance, StorageReference.EXACT);
    }

    /** A comparison with a reference that stores what lies between layers in some form. */
    SessionComparison(Sample sample, double tolerance, StorageReference storage) {
        this.sample = sample;
        this.tolerance = tolerance;
        this.reference = new ReferenceNetwork(sample.state().network(), storage);
        this.training = reference.forward(Mode.TRAINING, sample.parameters(), sample.imagesAsDouble(), sample.count());
        this.inference = reference.forward(Mode.INFERENCE, sample.parameters(), sample.imagesAsDouble(), sample.count());
        this.gradients = reference.gradients(training, sample.labels());
    }

    private List<Parameter> parameters() {
        return sample.state().network().parameters();
    }

    /** Loads the sample, runs one pass in training also backward with growth of every prunable weight, and compares everything. */
    void check(Session session) {
        session.load(sample.state());
        sample.feed(session);
        session.forward(sample.count());
        ReferenceNetwork.Pass expected = session.mode() == Mode.INFERENCE ? inference : training;
        checkLogits(session, expected);
        if (session.mode() == Mode.TRAINING) {
            checkBackward(session);
        }
        for (int i = 0; i < parameters().size(); i++) {
            Mask mask = sample.state().mask(i);
            checkTensor(parameters().get(i).name(), expected.parametersAfter()[i], mask.scatter(session.liveState().values(i)), 0);
        }
    }

    private void checkLogits(Session session, ReferenceNetwork.Pass expected) {
        int classes = sample.state().network().classes();
        float[] logits = new float[sample.count() * classes];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = session.logit(i / classes, i % classes);
        }
        checkTensor("logits", expected.logits(), logits, 0);
        double loss = reference.lossSum(expected, sample.labels());
        double largest = 1;
        for (double logit : expected.logits()) {
            largest = Math.max(largest, Math.abs(logit));
        }
        assertEquals(loss, session.lossSum(), tolerance * sample.count() * largest, "sum of the losses");
        assertEquals(new CrossEntropyReference(classes).correct(expected.logits(), sample.labels()), session.correct(), "correct images");
    }

    private void checkBackward(Session session) {
        List<Integer> prunable = sample.state().network().prunable();
        int[] growing = prunable.stream().mapToInt(i -> i).toArray();
        TopK[] growth = new TopK[growing.length];
        for (int i = 0; i < growth.length; i++) {
            growth[i] = new TopK(parameters().get(growing[i]).size());
        }
        session.backward(growing, growth);
        for (int i = 0; i < parameters().size(); i++) {
            if (!parameters().get(i).kind().trainable()) {
                assertNull(session.gradient(i), parameters().get(i).name());
                continue;
            }
            float[] actual = sample.state().mask(i).scatter(session.gradient(i));
            if (prunable.contains(i)) {
                addGrowth(i, growth[prunable.indexOf(i)], actual);
            }
            // Only rounding is left of a gradient that is zero in theory; the weights' gradient, the tensor before it, gives the scale.
            double floor = reference.vanishes(i) ? largest(gradients[i - 1]) : 0;
            checkTensor("gradient of " + parameters().get(i).name(), gradients[i], actual, floor);
        }
    }

    private void addGrowth(int parameter, TopK growth, float[] dense) {
        Mask mask = sample.state().mask(parameter);
        TopK.Entries entries = growth.sorted();
        for (int i = 0; i < entries.indices().length; i++) {
            int at = entries.indices()[i];
            assertTrue(!mask.contains(at), () -> parameters().get(parameter).name() + ": active position " + at
                    + " was offered for growth");
            dense[at] = entries.values()[i];
        }
    }

    private void checkTensor(String name, double[] expected, float[] actual, double floor) {
        assertEquals(expected.length, actual.length, name);
        double scale = Math.max(largest(expected), floor);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            // Written so that NaN fails.
            if (!(error <= tolerance * scale)) {
                throw new AssertionError(name + " at " + i + ": " + actual[i] + ", expected " + expected[i] + "; error " + error / scale
                        + " of the largest magnitude, allowed " + tolerance + " (" + sample.count() + " images)");
            }
        }
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
