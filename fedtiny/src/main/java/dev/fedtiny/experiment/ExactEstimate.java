package dev.fedtiny.experiment;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The exact count before a run: integer active counts, the devices' real sample numbers, frames as they will be encoded. It equals what the
 * run reports as far as {@link #initialised} says the masks are the run's own.
 *
 * @param initialised whether pretraining and the choice of the mask were really done, so that {@code model} is the run's model of the first
 *        round; otherwise it holds the initial weights, every prunable layer magnitude-pruned to the counts of
 *        {@link dev.fedtiny.engine.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)}: for masks of other counts, as BN
 *        selection's candidates have, that is near, not equal
 * @param model that the first round starts from
 * @param samples n_k of every device
 * @param beside what is done before and behind the rounds
 * @param rounds one a round
 * @param sessionBytes bytes this engine holds while a device trains that holds the whole model
 * @param updateBytes bytes of the devices' updates, or of their sums, that the server holds when a round is over
 * @param classes one a class of devices, densest first; empty without classes
 */
public record ExactEstimate(boolean initialised, ModelState model, List<Integer> samples, Beside beside,
        List<RoundEstimate> rounds, long sessionBytes, long updateBytes, List<ClassEstimate> classes) {
    /**
     * What a run does besides its rounds.
     *
     * @param pretraining FLOPs on the public set, at the server
     * @param scoring FLOPs of choosing a mask by scores, at the server; 0 when the method does not
     * @param stageOne BN selection; empty when the method has none
     * @param recalibration of the last model by the devices; empty where the experiment does without. Its bytes to devices hold the start's
     *        masks: another encoding of as many positions may be longer or shorter
     */
    public record Beside(long pretraining, long scoring, Optional<SelectionEstimate> stageOne,
            Optional<RecalibrationEstimate> recalibration) {
    }

    /** Keeps its own copies. */
    public ExactEstimate {
        samples = List.copyOf(samples);
        rounds = List.copyOf(rounds);
        classes = List.copyOf(classes);
    }

    /** {@return FLOPs on the public set, at the server} */
    public long pretraining() {
        return beside.pretraining();
    }

    /** {@return FLOPs of choosing a mask by scores, at the server; 0 when the method does not} */
    public long scoring() {
        return beside.scoring();
    }

    /** {@return BN selection; empty when the method has none} */
    public Optional<SelectionEstimate> stageOne() {
        return beside.stageOne();
    }

    /** {@return the step behind the last round; empty where the experiment does without} */
    public Optional<RecalibrationEstimate> recalibration() {
        return beside.recalibration();
    }

    /** {@return an ordinary round in which devices hold the mask already; the first round, which sends it, when there is no other} */
    public RoundEstimate ordinary() {
        return rounds.stream().filter(round -> !round.adjusts() && round.masksSent() == 0).findFirst().orElse(rounds.getFirst());
    }

    /** {@return the adjustment that costs one device most; empty when masks stay} */
    public Optional<RoundEstimate> largestAdjustment() {
        return rounds.stream().filter(RoundEstimate::adjusts).max(Comparator.comparingLong(RoundEstimate::maxDeviceFlops));
    }

    /** {@return FLOPs of the most expensive round of one device} */
    public long maxDeviceFlops() {
        return rounds.stream().mapToLong(RoundEstimate::maxDeviceFlops).max().orElseThrow();
    }

    /** {@return the most bytes that a device holds beside its session in any round} */
    public long bufferBytes() {
        return rounds.stream().mapToLong(RoundEstimate::bufferBytes).max().orElseThrow();
    }

    /** {@return FLOPs of BN selection over those of all rounds; 0 without one} */
    public double stageOneOverRounds() {
        return stageOne().map(stage -> (double) stage.flops() / rounds.stream().mapToDouble(RoundEstimate::flops).sum()).orElse(0.0);
    }

    /** {@return FLOPs of everything: pretraining, scoring, stage one, all rounds, and the last recalibration} */
    public long totalFlops() {
        return total("FLOPs of the run", LongStream.concat(LongStream.of(pretraining(), scoring(),
                stageOne().map(SelectionEstimate::flops).orElse(0L), recalibration().map(RecalibrationEstimate::flops).orElse(0L)),
                rounds.stream().mapToLong(RoundEstimate::flops)));
    }

    /** {@return bytes to all devices, stage one and the last recalibration included} */
    public long totalBytesDown() {
        return total("bytes to all devices", LongStream.concat(LongStream.of(stageOne().map(SelectionEstimate::bytesDown).orElse(0L),
                recalibration().map(RecalibrationEstimate::bytesDown).orElse(0L)),
                rounds.stream().mapToLong(RoundEstimate::bytesDown)));
    }

    /** {@return bytes from all devices, stage one and the last recalibration included} */
    public long totalBytesUp() {
        return total("bytes from all devices", LongStream.concat(LongStream.of(stageOne().map(SelectionEstimate::bytesUp).orElse(0L),
                recalibration().map(RecalibrationEstimate::bytesUp).orElse(0L)),
                rounds.stream().mapToLong(RoundEstimate::bytesUp)));
    }

    private static long total(String what, LongStream parts) {
        return parts.reduce(0, (a, b) -> Exact.sum(what, a, b));
    }

    /**
     * Bytes of the model with all prunable weights in one of the engine's forms; everything else dense, running statistics included.
     *
     * @param algorithm what the form is for: CSR, bitmask or dense
     * @return bytes
     */
    public long modelBytes(ConvolutionAlgorithm algorithm) {
        long bytes = 4 * model.valueCount();
        for (int p : model.network().prunable()) {
            bytes += model.weights(p, algorithm).bytes() - 4L * model.mask(p).count();
        }
        return bytes;
    }
}
