package dev.fedtiny.device;

import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;

/** E epochs of training under the mask, and nothing else. No further bytes, neither way: answered by {@link LocalResult.None}. */
public record PlainTraining() implements DeviceTask {
    /** How devices know it. */
    public static final TaskKind KIND = new TaskKind("plain", 0, (_, _, _) -> new PlainTraining());

    @Override
    public TaskKind kind() {
        return KIND;
    }

    @Override
    public Update run(LocalJob job) {
        Session session = job.takeOver();
        double lossSum = job.train(session, job.epochs(session, "local"), Epochs.Backward.PLAIN);
        return job.answer(session.liveState(), lossSum, new LocalResult.None());
    }
}
