/**
 * What runs a network: {@link dev.fedtiny.engine.session.Session} binds a model's state to a mode, a batch size and threads, and
 * {@link dev.fedtiny.engine.session.MemoryEstimate} says beforehand what it will hold.
 */
package dev.fedtiny.engine.session;
