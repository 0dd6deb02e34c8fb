/**
 * What is computed: {@link dev.fedtiny.engine.model.Network} is the immutable architecture, made of
 * {@link dev.fedtiny.engine.layer.Layer}s, {@link dev.fedtiny.engine.model.ModelState} an immutable value of all its weights, masks and
 * statistics. How it is computed, and by which options, is told to a session.
 */
package dev.fedtiny.engine.model;
