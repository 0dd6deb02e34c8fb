/**
 * Dense activations in the engine's 8-lane layout, the shapes of images and convolutions, and conversion from and to
 * N,C,H,W.
 */
package dev.fedtiny.engine.tensor;
