package dev.fedtiny.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.Samples;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.privacy.PeerIdentity;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.privacy.SumId;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.DeviceSettings;
import dev.fedtiny.protocol.Failure;
import dev.fedtiny.protocol.KeyRequest;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.MaskedRequest;
import dev.fedtiny.protocol.MaskedWork;
import dev.fedtiny.protocol.Orders;
import dev.fedtiny.protocol.Ready;
import dev.fedtiny.protocol.ServerMessage;
import dev.fedtiny.protocol.Train;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A device that tells its values in masked sums alone tells none of them in the text of a failure: whoever owns the server chooses the
 * model, and with it what a number in such a text would say. Its own application is told all.
 */
class UntoldFailuresTest {
    private static final Network NETWORK = network();
    private static final Samples SAMPLES = Samples.of(new float[][] {{1, 2}, {3, 4}, {5, -6}, {7, 8}}, new int[] {0, 1, 0, 1});

    private final List<String> own = new ArrayList<>();

    private static Network network() {
        Network.Builder builder = Network.builder(Shape.features(2));
        builder.linear("fc", 0, 2, true, false);
        return builder.build();
    }

    private Failure failure(Supplier<Samples> data, Optional<SecureAggregation> secure, float weight) {
        DeviceSettings settings = new DeviceSettings(1, new Sgd(0, 0), Augmentation.NONE, DevelopmentSplit.usual(2), SessionOptions.DEFAULT,
                new Orders(new Kinds<>(List.of(PlainTraining.KIND)), secure), 0, 0);
        Device device = new Device(1, NETWORK, data, settings, PeerIdentity.NONE);
        device.onFailed((_, cause) -> own.add(String.valueOf(cause.getMessage())));
        List<Mask> masks = NETWORK.parameters().stream().map(parameter -> Mask.full(parameter.size())).toList();
        List<float[]> values = masks.stream().map(mask -> new float[mask.size()]).toList();
        Arrays.fill(values.getFirst(), 0, 2, weight);
        MaskedWork train = new Train(1, Optional.of(masks), ModelState.of(NETWORK, masks, values).allValues(), 1, 2, 1e-3,
                new PlainTraining());
        SumId sum = SumId.random();
        Codec codec = new Codec(NETWORK);
        try (Workers workers = Workers.of(1); SessionCache sessions = new SessionCache(workers)) {
            if (secure.isPresent()) {
                device.handle(codec.encode(0, 1, new KeyRequest(sum)), sessions);
                own.clear();
            }
            ServerMessage request = secure.isPresent() ? new MaskedRequest(sum, List.of(0, 1, 2), train) : (Train) train;
            return (Failure) codec.decodeAnswer(device.handle(codec.encode(0, 1, request), sessions), 0, 1, new Ready.Expected());
        }
    }

    /** A model under which one sample has a loss beyond all bounds: the sum of losses would be a figure of this device alone. */
    @Test
    void noLossIsToldInTheOpen() {
        Failure open = failure(() -> SAMPLES, Optional.empty(), 1e6f);
        assertEquals(Failure.Cause.NOT_FINITE, open.cause());
        assertTrue(open.text().matches("training gave the summed loss [0-9].*"), open.text());
        Failure told = failure(() -> SAMPLES, Optional.of(SecureAggregation.USUAL), 1e6f);
        assertEquals(Failure.Cause.NOT_FINITE, told.cause());
        assertFalse(told.text().matches(".*[0-9].*"), told.text());
        assertEquals(List.of(open.text()), own);
    }

    /** Exceptions of a data source may quote a sample. */
    @Test
    void nothingThatADataSourceSaysIsToldInTheOpen() {
        Supplier<Samples> broken = () -> {
            throw new DataException("line 7: 'Miller, 1971' is no number");
        };
        // The keys are asked for with the data not yet looked at.
        Failure told = failure(new Supplier<>() {
            private int asked;

            @Override
            public Samples get() {
                return asked++ == 0 ? SAMPLES : broken.get();
            }
        }, Optional.of(SecureAggregation.USUAL), 0);
        assertEquals(Failure.Cause.OTHER, told.cause());
        assertFalse(told.text().contains("Miller"), told.text());
        assertTrue(own.getFirst().contains("Miller"), own.toString());
    }
}
