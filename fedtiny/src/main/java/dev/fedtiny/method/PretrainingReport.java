package dev.fedtiny.method;

import java.util.List;

/**
 * The server's training of the dense model on its public set D_s.
 *
 * @param samples images of the public set
 * @param steps optimiser steps
 * @param epochLosses mean cross entropy of every epoch
 * @param costs exact FLOPs and wall time; no traffic
 */
public record PretrainingReport(int samples, int steps, List<Double> epochLosses, Costs costs) {
    /** Keeps its own copy. */
    public PretrainingReport {
        epochLosses = List.copyOf(epochLosses);
    }
}
