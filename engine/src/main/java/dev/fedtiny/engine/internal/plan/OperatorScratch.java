package dev.fedtiny.engine.internal.plan;

/**
 * Where an {@link OperatorStep} finds what it computes first, in pieces of the workspace: channels of its inputs, one behind the other, of
 * its output where that is rounded and read again, and of the output's gradient.
 */
final class OperatorScratch {
    private final OperatorStep step;
    private final int pieces;
    /** The most channels of each input in a piece. */
    private final int[] read;
    /** The most channels of the output that are computed together. */
    private final int written;
    /** Where each input's channels lie in a piece; behind them what is read of the output. */
    private final int[] places;

    OperatorScratch(OperatorStep step, int pieces, int[] read, int written) {
        this.step = step;
        this.pieces = pieces;
        this.read = read;
        this.written = written;
        this.places = new int[read.length + 1];
        int behind = 0;
        for (int i = 0; i < read.length; i++) {
            InputPort input = step.inputs.get(i);
            places[i + 1] = places[i] + read[i] * input.placement.channel();
            input.contributeBehind(behind);
            behind += read[i] * input.value.map.channelFloats();
        }
    }

    /** Floats of a piece of what is read. */
    private int inputFloats() {
        StoredActivation map = step.output.map;
        return places[read.length] + (step.loops.readsOutput() && map.rounds() ? written * map.channelFloats() : 0);
    }

    /** Floats of a piece of the output's gradient. */
    private int gradientFloats() {
        return written * step.output.gradientPlacement.channel();
    }

    /** Floats from a piece of what is read to the next. */
    private int inputPiece() {
        return step.pass.banded() ? step.pass.workspace.bandInput() : inputFloats();
    }

    /** Position of an input's channel 0, where channels from {@code first} on lie in a piece. */
    int input(int piece, int i, int first) {
        return Arrays32.ORIGIN + piece * inputPiece() + places[i] - first * step.inputs.get(i).placement.channel();
    }

    /** Position of the output's channel 0, where channels from {@code first} on lie in a piece. */
    int output(int piece, int first) {
        return Arrays32.ORIGIN + piece * inputPiece() + places[read.length] - first * step.output.map.channelFloats();
    }

    /** Position of the gradient's channel 0, where channels from {@code first} on lie in a piece. */
    int gradient(int piece, int first) {
        return Arrays32.ORIGIN + piece * gradientFloats() - first * step.output.gradientPlacement.channel();
    }

    /** Asks for what inputs and output need besides. */
    void reserve(Workspace workspace) {
        for (int i = 0; i < read.length; i++) {
            step.inputs.get(i).reserve(workspace, read[i]);
        }
        step.output.reserve(workspace, written);
    }

    /** Asks for the pieces, the gradient's behind so many floats. */
    void reservePieces(Workspace workspace, int accumulators) {
        if (step.pass.banded()) {
            workspace.needBandInput(inputFloats());
            return;
        }
        workspace.needInput((long) pieces * inputFloats());
        if (step.runsBackward()) {
            workspace.needGradient(accumulators + (long) pieces * gradientFloats());
        }
    }

    /** Bytes of its tables. */
    long bytes() {
        return 4L * (read.length + places.length);
    }
}
