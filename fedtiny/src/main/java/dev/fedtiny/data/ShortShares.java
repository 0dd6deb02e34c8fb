package dev.fedtiny.data;

/** What becomes of a draw in which some device has fewer samples than the smallest share. */
public enum ShortShares {
    /** It is drawn again: the split has the distribution of the draws that are usable, which with thousands of devices may be none. */
    REDRAW,
    /** Devices that are short get samples at random from whoever has most at that moment: a split that exists wherever samples suffice. */
    FILL
}
