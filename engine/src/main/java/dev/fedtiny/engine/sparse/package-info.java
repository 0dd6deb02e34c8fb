/**
 * Weights that exist only where they are kept. Positions are row-major flat indices into the tensor as
 * {@code state_dict} has it (K,C,R,S or out,in), never positions in the engine's layout; nothing here knows geometry.
 */
package dev.fedtiny.engine.sparse;
