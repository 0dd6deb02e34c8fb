/**
 * Networks: {@link dev.fedtiny.engine.nn.Network} is the immutable architecture, {@link dev.fedtiny.engine.nn.ModelState}
 * an immutable value of all its weights, masks and statistics, {@link dev.fedtiny.engine.nn.Session} what runs them.
 */
package dev.fedtiny.engine.nn;
