/**
 * Whole networks and optimisers in double precision, made of the operators of {@code testing}, and results of PyTorch. What the engine
 * computes is compared with these; they are held by finite differences.
 */
package dev.fedtiny.engine.reference;
