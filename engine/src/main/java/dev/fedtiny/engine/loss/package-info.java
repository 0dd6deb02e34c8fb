/**
 * What training minimises: losses over one output of a network, and objectives, weighted sums of them. Both are open: an application's
 * own loss is one class with three methods.
 */
package dev.fedtiny.engine.loss;
