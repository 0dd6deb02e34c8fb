/** What the machine gives: which kernels run and why, and the named random streams every result is derived from. */
package dev.fedtiny.engine.runtime;
