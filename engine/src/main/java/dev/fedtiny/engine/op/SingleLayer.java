package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** A network of one layer in a session of its own, reopened when a larger batch comes. */
final class SingleLayer {
    private final String what;
    private final Network network;
    private final Mode mode;
    private final AlgorithmPolicy algorithms;
    private List<Mask> masks;
    private List<float[]> values;
    private Session session;

    SingleLayer(String what, Network network, List<Mask> masks, List<float[]> values, Mode mode, AlgorithmPolicy algorithms) {
        this.what = what;
        this.network = network;
        this.mode = mode;
        this.algorithms = algorithms;
        this.masks = masks;
        this.values = values;
    }

    Tensor forward(Tensor x) {
        Given.notNull(x, what + ": x", Conv2d.A_TENSOR);
        if (!x.shape().equals(network.input())) {
            throw new IllegalArgumentException(what + ": input has shape " + x.shape() + ", expected " + network.input());
        }
        if (session == null || session.batch() < x.images()) {
            if (session != null) {
                values = session.state().allValues();
            }
            session = Session.open(ModelState.of(network, masks, values), mode, x.images(), Workers.of(1), algorithms,
                    mode == Mode.TRAINING ? InputGradient.COMPUTED : InputGradient.NONE);
        }
        session.setImages(x.toNchw(), x.images());
        session.forward(x.images());
        return Tensor.ofNchw(x.images(), output(), session.outputs());
    }

    private Shape output() {
        return network.layers().getLast().output();
    }

    /** The gradient of the input; those of parameters lie in the session then. */
    Tensor backward(Tensor dy) {
        Given.notNull(dy, what + ": dy", Conv2d.A_TENSOR);
        checkForward();
        if (!dy.shape().equals(output()) || dy.images() != session.count()) {
            throw new IllegalArgumentException(what + ": output gradient is " + dy.images() + " images of " + dy.shape() + ", expected "
                    + session.count() + " of " + output());
        }
        session.backward(dy.toNchw());
        return inputGradient();
    }

    Tensor inputGradient() {
        return Tensor.ofNchw(session.count(), network.input(), session.inputGradient());
    }

    Session session() {
        checkForward();
        return session;
    }

    private void checkForward() {
        if (session == null) {
            throw new IllegalStateException(what + ": backward needs a forward pass first");
        }
    }
}
