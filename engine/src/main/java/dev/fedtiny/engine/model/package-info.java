/**
 * What is computed: {@link dev.fedtiny.engine.model.Network} is the immutable architecture, made of
 * {@link dev.fedtiny.engine.layer.Layer}s, {@link dev.fedtiny.engine.model.ModelState} an immutable value of all its weights, masks and
 * statistics. How it is computed is told to a session, by {@link dev.fedtiny.engine.model.Mode},
 * {@link dev.fedtiny.engine.model.SessionOptions} and {@link dev.fedtiny.engine.model.AlgorithmPolicy}.
 */
package dev.fedtiny.engine.model;
