/**
 * Every operator of the engine and whole networks in double precision, written as the formulas stand, over N,C,H,W arrays. What the
 * engine computes is compared with these; these are held by finite differences and by results of PyTorch.
 */
package dev.fedtiny.engine.reference;
