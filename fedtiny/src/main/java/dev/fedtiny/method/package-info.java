/**
 * One class per paper: a {@link dev.fedtiny.method.Method} is a value with {@code init} and {@code round} over an immutable
 * {@link dev.fedtiny.method.MethodState}, so that saving and resuming fall out of it.
 */
package dev.fedtiny.method;
