/**
 * One class per paper: a {@link dev.fedtiny.method.Method} is a value whose {@code init} makes the first model, whose
 * {@code task} says what devices do, and whose {@code step} what the server makes of their answers. All of a run's state is one immutable
 * {@link dev.fedtiny.method.MethodState}, which is what a checkpoint holds.
 */
package dev.fedtiny.method;
