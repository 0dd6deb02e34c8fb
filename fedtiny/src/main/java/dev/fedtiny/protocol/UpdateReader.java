package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/** An update in the middle of its reading, as its task sees it: the payload, and what an answer is checked against. */
public final class UpdateReader {
    private final PayloadReader payload;
    private final Network network;
    private final List<Mask> sent;
    private final Workload work;
    private List<float[]> values;

    UpdateReader(PayloadReader payload, Network network, List<Mask> sent, Workload work) {
        this.payload = payload;
        this.network = network;
        this.sent = sent;
        this.work = work;
    }

    /** {@return what is left of the message} */
    public PayloadReader payload() {
        return payload;
    }

    /** {@return the run's network} */
    public Network network() {
        return network;
    }

    /** {@return the masks that the device was sent, one a parameter} */
    public List<Mask> sent() {
        return sent;
    }

    /** {@return how much the device had to do, with the samples that it states} */
    public Workload work() {
        return work;
    }

    /**
     * Reads the update's values, which stand here in the payload, under these masks. To be called exactly once.
     *
     * @param masks one a parameter; not those that were sent where the device has pruned
     */
    public void values(List<Mask> masks) {
        if (values != null) {
            throw new IllegalStateException("the values of an update were read twice");
        }
        values = payload.values(network, masks);
    }

    List<float[]> values() {
        if (values == null) {
            throw new IllegalStateException("the values of an update were not read by its task");
        }
        return values;
    }
}
