/** The plain reference of every kernel: what runs where vectors cannot, and what the vector kernels are compared with. */
package dev.fedtiny.engine.internal.kernel.scalar;
