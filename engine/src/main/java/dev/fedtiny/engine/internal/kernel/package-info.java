/**
 * One interface a kernel family, over primitive arrays and ints: no checks but {@code assert}, no allocation, no strategy. A family
 * has two implementations with the same bits: a plain reference in {@code scalar}, a vector one in {@code simd}.
 *
 * <p>Maps are {@code [channel][row][column][8]}: a "pixel" is eight lanes, and a lane is an image of the group. Positions and strides
 * are counted in floats. A method works on one image group. {@code PixelKernel} alone has neighbouring pixels of one image in the lanes.
 */
package dev.fedtiny.engine.internal.kernel;
