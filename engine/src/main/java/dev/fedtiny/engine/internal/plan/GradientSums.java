package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.tensor.Layout;

/**
 * Where the gradients of a layer's active weights are collected, eight floats each. A layer with several groups of images holds those of
 * all weights until the last group has been added, at the beginning of {@link Workspace#gradient}. One with a single group is done with a
 * row at once: it holds those of some rows, a piece a thread, which lie in what the arena has left where there is room.
 */
final class GradientSums {
    /** Weights of a piece, at least, so that calls of kernels stay long: 32 KB. */
    private static final int LEAST = 1024;

    private final RunContext pass;
    private final RestScratch rest;
    /** Floats of all weights; 0 where pieces are held. */
    private int all;
    /** Floats of a piece; 0 where those of all weights are held. */
    private int piece;
    /** Threads, from the first on, whose piece lies in the rest. */
    private int inRest;
    /** Where the first of these lies in it. */
    private int place;

    GradientSums(RunContext pass, RestScratch rest) {
        this.pass = pass;
        this.rest = rest;
    }

    /**
     * Says what they are for.
     *
     * @param kept weights that are collected
     * @param columns the most of them that a row may have
     * @param oneGroup whether a row's are complete at once
     * @throws IllegalArgumentException if they do not fit an array
     */
    void plan(int kept, int columns, boolean oneGroup) {
        int row = Math.max(LEAST, Math.min(kept, columns));
        piece = oneGroup && (long) pass.threads() * row < kept ? Math.toIntExact(floats(row)) : 0;
        long floats = floats(kept);
        if (piece == 0 && floats > Arrays32.limit()) {
            throw new IllegalArgumentException("session: the gradients of a layer's " + kept + " weights would need " + floats
                    + " values at once, more than a Java array holds; prune it, or use a smaller batch");
        }
        all = piece == 0 ? (int) floats : 0;
        inRest = 0;
    }

    /** An even number of weights, so that what lies behind begins with a cache line. */
    private static long floats(int weights) {
        return Layout.LANES * ((long) weights + (weights & 1));
    }

    /** Takes room for pieces in the rest. */
    void reserve() {
        inRest = 0;
        while (piece > 0 && inRest < pass.threads()) {
            int taken = rest.take(piece);
            if (taken < 0) {
                return;
            }
            place = inRest == 0 ? taken : place;
            inRest++;
        }
    }

    /** Floats at the beginning of {@link Workspace#gradient}. */
    int workspaceFloats() {
        return piece == 0 ? all : (pass.threads() - inRest) * piece;
    }

    /** The array that the calling thread collects in. */
    float[] data() {
        return liesInRest(pass.team.workers.current()) ? rest.data() : pass.workspace.gradient;
    }

    /** Where those of a row begin there, which is the first that the calling thread collects in its piece. */
    int base(PackedWeights pack, int row) {
        if (piece == 0) {
            return Arrays32.ORIGIN + Layout.LANES * pack.rowBegin(row);
        }
        int worker = pass.team.workers.current();
        return liesInRest(worker) ? rest.at(place) + worker * piece : Arrays32.ORIGIN + (worker - inRest) * piece;
    }

    /** Whether a thread's piece lies in the rest. */
    private boolean liesInRest(int worker) {
        return worker < inRest;
    }

    /** How far the rows from {@code from} on go that are collected together, of those up to {@code to}. */
    int end(PackedWeights pack, int from, int to) {
        if (piece == 0) {
            return to;
        }
        int end = from + 1;
        while (end < to && Layout.LANES * (pack.rowBegin(end + 1) - pack.rowBegin(from)) <= piece) {
            end++;
        }
        return end;
    }
}
