/**
 * The layers a network is made of, a file each: shapes, parameters, multiply-adds, what a model file must know, and the loops that compute
 * it. {@link dev.fedtiny.engine.layer.OperatorLayer} is the door for layers of one's own.
 */
package dev.fedtiny.engine.layer;
