package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SumLayout;
import java.util.List;

/**
 * Work of which the server needs no more than the sum over the devices: what a device answers is weighed, masked and added. As part of
 * {@link MaskedRequest} it is a byte that says what work it is, and what it writes itself.
 */
public sealed interface MaskedWork permits Train, CandidatePoolMessage, CandidateStatistics, GradientRequest {
    /**
     * Writes the work.
     *
     * @param writer makes the bytes, or counts them
     * @param network the run's
     */
    void write(PayloadWriter writer, Network network);

    /**
     * How the answers lie in a sum.
     *
     * @param network the run's
     * @param masks of the model that devices hold, one a parameter; empty where they hold none
     * @param devices in the sum
     * @return words and ballots; the same for all devices that are asked the same
     */
    SumLayout layout(Network network, List<Mask> masks, int devices);
}
