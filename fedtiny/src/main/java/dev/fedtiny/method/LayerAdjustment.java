package dev.fedtiny.method;

/**
 * What an adjustment did to one layer. As many positions were pruned as were grown.
 *
 * @param name {@code state_dict} key of the weight
 * @param active m_l, weights that are not pruned: the same before and after
 * @param asked a_l, the most that could be exchanged
 * @param exchanged how many positions were grown, and as many pruned
 * @param grownBefore how many the layer's previous adjustment had grown; 0 when there was none
 * @param survivors how many of those are still active after this adjustment
 */
public record LayerAdjustment(String name, int active, int asked, int exchanged, int grownBefore, int survivors) {
}
