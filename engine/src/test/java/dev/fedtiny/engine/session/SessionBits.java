package dev.fedtiny.engine.session;

import dev.fedtiny.engine.sparse.TopK;
import java.util.ArrayList;
import java.util.List;

/** All results of a training step as raw bits. */
public final class SessionBits {
    private SessionBits() {
    }

    /** Runs forward and backward with growth on a sample and collects the bits of logits, loss, values, gradients and growth entries. */
    public static List<Long> step(Session session, Sample sample) {
        sample.feed(session);
        session.forward(sample.count());
        int[] growing = session.network().prunable().stream().mapToInt(i -> i).toArray();
        TopK[] growth = new TopK[growing.length];
        for (int i = 0; i < growth.length; i++) {
            growth[i] = new TopK(7);
        }
        session.backward(growing, growth);
        List<Long> bits = new ArrayList<>();
        for (int n = 0; n < sample.count(); n++) {
            for (int label = 0; label < session.network().classes(); label++) {
                add(bits, session.logit(n, label));
            }
        }
        bits.add(Double.doubleToRawLongBits(session.lossSum()));
        for (int i = 0; i < session.network().parameters().size(); i++) {
            add(bits, session.values(i));
            if (session.gradient(i) != null) {
                add(bits, session.gradient(i));
            }
        }
        for (TopK buffer : growth) {
            for (int index : buffer.sorted().indices()) {
                bits.add((long) index);
            }
            add(bits, buffer.sorted().values());
        }
        return bits;
    }

    private static void add(List<Long> bits, float... values) {
        for (float value : values) {
            bits.add((long) Float.floatToRawIntBits(value));
        }
    }
}
