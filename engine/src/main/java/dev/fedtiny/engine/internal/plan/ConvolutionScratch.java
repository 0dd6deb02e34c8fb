package dev.fedtiny.engine.internal.plan;

/**
 * Where a convolution's laid out input and its output's gradient lie while it runs: slots of a group a thread, or a place for every group
 * of the batch, each in room that the arena has left at that time or, failing that, in the workspace.
 */
final class ConvolutionScratch {
    private final ConvolutionStep step;
    /** Room for the whole batch that is free in the step's backward pass. */
    private final BatchScratch batchInput = new BatchScratch();
    private final BatchScratch batchGradient = new BatchScratch();
    /** The same for the slots that are in use at a time, and of the forward pass. */
    private final BatchScratch forwardInput = new BatchScratch();
    private final BatchScratch backwardInput = new BatchScratch();
    private final BatchScratch backwardGradient = new BatchScratch();

    ConvolutionScratch(ConvolutionStep step) {
        this.step = step;
    }

    private long slots() {
        return Math.min(step.pass.threads(), step.pass.capacityGroups);
    }

    /** Floats of the input's slots. */
    private long inputSlots() {
        return step.readsAsStored() ? 0 : slots() * step.input.placement.floats();
    }

    /** Floats of the output gradient's slots. */
    private long gradientSlots() {
        return slots() * step.output.gradientFloats();
    }

    /** Floats of the input of the whole batch. */
    private long batchInputFloats() {
        return (long) step.pass.capacityGroups * step.input.placement.floats();
    }

    /** Floats of the output's gradient of the whole batch. */
    private long batchGradientFloats() {
        return (long) step.pass.capacityGroups * step.output.gradientPlacement.floats();
    }

    /** Floats of the input's slots that the arena has no room for. */
    long inputOutside() {
        return forwardInput.found() && (!step.runsBackward() || backwardInput.found()) ? 0 : inputSlots();
    }

    /** Floats of the output gradient's slots that the arena has no room for. */
    long gradientOutside() {
        return !step.runsBackward() || backwardGradient.found() ? 0 : gradientSlots();
    }

    /** Floats of the whole batch's input that the arena has no room for. */
    long batchInputOutside() {
        return !step.sumsWeight() || batchInput.found() ? 0 : batchInputFloats();
    }

    /** Floats of the whole batch's output gradient that the arena has no room for. */
    long batchGradientOutside() {
        return !step.sumsWeight() || batchGradient.found() || step.output.inPlace ? 0 : batchGradientFloats();
    }

    /** Finds room for the whole batch where maps have died by the time of the backward pass, or in slots that are as many. */
    void findRoom(ArenaPlan arena, int backward) {
        if (step.sumsWeight()) {
            if (!step.output.inPlace) {
                findRoom(batchGradient, backwardGradient, arena, batchGradientFloats(), backward);
            }
            findRoom(batchInput, backwardInput, arena, batchInputFloats(), backward);
        }
    }

    private static void findRoom(BatchScratch batch, BatchScratch slots, ArenaPlan arena, long floats, int backward) {
        batch.leave();
        batch.findIn(slots, 0, floats);
        if (!batch.found()) {
            batch.find(arena, floats, backward, backward);
        }
    }

    /** Asks the arena for room for slots, in the forward pass and in the backward pass. */
    void requestSlots(ArenaPlan arena, int backward) {
        forwardInput.request(arena, inputSlots(), step.index, step.index);
        if (step.runsBackward()) {
            backwardInput.request(arena, inputSlots(), backward, backward);
            if (gradientSlots() > 0) {
                backwardGradient.request(arena, gradientSlots(), backward, backward);
            }
        }
    }

    /** Takes the requests back. */
    void withdrawSlots(ArenaPlan arena) {
        forwardInput.withdraw(arena);
        backwardInput.withdraw(arena);
        backwardGradient.withdraw(arena);
    }

    /** Finds room for slots in the forward pass, and in the backward pass, there first in that of the whole batch. */
    void findSlots(ArenaPlan arena, int backward) {
        forwardInput.find(arena, inputSlots(), step.index, step.index);
        if (!step.runsBackward()) {
            return;
        }
        int gradientFloats = Math.toIntExact(gradientSlots());
        backwardGradient.findIn(batchGradient, 0, gradientFloats);
        backwardInput.findIn(batchInput, 0, inputSlots());
        backwardInput.findIn(batchGradient, gradientFloats, inputSlots());
        if (!backwardGradient.found() && gradientFloats > 0) {
            backwardGradient.find(arena, gradientFloats, backward, backward);
        }
        if (!backwardInput.found()) {
            backwardInput.find(arena, inputSlots(), backward, backward);
        }
    }

    /** Gives the room up for slots that the workspace has to have as much for. */
    void leaveSlots(long inputFloats, long gradientFloats) {
        if (inputSlots() <= inputFloats) {
            forwardInput.leave();
            backwardInput.leave();
        }
        if (gradientSlots() <= gradientFloats) {
            backwardGradient.leave();
        }
    }

    /** Gives the reader its slots for the forward pass, so many floats each. */
    void bindForward(int slotFloats) {
        forwardInput.bindSlots(step.reader.buffer, slotFloats, step.pass.workspace.input, Arrays32.ORIGIN);
    }

    /** The same for the backward pass, and places for the output's gradient, which may have its place already. */
    void bindBackward() {
        int x = step.input.placement.floats();
        int dz = step.output.gradientPlacement.floats();
        Workspace workspace = step.pass.workspace;
        if (step.sumsBatchAtOnce()) {
            batchInput.bind(step.reader.buffer, x, workspace.input, Arrays32.ORIGIN);
        } else {
            backwardInput.bindSlots(step.reader.buffer, x, workspace.input, Arrays32.ORIGIN);
        }
        if (step.output.inPlace) {
            FusedInput value = step.output.map.value;
            step.outputGradient.bindGroups(value.gradient, value.gradientAt(0, 0), dz);
        } else if (step.sumsBatchAtOnce()) {
            batchGradient.bind(step.outputGradient, dz, workspace.gradient, step.gradientOrigin());
        } else {
            backwardGradient.bindSlots(step.outputGradient, dz, workspace.gradient, step.gradientOrigin());
        }
    }
}
