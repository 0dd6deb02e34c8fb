package dev.fedtiny.federation;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.federation.ProtocolException.Fault;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One device: its private data, the mask it holds, and during stage one the pool. Bytes come in, bytes go out; of the server it
 * knows nothing else. The same code runs in a thread of a simulation and in a process of its own. Between requests it holds a mask (4
 * bytes a kept weight) and no values. Not thread-safe.
 */
public final class Device {
    private final int number;
    private final Codec codec;
    private final Dataset data;
    private final DeviceSettings settings;
    private final int[] development;
    private HeldMasks held = HeldMasks.none();
    private Pool pool;

    /**
     * A device.
     *
     * @param number k, its place in the fleet
     * @param data its private samples
     */
    public Device(int number, Network network, Dataset data, DeviceSettings settings) {
        this.number = number;
        this.codec = new Codec(network);
        this.data = Objects.requireNonNull(data);
        this.settings = settings;
        this.development = settings.development().draw(data.count(), settings.seed(), number).chosen();
    }

    /** k, its place in the fleet. */
    public int number() {
        return number;
    }

    /**
     * Does what a frame asks and answers with a frame. Never throws because of what the frame holds: what cannot be done is answered
     * with a {@link Failure}.
     *
     * @param bench where to work
     */
    public byte[] handle(byte[] frame, Workbench bench) {
        bench.account(MemoryCategory.MESSAGES, frame.length);
        byte[] answer = respond(frame, bench);
        bench.account(MemoryCategory.MESSAGES, answer.length);
        bench.requestDone();
        return answer;
    }

    private byte[] respond(byte[] frame, Workbench bench) {
        try {
            int candidates = pool == null ? 0 : pool.counts().size();
            bench.startMessage();
            Codec.Request request = codec.decodeRequest(frame, number, held, candidates);
            bench.stopMessage(PassKind.DECODE, frame);
            DeviceMessage message = answer(request, bench);
            bench.startMessage();
            byte[] answer = codec.encode(request.round(), number, message);
            bench.stopMessage(PassKind.ENCODE, answer);
            return answer;
        } catch (ProtocolException e) {
            return failed(frame, Failure.Cause.BAD_REQUEST, e.getMessage());
        } catch (ArithmeticException e) {
            return failed(frame, Failure.Cause.NOT_FINITE, e.getMessage());
        } catch (RuntimeException e) {
            return failed(frame, Failure.Cause.OTHER, String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            bench.close();
            pool = null;
            return failed(frame, Failure.Cause.OUT_OF_MEMORY, String.valueOf(e.getMessage()));
        }
    }

    private byte[] failed(byte[] frame, Failure.Cause cause, String text) {
        return codec.encode(Frame.roundOf(frame), number, new Failure(cause, text));
    }

    private DeviceMessage answer(Codec.Request request, Workbench bench) {
        return switch (request.message()) {
            case Welcome message -> welcome(message);
            case Restore message -> {
                held = new HeldMasks(message.maskVersion(), message.masks());
                yield new Ready(held.version());
            }
            case Pool message -> {
                pool = message;
                yield message.task() == Pool.Task.RECALIBRATE ? recalibrate(bench) : evaluate(Optional.empty(), bench);
            }
            case CandidateStatistics message -> evaluate(Optional.of(message.candidates()), bench);
            case Train message -> {
                pool = null;
                message.masks().ifPresent(masks -> held = new HeldMasks(message.maskVersion(), masks));
                yield LocalTraining.run(codec.network(), message, held, request.round(), number, data, settings, bench);
            }
            case Finish _ -> {
                pool = null;
                held = HeldMasks.none();
                yield new Ready(held.version());
            }
        };
    }

    private Hello welcome(Welcome message) {
        long fingerprint = NetworkFingerprint.of(codec.network());
        if (message.networkFingerprint() != fingerprint) {
            throw new ProtocolException(Fault.CONTENT, "the server has another network (fingerprint "
                    + Long.toHexString(message.networkFingerprint()) + ", here " + Long.toHexString(fingerprint)
                    + "); give server and device the same configuration");
        }
        return new Hello(fingerprint, Platform.here(), data.count(), development.length);
    }

    private Statistics recalibrate(Workbench bench) {
        List<RunningStatistics> statistics = new ArrayList<>();
        for (int[] counts : pool.counts()) {
            ModelState candidate = Magnitude.prune(pool.union(), counts);
            RunningStatistics one = Recalibration.run(bench.session(candidate, Mode.STATISTICS, pool.batch()), data, development,
                    settings.seed(), number);
            checkFinite(one);
            statistics.add(one);
        }
        return new Statistics(development.length, statistics);
    }

    private static void checkFinite(RunningStatistics statistics) {
        for (float[] values : statistics.values()) {
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new ArithmeticException("recalibration gave a running statistic of " + value);
                }
            }
        }
    }

    /** Scores the pool's candidates with given statistics, or with those the pool came with. */
    private Evaluation evaluate(Optional<List<RunningStatistics>> statistics, Workbench bench) {
        List<Evaluation.Score> scores = new ArrayList<>();
        for (int c = 0; c < pool.counts().size(); c++) {
            ModelState candidate = Magnitude.prune(pool.union(), pool.counts().get(c));
            ModelState evaluated = statistics.isPresent() ? statistics.get().get(c).in(candidate) : candidate;
            scores.add(Scoring.score(bench.session(evaluated, Mode.INFERENCE, pool.batch()), data, development));
        }
        return new Evaluation(development.length, scores);
    }
}
