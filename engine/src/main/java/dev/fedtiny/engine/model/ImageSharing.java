package dev.fedtiny.engine.model;

/** How threads share a single image, in inference with a batch of one. All give the same bits, on any number of threads. */
public enum ImageSharing {
    /** By what was measured to be faster: bands on two threads, for sparse networks of large enough maps; else channels. */
    AUTOMATIC,
    /** Every thread computes some channels of a layer; what it reads has been written by all threads. */
    CHANNELS,
    /**
     * Each of two threads computes a half of the columns, layer after layer, as far as maps are large enough, and reads of the other's half
     * only the edge. Networks of depthwise convolutions, whose images lie otherwise in the lanes, share channels nevertheless.
     */
    BANDS
}
