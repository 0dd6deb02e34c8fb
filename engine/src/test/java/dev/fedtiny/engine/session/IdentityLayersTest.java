package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dropout that drops nothing has the value of what it reads, and others may read that as well: nothing but the dropout is missing. */
@Tag("once")
class IdentityLayersTest {
    private static final Shape IMAGES = new Shape(2, 6, 5);

    /** What stands between a map and its readers. */
    private enum Between { NOTHING, ONE, TWO }

    /** Every kind of reader that a plan fuses, of a map and of dropouts behind it; each answers where its output stands. */
    private static Network network(int readers, Between between, double probability) {
        Network.Builder net = Network.builder(IMAGES).block("all");
        int map = net.conv2d("map", 0, 3, 3, 1, 1, true, true);
        int second = between == Between.NOTHING ? map : net.dropout(map, probability);
        int third = between == Between.TWO ? net.dropout(second, probability) : second;
        int left = reader(net, readers % 4, "left", map);
        int right = reader(net, readers / 4, "right", third);
        net.linear("out", net.concat(left, right, reader(net, 3, "both", second)), 3, true, true);
        return net.build();
    }

    private static int reader(Network.Builder net, int kind, String name, int source) {
        return switch (kind) {
            case 0 -> net.relu(source);
            case 1 -> net.batchNorm2d(name, source);
            case 2 -> net.add(net.conv2d(name, 0, 3, 1, 1, 0, false, true), source);
            default -> net.conv2d(name, source, 2, 3, 1, 1, false, true);
        };
    }

    private static ModelState as(Network network, ModelState state) {
        return ModelState.of(network, state.masks(), state.allValues());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9})
    void inference(int images) {
        for (int readers = 0; readers < 16; readers++) {
            Sample sample = Sample.of(network(readers, Between.NOTHING, 0), Sparsity.THIRTY_PERCENT, images, readers);
            float[] expected = outputs(sample.state(), sample);
            for (Between between : List.of(Between.ONE, Between.TWO)) {
                assertArrayEquals(expected, outputs(as(network(readers, between, 0.5), sample.state()), sample), "readers " + readers);
            }
        }
    }

    private static float[] outputs(ModelState state, Sample sample) {
        try (Session session = Session.open(state, Mode.INFERENCE, sample.count())) {
            sample.feed(session);
            session.forward(sample.count());
            return session.outputs();
        }
    }

    @Test
    void training() {
        for (int readers = 0; readers < 16; readers++) {
            Sample sample = Sample.of(network(readers, Between.NOTHING, 0), Sparsity.THIRTY_PERCENT, 9, readers);
            List<Long> expected = step(sample.state(), sample);
            for (Between between : List.of(Between.ONE, Between.TWO)) {
                assertEquals(expected, step(as(network(readers, between, 0), sample.state()), sample), "readers " + readers);
            }
        }
    }

    private static List<Long> step(ModelState state, Sample sample) {
        try (Session session = Session.open(state, Mode.TRAINING, sample.count(), Workers.of(1), AlgorithmPolicy.DIRECT)) {
            return SessionBits.step(session, sample);
        }
    }
}
